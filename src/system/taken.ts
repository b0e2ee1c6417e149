// What files take of their disk together where file systems let them share blocks: each block counts once.
import { closeSync, constants, openSync } from "node:fs";
import { isWhere } from "./disk.ts";
import type { Extent } from "./extents.ts";
import { i32, loader, ptr, u64 } from "./libc.ts";

/** Linux's own; ioctl_fiemap(2), linux/fiemap.h. */
const FS_IOC_FIEMAP = 0xc020660b;
const [HEAD_BYTES, EXTENT_BYTES, EXTENTS_AT_ONCE] = [32, 56, 1024];
const LAST = 0x1;
/** Its place is not known yet, or what lies there is compressed by the file system: its length there is not told. */
const UNTOLD = 0x2 | 0x4 | 0x8;
/** Kept beside the file's name, and nobody else's. */
const INLINE = 0x200;
const maps = loader({ ioctl: { args: [i32, u64, ptr], returns: i32 } });

export interface Taken {
  readonly takenBytes: number;
  /** How much more it would be, did nothing lie there once for several. */
  readonly sharedBytes: number;
}

/** Of files in one folder; null where they can't share, or the system can't tell. */
export function measureTaken(folder: string, paths: readonly string[]): Taken | null {
  if (isWhere("files have clones", folder) !== true) return null;
  const extents: Extent[] = [];
  let inlineBytes = 0;
  for (const path of paths) {
    const own = readExtents(path);
    if (!own) return null;
    for (const extent of own) {
      if (extent.at < 0) inlineBytes += extent.bytes;
      else extents.push(extent);
    }
  }
  let [takenBytes, allBytes, end] = [0, 0, 0];
  for (const { at, bytes } of extents.toSorted((one, other) => one.at - other.at)) {
    takenBytes += Math.max(0, at + bytes - Math.max(at, end));
    allBytes += bytes;
    end = Math.max(end, at + bytes);
  }
  return { takenBytes: takenBytes + inlineBytes, sharedBytes: allBytes - takenBytes };
}

/** Where a file lies on its disk, the place of what is inline being negative; null where that can't be told. */
function readExtents(path: string): Extent[] | null {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return mapExtents(fd);
  } catch {
    // EACCES, EIO: whoever reads it says so. ENOENT: it went away meanwhile.
    return null;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function mapExtents(fd: number): Extent[] | null {
  const extents: Extent[] = [];
  const map = Buffer.alloc(HEAD_BYTES + EXTENTS_AT_ONCE * EXTENT_BYTES);
  for (let from = 0n; ;) {
    map.fill(0, 0, HEAD_BYTES);
    map.writeBigUInt64LE(from, 0);
    map.writeBigUInt64LE(0x7fff_ffff_ffff_ffffn - from, 8);
    map.writeUInt32LE(EXTENTS_AT_ONCE, 24);
    if (maps()?.ioctl(fd, FS_IOC_FIEMAP, map) !== 0) return null;
    const count = map.readUInt32LE(20);
    if (count === 0) return extents;
    for (let at = HEAD_BYTES; at < HEAD_BYTES + count * EXTENT_BYTES; at += EXTENT_BYTES) {
      const flags = map.readUInt32LE(at + 40);
      if ((flags & UNTOLD) !== 0) return null;
      const bytes = map.readBigUInt64LE(at + 16);
      const place = (flags & INLINE) === 0 ? Number(map.readBigUInt64LE(at + 8)) : -1;
      extents.push({ at: place, bytes: Number(bytes) });
      if ((flags & LAST) !== 0) return extents;
      from = map.readBigUInt64LE(at) + bytes;
    }
  }
}
