// The end of every archive: the tar padding, the two zero records that end a tar stream, and behind them one record that
// `tar` never looks at, the seal. It says what went in and what was stored, so that damage anywhere shows, even in bits
// that a decompressor ignores, and a listing needs to read only both ends of a file.
import { parseJsonRecord } from "../../system/json.ts";
import { type Format, FormatError } from "./frame.ts";

const RECORD_BYTES = 512;
const PREFIX = "tinybackup seal 1 ";

export interface Seal {
  /** SHA-256 of the content, 64 hex digits. */
  readonly sha256: string;
  /** Length of the content. */
  readonly sizeBytes: number;
  /** Stored bytes before the last frame, which holds the seal. */
  readonly storedBytes: number;
  /** CRC-32 of the stored bytes of the first frame, the tar header. */
  readonly headerCrc32: number;
  /** CRC-32 of all stored bytes before the last frame. */
  readonly storedCrc32: number;
}

/** More than the longest possible last frame: what to read of a file's end. */
export const TAIL_BYTES = 4096;

/** The last frame of an archive, seal included. Every byte follows from the seal. */
export function renderEnd(format: Format, seal: Seal): Uint8Array {
  const { sha256, sizeBytes, storedBytes, headerCrc32, storedCrc32 } = seal;
  const text = PREFIX + JSON.stringify({ sha256, sizeBytes, storedBytes, headerCrc32, storedCrc32 });
  const padding = (RECORD_BYTES - (sizeBytes % RECORD_BYTES)) % RECORD_BYTES;
  const block = Buffer.alloc(padding + 3 * RECORD_BYTES);
  block.write(text, padding + 2 * RECORD_BYTES, "latin1");
  return format.encodeStored(block);
}

/**
 * Reads the seal from the last bytes of an archive.
 * @param tail its last TAIL_BYTES, or all of it if it is shorter
 * @param archiveBytes its whole length
 * Throws FormatError if it is cut short, extended, or if any bit of its end is not as written.
 */
export function parseEnd(format: Format, tail: Uint8Array, archiveBytes: number): Seal {
  const sealEnd = tail.length - format.trailerBytes;
  const record = Buffer.from(
    tail.subarray(Math.max(0, sealEnd - RECORD_BYTES), Math.max(0, sealEnd)),
  ).toString("latin1");
  const seal = parseRecord(record);
  const end = renderEnd(format, seal);
  const intact =
    tail.length >= end.length && Buffer.compare(end, tail.subarray(tail.length - end.length)) === 0;
  if (!intact || seal.storedBytes + end.length !== archiveBytes) throw new FormatError("its end is damaged");
  return seal;
}

/** Continues (or, without `previous`, begins) the CRC-32 of stored bytes. */
export function updateCrc(bytes: Uint8Array, previous = 0): number {
  return Bun.hash.crc32(bytes, previous);
}

function parseRecord(record: string): Seal {
  if (!record.startsWith(PREFIX)) throw new FormatError("it is cut short, or was not written by tinybackup");
  const fields = parseJsonRecord(record.slice(PREFIX.length).replace(/\0+$/, ""));
  const number = (name: string) => {
    const value = fields.get(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw new FormatError("its end is damaged");
    return value;
  };
  return {
    sha256: String(fields.get("sha256")),
    sizeBytes: number("sizeBytes"),
    storedBytes: number("storedBytes"),
    headerCrc32: number("headerCrc32"),
    storedCrc32: number("storedCrc32"),
  };
}
