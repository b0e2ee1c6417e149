// Whether things are where they are expected, as far as this user can tell: these never throw, but for a signal.
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Whether something is at a path that this user can look at: what it can't, a job could not get at either. */
export { existsSync as pathExists };

/** Whether there is a file at `path` that this user could start. */
export const isExecutable = (path: string): boolean => isUsable(path, constants.X_OK, "isFile");

/** Whether a file at `path` could be written, or made with the folders above it that are missing. */
export function canWriteFile(path: string): boolean {
  return existsSync(path) ? isUsable(path, constants.W_OK, "isFile") : canMakeIn(dirname(path));
}

/** The nearest folder that is there decides; the root is always there. */
function canMakeIn(folder: string): boolean {
  if (existsSync(folder)) return isUsable(folder, constants.W_OK | constants.X_OK, "isDirectory");
  return folder !== dirname(folder) && canMakeIn(dirname(folder));
}

/** Whether what a path leads to is of a kind, and, with a `mode`, this user may do that with it. */
export function isUsable(path: string, mode: number, kind: "isFile" | "isDirectory" | "isFIFO"): boolean {
  try {
    if (mode !== constants.F_OK) accessSync(path, mode);
    return statSync(path)[kind]();
  } catch {
    // ENOENT, EACCES, ENOTDIR: not there, or not for us, which comes to the same; whoever opens it says so.
    return false;
  }
}

/** A small text file; empty where there is none, or none for us: what it could have said is then not known. */
export function readTextIfThere(path: string): string {
  try {
    // Non-blocking, so that a FIFO of that name is empty instead of a wait without end.
    return readFileSync(path, { encoding: "utf8", flag: constants.O_RDONLY | constants.O_NONBLOCK });
  } catch {
    // ENOENT, EACCES, ESRCH (below /proc).
    return "";
  }
}

/** A disk that sleeps needs some seconds to spin up. */
const patienceMs = 3000;
// What is cached answers to all but opening a folder: that at the path, or else that which holds the file.
const openEach = 'for path do true <"$path/." || true <"${path%/*}/."; done';

/** Those of some paths that nothing answers for. A call that waits can't be given up, so others make it, and are left to it. */
export async function findSilent(paths: ReadonlySet<string>, signal: AbortSignal): Promise<Set<string>> {
  if (await doAnswer([...paths], signal)) return new Set();
  const each = [...paths].map(async (path) => ((await doAnswer([path], signal)) ? [] : [path]));
  return new Set((await Promise.all(each)).flat());
}

async function doAnswer(paths: readonly string[], signal: AbortSignal): Promise<boolean> {
  const command = ["/bin/sh", "-c", openEach, "sh", ...paths];
  const child = Bun.spawn(command, { cwd: "/", stdio: ["ignore", "ignore", "ignore"] });
  try {
    const late = setTimeout(patienceMs, null, { signal, ref: false });
    return (await Promise.race([child.exited, late])) !== null;
  } finally {
    child.kill("SIGKILL");
    child.unref();
  }
}
