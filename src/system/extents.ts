// Where a sparse file has data. What lies between is holes: they read as zeros, and take no room.
import { constants } from "node:os";
import { i32, i64, i64_fast, lastErrno, loader } from "./libc.ts";

/** A part of a file that holds data. */
export interface Extent {
  readonly at: number;
  readonly bytes: number;
}

const [SEEK_DATA, SEEK_HOLE] = process.platform === "darwin" ? ([4, 3] as const) : ([3, 4] as const);
/** A smaller hole is not worth being noted: it is taken for data. */
const MIN_HOLE_BYTES = 64 << 10;
/** Their list has to fit into the header of an archive: where there are more, larger holes are taken for data too. */
const MAX_EXTENTS = 10_000;
const seeking = loader({ lseek: { args: [i32, i64, i32], returns: i64_fast } });

/**
 * The extents of an open file, ascending; none where it is all hole; undefined where it has no holes, or the system
 * can't tell. One call for each end of each (lseek(2)): only for files that take less of the disk than their size.
 */
export function findExtents(fd: number, sizeBytes: number): readonly Extent[] | undefined {
  let [found, minHoleBytes] = [[{ at: 0, bytes: 0 }] as Extent[], MIN_HOLE_BYTES];
  for (let end = 0; end < sizeBytes;) {
    const at = seek(fd, end, SEEK_DATA);
    // ENXIO: no more data. Otherwise this file system knows nothing of holes, and all is data.
    if (at === undefined && lastErrno() !== constants.errno.ENXIO) return undefined;
    if (at === undefined || at >= sizeBytes) break;
    end = Math.min(seek(fd, at, SEEK_HOLE) ?? sizeBytes, sizeBytes);
    append(found, { at, bytes: end - at }, minHoleBytes);
    for (; found.length > 2 * MAX_EXTENTS; minHoleBytes *= 2) found = joinNear(found, 2 * minHoleBytes);
  }
  append(found, { at: sizeBytes, bytes: 0 }, minHoleBytes);
  for (; found.length > MAX_EXTENTS; minHoleBytes *= 2) found = joinNear(found, 2 * minHoleBytes);
  const extents = found.filter(({ bytes }) => bytes > 0);
  return extents[0]?.bytes === sizeBytes ? undefined : extents;
}

function seek(fd: number, from: number, whence: number): number | undefined {
  const position = Number(seeking()?.lseek(fd, from, whence) ?? -1);
  return position < 0 ? undefined : position;
}

function joinNear(extents: readonly Extent[], minHoleBytes: number): Extent[] {
  const joined: Extent[] = [];
  for (const extent of extents) append(joined, extent, minHoleBytes);
  return joined;
}

/** Adds the next extent, as one with the last where the hole between them is too small. */
function append(extents: Extent[], next: Extent, minHoleBytes: number): void {
  const last = extents.at(-1);
  if (!last || next.at - (last.at + last.bytes) >= minHoleBytes) extents.push(next);
  else extents[extents.length - 1] = { at: last.at, bytes: next.at + next.bytes - last.at };
}
