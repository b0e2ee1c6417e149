// The trailer of an archive: the tar padding, the two zero records that end a tar stream, and behind them two records that
// `tar` never looks at. It says what went in and what was stored, so that damage anywhere shows, even in bits that a
// decompressor ignores, and a listing needs to read only both ends of a file; and whose the archive is, whatever its name.
import { isCount, isNumber, isOneOf, isRecord, isShaped, isString, parseJson } from "../../system/json.ts";
import { type Format, FormatError, RECORD_BYTES, roundUp } from "./frame.ts";

const PREFIX = "tinybackup trailer 1 ";
const TEXT_BYTES = 2 * RECORD_BYTES;
const DIGEST_DIGITS = 32;

export interface Checksums {
  /** SHA-256 of the content, 64 hex digits: see ContentHash. */
  readonly sha256: string;
  /** Of the source's path: of thousands of archives no header has to be unpacked. */
  readonly sourceDigest: string;
  readonly sizeBytes: number;
  /** How much of it is stored: all but its holes. */
  readonly dataBytes: number;
  /** Where the last frame begins, which holds the trailer. */
  readonly trailerAt: number;
  /** CRC-32 of the stored bytes of the first frame, the tar header. */
  readonly headerCrc32: number;
  /** CRC-32 of all stored bytes before the last frame. */
  readonly storedCrc32: number;
}

/** Options by their names, as `{"keep-daily":7}`. What they mean is decided elsewhere. */
export type Policy = Readonly<Record<string, string | number | boolean>>;

/** Whose an archive is, and which one. */
export interface Origin {
  /** The id of the machine that wrote it, 32 hex digits. */
  readonly machine: string;
  readonly host: string;
  readonly number: number;
  /** A whole second, milliseconds since the epoch. */
  readonly takenAtMs: number;
  /** The retention that was in force; empty where none was said. */
  readonly retention: Policy;
  /** The file kept changing while it was read: this may be no state that it ever had. */
  readonly isChanged: boolean;
}

export interface Trailer extends Checksums, Origin {}

const PLAIN = ["string", "number", "boolean"];

/** More than the longest possible last frame: what to read of a file's end. */
export const TAIL_BYTES = 4096;

/** The last frame of an archive. Every byte of it follows from the trailer. Throws FormatError if that is too long. */
export function renderTrailer(format: Format, trailer: Trailer): Uint8Array {
  const said = JSON.stringify(trailer);
  // What is not compared with anything else, as the number, has no other proof where the format adds none.
  const text = `${PREFIX}${said.slice(0, -1)},"ownCrc32":${updateCrc(Buffer.from(said))}}`;
  if (Buffer.byteLength(text) > TEXT_BYTES) throw new FormatError("its end would be too long");
  const padding = roundUp(trailer.dataBytes) - trailer.dataBytes;
  const block = Buffer.alloc(padding + 2 * RECORD_BYTES + TEXT_BYTES);
  block.write(text, padding + 2 * RECORD_BYTES);
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
  const trailer = parseText(Buffer.from(tail.subarray(Math.max(0, end - TEXT_BYTES), end)));
  const written = renderTrailer(format, trailer);
  const isIntact = Buffer.compare(written, tail.subarray(-written.length)) === 0;
  if (!isIntact || trailer.trailerAt + written.length !== archiveBytes) throw damagedEnd();
  return trailer;
}

/** The first 32 hex digits of the SHA-256 of a path. */
export function digestSource(source: string): string {
  return new Bun.CryptoHasher("sha256").update(source).digest("hex").slice(0, DIGEST_DIGITS);
}

/** Continues (or, without `previous`, begins) the CRC-32 of stored bytes. */
export function updateCrc(bytes: Uint8Array, previous = 0): number {
  return Bun.hash.crc32(bytes, previous);
}

function parseText(bytes: Buffer): Trailer {
  const end = bytes.indexOf(0);
  const text = bytes.toString("utf8", 0, end === -1 ? bytes.length : end);
  if (!text.startsWith(PREFIX)) throw new FormatError("it is cut short, or was not written by tinybackup");
  const said = parseJson(text.slice(PREFIX.length));
  if (!isSaid(said)) throw damagedEnd();
  const { ownCrc32: _, ...trailer } = said;
  return trailer;
}

const isDigits =
  (length: number) =>
  (value: unknown): value is string =>
    isString(value) && value.length === length && /^[0-9a-f]+$/.test(value);

const isSaid = isShaped({
  sha256: isDigits(64),
  sourceDigest: isDigits(DIGEST_DIGITS),
  sizeBytes: isCount,
  dataBytes: isCount,
  trailerAt: isCount,
  headerCrc32: isCount,
  storedCrc32: isCount,
  machine: isDigits(32),
  host: isString,
  number: isCount,
  takenAtMs: (value): value is number => isNumber(value) && !Number.isNaN(new Date(value).getTime()),
  retention: (value): value is Policy =>
    isRecord(value) && Object.values(value).every((each) => PLAIN.includes(typeof each)),
  isChanged: isOneOf(true, false),
  ownCrc32: isCount,
});

function damagedEnd(): FormatError {
  return new FormatError("its end is damaged");
}
