// A log of lines that any number of processes append to, and that stays small. Nothing here ever fails a backup: what
// can't be written is not written, and what can't be read is empty; the caller is told which.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { lockFile } from "./file-lock.ts";

const tooLargeBytes = 1024 * 1024;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/** `$XDG_STATE_HOME/tinybackup/journal.jsonl`; a value that is not absolute is ignored (XDG Base Directory 0.8). */
export function locateJournal(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const state = environment["XDG_STATE_HOME"];
  const home = environment["HOME"] || homedir();
  return join(state?.startsWith("/") ? state : join(home, ".local/state"), "tinybackup/journal.jsonl");
}

/** The journal's text, or "" where there is none. Null where there is one that can't be read. */
export function readJournalText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return isErrno(error, "ENOENT") ? "" : null;
  }
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
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const { descriptor, locked } = await openCurrent(path);
    try {
      const { size } = fstatSync(descriptor);
      if (locked && size + line.length > tooLargeBytes && replace(path, compact, line)) return true;
      writeWhole(descriptor, endsTorn(descriptor, size) ? `\n${line}` : line);
      fsyncSync(descriptor);
      if (isSame(descriptor, path)) return true;
    } finally {
      closeSync(descriptor);
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
    const descriptor = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    const locked = await lockFile(descriptor);
    if (!locked || isSame(descriptor, path)) return { descriptor, locked };
    closeSync(descriptor);
  }
}

function isSame(descriptor: number, path: string): boolean {
  try {
    const [held, named] = [fstatSync(descriptor, { bigint: true }), statSync(path, { bigint: true })];
    return held.ino === named.ino && held.dev === named.dev;
  } catch (error) {
    // Removed by hand meanwhile: the next turn makes it anew.
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

function endsTorn(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/** Puts a smaller journal in place of the present one, in one step. False where that can't be done; nothing is lost then. */
function replace(path: string, compact: (text: string) => string, line: string): boolean {
  const fresh = `${path}.new`;
  try {
    const text = `${compact(readFileSync(path, "utf8"))}${line}`;
    rmSync(fresh, { force: true });
    const descriptor = openSync(fresh, "wx", 0o600);
    try {
      writeWhole(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(fresh, path);
    return true;
  } catch {
    // ENOSPC and the like: the long journal stays, and takes the line as ever.
    rmSync(fresh, { force: true });
    return false;
  }
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
