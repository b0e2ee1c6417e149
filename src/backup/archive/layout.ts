// Where the frames of a large archive lie: each begins at a multiple of 4 KiB, as the blocks of a file system do, and a table
// in front of the trailer says where. So a later archive can take over those that hold what has not changed, and a file system
// that shares blocks stores them once. Gaps and table are frames that hold nothing, for any reader (RFC 8878, 3.1.2).
import { type FileHandle, readAt } from "../../system/disk.ts";
import { BLOCK_BYTES, type Format, FormatError, MAX_FRAME_BYTES, releaseBlock, roundUp } from "./frame.ts";

/** Of less, all is compressed anew in no time, and the gaps would be felt. */
const LARGE_BYTES = 4 << 20;
const ALIGNMENT = 4096;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_HEADER_BYTES = 8;
/** No gap is as long as that. */
export const MAX_GAP_BYTES = 2 * ALIGNMENT;
/** Stored length, with the gap behind it, and checksum of the content. */
const ENTRY_BYTES = 8;

/** Whether the frames of an archive with so much data lie like that. */
export function isAligned({ isAlignable }: Format, dataBytes: number): boolean {
  return isAlignable && dataBytes >= LARGE_BYTES;
}

/** How much has to follow a frame of that length that begins at a multiple of 4 KiB, so that the next one does. */
export function measureGap(frameBytes: number): number {
  const gap = roundUp(frameBytes, ALIGNMENT) - frameBytes;
  return gap > 0 && gap < SKIPPABLE_HEADER_BYTES ? gap + ALIGNMENT : gap;
}

/** A frame of that length, 8 bytes at least, that holds nothing but zeros to be filled in. */
export function renderSkippable(bytes: number): Buffer {
  const frame = Buffer.alloc(bytes);
  frame.writeUInt32LE(SKIPPABLE_MAGIC);
  frame.writeUInt32LE(bytes - SKIPPABLE_HEADER_BYTES, 4);
  return frame;
}

/** Where an archive stores a block of its content. */
export interface Place {
  readonly at: number;
  /** To where the next one begins. */
  readonly bytes: number;
  /** Of the content: see Format. */
  readonly checksum: number;
}

/** A block as it is to be stored: its frame, and what fills the gap behind that. */
export interface Stored extends Pick<Place, "checksum"> {
  readonly bytes: Uint8Array;
  /** CRC-32 of them, from before they were proven. */
  readonly crc32: number;
  /** Where the earlier archive has just these bytes; null where it has not. */
  readonly earlierAt: number | null;
}

/** The block of so many bytes in stored bytes that are one frame, and what fills its gap. Rejects where they are not. */
export async function decodeStored(
  format: Format,
  bytes: Uint8Array,
  blockBytes: number,
  aligned: boolean,
): Promise<Uint8Array> {
  const frameBytes = format.measureFrame(bytes, blockBytes) ?? Infinity;
  const gap = aligned ? measureGap(frameBytes) : 0;
  const isFilled = gap === 0 || renderSkippable(gap).equals(bytes.subarray(frameBytes));
  if (frameBytes + gap !== bytes.length || !isFilled)
    throw new FormatError("a block does not end where it should");
  return format.decode(bytes.subarray(0, frameBytes));
}

/** Whether stored bytes are one frame, and what fills its gap, and decode to just that block. Rejects where they do not decode. */
export async function holdsBlock(
  format: Format,
  bytes: Uint8Array,
  block: Uint8Array,
  aligned: boolean,
): Promise<boolean> {
  const content = await decodeStored(format, bytes, block.length, aligned);
  const isSame = Buffer.compare(content, block) === 0;
  if (content.buffer !== block.buffer) releaseBlock(content);
  return isSame;
}

export function measureTable(format: Format, dataBytes: number): number {
  if (!isAligned(format, dataBytes)) return 0;
  return SKIPPABLE_HEADER_BYTES + ENTRY_BYTES * Math.ceil(dataBytes / BLOCK_BYTES);
}

export function renderTable(places: readonly Omit<Place, "at">[]): Buffer {
  const table = renderSkippable(SKIPPABLE_HEADER_BYTES + ENTRY_BYTES * places.length);
  for (const [index, { bytes, checksum }] of places.entries()) {
    const at = SKIPPABLE_HEADER_BYTES + ENTRY_BYTES * index;
    table.writeUInt32LE(bytes, at);
    table.writeUInt32LE(checksum, at + 4);
  }
  return table;
}

interface Laid {
  readonly format: Format;
  /** Where the content begins. */
  readonly contentAt: number;
  readonly trailer: { readonly trailerAt: number; readonly dataBytes: number };
}

/**
 * Reads the table of a large archive. It proves nothing of the content: who takes a block by
 * it has to look at that. Empty where it is not what was written.
 */
export async function readTable(
  handle: FileHandle,
  { format, contentAt, trailer: { trailerAt, dataBytes } }: Laid,
): Promise<readonly Place[]> {
  const table = Buffer.alloc(measureTable(format, dataBytes));
  const tableAt = trailerAt - table.length;
  await readAt(handle, table, tableAt);
  const places: Place[] = [];
  let at = contentAt;
  for (let entry = SKIPPABLE_HEADER_BYTES; entry < table.length; entry += ENTRY_BYTES) {
    const bytes = table.readUInt32LE(entry);
    if (bytes > MAX_FRAME_BYTES + MAX_GAP_BYTES) return [];
    places.push({ at, bytes, checksum: table.readUInt32LE(entry + 4) });
    at += bytes;
  }
  return at === tableAt && renderTable(places).equals(table) ? places : [];
}
