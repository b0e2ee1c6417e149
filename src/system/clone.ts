// A private copy of an open file: a clone, which shares its blocks until one of the two is written and so is of one moment
// and costs nothing; or, where a file system has none, byte by byte.
import { dirname } from "node:path";
import * as disk from "./disk.ts";
import { encode, i32, i64_fast, loader, ptr, u32, u64 } from "./libc.ts";

/** Whether it is worth trying to clone a file into a folder. */
export function mayClone(folder: string): boolean {
  return process.platform === "darwin" || disk.isWhere("files have clones", folder) === true;
}

const FICLONE = 0x40049409;
const clonesOfLinux = loader({ ioctl: { args: [i32, u64, i32], returns: i32 } });
const clonesOfMac = loader({ fclonefileat: { args: [i32, i32, ptr, u32], returns: i32 } });

/**
 * Creates `path` as a clone of an open file, readable by its owner only: ioctl_ficlone(2), fclonefileat(2). Null, and
 * nothing there, where that is refused, for whatever reason.
 */
export async function cloneFile({ fd }: disk.FileHandle, path: string): Promise<disk.FileHandle | null> {
  if (process.platform === "darwin") {
    // From the root of all paths: an absolute one needs no folder to begin at.
    if (clonesOfMac()?.fclonefileat(fd, 0, encode(path), 0) !== 0) return null;
    const handle = await disk.openExisting(path, "write");
    handle.chmod(0o600);
    return handle;
  }
  const handle = await disk.createExclusive(path);
  if (clonesOfLinux()?.ioctl(handle.fd, FICLONE, fd) === 0) return handle;
  await handle.close();
  await disk.removeName(path);
  return null;
}

const rangesOfLinux = loader({
  copy_file_range: { args: [i32, ptr, i32, ptr, u64, u32], returns: i64_fast },
});

/** Has a part of one open file stored as a part of another as well, once for both: copy_file_range(2). False where it was not. */
export function shareRange(from: number, fromAt: number, to: number, toAt: number, bytes: number): boolean {
  const [source, target] = [new BigInt64Array([BigInt(fromAt)]), new BigInt64Array([BigInt(toAt)])];
  return rangesOfLinux()?.copy_file_range(from, source, to, target, bytes, 0) === bytes;
}

const BLOCK_BYTES = 1 << 20;

/**
 * Creates `path`, readable by its owner only, with all that an open file holds: its clone where there is one, else until a read
 * returns nothing, whatever the file says of its size.
 */
export async function copyFile(
  from: disk.FileHandle,
  path: string,
  signal: AbortSignal,
): Promise<disk.FileHandle> {
  const clone = mayClone(dirname(path)) ? await cloneFile(from, path) : null;
  if (clone) return clone;
  await using opened = new AsyncDisposableStack();
  const handle = opened.use(await disk.createExclusive(path));
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let at = 0, bytesRead = -1; bytesRead !== 0; at += bytesRead) {
    signal.throwIfAborted();
    bytesRead = await disk.readAt(from, block, at);
    await disk.writeAt(handle, block.subarray(0, bytesRead), at);
  }
  opened.move();
  return handle;
}
