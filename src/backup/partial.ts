// A file that is being written and has no final name yet: `.tinybackup-*.partial`. Its writer holds its lock, so what a
// crash leaves behind can be told from what is in the works.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import {
  createExclusive,
  type FileHandle,
  linkName,
  listNames,
  openExisting,
  removeName,
  renameOver,
  statEntry,
  statHandle,
} from "../system/disk.ts";
import { asFailure, attempt, describeError, isErrno } from "../system/errno.ts";
import { renameNew, tryLock } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";

const NAME = /^\.tinybackup-[0-9a-f]{16}\.partial$/;
const ATTEMPTS = 10;

export interface Partial {
  readonly path: string;
  readonly handle: FileHandle;
}

/** Creates a locked, empty partial in `folder`, readable by its owner only. */
export async function createPartial(folder: string): Promise<Partial> {
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    const path = join(folder, `.tinybackup-${crypto.getRandomValues(new Uint8Array(8)).toHex()}.partial`);
    const handle = await attempt(`cannot write to '${folder}'`, () => createExclusive(path));
    try {
      // A cleaner may have seen it before it was locked: then it is gone, and another one is made.
      if (tryLock(handle.fd) !== "held by another" && (await isNameOf(path, handle))) return { path, handle };
    } catch (error) {
      await discardPartial({ path, handle });
      throw error;
    }
    await discardPartial({ path, handle });
  }
  throw new Failure(`cannot write to '${folder}': something keeps removing the files that are made there`);
}

/** Closes a partial and removes it, if it is still there. Never throws: what is left, a later run removes. */
export async function discardPartial({ path, handle }: Partial): Promise<unknown> {
  let problem: unknown;
  try {
    await removeName(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) problem = error;
  }
  await handle.close().catch(() => undefined);
  return problem;
}

/** Says, of a partial that `discardPartial` could not remove after all was done, that it is left. */
export function leftoverWarnings({ path }: Partial, problem: unknown): string[] {
  if (problem === undefined) return [];
  return [
    `the temporary file '${path}' could not be removed (${describeError(problem)}): the next run tries again`,
  ];
}

/** Removes the partials in `folder` whose writer is gone. What can't be looked at or removed is left, and noted. */
export async function removeAbandonedPartials(folder: string, monitor: Monitor): Promise<void> {
  const names = await attempt(`cannot read the folder '${folder}'`, () => listNames(folder));
  for (const name of names.filter((candidate) => NAME.test(candidate))) {
    const path = join(folder, name);
    try {
      const handle = await openToLock(path);
      try {
        const abandoned = (await statHandle(handle)).kind === "file" && tryLock(handle.fd) === "locked";
        if (abandoned && (await isNameOf(path, handle))) {
          await removeName(path);
          monitor.note(`removed '${path}', left behind by a run that did not end`);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      // ENOENT: its writer was done first. Anything else must not stop this backup.
      if (!isErrno(error, "ENOENT")) monitor.note(`left '${path}' alone: ${describeError(error)}`);
    }
  }
}

/** NFS locks only what is open for writing; what took on a source's permissions may be open to reading only. */
async function openToLock(path: string): Promise<FileHandle> {
  try {
    return await openExisting(path, "write");
  } catch (error) {
    if (!isErrno(error, "EACCES")) throw error;
    return openExisting(path, "read");
  }
}

async function isNameOf(path: string, handle: FileHandle): Promise<boolean> {
  const [named, opened] = [await statEntry(path), await statHandle(handle)];
  return named !== null && named.inode === opened.inode && named.device === opened.device;
}

/** What file systems without hard links (FAT, exFAT, some network shares) answer to link(2). */
const NO_HARD_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"];

/**
 * Gives a finished partial, or another file, a name, replacing nothing. Where hard links exist, it keeps its own one too.
 * @returns false if something has that name already
 * @param what for messages: `cannot publish '/x'`
 */
export async function giveName(
  file: Pick<Partial, "path">,
  path: string,
  what: string,
): Promise<"linked" | "moved" | false> {
  try {
    await linkName(file.path, path);
    return "linked";
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (!isErrno(error, ...NO_HARD_LINKS)) throw asFailure(what, error);
  }
  return (await attempt(what, () => moveWithoutLink(path, file))) && "moved";
}

/**
 * Without hard links: a rename that refuses to replace, and where even that is missing, an empty file that takes the name
 * (which fails if it is taken) and is then replaced.
 */
async function moveWithoutLink(path: string, file: Pick<Partial, "path">): Promise<boolean> {
  const renamed = renameNew(file.path, path);
  if (renamed !== "not supported") return renamed === "renamed";
  try {
    await (await createExclusive(path)).close();
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
  try {
    await renameOver(file.path, path);
    return true;
  } catch (error) {
    await removeName(path).catch(() => undefined);
    throw error;
  }
}
