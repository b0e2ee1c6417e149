// The source's content on its way into an archive: read block by block, and each made into a frame that is proven to hold it.
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import type { Extent } from "../../system/extents.ts";
import type { Monitor } from "../../system/monitor.ts";
import type { Earlier } from "./earlier.ts";
import { awaitedLater, BLOCK_BYTES, type Format, FormatError, workAhead } from "./frame.ts";
import { holdsBlock, isAligned, type Stored } from "./layout.ts";
import { type ContentHash, countBytes, cutIntoBlocks, dataBytesOf } from "./sparse.ts";
import type { ArchivedFile } from "./tar.ts";
import { updateCrc } from "./trailer.ts";

interface BlocksPlan {
  /** Its size and extents are what of the source is read. */
  readonly file: Pick<ArchivedFile, "source" | "sizeBytes" | "extents">;
  readonly source: FileHandle;
  /** Of a source that ended before its size, what is missing counts as zeros. */
  readonly padsShort?: boolean;
  /** The first block to be read: 0 unless it is said. */
  readonly firstBlock?: number;
}

export interface ArchivePlan extends BlocksPlan {
  /** What the header says. */
  readonly file: ArchivedFile;
  readonly format: Format;
  readonly earlier: Earlier | null;
}

/**
 * Yields the stored form of each block of the content, in order; each was decoded and compared with the block. Blocks that the
 * earlier archive has are taken from there. Where the source ends before its size, so does this.
 * @param hash gets what is read, and has got what is in front of the first block
 */
export async function* encodeContent(
  plan: ArchivePlan,
  hash: ContentHash,
  monitor: Monitor,
): AsyncGenerator<Stored, void, void> {
  const { format, file, firstBlock = 0 } = plan;
  const dataBytes = dataBytesOf(file);
  const aligned = isAligned(format, dataBytes);
  const earlier = aligned ? plan.earlier : null;
  const idle: Uint8Array[] = [];
  const allocate = (bytes: number) => (idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)).subarray(0, bytes);
  const encode = async (block: Uint8Array, count: number): Promise<Stored> => {
    const index = firstBlock + count;
    const checksum = format.checksum(block);
    const anew = async (): Promise<Stored> => {
      const bytes = await format.encode(block, aligned, checksum);
      const crc32 = updateCrc(bytes);
      if (await holdsBlock(format, bytes, block, aligned)) return { bytes, crc32, checksum, earlierAt: null };
      throw new FormatError("a block that was compressed does not decompress to what it was");
    };
    const stored = earlier ? await earlier.take(index, block, checksum, anew) : await anew();
    if (stored.bytes.buffer !== block.buffer) idle.push(block);
    return stored;
  };
  const readWhole = async function* () {
    let doneBytes = hash.dataBytes;
    for await (const block of readBlocks(plan, monitor.signal, hash, allocate)) {
      monitor.progress("saving", (doneBytes += block.length), dataBytes);
      // One that was cut short is not hashed, and of no use.
      if (hash.dataBytes < doneBytes) return;
      yield block;
    }
  };
  yield* workAhead(readWhole(), encode);
}

/**
 * Yields the data of an open source block by block, as an archive has it; what was appended since is left out. Where the source
 * ended before, so does this, unless `padsShort`. The next block is being read while one is looked at.
 * @param hash gets what is yielded
 * @param allocate memory for so many bytes
 */
export async function* readBlocks(
  { file, source, padsShort = false, firstBlock = 0 }: BlocksPlan,
  signal: AbortSignal,
  hash?: ContentHash,
  allocate = (bytes: number): Uint8Array => Buffer.allocUnsafeSlow(bytes),
): AsyncGenerator<Uint8Array, void, void> {
  const places = cutIntoBlocks(file).drop(firstBlock);
  const readNext = () => {
    const { value: pieces } = places.next();
    return pieces && awaitedLater(readBlock(pieces));
  };
  const readBlock = async (pieces: readonly Extent[]) => {
    const block = allocate(countBytes(pieces));
    let filled = 0;
    for (const { at, bytes } of pieces) {
      const piece = block.subarray(filled, filled + bytes);
      const bytesRead = await attempt(`cannot read '${file.source}'`, () => readAt(source, piece, at));
      if (bytesRead < bytes && !padsShort) return { pieces, block: block.subarray(0, filled + bytesRead) };
      piece.fill(0, bytesRead);
      filled += bytes;
    }
    return { pieces, block };
  };
  let reading = readNext();
  try {
    while (reading) {
      signal.throwIfAborted();
      const { pieces, block } = await reading;
      const isShort = block.length < countBytes(pieces);
      reading = isShort ? undefined : readNext();
      if (!isShort) hash?.update(block, pieces);
      if (block.length > 0) yield block;
    }
  } finally {
    await reading?.catch(() => undefined);
  }
}
