// Reads the tar records in front of the one file in an archive: a PAX record and the file's own (POSIX.1-2001, pax). At
// once, and only this form: a listing reads thousands of them, and anything else was not written by this program.
import { FormatError } from "./frame.ts";

export const RECORD_BYTES = 512;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const PAX_TYPE = "x";
/** Where the checksum is, which counts as spaces in its own sum. */
const [CHECKSUM_AT, CHECKSUM_END] = [148, 156];
/** What a record may describe instead of a regular file, by its type. */
const otherTypes: Readonly<Record<string, string>> = {
  "1": "link",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

/** What both records say; the PAX record's word is the last one, for its reader to apply. */
export interface TarHeader {
  readonly type: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  readonly pax: ReadonlyMap<string, string>;
}

/** Decodes a PAX record, its values, and the record of the file. Throws FormatError. */
export function decodeHeader(bytes: Uint8Array): TarHeader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readRecord(buffer, 0);
  if (readText(first, 156, 1) !== PAX_TYPE) throw new FormatError("it was not written by tinybackup");
  const paxBytes = readNumber(first, 124, 12);
  const pax = decodePax(buffer.subarray(RECORD_BYTES, RECORD_BYTES + paxBytes), paxBytes);
  const record = readRecord(buffer, RECORD_BYTES + Math.ceil(paxBytes / RECORD_BYTES) * RECORD_BYTES);
  const type = readText(record, 156, 1);
  return {
    type: type === "0" || type === "" ? "file" : (otherTypes[type] ?? "thing of an unknown kind"),
    name: pax.get("path") ?? readText(record, 0, 100),
    sizeBytes: Number(pax.get("size") ?? readNumber(record, 124, 12)),
    mode: readNumber(record, 100, 8),
    uid: Number(pax.get("uid") ?? readNumber(record, 108, 8)),
    gid: Number(pax.get("gid") ?? readNumber(record, 116, 8)),
    userName: pax.get("uname") ?? readText(record, 265, 32),
    groupName: pax.get("gname") ?? readText(record, 297, 32),
    pax,
  };
}

function noHeader(): FormatError {
  return new FormatError("its header is not a tar header");
}

function readRecord(buffer: Buffer, at: number): Buffer {
  const record = buffer.subarray(at, at + RECORD_BYTES);
  if (record.length < RECORD_BYTES) throw noHeader();
  let sum = (CHECKSUM_END - CHECKSUM_AT) * SPACE;
  for (const [index, byte] of record.entries())
    sum += index >= CHECKSUM_AT && index < CHECKSUM_END ? 0 : byte;
  if (readNumber(record, CHECKSUM_AT, CHECKSUM_END - CHECKSUM_AT) !== sum) throw noHeader();
  return record;
}

/** Rows of `LENGTH KEY=VALUE\n`, where the length counts itself. */
function decodePax(rows: Buffer, length: number): Map<string, string> {
  if (rows.length < length) throw noHeader();
  const pax = new Map<string, string>();
  for (let at = 0; at < length;) {
    const space = rows.indexOf(SPACE, at);
    const digits = rows.toString("latin1", at, Math.max(at, space));
    const end = at + Number(digits);
    const equals = rows.indexOf("=", space);
    const isWhole = /^\d{1,7}$/.test(digits) && equals > space && equals < end && rows[end - 1] === NEWLINE;
    if (!isWhole || end > length) throw noHeader();
    pax.set(rows.toString("utf8", space + 1, equals), rows.toString("utf8", equals + 1, end - 1));
    at = end;
  }
  return pax;
}

/** Text up to the first zero byte. */
function readText(record: Buffer, at: number, length: number): string {
  const field = record.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? length : end);
}

/** Octal digits, or, where they are too few, a binary number with its first bit set. */
function readNumber(record: Buffer, at: number, length: number): number {
  if (record[at] === 0x80) return record.readUIntBE(at + length - 6, 6);
  const digits = record.toString("latin1", at, at + length).replace(/[ \0]+$/, "");
  if (!/^ *[0-7]*$/.test(digits)) throw noHeader();
  return parseInt(digits, 8) || 0;
}
