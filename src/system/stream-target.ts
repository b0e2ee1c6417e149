// What a path stands for that is no place for a file: standard output, a descriptor that was handed down, a named pipe.
import fs from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "../errors.ts";
import { asFailure, isErrno } from "./errno.ts";
import { isUsable } from "./exists.ts";
import { standardError, standardOutput, type Stream } from "./streams.ts";

export { standardOutput };

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
  const { F_OK, O_WRONLY, O_NONBLOCK } = fs.constants;
  const name = `'${path}'`;
  while (isUsable(path, F_OK, "isFIFO")) {
    signal.throwIfAborted();
    try {
      return { descriptor: fs.openSync(path, O_WRONLY | O_NONBLOCK), name };
    } catch (error) {
      // Nobody reads there yet.
      if (!isErrno(error, "ENXIO")) throw asFailure(`cannot write to ${name}`, error);
    }
    await Bun.sleep(READER_WAIT_MS);
  }
  return null;
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

/** Why nothing can be written to a descriptor; null where that is not known. One of the standard ones that was closed
 * (`>&-`) is told by its close-on-exec flag: the runtime opened /dev/null in its place, and whatever is written there is lost.
 * `>/dev/null` is somebody's wish; what was handed down through exec can't carry that flag. */
function findRefusal(descriptor: number): "it is closed" | "it is open for reading only" | null {
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
