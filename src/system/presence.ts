// Whether things are where a schedule expects them.
import { accessSync, constants, statSync } from "node:fs";

/** Whether something is at `path` that this user can look at. */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // EACCES, ENOTDIR, EIO: a job could not get at it either.
    return false;
  }
}

/** Whether a program at `path` could be started by this user. */
export function isProgramThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // ENOENT, EACCES, ENOTDIR: not there, or not for us, which comes to the same.
    return false;
  }
}
