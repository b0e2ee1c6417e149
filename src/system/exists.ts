// Whether things are where a schedule expects them.
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

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

/** Whether a file at `path` could be written, or made with the folders above it that are missing. */
export function canWriteFile(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isFile();
  } catch {
    // ENOENT: the nearest folder that is there decides. Anything else there says no by itself.
    return !isThere(path) && canMakeIn(dirname(path));
  }
}

function canMakeIn(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    // As above; the root is always there.
    return !isThere(folder) && folder !== dirname(folder) && canMakeIn(dirname(folder));
  }
}

/** A small text file; empty where there is none, or none for us: what it could have said is then not known. */
export function readTextIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // ENOENT, EACCES, ESRCH (below /proc).
    return "";
  }
}
