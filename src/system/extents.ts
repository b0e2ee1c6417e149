// Where a sparse file has data. What lies between is holes: they read as zeros, and take no room.
import { i32, i64, i64_fast, hasFailedWith, loader } from "./libc.ts";

/** A part of a file that holds data. */
export interface Extent {
  readonly at: number;
  readonly bytes: number;
}

const [SEEK_DATA, SEEK_HOLE] = process.platform === "darwin" ? ([4, 3] as const) : ([3, 4] as const);
/** Their list, two numbers and line ends for each, has to fit into the header of an archive. */
const MAX_LIST_BYTES = 1 << 20;
const seeking = loader({ lseek: { args: [i32, i64, i32], returns: i64_fast } });

/** How many holes are kept: of more, only the largest, and the others are data. */
export function limitHoles(sizeBytes: number): number {
  return Math.floor(MAX_LIST_BYTES / (2 * String(sizeBytes).length + 2)) - 2;
}

/**
 * The extents of an open file, ascending; none where it is all hole; undefined where it has no holes, or the system
 * can't tell. One call for each end of each (lseek(2)): only for files that take less of the disk than their size.
 */
export function findExtents(fd: number, sizeBytes: number): readonly Extent[] | undefined {
  const limit = limitHoles(sizeBytes);
  let holes: Extent[] = [];
  for (let at = 0; at < sizeBytes;) {
    const dataAt = seek(fd, at, SEEK_DATA, sizeBytes);
    if (dataAt > at) holes.push({ at, bytes: dataAt - at });
    if (holes.length > 2 * limit) holes = keepLargest(holes, limit);
    at = seek(fd, dataAt, SEEK_HOLE, sizeBytes);
  }
  if (holes.length === 0) return undefined;
  const extents: Extent[] = [];
  let at = 0;
  for (const hole of [...keepLargest(holes, limit), { at: sizeBytes, bytes: 0 }]) {
    if (hole.at > at) extents.push({ at, bytes: hole.at - at });
    at = hole.at + hole.bytes;
  }
  return extents;
}

/** Where the next data, or hole, begins: `sizeBytes` at most. Where the system knows of no holes, all is data. */
function seek(fd: number, from: number, whence: number, sizeBytes: number): number {
  const position = from < sizeBytes ? Number(seeking()?.lseek(fd, from, whence) ?? -1) : sizeBytes;
  if (position >= 0) return Math.min(position, sizeBytes);
  // ENXIO: a hole is the last that there is.
  return whence === SEEK_DATA && !hasFailedWith("ENXIO") ? from : sizeBytes;
}

function keepLargest(holes: readonly Extent[], limit: number): Extent[] {
  const largest = holes.toSorted((one, other) => other.bytes - one.bytes).slice(0, limit);
  return largest.toSorted((one, other) => one.at - other.at);
}
