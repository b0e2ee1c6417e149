// The trailer of an archive: the tar padding, the two zero records that end a tar stream, and behind them one record that
// `tar` never looks at. It says what went in and what was stored, so that damage anywhere shows, even in bits that a
// decompressor ignores, and a listing needs to read only both ends of a file.
import { isRecord, parseJson } from "../../system/json.ts";
import { type Format, FormatError } from "./frame.ts";
import { isCount, RECORD_BYTES } from "./tar.ts";

const PREFIX = "tinybackup trailer 1 ";

export interface Trailer {
  /** SHA-256 of the content, 64 hex digits. */
  readonly sha256: string;
  /** Length of the content. */
  readonly sizeBytes: number;
  /** Where the last frame begins, which holds the trailer. */
  readonly trailerAt: number;
  /** CRC-32 of the stored bytes of the first frame, the tar header. */
  readonly headerCrc32: number;
  /** CRC-32 of all stored bytes before the last frame. */
  readonly storedCrc32: number;
}

/** More than the longest possible last frame: what to read of a file's end. */
export const TAIL_BYTES = 4096;

/** The last frame of an archive. Every byte of it follows from the trailer. */
export function renderTrailer(format: Format, trailer: Trailer): Uint8Array {
  const { sha256, sizeBytes, trailerAt, headerCrc32, storedCrc32 } = trailer;
  const text = PREFIX + JSON.stringify({ sha256, sizeBytes, trailerAt, headerCrc32, storedCrc32 });
  const padding = (RECORD_BYTES - (sizeBytes % RECORD_BYTES)) % RECORD_BYTES;
  const block = Buffer.alloc(padding + 3 * RECORD_BYTES);
  block.write(text, padding + 2 * RECORD_BYTES, "latin1");
  return format.encodeStored(block);
}

/**
 * Reads the trailer from the last bytes of an archive.
 * @param tail its last TAIL_BYTES, or all of it if it is shorter
 * @param archiveBytes its whole length
 * Throws FormatError if it is cut short, extended, or if any bit of its end is not as written.
 */
export function parseTrailer(format: Format, tail: Uint8Array, archiveBytes: number): Trailer {
  const end = Math.max(0, tail.length - format.suffixBytes);
  const trailer = parseRecord(Buffer.from(tail.subarray(Math.max(0, end - RECORD_BYTES), end)));
  const written = renderTrailer(format, trailer);
  const isIntact =
    tail.length >= written.length &&
    Buffer.compare(written, tail.subarray(tail.length - written.length)) === 0;
  if (!isIntact || trailer.trailerAt + written.length !== archiveBytes) throw damagedEnd();
  return trailer;
}

/** Continues (or, without `previous`, begins) the CRC-32 of stored bytes. */
export function updateCrc(bytes: Uint8Array, previous = 0): number {
  return Bun.hash.crc32(bytes, previous);
}

function parseRecord(record: Buffer): Trailer {
  const text = record.toString("latin1");
  if (!text.startsWith(PREFIX)) throw new FormatError("it is cut short, or was not written by tinybackup");
  const fields = parseJson(text.slice(PREFIX.length).replace(/\0+$/, ""));
  if (!isRecord(fields)) throw damagedEnd();
  const { sha256, sizeBytes, trailerAt, headerCrc32, storedCrc32 } = fields;
  if (typeof sha256 !== "string" || !isCount(sizeBytes) || !isCount(trailerAt)) throw damagedEnd();
  if (!isCount(headerCrc32) || !isCount(storedCrc32)) throw damagedEnd();
  return { sha256, sizeBytes, trailerAt, headerCrc32, storedCrc32 };
}

function damagedEnd(): FormatError {
  return new FormatError("its end is damaged");
}
