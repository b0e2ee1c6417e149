// Content in, archive out: blocks are compressed on all cores and written in order, while the content is hashed.
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { FileSink } from "../../system/file-sink.ts";
import type { Monitor } from "../../system/monitor.ts";
import { awaitedLater, BLOCK_BYTES, BLOCKS_IN_FLIGHT, type Format, releaseBlock } from "./frame.ts";
import type { Body } from "./read.ts";
import { type ArchivedFile, renderHeader } from "./tar.ts";
import { updateCrc } from "./trailer.ts";

export interface ArchivePlan {
  readonly format: Format;
  /** What the header says; its size is how much of the source is read. */
  readonly file: ArchivedFile;
  readonly source: FileHandle;
  readonly target: FileHandle;
  /** For messages: the file or folder that is written to. */
  readonly targetPath: string;
  /** What a source lacks that was cut short meanwhile is filled with zeros, as GNU tar does. */
  readonly padsShort: boolean;
}

interface Encoding {
  readonly frame: Promise<Uint8Array>;
  readonly buffer: Uint8Array;
}

/**
 * Writes an archive from the start of `target`, all but its trailer. Memory is bounded by BLOCKS_IN_FLIGHT blocks, whatever
 * the size. Undefined if the source ended before its size, unless `padsShort`. Throws a Failure, or the reason of `monitor.signal`.
 */
export async function writeBody(plan: ArchivePlan, monitor: Monitor): Promise<Body | undefined> {
  const { format, file, source, target } = plan;
  const { sizeBytes } = file;
  const hash = new Bun.CryptoHasher("sha256");
  const sink = new FileSink(target, plan.targetPath);
  let storedCrc32 = 0;
  const store = (frame: Uint8Array, onWritten?: () => void) => {
    storedCrc32 = updateCrc(frame, storedCrc32);
    return sink.write(frame, onWritten);
  };
  const inFlight: Encoding[] = [];
  const idle: Uint8Array[] = [];
  const storeOldest = async () => {
    const oldest = inFlight.shift();
    if (!oldest) return;
    const frame = await oldest.frame;
    await store(frame, () => {
      idle.push(oldest.buffer);
      if (frame.buffer !== oldest.buffer.buffer) releaseBlock(frame);
    });
  };
  try {
    const headerFrame = await format.encode(await renderHeader(file));
    await store(headerFrame);
    for (let position = 0; position < sizeBytes;) {
      monitor.signal.throwIfAborted();
      const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const block = buffer.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - position));
      const from = position;
      const bytesRead = await attempt(`cannot read '${file.source}'`, () => readAt(source, block, from));
      if (bytesRead < block.length && !plan.padsShort) return undefined;
      block.fill(0, bytesRead);
      inFlight.push({ frame: awaitedLater(format.encode(block)), buffer });
      hash.update(block);
      position += block.length;
      if (inFlight.length >= BLOCKS_IN_FLIGHT) await storeOldest();
      monitor.progress("saving", position, sizeBytes);
    }
    while (inFlight.length > 0) await storeOldest();
    await sink.finish();
    const [sha256, headerCrc32] = [hash.digest("hex"), updateCrc(headerFrame)];
    const trailer = { sha256, sizeBytes, trailerAt: sink.position, headerCrc32, storedCrc32 };
    return { format, file, contentAt: headerFrame.length, trailer };
  } finally {
    // Only after a failure is anything left here: let it end before its buffers and the file go.
    await Promise.allSettled(inFlight.map(({ frame }) => frame));
    await sink.settle();
  }
}
