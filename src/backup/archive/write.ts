// Content in, archive out: blocks are compressed on all cores and written in order, while the content is hashed.
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { FileSink } from "../../system/file-sink.ts";
import type { Monitor } from "../../system/monitor.ts";
import { awaitedLater, BLOCK_BYTES, BLOCKS_IN_FLIGHT, type Format, releaseBlock } from "./frame.ts";
import type { Body } from "./read.ts";
import { ContentHash, countBytes, cutIntoBlocks, dataBytesOf } from "./sparse.ts";
import { type ArchivedFile, renderHeader } from "./tar.ts";
import { updateCrc } from "./trailer.ts";

export interface BlocksPlan {
  /** Its size and extents are what of the source is read. */
  readonly file: Pick<ArchivedFile, "source" | "sizeBytes" | "extents">;
  readonly source: FileHandle;
  /** Of a source that ended before its size, what is missing counts as zeros. */
  readonly padsShort?: boolean;
}

export interface ArchivePlan extends BlocksPlan {
  readonly format: Format;
  /** What the header says. */
  readonly file: ArchivedFile;
  readonly target: FileHandle;
  /** For messages: the file or folder that is written to. */
  readonly targetPath: string;
}

/**
 * Writes an archive from the start of `target`, all but its trailer. Memory is bounded by BLOCKS_IN_FLIGHT blocks, whatever
 * the size. Undefined if the source ended before its size, unless `padsShort`. Throws a Failure, or the reason of `monitor.signal`.
 */
export async function writeBody(plan: ArchivePlan, monitor: Monitor): Promise<Body | undefined> {
  const { format, file, target } = plan;
  const { sizeBytes } = file;
  const dataBytes = dataBytesOf(file);
  const hash = new ContentHash(file);
  const sink = new FileSink(target, plan.targetPath);
  let storedCrc32 = 0;
  const store = (frame: Uint8Array, onWritten?: () => void) => {
    storedCrc32 = updateCrc(frame, storedCrc32);
    return sink.write(frame, onWritten);
  };
  const inFlight: { readonly frame: Promise<Uint8Array>; readonly block: Uint8Array }[] = [];
  const idle: Uint8Array[] = [];
  const allocate = (bytes: number) => (idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)).subarray(0, bytes);
  const storeOldest = async () => {
    const oldest = inFlight.shift();
    if (!oldest) return;
    const frame = await oldest.frame;
    await store(frame, () => {
      idle.push(oldest.block);
      if (frame.buffer !== oldest.block.buffer) releaseBlock(frame);
    });
  };
  try {
    const headerFrame = await format.encode(renderHeader(file));
    await store(headerFrame);
    let doneBytes = 0;
    for await (const block of readBlocks(plan, monitor.signal, hash, allocate)) {
      inFlight.push({ frame: awaitedLater(format.encode(block)), block });
      if (inFlight.length >= BLOCKS_IN_FLIGHT) await storeOldest();
      monitor.progress("saving", (doneBytes += block.length), dataBytes);
    }
    if (doneBytes < dataBytes) return undefined;
    while (inFlight.length > 0) await storeOldest();
    await sink.finish();
    const [sha256, headerCrc32] = [hash.digest(), updateCrc(headerFrame)];
    const trailer = { sha256, sizeBytes, dataBytes, trailerAt: sink.position, headerCrc32, storedCrc32 };
    return { format, file, contentAt: headerFrame.length, trailer };
  } finally {
    // Only after a failure is anything left here: let it end before its buffers and the file go.
    await Promise.allSettled(inFlight.map(({ frame }) => frame));
    await sink.settle();
  }
}

/**
 * Yields the data of an open source block by block, as an archive has it; what was appended since is left out. Where the source
 * ended before, so does this, unless `padsShort`.
 * @param hash gets what is yielded
 * @param allocate memory for so many bytes
 */
export async function* readBlocks(
  { file, source, padsShort = false }: BlocksPlan,
  signal: AbortSignal,
  hash?: ContentHash,
  allocate = (bytes: number): Uint8Array => Buffer.allocUnsafeSlow(bytes),
): AsyncGenerator<Uint8Array, void, void> {
  for (const pieces of cutIntoBlocks(file)) {
    signal.throwIfAborted();
    const block = allocate(countBytes(pieces));
    let filled = 0;
    for (const { at, bytes } of pieces) {
      const piece = block.subarray(filled, filled + bytes);
      const bytesRead = await attempt(`cannot read '${file.source}'`, () => readAt(source, piece, at));
      if (bytesRead < bytes && !padsShort) return yield block.subarray(0, filled + bytesRead);
      piece.fill(0, bytesRead);
      filled += bytes;
    }
    hash?.update(block, pieces);
    yield block;
  }
}
