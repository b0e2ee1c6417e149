// Bytes to the terminal, pipe or file that is standard output or standard error: all of them, or an error.
import fs from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "../errors.ts";
import { isErrno } from "./errno.ts";

/** Descriptors of the two streams that the program writes. */
export const standardOutput = 1;
export const standardError = 2;

const retryMilliseconds = 2;

function isBusy(error: unknown): boolean {
  return isErrno(error, "EAGAIN");
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
    done += await writeOnce(descriptor, bytes, done);
  }
}

function writeOnce(descriptor: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error === null) resolve(written);
      else if (isBusy(error)) setTimeout(() => resolve(0), retryMilliseconds);
      else reject(error);
    });
  });
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
    // node:tty takes 2 ms to load; only where it can matter.
    return (
      fs.fstatSync(descriptor).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(descriptor)
    );
  } catch {
    return false;
  }
}

/** Why nothing can be written to a descriptor; null where that is not known. One of the standard ones that was closed
 * (`>&-`) is told by its close-on-exec flag: the runtime opened /dev/null in its place, and whatever is written there is lost.
 * `>/dev/null` is somebody's wish; what was handed down through exec can't carry that flag. */
export function findRefusal(descriptor: number): "it is closed" | "it is open for reading only" | null {
  const [accessMode, closeOnExec] = [0o3, 0o2000000];
  try {
    const text = fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8");
    const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? "0", 8);
    // The runtime gives the flag to all the others.
    if (descriptor <= standardError && (flags & closeOnExec) !== 0) return "it is closed";
    return (flags & accessMode) === fs.constants.O_RDONLY ? "it is open for reading only" : null;
  } catch {
    return fs.existsSync("/proc/self/fdinfo") ? "it is closed" : null;
  }
}

/** Where bytes go that is no place for a file. */
export interface Stream {
  readonly descriptor: number;
  /** For messages. */
  readonly name: string;
}

const MAX_LINKS = 40;
const READER_WAIT_MS = 20;

/**
 * The stream that `path` stands for: `-`, a descriptor (`/dev/stdout`, `/dev/fd/63`, a link to one), or a named pipe, whose
 * reader is waited for. null where it stands for a file, if for anything. Closed by the end of the program.
 */
export async function openStream(path: string, signal: AbortSignal): Promise<Stream | null> {
  const descriptor = path === "-" ? standardOutput : descriptorOf(path);
  if (descriptor === null) return openPipe(path, signal);
  const name = descriptor === standardOutput ? "standard output" : `'${path}'`;
  const refusal = findRefusal(descriptor);
  if (refusal !== null) throw new Failure(`cannot write to ${name}: ${refusal}`);
  return { descriptor, name };
}

async function openPipe(path: string, signal: AbortSignal): Promise<Stream | null> {
  for (;;) {
    signal.throwIfAborted();
    try {
      if (!fs.statSync(path).isFIFO()) return null;
      const { O_WRONLY, O_NONBLOCK } = fs.constants;
      return { descriptor: fs.openSync(path, O_WRONLY | O_NONBLOCK), name: `'${path}'` };
    } catch (error) {
      // ENXIO: nobody reads there yet. Whatever else is wrong with the path, who wants to make a file there will say.
      if (!isErrno(error, "ENXIO")) return null;
      await Bun.sleep(READER_WAIT_MS);
    }
  }
}

function descriptorOf(path: string): number | null {
  const own = new RegExp(String.raw`^/(?:dev|proc/(?:self|thread-self|${process.pid}))/fd/(\d{1,9})$`);
  let place = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const match = own.exec(place);
    if (match) return Number(match[1]);
    try {
      place = resolve(dirname(place), fs.readlinkSync(place));
    } catch {
      // EINVAL: no link.
      return null;
    }
  }
  return null;
}

/** Opens `path` for appending, readable by its owner only, never through a link. Returns what appends a text;
 * throws the system's error where it can't be opened. */
export function openDebugLog(path: string): (text: string) => void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  // Non-blocking, so that a FIFO of that name is an error instead of a wait without end.
  const descriptor = fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  if (!fs.fstatSync(descriptor).isFile()) {
    fs.closeSync(descriptor);
    throw Object.assign(new Error("not a regular file"), { code: "EINVAL" });
  }
  return (text) => {
    fs.writeSync(descriptor, text);
  };
}
