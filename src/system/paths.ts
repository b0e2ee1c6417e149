// A path as somebody typed it becomes the one absolute path that it keeps: a later `cd` or a moved link changes nothing.
import { constants, readlinkSync, realpathSync, stat, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { Failure, UnavailableFailure, UsageFailure } from "../errors.ts";
import { statEntry, statPath } from "./disk.ts";
import { attempt, isErrno } from "./errno.ts";
import { isUsable } from "./exists.ts";
import { inPool } from "./file-handle.ts";

/**
 * The absolute path of an existing file or folder, with every symbolic link followed. A name that is not UTF-8 is refused:
 * the runtime would hand it over changed.
 * @param what for messages: `cannot back up '/x'`
 */
export async function resolvePath(
  path: string,
  what: string,
  kind: "file" | "folder" = "file",
): Promise<string> {
  const bytes = await attempt(what, () => readRealPath(path)).catch(async (failure: unknown) => {
    if (!(failure instanceof UnavailableFailure) || !isErrno(failure.cause, "ENOENT")) throw failure;
    const { adviseOnAbsent } = await import("./absent.ts");
    throw new UnavailableFailure(failure.message, {
      cause: failure.cause,
      ...adviseOnAbsent(path, kind),
    });
  });
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) {
    throw new UsageFailure(`${what}: the path behind it is not valid UTF-8`, {
      hint: "rename that file or folder, then try again",
    });
  }
  return text;
}

/** A file that is replaced at this very moment has no path, until it is looked for again. */
async function readRealPath(path: string, attemptsLeft = 10): Promise<Buffer> {
  // The first to look there: a network share that does not answer holds up the pool, and not the signals.
  await inPool((done) => stat(path, done)).catch(() => undefined);
  try {
    return realpathSync.native(path, { encoding: "buffer" });
  } catch (error) {
    const isThere = attemptsLeft > 0 && isErrno(error, "ENOENT") && (await statEntry(path)) !== null;
    if (!isThere) throw error;
    return readRealPath(path, attemptsLeft - 1);
  }
}

/** As `resolvePath`, for a file that may be gone: then the folder it was in decides, if that is still there. */
export async function resolvePossiblyMissing(path: string, what: string): Promise<string> {
  // Not the runtime's idea of the current folder: what is not UTF-8 in it is replaced there, and goes unnoticed.
  const absolute = isAbsolute(path) ? resolve(path) : resolve(await resolvePath(".", what), path);
  if (await attempt(what, () => statEntry(absolute))) return resolvePath(absolute, what);
  const folder = dirname(absolute);
  const isFolderThere = await attempt(what, () => statEntry(folder));
  return isFolderThere ? join(await resolvePath(folder, what), baseNameOf(absolute)) : absolute;
}

/** As `resolvePossiblyMissing`, for a path that may not be given. */
export async function resolveGiven(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return resolvePossiblyMissing(followLost(path), `cannot look for '${path}'`);
}

/** Where a chain of links to a file that is gone leads; any other path stays as it is. */
function followLost(path: string, linksLeft = 40): string {
  if (linksLeft === 0 || findReal(path) !== undefined) return path;
  try {
    return followLost(resolve(findReal(dirname(path)) ?? dirname(path), readlinkSync(path)), linksLeft - 1);
  } catch {
    return path; // EINVAL, ENOENT: no link (any more).
  }
}

/** Where a path leads now, every symbolic link followed; undefined where that can't be told, or nothing is there. */
export function findReal(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    // ENOENT, EACCES, EIO: whoever opens it says so.
    return undefined;
  }
}

/** A path for temporary files, which the system removes at its next start, or when they are old; a drive mounted there is none. */
export function isTemporary(path: string): boolean {
  const [folder] = /^\/(?:private\/)?(?:(?:var\/)?tmp|var\/folders|dev\/shm)\//.exec(path) ?? [];
  return folder !== undefined && statSync(folder).dev === statSync(dirname(path)).dev;
}

/** As `resolvePath`, for what must be a folder. */
export async function resolveFolder(path: string, what: string): Promise<string> {
  const folder = await resolvePath(path, what, "folder");
  const { kind } = await attempt(what, () => statPath(folder));
  if (kind === "folder") return folder;
  throw new Failure(`${what}: it is a ${kind}, not a folder`, {
    instead: { "--destinationdirectory": dirname(path) },
  });
}

/** Whether something is at `path`, and is a folder. */
export const isFolder = (path: string): boolean => isUsable(path, constants.F_OK, "isDirectory");

/** The last part of an absolute path. */
export const baseNameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
