// The folder in which this program remembers something between its runs: the journal, a log of lines that any number of
// processes append to, and that stays small; and the sign of a canary. Nothing about the journal ever fails a backup: what
// can't be written is not written, and what can't be read is empty.
import fs from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { readTextIfThere } from "./exists.ts";
import { lockFile, type LockResult } from "./libc.ts";
import { openLog, writeFully } from "./streams.ts";

const tooLargeBytes = 1024 * 1024;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = fs.constants;

/**
 * `$XDG_STATE_HOME/tinybackup/journal.jsonl`; a value that is not absolute is ignored (XDG Base Directory 0.8), and so is
 * such a HOME, which would mean another folder wherever it is used.
 */
export function locateJournal(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const state = environment["XDG_STATE_HOME"];
  const home = environment["HOME"] || homeOfUser();
  const isUsable = state !== undefined && isAbsolute(state);
  return join(
    isUsable ? state : join(isAbsolute(home) ? home : "/", ".local/state"),
    "tinybackup/journal.jsonl",
  );
}

/** "/" for a user whom the system does not know, as in a container: there is no journal then. */
function homeOfUser(): string {
  try {
    return process.getBuiltinModule("node:os").homedir();
  } catch {
    return "/";
  }
}

/** The journal's text; "" where there is none, or none that can be read, or it is somebody else's. */
export const readJournalText = (path: string): string => (isOwn(path) ? readTextIfThere(path) : "");

/**
 * Does `work` while nobody else does any under the same `name` beside the same journal, and tells it whether that is so.
 * Waits for a moment; where there can be no lock, does it without.
 */
export async function workAlone<T>(
  journal: string,
  name: string,
  work: (state: LockResult) => T | Promise<T>,
): Promise<T> {
  const lock = openLock(lockPath(journal, name));
  try {
    return await work(lock === null ? "not supported" : await lockFile(lock));
  } finally {
    if (lock !== null) fs.closeSync(lock);
  }
}

const lockPath = (journal: string, name: string): string => join(dirname(journal), `${name}.lock`);

/** Removes the file of a lock that one holds. Who waits for it meanwhile may then work beside the next. */
export function removeLock(journal: string, name: string): void {
  try {
    fs.rmSync(lockPath(journal, name), { force: true });
  } catch {
    // EACCES, EROFS: it stays, and is used again.
  }
}

function openLock(path: string): number | null {
  try {
    if (!isOwn(path)) return null;
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return fs.openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
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
  try {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) return found.uid === uid;
  } catch {
    // EACCES, ENOTDIR, …: what can't even be looked at is nobody's to write.
    return false;
  }
  return uid !== 0 || path === "/" || isOwn(dirname(path));
}

/**
 * Appends one line, newline included, and says whether it is on the disk for certain. Above 1 MiB the journal is first
 * replaced by what `compact` makes of its text. Whoever could not get the lock appends all the same, and can't be certain:
 * another may just be replacing the file.
 */
export async function appendJournalLine(
  path: string,
  line: string,
  compact: (text: string) => string,
): Promise<boolean> {
  try {
    if (!isOwn(path)) return false;
    return await workAlone(path, "journal", (state) => {
      const isAlone = state === "locked";
      const sizeBytes = fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (isAlone && sizeBytes + line.length > tooLargeBytes) replace(path, compact);
      appendTo(path, O_RDWR, line);
      return isAlone;
    });
  } catch {
    // EACCES, EROFS, ENOSPC, …: a log that can't be kept is no reason to stop; the caller knows.
    return false;
  }
}

/** Puts a smaller journal in place of the present one, in one step. Where that can't be done, the long one stays. */
function replace(path: string, compact: (text: string) => string): void {
  const fresh = `${path}.new`;
  try {
    fs.rmSync(fresh, { force: true });
    appendTo(fresh, O_RDWR | O_EXCL, compact(fs.readFileSync(path, "utf8")));
    fs.renameSync(fresh, path);
  } catch {
    // ENOSPC and the like: nothing is lost.
    fs.rmSync(fresh, { force: true });
  }
}

/** Written whole, behind a newline of its own if a crash left the last line torn, and on the disk. */
function appendTo(path: string, flags: number, text: string): void {
  const descriptor = openLog(path, flags);
  try {
    const { size } = fs.fstatSync(descriptor);
    const last = Buffer.alloc(1);
    const isTorn = size > 0 && fs.readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    writeFully(descriptor, Buffer.from(isTorn ? `\n${text}` : text));
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether a file has something in it; it is removed then. */
export function takeSign(path: string): boolean {
  if (readTextIfThere(path) === "") return false;
  fs.rmSync(path, { force: true });
  return true;
}
