// What is being written and has no final name yet: `.tinybackup-MACHINE-*.partial`, a file, or a folder for what nobody else
// may see meanwhile. Its writer holds its lock, so what a crash leaves behind can be told from what is in the works.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import * as disk from "../system/disk.ts";
import { asFailure, attempt, describeError, isErrno } from "../system/errno.ts";
import { lockFile, renameNew } from "../system/libc.ts";
import { identifyMachine } from "../system/machine.ts";
import type { Monitor } from "../system/monitor.ts";

const NAME = /^\.tinybackup-([0-9a-f]{8})-[0-9a-f]{16}\.partial$/;
const ATTEMPTS = 10;
/** How long another machine's is left: whether that one still writes, its lock may not tell. */
const PATIENCE_NS = 86_400_000_000_000n;

export interface Partial {
  readonly path: string;
  readonly handle: disk.FileHandle;
}

/** The names in a private folder: nothing else is ever removed with one. */
const PRIVATE = /^tinybackup-copy(-wal|-shm|-journal)?$/;

/**
 * Has `make` fill a partial in `folder` and give it a name. The partial is gone in the end, whatever comes of it; where that
 * fails after all was done, a warning says so.
 */
export async function withPartial<Made>(
  folder: string,
  make: (partial: Partial) => Promise<Made>,
): Promise<{ readonly made: Made; readonly warnings: readonly string[] }> {
  const partial = await createPartial(folder);
  let made: Made;
  try {
    made = await make(partial);
  } catch (error) {
    await discardPartial(partial);
    throw error;
  }
  const problem = await discardPartial(partial);
  if (problem === undefined) return { made, warnings: [] };
  const left = `the temporary file '${partial.path}' could not be removed (${describeError(problem)}): the next run tries again`;
  return { made, warnings: [left] };
}

/** Creates a locked partial in `folder` that only its owner can read, or enter: an empty file, or a folder for `tinybackup-copy`. */
export async function createPartial(
  folder: string,
  create: (path: string) => Promise<disk.FileHandle> = disk.createExclusive,
): Promise<Partial> {
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    const random = crypto.getRandomValues(new Uint8Array(8)).toHex();
    const path = join(folder, `.tinybackup-${machineDigits()}-${random}.partial`);
    const handle = await attempt(`cannot write to '${folder}'`, () => create(path));
    try {
      // A cleaner may have seen it before it was locked: then it is gone, and another one is made.
      if ((await lockFile(handle.fd, 0)) !== "held by another" && (await disk.statEntry(path)))
        return { path, handle };
    } catch (error) {
      await discardPartial({ path, handle });
      throw asFailure(`cannot write to '${folder}'`, error);
    }
    await discardPartial({ path, handle });
  }
  throw new Failure(`cannot write to '${folder}': something keeps removing the files that are made there`);
}

const machineDigits = (): string => identifyMachine().id.slice(0, 8);

/** Closes a partial and removes it, if it is still there. Never throws: what is left, a later run removes. */
export async function discardPartial({ path, handle }: Partial): Promise<unknown> {
  const problem = await removePartial(path).catch((error: unknown) => error);
  await handle.close().catch(() => undefined);
  return problem;
}

/** Removes a partial, of a folder only what we make there. What is gone already is no error. */
async function removePartial(path: string): Promise<void> {
  try {
    const kind = (await disk.statEntry(path))?.kind;
    if (kind === undefined) return;
    if (kind !== "folder") return await disk.removeName(path);
    for (const name of (await disk.listNames(path)).filter((each) => PRIVATE.test(each)))
      await disk.removeName(join(path, name));
    await disk.removeFolder(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

export function listPartials(names: readonly string[]): string[] {
  return names.filter((name) => NAME.test(name));
}

/** Removes those partials of a folder whose writer is gone. What can't be looked at or removed is left, and noted. */
export async function removeAbandonedPartials(
  folder: string,
  partials: readonly string[],
  monitor: Monitor,
): Promise<void> {
  for (const name of partials) {
    const machine = NAME.exec(name)?.[1];
    if (machine === undefined) continue;
    const path = join(folder, name);
    try {
      await using handle = await openToLock(path);
      if (!(await isAbandoned(handle, folder, machine === machineDigits()))) continue;
      await removePartial(path);
      monitor.note(`removed '${path}', left behind by a run that did not end`);
    } catch (error) {
      // ENOENT: its writer was done first. Anything else must not stop this backup.
      if (!isErrno(error, "ENOENT")) monitor.note(`left '${path}' alone: ${describeError(error)}`);
    }
  }
}

/**
 * Whether nobody writes a partial any more, which is locked then. Locks may be unknown to a file system, and not reach from
 * one machine to another: there it has to be a day old. A folder has to be this very user's.
 */
async function isAbandoned(handle: disk.FileHandle, folder: string, isOurs: boolean): Promise<boolean> {
  const { kind, uid, mtimeNs } = await disk.statHandle(handle);
  const isOwn =
    kind === "folder" && (uid === process.getuid?.() || disk.isWhere("owners are mapped", folder) === true);
  if (kind !== "file" && !isOwn) return false;
  const lock = await lockFile(handle.fd, 0);
  if (lock === "held by another" || (lock === "locked" && isOurs)) return lock === "locked";
  return BigInt(Date.now()) * 1_000_000n - mtimeNs > PATIENCE_NS;
}

/** NFS locks only what is open for writing; a folder, or what took on a source's permissions, may be open to reading only. */
async function openToLock(path: string): Promise<disk.FileHandle> {
  try {
    return await disk.openExisting(path, "write");
  } catch (error) {
    if (!isErrno(error, "EACCES", "EISDIR")) throw error;
    return disk.openExisting(path, "read");
  }
}

/** What file systems without hard links (FAT, exFAT, some network shares) answer to link(2); rclone's says EIO. */
const NO_HARD_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL", "EIO"];

/**
 * Gives a file, as a finished partial, another name, replacing nothing. Where hard links exist, it keeps its own one too.
 * @returns false if something has that name already
 * @param what for messages: `cannot publish '/x'`
 */
export async function giveName(from: string, to: string, what: string): Promise<"linked" | "moved" | false> {
  try {
    await disk.linkName(from, to);
    return "linked";
  } catch (error) {
    // NFS says so too of what it has just done, where the answer to that was lost (open(2)).
    if (isErrno(error, "EEXIST")) return (await isSame(from, to)) && "linked";
    if (!isErrno(error, ...NO_HARD_LINKS)) throw asFailure(what, error);
  }
  return (await attempt(what, () => moveWithoutLink(from, to))) && "moved";
}

/** Whether two names are of one file. Not by inodes alone: FUSE may give several files the same. */
export async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([disk.statEntry(one), disk.statEntry(other)]);
  return a !== null && disk.isUnwritten(a, b) && a.inode === b?.inode && a.device === b.device;
}

/**
 * Without hard links: a rename that refuses to replace, and where even that is missing, an empty file that takes the name
 * (which fails if it is taken) and is then replaced.
 */
async function moveWithoutLink(from: string, to: string): Promise<boolean> {
  const renamed = renameNew(from, to);
  if (renamed !== "not supported") return renamed === "renamed";
  try {
    await (await disk.createExclusive(to)).close();
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
  try {
    await disk.renameOver(from, to);
    return true;
  } catch (error) {
    await disk.removeName(to).catch(() => undefined);
    throw error;
  }
}
