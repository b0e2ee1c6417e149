// Content in, archive out: blocks are compressed on all cores and written in order, while the content is hashed.
import { availableParallelism } from "node:os";
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { FileSink } from "../../system/file-sink.ts";
import type { Monitor } from "../../system/monitor.ts";
import { BLOCK_BYTES, type Format, releaseBlock } from "./frame.ts";
import { renderEnd, type Seal, updateCrc } from "./trailer.ts";

/** Blocks in the works at once: every core and one or two to wait, within a bound on memory. */
export const BLOCKS_IN_FLIGHT = Math.min(availableParallelism() + 2, 16);

/** The source ended before the size that it had when reading began. */
export class SourceShrank extends Error {}

export interface ArchivePlan {
  readonly source: FileHandle;
  readonly sourcePath: string;
  readonly sizeBytes: number;
  /** The tar header, rendered. */
  readonly header: Uint8Array;
  readonly format: Format;
  readonly target: FileHandle;
  /** For messages: the file or folder that is written to. */
  readonly targetPath: string;
}

/**
 * Writes a whole archive from the start of `target`. Memory is bounded by BLOCKS_IN_FLIGHT blocks, whatever the size.
 * Throws SourceShrank, a Failure, or the reason of `monitor.signal`.
 */
export async function writeArchive(plan: ArchivePlan, monitor: Monitor): Promise<Seal> {
  const { format, sizeBytes } = plan;
  const hash = new Bun.CryptoHasher("sha256");
  const sink = new FileSink(plan.target, plan.targetPath);
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
    const headerFrame = await format.encode(plan.header);
    await store(headerFrame);
    for (let position = 0; position < sizeBytes;) {
      monitor.signal.throwIfAborted();
      const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const block = buffer.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - position));
      const from = position;
      const bytesRead = await attempt(`cannot read '${plan.sourcePath}'`, () =>
        readAt(plan.source, block, from),
      );
      if (bytesRead < block.length) throw new SourceShrank();
      inFlight.push({ frame: awaitedLater(format.encode(block)), buffer });
      hash.update(block);
      position += block.length;
      if (inFlight.length >= BLOCKS_IN_FLIGHT) await storeOldest();
      monitor.progress("saving", position, sizeBytes);
    }
    while (inFlight.length > 0) await storeOldest();
    const sha256 = hash.digest("hex");
    const seal = {
      sha256,
      sizeBytes,
      storedBytes: sink.position,
      headerCrc32: updateCrc(headerFrame),
      storedCrc32,
    };
    await sink.write(renderEnd(format, seal));
    await sink.finish();
    return seal;
  } finally {
    // Only after a failure is anything left here: let it end before its buffers and the file go.
    await Promise.allSettled(inFlight.map(({ frame }) => frame));
    await sink.settle();
  }
}

/** Marks a promise as one whose rejection is looked at in its turn: until then it is not unhandled. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

interface Encoding {
  readonly frame: Promise<Uint8Array>;
  readonly buffer: Uint8Array;
}
