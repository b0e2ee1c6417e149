// What the frames of every archive format have in common. An archive is a row of frames that each decode on their own,
// so that all cores can work on them, while `zstd`, `gzip` and `tar` read the whole row as one stream.

/** Bytes of a tar record, and what everything in a tar file is padded to. */
export const RECORD_BYTES = 512;

export const roundUp = (bytes: number, unit = RECORD_BYTES): number => Math.ceil(bytes / unit) * unit;

/** Content bytes in a frame, except the last one. 1 MiB: measured faster than 4 MiB (cache), at half the memory. */
export const BLOCK_BYTES = 1 << 20;

/** No frame of ours is stored in more than this, whatever its content: a block that does not compress, and overhead. */
export const MAX_FRAME_BYTES = BLOCK_BYTES + (BLOCK_BYTES >> 7) + 1024;

/** Most blocks in one frame: in the first, for attributes and the map of holes. Of more, zstd would write other frames. */
export const MAX_BLOCKS = 2;

/** Blocks in the works at once: every core, and some that wait for their turn, within a bound on memory. */
const BLOCKS_IN_FLIGHT = Math.min(navigator.hardwareConcurrency + 4, 16);

/** What is stored is not what this program writes. The message completes "it is damaged: …". */
export class FormatError extends Error {}

export type FormatName = "zstd" | "gzip" | "none";

export interface Format {
  readonly name: FormatName;
  readonly extension: string;
  /** Bytes of a stored frame that follow the content in what `encodeStored` makes. */
  readonly suffixBytes: number;
  /** Whether the frames of large archives can be set apart: see layout. */
  readonly isAlignable: boolean;
  /** Of a block's content, 32 bits, as its frame has it; 0 where the format is not alignable. */
  checksum(block: Uint8Array): number;
  /**
   * Compresses one block of at most BLOCK_BYTES, or the header, into one frame, off the main thread.
   * @param isAligned add what fills the gap behind it
   * @param checksum of the block, where it is known already
   */
  encode(block: Uint8Array, isAligned?: boolean, checksum?: number): Promise<Uint8Array>;
  /** Stores 256 bytes to 64 KiB in one frame whose every byte follows from the block: there, no flipped bit hides. */
  encodeStored(block: Uint8Array): Uint8Array;
  /**
   * The stored length of the frame that `bytes` begins with, or undefined if more bytes are needed to tell. `blockBytes`
   * is the length of the content in it; undefined for the first frame, the tar header. Throws FormatError on anything
   * that this program does not write, so a hostile frame is refused before it is decompressed.
   */
  measureFrame(bytes: Uint8Array, blockBytes?: number): number | undefined;
  /** Decompresses one whole frame to at most BLOCK_BYTES, off the main thread. Rejects where that can't be done. */
  decode(frame: Uint8Array): Promise<Uint8Array>;
  /** As `decode`, at once, the first frame to at most MAX_BLOCKS blocks: a listing reads no other. */
  decodeNow(frame: Uint8Array): Uint8Array;
}

/**
 * Gives the memory of a block back now, for the next one, instead of at some later collection: half the page faults, and
 * no heap of dead blocks. The block must not be used again. Where it shares its memory, nothing happens.
 */
export function releaseBlock({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** What `work` makes of each, in order, BLOCKS_IN_FLIGHT of them at once. It ends only when all work has. */
export async function* workAhead<T, Made>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T, index: number) => Promise<Made>,
): AsyncGenerator<Made, void, void> {
  const inFlight: Promise<Made>[] = [];
  let index = 0;
  try {
    for await (const item of items) {
      inFlight.push(awaitedLater(work(item, index++)));
      const oldest = inFlight.length < BLOCKS_IN_FLIGHT ? undefined : inFlight.shift();
      if (oldest) yield await oldest;
    }
    for (let oldest = inFlight.shift(); oldest; oldest = inFlight.shift()) yield await oldest;
  } finally {
    // Only after a failure is anything left here.
    await Promise.allSettled(inFlight);
  }
}

/** Marks a promise as one whose rejection is looked at in its turn: until then it is not unhandled. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
