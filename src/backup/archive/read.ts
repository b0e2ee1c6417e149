// Archive in, proven content out. Both ends tell what the archive should hold; reading it to the end proves that it does.
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import type { Extent } from "../../system/extents.ts";
import { type FileEnds, readEnds, readOpenEnds } from "../../system/file-ends.ts";
import { dropCachedPages } from "../../system/libc.ts";
import {
  awaitedLater,
  BLOCK_BYTES,
  type Format,
  FormatError,
  MAX_BLOCKS,
  MAX_FRAME_BYTES,
  workAhead,
} from "./frame.ts";
import { isAligned, MAX_GAP_BYTES, measureGap, measureTable } from "./layout.ts";
import { type PlainArchive, readPlain } from "./plain.ts";
import { ContentHash, countBytes, cutIntoBlocks, dataBytesOf } from "./sparse.ts";
import { type ArchivedFile, parseHeader } from "./tar.ts";
import {
  type Checksums,
  digestSource,
  parseTrailer,
  TAIL_BYTES,
  type Trailer,
  updateCrc,
} from "./trailer.ts";

/** An archive without its trailer, and what there should be of it. */
export interface Body {
  readonly format: Format;
  readonly file: ArchivedFile;
  readonly contentAt: number;
  readonly trailer: Checksums;
}

/** What both ends of an archive say; the content between them is not proven by it. What `file` is, is read out of the header when it
 * is asked for: that throws a FormatError where somebody made an archive whose ends contradict each other. */
export interface Archive extends Body {
  readonly trailer: Trailer;
  readonly storedBytes: number;
}

/** Bytes of an archive's beginning that hold the whole header frame, but for rare large ones. */
const HEAD_BYTES = 4096;
/** Stored bytes to read at a time: some frames' worth. */
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
  const header = head.slice(0, frameBytes);
  let file: ArchivedFile | undefined;
  return {
    format,
    trailer,
    contentAt,
    storedBytes,
    get file() {
      return (file ??= readHeader(format, header, trailer));
    },
  };
}

function readHeader(format: Format, header: Uint8Array, trailer: Trailer): ArchivedFile {
  const file = parseHeader(decodeNow(format, header));
  if (file.sizeBytes !== trailer.sizeBytes || dataBytesOf(file) !== trailer.dataBytes)
    throw new FormatError("its two ends contradict each other on the size");
  if (digestSource(file.source) !== trailer.sourceDigest)
    throw new FormatError("its two ends contradict each other on the source");
  return file;
}

/**
 * Yields what is stored of the content, block by block, decompressed on all cores, in bounded memory; read from the disk,
 * and not left in the system's memory. Only when it has ended without throwing is the content proven: every stored byte of
 * it, the size and the SHA-256 are as the trailer says (of a plain archive, what gzip says). Throws FormatError, a Failure
 * if reading fails, or the reason of `signal`.
 * @param isProven it was just read so: the SHA-256 is not made again
 */
export async function* readContent(
  handle: FileHandle,
  archivePath: string,
  archive: Body | Pick<PlainArchive, "trailer">,
  signal: AbortSignal,
  isProven = false,
): AsyncGenerator<Uint8Array, void, void> {
  dropCachedPages(handle.fd);
  try {
    if (archive.trailer === null) yield* readPlain(handle, archivePath, signal);
    else yield* readBody(handle, archivePath, archive, signal, isProven);
  } finally {
    dropCachedPages(handle.fd);
  }
}

async function* readBody(
  handle: FileHandle,
  archivePath: string,
  archive: Body,
  signal: AbortSignal,
  isProven: boolean,
): AsyncGenerator<Uint8Array, void, void> {
  const { file, format, trailer } = archive;
  const hash = isProven ? null : new ContentHash(file);
  const places = cutIntoBlocks(file);
  const stored = { crc32: trailer.headerCrc32 };
  const idle: ArrayBuffer[] = [];
  let dataBytes = 0;
  const frames = readFrames(handle, archivePath, archive, stored, idle);
  const decode = async ({ bytes, spent }: Frame) => {
    signal.throwIfAborted();
    return { block: await format.decode(bytes).catch(refuseBlock), spent };
  };
  for await (const { block, spent } of workAhead(frames, decode)) {
    if (spent) idle.push(spent);
    const pieces: readonly Extent[] = places.next().value ?? [];
    if (block.length !== countBytes(pieces)) {
      throw new FormatError("a block of its content has the wrong size");
    }
    hash?.update(block, pieces);
    dataBytes += block.length;
    yield block;
  }
  if (dataBytes !== trailer.dataBytes) throw new FormatError("content is missing from it");
  if (stored.crc32 !== trailer.storedCrc32)
    throw new FormatError("its stored bytes do not match their checksum");
  if (hash && hash.digest() !== trailer.sha256)
    throw new FormatError("its content does not match its SHA-256");
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

interface Frame {
  readonly bytes: Uint8Array;
  /** Memory that nobody needs once all frames before this one are decoded. */
  readonly spent: ArrayBuffer | undefined;
}

/** Yields the stored frames of the content, and keeps the checksum of all of them. @param idle memory to be used again */
async function* readFrames(
  handle: FileHandle,
  archivePath: string,
  { format, trailer: { dataBytes, trailerAt }, contentAt }: Body,
  stored: { crc32: number },
  idle: ArrayBuffer[],
): AsyncGenerator<Frame, void, void> {
  const aligned = isAligned(format, dataBytes);
  let rest = new Uint8Array();
  let [contentLeft, behindBytes] = [dataBytes, 0];
  let spent: ArrayBuffer | undefined;
  for await (const chunk of readChunks(handle, archivePath, contentAt, trailerAt, idle)) {
    stored.crc32 = updateCrc(chunk, stored.crc32);
    if (contentLeft === 0) {
      behindBytes += chunk.length;
      continue;
    }
    const from = chunk.byteOffset - rest.length;
    if (from < 0) throw new FormatError("a compressed block does not end");
    rest = withRest(chunk, from, rest);
    while (contentLeft > 0 && rest.length > 0) {
      const contentBytes = Math.min(BLOCK_BYTES, contentLeft);
      const length = format.measureFrame(rest, contentBytes) ?? rest.length + 1;
      const end = length + (aligned ? measureGap(length) : 0);
      if (end > rest.length) break;
      yield { bytes: rest.subarray(0, length), spent };
      spent = undefined;
      rest = rest.subarray(end);
      contentLeft -= contentBytes;
    }
    if (contentLeft === 0) behindBytes = rest.length;
    spent = chunk.buffer;
  }
  if (contentLeft > 0) throw new FormatError("a block of its content does not end");
  if (behindBytes !== measureTable(format, dataBytes))
    throw new FormatError("it holds more, or less, than its header says");
}

/** The chunk, and in front of it, from there in its memory, what was left of the one before. */
function withRest(chunk: Uint8Array<ArrayBuffer>, from: number, rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(chunk.buffer, from, rest.length + chunk.length);
  both.set(rest);
  return both;
}

/**
 * Yields what is stored from one place to another, the next chunk on its way meanwhile, so that decoding never waits for the
 * disk. In front of each is room for what is left of the one before.
 */
async function* readChunks(
  handle: FileHandle,
  archivePath: string,
  from: number,
  end: number,
  idle: ArrayBuffer[],
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const readOne = async (at: number) => {
    const room = at === from ? 0 : MAX_FRAME_BYTES + MAX_GAP_BYTES;
    const bytes = room + Math.min(READ_BYTES, end - at);
    // Memory that was used before costs no page faults.
    const memory = idle.pop();
    const buffer = memory && memory.byteLength >= bytes ? memory : new ArrayBuffer(bytes);
    const chunk = new Uint8Array(buffer, room, bytes - room);
    const bytesRead = await attempt(`cannot read '${archivePath}'`, () => readAt(handle, chunk, at));
    if (bytesRead < chunk.length) throw new FormatError("it ended while it was read");
    return chunk;
  };
  let next = from < end ? readOne(from) : undefined;
  try {
    for (let at = from + READ_BYTES; next; at += READ_BYTES) {
      const chunk = await next;
      next = at < end ? awaitedLater(readOne(at)) : undefined;
      yield chunk;
    }
  } finally {
    // Only then may the file be closed.
    await next?.catch(() => undefined);
  }
}
