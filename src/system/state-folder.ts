// The folder in which this program remembers something between its runs: the journal, a log of lines that any number of
// processes append to, and that stays small; and the sign of a canary. Nothing about the journal ever fails a backup: what
// can't be written is not written, and what can't be read is empty; the caller is told which.
import fs from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { isErrno } from "./errno.ts";
import { pathExists } from "./exists.ts";
import { lockFile } from "./libc.ts";

const tooLargeBytes = 1024 * 1024;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = fs.constants;

/**
 * `$XDG_STATE_HOME/tinybackup/journal.jsonl`; a value that is not absolute is ignored (XDG Base Directory 0.8), and so is
 * such a HOME, which would mean another folder wherever it is used.
 */
export function locateJournal(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const state = environment["XDG_STATE_HOME"];
  const home = [environment["HOME"] || homedir(), "/"].find(isAbsolute) ?? "/";
  const isUsable = state !== undefined && isAbsolute(state);
  return join(isUsable ? state : join(home, ".local/state"), "tinybackup/journal.jsonl");
}

/** The journal's text, or "" where there is none. Null where there is one that can't be read, or is somebody else's. */
export function readJournalText(path: string): string | null {
  try {
    return isOwn(path) ? fs.readFileSync(path, "utf8") : null;
  } catch (error) {
    return isErrno(error, "ENOENT") ? "" : null;
  }
}

/**
 * Does `work` while nobody else does any under the same journal. Waits for a while; where there can be no lock, does it
 * without.
 */
export async function workAlone<T>(path: string, work: () => Promise<T>): Promise<T> {
  const folder = openFolder(dirname(path));
  try {
    if (folder !== null) await lockFile(folder);
    return await work();
  } finally {
    if (folder !== null) fs.closeSync(folder);
  }
}

function openFolder(folder: string): number | null {
  try {
    if (!isOwn(folder)) return null;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return fs.openSync(folder, O_RDONLY);
  } catch {
    // EACCES, EROFS, ENOTDIR, …: there will be no journal either.
    return null;
  }
}

/**
 * Whether a file is the caller's, or may become it. With sudo that keeps HOME, root would else take schedules of the
 * person for root's, and leave files that the person can't write.
 */
function isOwn(path: string): boolean {
  const uid = process.getuid?.();
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) return found.uid === uid;
  return uid !== 0 || path === "/" || isOwn(dirname(path));
}

/**
 * Appends one line, newline included, and says whether it is on the disk. Above 1 MiB the journal is first replaced by
 * what `compact` makes of its text. A line is written whole, behind a newline of its own if a crash left the last one
 * torn; the lock keeps it from being appended to a file that is just being replaced.
 */
export async function appendJournalLine(
  path: string,
  line: string,
  compact: (text: string) => string,
): Promise<boolean> {
  try {
    if (!isOwn(path)) return false;
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const { descriptor, locked } = await openCurrent(path);
    try {
      const { size } = fs.fstatSync(descriptor);
      if (locked && size + line.length > tooLargeBytes && replace(path, compact, line)) return true;
      writeWhole(descriptor, endsTorn(descriptor, size) ? `\n${line}` : line);
      fs.fsyncSync(descriptor);
      if (isSame(descriptor, path)) return true;
    } finally {
      fs.closeSync(descriptor);
    }
    // Without the lock the file can have been replaced under the line.
    return await appendJournalLine(path, line, compact);
  } catch {
    // EACCES, EROFS, ENOSPC, …: a log that can't be kept is no reason to stop; the caller knows.
    return false;
  }
}

/** Opens and locks the file that has the name now: while we waited for the lock it may have been replaced. */
async function openCurrent(path: string): Promise<{ descriptor: number; locked: boolean }> {
  for (;;) {
    const descriptor = fs.openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    const locked = await lockFile(descriptor);
    if (!locked || isSame(descriptor, path)) return { descriptor, locked };
    fs.closeSync(descriptor);
  }
}

function isSame(descriptor: number, path: string): boolean {
  try {
    const [held, named] = [fs.fstatSync(descriptor, { bigint: true }), fs.statSync(path, { bigint: true })];
    return held.ino === named.ino && held.dev === named.dev;
  } catch (error) {
    // Removed by hand meanwhile: the next turn makes it anew.
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

function endsTorn(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && fs.readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/** Puts a smaller journal in place of the present one, in one step. False where that can't be done; nothing is lost then. */
function replace(path: string, compact: (text: string) => string, line: string): boolean {
  const fresh = `${path}.new`;
  try {
    const text = `${compact(fs.readFileSync(path, "utf8"))}${line}`;
    fs.rmSync(fresh, { force: true });
    const descriptor = fs.openSync(fresh, "wx", 0o600);
    try {
      writeWhole(descriptor, text);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(fresh, path);
    return true;
  } catch {
    // ENOSPC and the like: the long journal stays, and takes the line as ever.
    fs.rmSync(fresh, { force: true });
    return false;
  }
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += fs.writeSync(descriptor, bytes, written);
}

/** Where the canary of that name (hex digits) leaves its file: beside the journal. */
function canaryPath(name: string): string {
  return join(dirname(locateJournal()), `canary-${name}`);
}

/** Leaves the canary's file; it must not be there yet. */
export function leaveCanary(name: string): void {
  const path = canaryPath(name);
  fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  fs.closeSync(fs.openSync(path, "wx", 0o600));
}

/** Whether the canary's file is there; it is removed then. */
export function takeCanary(name: string): boolean {
  const path = canaryPath(name);
  if (!pathExists(path)) return false;
  fs.rmSync(path, { force: true });
  return true;
}
