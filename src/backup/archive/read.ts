// Archive in, proven content out. Both ends tell what the archive should hold; reading it to the end proves that it does.
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { BLOCK_BYTES, type Format, FormatError, MAX_FRAME_BYTES } from "./frame.ts";
import { type ArchivedFile, parseHeader } from "./tar.ts";
import { parseEnd, type Seal, updateCrc } from "./trailer.ts";
import { awaitedLater, BLOCKS_IN_FLIGHT } from "./write.ts";

/** What both ends of an archive say; the content between them is not proven by it. */
export interface Archive {
  readonly format: Format;
  readonly file: ArchivedFile;
  readonly seal: Seal;
  /** Where the content's first frame begins. */
  readonly contentAt: number;
}

/** Bytes of an archive's beginning that hold the whole header frame, but for rare large ones. */
export const HEAD_BYTES = 4096;

/** Stored bytes to read at a time: some frames' worth, so that decoding never waits for the disk. */
const READ_BYTES = 2 * MAX_FRAME_BYTES;

/**
 * Reads what both ends of an archive say.
 * @param head its first bytes
 * @param tail its last TAIL_BYTES, or all of it
 * @returns undefined if the header is longer than `head`: come again with MAX_FRAME_BYTES
 * Throws FormatError.
 */
export function openArchive(
  format: Format,
  ends: { readonly head: Uint8Array; readonly tail: Uint8Array; readonly sizeBytes: number },
): Archive | undefined {
  const seal = parseEnd(format, ends.tail, ends.sizeBytes);
  const contentAt = format.measureFrame(ends.head);
  if (contentAt === undefined || contentAt > ends.head.length) {
    if (ends.head.length < Math.min(ends.sizeBytes, MAX_FRAME_BYTES)) return undefined;
    throw new FormatError("its header does not end");
  }
  const frame = ends.head.subarray(0, contentAt);
  if (updateCrc(frame) !== seal.headerCrc32) throw new FormatError("its header does not match its checksum");
  const file = parseHeader(format.decodeNow(frame));
  if (file.sizeBytes !== seal.sizeBytes)
    throw new FormatError("its two ends contradict each other on the size");
  return { format, file, seal, contentAt };
}

/**
 * Yields the content block by block, decompressed on all cores, in bounded memory. Only when it has ended without
 * throwing is the content proven: every stored byte, the size and the SHA-256 are as the seal says. Throws FormatError,
 * a Failure if reading fails, or the reason of `signal`.
 */
export async function* readContent(
  handle: FileHandle,
  archivePath: string,
  archive: Archive,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { format, seal } = archive;
  const hash = new Bun.CryptoHasher("sha256");
  const stored = { crc32: seal.headerCrc32 };
  const inFlight: Promise<Uint8Array>[] = [];
  let sizeBytes = 0;
  const takeOldest = async () => {
    const block = (await inFlight.shift()) ?? new Uint8Array();
    if (block.length !== Math.min(BLOCK_BYTES, seal.sizeBytes - sizeBytes)) {
      throw new FormatError("a block of its content has the wrong size");
    }
    hash.update(block);
    sizeBytes += block.length;
    return block;
  };
  try {
    for await (const frame of readFrames(handle, archivePath, archive, stored)) {
      signal.throwIfAborted();
      inFlight.push(awaitedLater(format.decode(frame)));
      if (inFlight.length >= BLOCKS_IN_FLIGHT) yield await takeOldest();
    }
    while (inFlight.length > 0) yield await takeOldest();
  } finally {
    await Promise.allSettled(inFlight);
  }
  if (sizeBytes !== seal.sizeBytes) throw new FormatError("content is missing from it");
  if (stored.crc32 !== seal.storedCrc32)
    throw new FormatError("its stored bytes do not match their checksum");
  if (hash.digest("hex") !== seal.sha256) throw new FormatError("its content does not match its SHA-256");
}

/** Yields the stored frames of the content, each in memory of its own, and keeps the checksum of all of them. */
async function* readFrames(
  handle: FileHandle,
  archivePath: string,
  { format, seal, contentAt }: Archive,
  stored: { crc32: number },
): AsyncGenerator<Uint8Array, void, void> {
  let rest: Uint8Array = new Uint8Array();
  let contentLeft = seal.sizeBytes;
  for (let position = contentAt; position < seal.storedBytes;) {
    const chunk = Buffer.allocUnsafeSlow(
      Math.min(rest.length + READ_BYTES, rest.length + seal.storedBytes - position),
    );
    chunk.set(rest);
    const fresh = chunk.subarray(rest.length);
    const from = position;
    const bytesRead = await attempt(`cannot read '${archivePath}'`, () => readAt(handle, fresh, from));
    if (bytesRead < fresh.length) throw new FormatError("it ended while it was read");
    stored.crc32 = updateCrc(fresh, stored.crc32);
    position += bytesRead;
    rest = chunk;
    for (;;) {
      const length =
        rest.length === 0 ? undefined : format.measureFrame(rest, Math.min(BLOCK_BYTES, contentLeft));
      if (length === undefined || length > rest.length) break;
      if (contentLeft === 0) throw new FormatError("it holds more than its header says");
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
      contentLeft -= Math.min(BLOCK_BYTES, contentLeft);
    }
  }
  if (rest.length > 0) throw new FormatError("a block of its content does not end");
}
