// Whether things are where they are expected, as far as this user can tell: these never throw.
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Whether something is at `path` that this user can look at. */
export function pathExists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // EACCES, ENOTDIR, EIO: a job could not get at it either.
    return false;
  }
}

/** Whether there is a file at `path` that this user could start. */
export function isExecutable(path: string): boolean {
  return isUsable(path, constants.X_OK, "isFile");
}

/** Whether a file at `path` could be written, or made with the folders above it that are missing. */
export function canWriteFile(path: string): boolean {
  return pathExists(path) ? isUsable(path, constants.W_OK, "isFile") : canMakeIn(dirname(path));
}

/** The nearest folder that is there decides; the root is always there. */
function canMakeIn(folder: string): boolean {
  if (pathExists(folder)) return isUsable(folder, constants.W_OK | constants.X_OK, "isDirectory");
  return folder !== dirname(folder) && canMakeIn(dirname(folder));
}

function isUsable(path: string, mode: number, kind: "isFile" | "isDirectory"): boolean {
  try {
    accessSync(path, mode);
    return statSync(path)[kind]();
  } catch {
    // ENOENT, EACCES, ENOTDIR: not there, or not for us, which comes to the same.
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
