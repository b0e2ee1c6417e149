// Bytes to the terminal, pipe or file that is standard output or standard error: all of them, or an error.
import fs from "node:fs";

/** Descriptors of the two streams that the program writes. */
export const standardOutput = 1;
export const standardError = 2;

/** Where bytes go that is no place for a file. */
export interface Stream {
  readonly descriptor: number;
  /** For messages. */
  readonly name: string;
}

const retryMilliseconds = 2;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

/** Writes all of `bytes` before it returns, waiting for a slow reader. Throws the system's error (EPIPE, ENOSPC). */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let done = 0; done < bytes.length;) {
    try {
      done += fs.writeSync(descriptor, bytes, done);
    } catch (error) {
      // A pipe that somebody set to non-blocking, and whose reader is slow.
      if (!isBusy(error)) throw error;
      Atomics.wait(clock, 0, 0, retryMilliseconds);
    }
  }
}

/** As `writeFully`, without holding up other work. `bytes` must not change until it is done. */
export async function writeFullyAsync(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const from = done;
    done += await new Promise<number>((resolve, reject) => {
      fs.write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
        if (error === null) resolve(written);
        else if (isBusy(error)) setTimeout(() => resolve(0), retryMilliseconds);
        else reject(error);
      });
    });
  }
}

/** Writes a message for a person. Where nobody can be told any more, there is nobody to tell of that either. */
export function writeMessage(text: string): void {
  try {
    writeFully(standardError, Buffer.from(text));
  } catch {
    // Standard error is closed, or its disk is full: the exit code still speaks.
  }
}

/** Whether somebody may be looking at it. */
export function isTerminal(descriptor: number): boolean {
  try {
    const stats = fs.fstatSync(descriptor);
    if (!stats.isCharacterDevice() || stats.rdev === fs.statSync("/dev/null").rdev) return false;
    // It takes a millisecond to load.
    return process.getBuiltinModule("node:tty").isatty(descriptor);
  } catch {
    return false;
  }
}

/** How wide a terminal is. One that does not know says 0. */
export function readColumns(descriptor: number): number {
  return (descriptor === standardOutput ? process.stdout : process.stderr).columns || 80;
}

/** Opens a regular file for appending (and for `flags`), readable by its owner only, never through a link. Throws the system's
 * error where it can't be opened. */
export function openLog(path: string, flags: number): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  // Non-blocking, so that a FIFO of that name is an error instead of a wait without end.
  const descriptor = fs.openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | flags, 0o600);
  if (fs.fstatSync(descriptor).isFile()) return descriptor;
  fs.closeSync(descriptor);
  throw Object.assign(new Error("not a regular file"), { code: "EINVAL" });
}

/** Opens `path` as `openLog` does. Returns what appends a text. */
export function openDebugLog(path: string): (text: string) => void {
  const descriptor = openLog(path, fs.constants.O_WRONLY);
  return (text) => {
    fs.writeSync(descriptor, text);
  };
}
