// Archive in, proven content out. Both ends tell what the archive should hold; reading it to the end proves that it does.
import {
  type FileEnds,
  type FileHandle,
  openExisting,
  readAt,
  readEnds,
  readOpenEnds,
} from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import type { Extent } from "../../system/extents.ts";
import { dropCachedPages } from "../../system/libc.ts";
import {
  awaitedLater,
  BLOCK_BYTES,
  BLOCKS_IN_FLIGHT,
  type Format,
  FormatError,
  MAX_BLOCKS,
  MAX_FRAME_BYTES,
  releaseBlock,
} from "./frame.ts";
import { isAligned, measureGap, measureTable } from "./layout.ts";
import { type PlainArchive, readPlain } from "./plain.ts";
import { ContentHash, countBytes, cutIntoBlocks, dataBytesOf, type Shape, zeros } from "./sparse.ts";
import { type ArchivedFile, parseHeader } from "./tar.ts";
import { type Checksums, parseTrailer, TAIL_BYTES, type Trailer, updateCrc } from "./trailer.ts";

/** An archive without its trailer, and what there should be of it. */
export interface Body {
  readonly format: Format;
  readonly file: ArchivedFile;
  /** Where the content's first frame begins. */
  readonly contentAt: number;
  readonly trailer: Checksums;
}

/** What both ends of an archive say; the content between them is not proven by it. */
export interface Archive extends Body {
  readonly trailer: Trailer;
  /** Its whole length. */
  readonly storedBytes: number;
}

/** Bytes of an archive's beginning that hold the whole header frame, but for rare large ones. */
const HEAD_BYTES = 4096;
/** Stored bytes to read at a time: some frames' worth, so that decoding never waits for the disk. */
const READ_BYTES = 2 * MAX_FRAME_BYTES;

/** The ends of a file that may be an archive; null if it is no regular file (any more). Throws the system's error. */
export function readArchiveEnds(path: string, headBytes = HEAD_BYTES): FileEnds | null {
  return readEnds(path, headBytes, TAIL_BYTES);
}

/** What `ends` say of the archive at `path`, read again where the header is one of the long ones. Throws FormatError. */
export function openArchive(path: string, format: Format, ends: FileEnds): Archive {
  return parseEnds(format, ends, () => readArchiveEnds(path, MAX_BLOCKS * MAX_FRAME_BYTES));
}

/** As `openArchive`, of a file that is open, and read from the disk: not what the system has in memory of it. */
export function openStored({ fd }: FileHandle, format: Format): Archive {
  dropCachedPages(fd);
  const read = (headBytes: number) => readOpenEnds(fd, headBytes, TAIL_BYTES);
  return parseEnds(format, read(HEAD_BYTES), () => read(MAX_BLOCKS * MAX_FRAME_BYTES));
}

/** @param readMore gives more of the file's beginning, if there may be more of the header than `ends` hold */
function parseEnds(format: Format, ends: FileEnds | null, readMore?: () => FileEnds | null): Archive {
  if (!ends) throw new FormatError("it is no file any more");
  const { head, tail, sizeBytes: storedBytes } = ends;
  const trailer = parseTrailer(format, tail, storedBytes);
  const frameBytes = format.measureFrame(head) ?? head.length + 1;
  const contentAt = frameBytes + (isAligned(format, trailer.dataBytes) ? measureGap(frameBytes) : 0);
  if (contentAt > head.length) {
    if (readMore) return parseEnds(format, readMore());
    throw new FormatError("its header does not end");
  }
  if (updateCrc(head.subarray(0, contentAt)) !== trailer.headerCrc32)
    throw new FormatError("its header does not match its checksum");
  const file = parseHeader(decodeNow(format, head.subarray(0, frameBytes)));
  if (file.sizeBytes !== trailer.sizeBytes || dataBytesOf(file) !== trailer.dataBytes)
    throw new FormatError("its two ends contradict each other on the size");
  return { format, file, trailer, contentAt, storedBytes };
}

/** A part of the content, and where it belongs. */
interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Yields the content of the archive at `path` in blocks of BLOCK_BYTES, the last one excepted, holes as the zeros that they
 * read as. Nobody may write into them. Proven at the end, and throwing, as `readContent`.
 */
export async function* readArchive(
  path: string,
  archive: Archive | PlainArchive,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const pieces = readPieces(path, archive, signal);
  if (archive.file.extents) yield* fillHoles(pieces, archive.file.sizeBytes);
  else for await (const { bytes } of pieces) yield bytes;
}

/** Blocks of what lies between the pieces as well; of nothing but a hole, `zeros`. */
export async function* fillHoles(pieces: AsyncIterable<Piece>, sizeBytes: number) {
  let position = 0;
  let block: Uint8Array | undefined;
  for await (const { at, bytes } of pieces) {
    for (let from = 0; from < bytes.length;) {
      for (; at + from >= position + BLOCK_BYTES; position += BLOCK_BYTES) {
        yield block ?? zeros(sizeBytes - position);
        block = undefined;
      }
      block ??= new Uint8Array(Math.min(BLOCK_BYTES, sizeBytes - position));
      const part = bytes.subarray(from, position + BLOCK_BYTES - at);
      block.set(part, at + from - position);
      from += part.length;
    }
    releaseBlock(bytes);
  }
  for (; position < sizeBytes; position += BLOCK_BYTES) {
    yield block ?? zeros(sizeBytes - position);
    block = undefined;
  }
}

/**
 * Yields the data of the archive at `path`, and where it belongs, each in memory of its own (see `releaseBlock`); holes are
 * left out. Proven as by `readContent`.
 */
export async function* readPieces(
  path: string,
  archive: Archive | PlainArchive,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  await using handle = await attempt(`cannot read '${path}'`, () => openExisting(path, "read"));
  yield* placeBlocks(readContent(handle, path, archive, signal), archive.file);
}

/** Yields stored blocks as the pieces of a file that they are. */
export async function* placeBlocks(blocks: AsyncIterable<Uint8Array>, shape: Shape): AsyncGenerator<Piece> {
  const places = shape.extents && cutIntoBlocks(shape);
  let position = 0;
  for await (const block of blocks) {
    const pieces = places?.next().value ?? [{ at: position, bytes: block.length }];
    position += block.length;
    if (pieces[0]?.bytes === block.length) yield { at: pieces[0].at, bytes: block };
    else {
      let from = 0;
      for (const { at, bytes } of pieces)
        yield { at, bytes: new Uint8Array(block.subarray(from, (from += bytes))) };
      releaseBlock(block);
    }
  }
}

/**
 * Yields what is stored of the content, block by block, decompressed on all cores, in bounded memory; read from the disk,
 * and not left in the system's memory. Only when it has ended without throwing is the content proven: every stored byte of
 * it, the size and the SHA-256 are as the trailer says (of a plain archive, what gzip says). Throws FormatError, a Failure
 * if reading fails, or the reason of `signal`.
 */
export async function* readContent(
  handle: FileHandle,
  archivePath: string,
  archive: Body | Pick<PlainArchive, "trailer">,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  dropCachedPages(handle.fd);
  try {
    if (archive.trailer === null) yield* readPlain(handle, archivePath, signal);
    else yield* readBody(handle, archivePath, archive, signal);
  } finally {
    dropCachedPages(handle.fd);
  }
}

async function* readBody(
  handle: FileHandle,
  archivePath: string,
  archive: Body,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { file, format, trailer } = archive;
  const hash = new ContentHash(file);
  const places = cutIntoBlocks(file);
  const stored = { crc32: trailer.headerCrc32 };
  const inFlight: Promise<Uint8Array>[] = [];
  let dataBytes = 0;
  const takeOldest = async () => {
    const block = (await inFlight.shift()) ?? new Uint8Array();
    const pieces: readonly Extent[] = places.next().value ?? [];
    if (block.length !== countBytes(pieces)) {
      throw new FormatError("a block of its content has the wrong size");
    }
    hash.update(block, pieces);
    dataBytes += block.length;
    return block;
  };
  try {
    for await (const frame of readFrames(handle, archivePath, archive, stored)) {
      signal.throwIfAborted();
      inFlight.push(awaitedLater(format.decode(frame).catch(refuseBlock)));
      if (inFlight.length >= BLOCKS_IN_FLIGHT) yield await takeOldest();
    }
    while (inFlight.length > 0) yield await takeOldest();
  } finally {
    await Promise.allSettled(inFlight);
  }
  if (dataBytes !== trailer.dataBytes) throw new FormatError("content is missing from it");
  if (stored.crc32 !== trailer.storedCrc32)
    throw new FormatError("its stored bytes do not match their checksum");
  if (hash.digest() !== trailer.sha256) throw new FormatError("its content does not match its SHA-256");
}

function decodeNow(format: Format, frame: Uint8Array): Uint8Array {
  try {
    return format.decodeNow(frame);
  } catch (cause) {
    return refuseBlock(cause);
  }
}

function refuseBlock(cause: unknown): never {
  throw new FormatError("a compressed block does not match its checksum", { cause });
}

/** Yields the stored frames of the content, each in memory of its own, and keeps the checksum of all of them. */
async function* readFrames(
  handle: FileHandle,
  archivePath: string,
  { format, trailer: { dataBytes, trailerAt }, contentAt }: Body,
  stored: { crc32: number },
): AsyncGenerator<Uint8Array, void, void> {
  const isInPlaces = isAligned(format, dataBytes);
  const tableBytes = isInPlaces ? measureTable(dataBytes) : 0;
  let rest: Uint8Array = new Uint8Array();
  let contentLeft = dataBytes;
  for (let position = contentAt; position < trailerAt;) {
    const chunk = Buffer.allocUnsafeSlow(rest.length + Math.min(READ_BYTES, trailerAt - position));
    chunk.set(rest);
    const fresh = chunk.subarray(rest.length);
    const from = position;
    const bytesRead = await attempt(`cannot read '${archivePath}'`, () => readAt(handle, fresh, from));
    if (bytesRead < fresh.length) throw new FormatError("it ended while it was read");
    stored.crc32 = updateCrc(fresh, stored.crc32);
    position += bytesRead;
    rest = chunk;
    while (contentLeft > 0 && rest.length > 0) {
      const length = format.measureFrame(rest, Math.min(BLOCK_BYTES, contentLeft));
      if (length === undefined) break;
      const end = length + (isInPlaces ? measureGap(length) : 0);
      if (end > rest.length) break;
      yield rest.subarray(0, length);
      rest = rest.subarray(end);
      contentLeft -= Math.min(BLOCK_BYTES, contentLeft);
    }
    if (contentLeft === 0 && rest.length > tableBytes)
      throw new FormatError("it holds more than its header says");
  }
  if (rest.length !== tableBytes) throw new FormatError("a block of its content does not end");
}
