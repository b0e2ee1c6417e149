// Every touch of the file system that a revision's life needs: one small function an act, none that decides.
import {
  type BigIntStats,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { isErrno } from "./errno.ts";
import { FileHandle } from "./file-handle.ts";

export type { FileHandle };

/** Gives a file a second name, and fails with EEXIST rather than replace. */
export const linkName = async (from: string, to: string): Promise<void> => linkSync(from, to);
export const renameOver = async (from: string, to: string): Promise<void> => renameSync(from, to);
export const removeName = async (path: string): Promise<void> => unlinkSync(path);
export const removeFolder = async (path: string): Promise<void> => rmdirSync(path);
/** The names in a folder, opened afresh. Names that are not UTF-8 come out with U+FFFD and match nothing of ours. */
export const listNames = async (folder: string): Promise<string[]> => readdirSync(folder);
export { readdirSync as listNamesNow };

type FileKind = "file" | "folder" | "symbolic link" | "named pipe" | "socket" | "device";

/** What the system says of a file at one moment. */
export interface FileFacts {
  readonly kind: FileKind;
  readonly device: bigint;
  readonly inode: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** What it takes of its disk: less than its size where it has holes, or is compressed. */
  readonly allocatedBytes: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function kindOf(stats: BigIntStats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isFIFO()) return "named pipe";
  return stats.isSocket() ? "socket" : "device";
}

function factsOf(stats: BigIntStats): FileFacts {
  return {
    kind: kindOf(stats),
    device: stats.dev,
    inode: stats.ino,
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    sizeBytes: Number(stats.size),
    allocatedBytes: Number(stats.blocks) * 512,
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
  };
}

/** Whether nobody wrote between two looks at a file. Not by inodes: FUSE may give one file another one at each look. */
export function isUnwritten(one: FileFacts | null, other: FileFacts | null): boolean {
  return (["sizeBytes", "mtimeNs", "ctimeNs"] as const).every((fact) => one?.[fact] === other?.[fact]);
}

/** Coarse clocks and file systems stamp times in steps: two writes within so many milliseconds may look like one. */
export function measureStep({ mtimeNs, ctimeNs }: FileFacts): number {
  return [mtimeNs, ctimeNs].every((timeNs) => timeNs % 1_000_000_000n === 0n) ? 2000 : 25;
}

/** Who a folder belongs to, and who may write there, at once. Throws the system's error. */
export function statFolder(path: string): Pick<FileFacts, "mode" | "uid"> {
  return statSync(path);
}

/** Facts of what `path` leads to. Throws the system's error; ENOENT if nothing is there. */
export async function statPath(path: string): Promise<FileFacts> {
  return factsOf(statSync(path, { bigint: true }));
}

/** Facts of `path` itself, not of what a link leads to; null if nothing is there, nor can be, behind a file. */
export async function statEntry(path: string): Promise<FileFacts | null> {
  try {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? factsOf(stats) : null;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}

/** The user that `path` itself belongs to; undefined if nothing is there, or it can't be looked at. */
export function statOwner(path: string): number | undefined {
  try {
    return lstatSync(path).uid;
  } catch {
    // ENOENT: removed meanwhile. EACCES, EIO: nobody can tell.
    return undefined;
  }
}

/** The numbers that statfs(2) of Linux gives to file systems of a kind. */
const numbersOf = {
  /** Whose files belong to whom a server or a mount option says: NFS, SMB (three), FUSE, 9p, FAT, exFAT, NTFS (two). */
  "owners are mapped": [
    0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x4d44, 0x2011bab0, 0x5346544e,
    0x7366746e,
  ],
  /** Whose files no write through a memory map moves the times of: tmpfs, ramfs, hugetlbfs. */
  "files are memory": [0x01021994, 0x858458f6, 0x958458f6],
  /** btrfs, XFS, bcachefs, ZFS. */
  "files have clones": [0x9123683e, 0x58465342, 0xca451a4e, 0x2fc12fc1],
  /** What was set aside on btrfs is never compressed; ZFS compares with what is free as if nothing were. */
  "room set aside is as long as the file": [0x9123683e, 0x2fc12fc1],
};

/** Whether that holds where `path` is; elsewhere than on Linux, none of it does. Undefined where nobody can tell. */
export function isWhere(what: keyof typeof numbersOf, path: string): boolean | undefined {
  if (process.platform !== "linux") return false;
  try {
    return numbersOf[what].includes(statfsSync(path).type >>> 0);
  } catch {
    // ENOENT, EIO, …: whoever reads or writes there next says so.
    return undefined;
  }
}

/** What is free for this user on the disk of a folder; null where the system can't tell. */
export function readFreeBytes(folder: string): number | null {
  try {
    const { blocks, bsize, bavail, bfree } = statfsSync(folder);
    return blocks === 0 ? null : bsize * (process.geteuid?.() === 0 ? bfree : bavail);
  } catch {
    return null;
  }
}

export async function statHandle(handle: FileHandle): Promise<FileFacts> {
  return factsOf(handle.stat());
}

/**
 * Opens a file for reading without waiting for a FIFO's writer, without following a link put in its place, and without
 * marking it as accessed. O_NOATIME is for the owner and root only (open(2)): others get EPERM and open without it.
 */
export async function openSource(path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;
  // Linux only: the constant does not exist elsewhere.
  const noAccessTime = (constants.O_NOATIME as number | undefined) ?? 0;
  try {
    return new FileHandle(path, flags | noAccessTime);
  } catch (error) {
    if (noAccessTime === 0 || !isErrno(error, "EPERM")) throw error;
    return new FileHandle(path, flags);
  }
}

/** Opens an existing regular file to be read and locked; never follows a link. */
export async function openExisting(path: string, access: "read" | "write"): Promise<FileHandle> {
  const mode = access === "read" ? constants.O_RDONLY : constants.O_RDWR;
  return new FileHandle(path, mode | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** Creates a file that must not exist yet, readable by its owner only, open for reading and writing. */
export async function createExclusive(path: string): Promise<FileHandle> {
  return new FileHandle(
    path,
    constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
}

/** Creates a folder that must not exist yet and only its owner can enter, and opens it. */
export async function createFolder(path: string): Promise<FileHandle> {
  mkdirSync(path, 0o700);
  return new FileHandle(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

export async function openFolder(path: string): Promise<FileHandle> {
  return new FileHandle(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** What a file system says that knows no sync of a folder (SMB, some of FUSE): it keeps names in its own way. */
const NO_FOLDER_SYNC = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** Makes the names in a folder durable. A failure is final: a second fsync may claim what the first one lost. */
export async function syncFolder(path: string): Promise<void> {
  await using handle = await openFolder(path);
  try {
    await handle.sync();
  } catch (error) {
    if (!isErrno(error, ...NO_FOLDER_SYNC)) throw error;
  }
}

/** Fills `buffer` from `position`, looping over short reads. Returns how many bytes there were: less only at the end. */
export async function readAt(handle: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const bytesRead = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Writes all of `bytes` at `position`, looping over short writes. */
export async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const bytesWritten = await handle.write(bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) throw new Error("the system wrote nothing and gave no reason");
    written += bytesWritten;
  }
}

/** Whether a file has nothing in it: one in /proc only claims that. False where that can't be found out. */
export async function isEmptyFile(path: string): Promise<boolean> {
  try {
    const { kind, sizeBytes } = await statPath(path);
    if (kind !== "file" || sizeBytes > 0) return false;
    await using handle = await openSource(path);
    return (await readAt(handle, Buffer.alloc(1), 0)) === 0;
  } catch {
    // ENOENT, EACCES, EIO: the next run says so.
    return false;
  }
}
