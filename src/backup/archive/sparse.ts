// A file with holes in an archive: its data alone is stored, end to end, and in front of it a map that says where each part
// belongs: GNU tar's PAX format 1.0 for sparse files, which bsdtar and Python read as well.
import { type Extent, limitHoles } from "../../system/extents.ts";
import { isCount } from "../../system/json.ts";
import { BLOCK_BYTES, FormatError, roundUp } from "./frame.ts";

/** How long a file is, and where it has data: everywhere, if that is undefined. */
export interface Shape {
  readonly sizeBytes: number;
  /** Ascending; holes lie between them. */
  readonly extents?: readonly Extent[] | undefined;
}

const NEWLINE = 0x0a;
/** Holes of together more than that are not hashed: hashing zeros takes a second for two of these. */
const MAX_HASHED_HOLES_BYTES = 2 ** 30;
/** One byte longer than what is handed out, so that nobody takes it for a block whose memory can be given back. */
const ZEROS = new Uint8Array(BLOCK_BYTES + 1);

/** That many zeros, BLOCK_BYTES at most. They are shared: not to be written to. */
export const zeros = (bytes: number): Uint8Array => ZEROS.subarray(0, Math.min(bytes, BLOCK_BYTES));

export function countBytes(extents: readonly Extent[]): number {
  return extents.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function dataBytesOf({ sizeBytes, extents }: Shape): number {
  return extents ? countBytes(extents) : sizeBytes;
}

/** How many MiB of holes have to be stored, as the zeros that they read as, because there are too many holes to be noted. */
export function countFilledMib({ sizeBytes, extents = [] }: Shape, allocatedBytes: number): number {
  if (extents.length < limitHoles(sizeBytes)) return 0;
  return Math.floor((countBytes(extents) - allocatedBytes) / (1 << 20));
}

/** Where the bytes of each stored block belong: the data cut into blocks of BLOCK_BYTES, the last one excepted. */
export function* cutIntoBlocks({ sizeBytes, extents }: Shape): Generator<readonly Extent[], void, void> {
  let pieces: Extent[] = [];
  let room = BLOCK_BYTES;
  for (const extent of extents ?? [{ at: 0, bytes: sizeBytes }]) {
    for (let { at, bytes: left } = extent; left > 0;) {
      const bytes = Math.min(left, room);
      pieces.push({ at, bytes });
      [at, left, room] = [at + bytes, left - bytes, room - bytes];
      if (room > 0) continue;
      yield pieces;
      [pieces, room] = [[], BLOCK_BYTES];
    }
  }
  if (pieces.length > 0) yield pieces;
}

/**
 * SHA-256 of a file's content, made from its stored blocks. Holes count as the zeros that they read as; only where they are
 * over 1 GiB together, it is that of what is stored, map and data, so that 20 GiB of holes cost no time.
 */
export class ContentHash {
  readonly #hash = new Bun.CryptoHasher("sha256");
  readonly #shape: Shape;
  readonly #isOfHoles: boolean;
  #position = 0;
  /** How much of what is stored it has got so far. */
  dataBytes = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#isOfHoles = shape.sizeBytes - dataBytesOf(shape) <= MAX_HASHED_HOLES_BYTES;
    if (!this.#isOfHoles) this.#hash.update(renderMap(shape));
  }

  /** @param pieces where the bytes of the block belong: see `cutIntoBlocks` */
  update(block: Uint8Array, pieces: readonly Extent[]): void {
    let from = 0;
    this.dataBytes += block.length;
    for (const { at, bytes } of pieces) {
      this.#passHole(at);
      this.#hash.update(block.subarray(from, (from += bytes)));
      this.#position = at + bytes;
    }
  }

  /** SHA-256 of what it has got so far. */
  digestSoFar(): string {
    return this.#hash.copy().digest("hex");
  }

  digest(): string {
    this.#passHole(this.#shape.sizeBytes);
    return this.#hash.digest("hex");
  }

  #passHole(end: number): void {
    while (this.#isOfHoles && this.#position < end) {
      const hole = zeros(end - this.#position);
      this.#hash.update(hole);
      this.#position += hole.length;
    }
  }
}

/** The map of a sparse file, padded; nothing for any other. How many parts, then of each where it begins and how long it is. */
export function renderMap({ sizeBytes, extents }: Shape): Buffer {
  if (!extents) return Buffer.alloc(0);
  const last = extents.at(-1);
  const isToEnd = last !== undefined && last.at + last.bytes === sizeBytes;
  // As GNU tar does: a part of no length says where a hole ends that nothing follows.
  const parts = isToEnd ? extents : [...extents, { at: sizeBytes, bytes: 0 }];
  const text = [parts.length, ...parts.flatMap(({ at, bytes }) => [at, bytes]), ""].join("\n");
  const map = Buffer.alloc(roundUp(text.length));
  map.write(text, "latin1");
  return map;
}

/** The length of the map that `bytes` begin with; undefined if more bytes are needed to tell. */
export function measureMap(bytes: Buffer): number | undefined {
  let end = bytes.indexOf(NEWLINE);
  if (end === -1) return undefined;
  const parts = bytes.toString("latin1", 0, end);
  if (!/^\d{1,5}$/.test(parts)) throw noMap();
  for (let lines = 2 * Number(parts); lines > 0; lines--) {
    end = bytes.indexOf(NEWLINE, end + 1);
    if (end === -1) return undefined;
  }
  return roundUp(end + 1);
}

/** Reads the map of a sparse file back. Throws FormatError on anything that `renderMap` does not make. */
export function parseMap(bytes: Buffer, sizeBytes: number): readonly Extent[] {
  const end = bytes.indexOf(0);
  const [, ...numbers] = bytes
    .toString("latin1", 0, end === -1 ? bytes.length : end)
    .split("\n")
    .map(Number);
  const extents: Extent[] = [];
  let position = -1;
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const [at = 0, length = 0] = [numbers[index], numbers[index + 1]];
    if (!isCount(at) || !isCount(length) || at <= position || at + length > sizeBytes) throw noMap();
    if (length > 0) extents.push({ at, bytes: length });
    position = at + length;
  }
  if (!renderMap({ sizeBytes, extents }).equals(bytes)) throw noMap();
  return extents;
}

const noMap = (): FormatError => new FormatError("its map of holes is damaged");
