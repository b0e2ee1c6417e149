// The POSIX tar (PAX) header of the one file in an archive: a PAX record, its values, and the record of the file.
// tar-stream writes it; the fields that it would clamp, wrap or default (measured) are given in a form that survives it.
// Reading is strict, and done here: a listing reads thousands of headers, and can't wait for a stream each time.
import type { Header } from "tar-stream";
import { version } from "../../../package.json" with { type: "json" };
import { isRecord, parseJson } from "../../system/json.ts";
import { baseNameOf } from "../../system/paths.ts";
import { BLOCK_BYTES, FormatError } from "./frame.ts";

export const RECORD_BYTES = 512;
const FORMAT_VERSION = 1;
const NS_PER_S = 1_000_000_000n;
/** tar-stream writes six octal digits, and clamps what is larger. */
const MAX_OCTAL_ID = 0o777777;
/** tar-stream writes a signed 32-bit second, and wraps what is later. */
const MAX_HEADER_SECONDS = 2 ** 31 - 1;
/** tar-stream takes mode 0 for "not given"; any bit that it masks out keeps the zero. */
const MASKED_MODE_BIT = 0o100000;

/** The file in an archive: everything that its tar header says. */
export interface ArchivedFile {
  /** Absolute path of the source. Its base name is the entry's name. */
  readonly source: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName?: string | undefined;
  readonly groupName?: string | undefined;
  readonly mtimeNs: bigint;
}

/** The header records that come before the content: always a whole number of 512-byte records. */
export async function renderHeader(file: ArchivedFile): Promise<Uint8Array> {
  const { source, sizeBytes, mode, uid, gid, userName = "", groupName = "", mtimeNs } = file;
  const seconds = Number(mtimeNs / NS_PER_S);
  const pax: Record<string, string> = {
    mtime: renderSeconds(mtimeNs),
    comment: JSON.stringify({ tinybackup: FORMAT_VERSION, source, sizeBytes, tool: version }),
  };
  if (uid > MAX_OCTAL_ID) pax["uid"] = String(uid);
  if (gid > MAX_OCTAL_ID) pax["gid"] = String(gid);
  if (!fitsNameField(userName)) pax["uname"] = userName;
  if (!fitsNameField(groupName)) pax["gname"] = groupName;
  return packHeader({
    name: baseNameOf(source),
    type: "file",
    size: sizeBytes,
    mode: mode | MASKED_MODE_BIT,
    uid: Math.min(uid, MAX_OCTAL_ID),
    gid: Math.min(gid, MAX_OCTAL_ID),
    uname: pax["uname"] === undefined ? userName : "",
    gname: pax["gname"] === undefined ? groupName : "",
    mtime: new Date(Math.min(Math.max(seconds, 0), MAX_HEADER_SECONDS) * 1000),
    pax,
  });
}

async function packHeader(header: Partial<Header> & Pick<Header, "name">): Promise<Uint8Array> {
  // Only a run writes headers; whatever reads them starts faster without it.
  const { pack } = await import("tar-stream");
  return new Promise((resolve, reject) => {
    const packing = pack();
    const records: Uint8Array[] = [];
    packing.on("data", (record) => {
      if (record instanceof Uint8Array) records.push(record);
    });
    packing.on("error", reject);
    packing.entry(header, () => undefined).on("error", () => undefined);
    // The content never passes through tar-stream (it would be copied twice); that it misses it comes too late to matter.
    setImmediate(() => {
      resolve(Buffer.concat(records));
      packing.destroy();
    });
  });
}

function fitsNameField(name: string): boolean {
  return /^[\x21-\x7e]{0,31}$/.test(name);
}

/** Decimal seconds with nine digits behind the point, as PAX wants them. */
function renderSeconds(ns: bigint): string {
  const magnitude = ns < 0n ? -ns : ns;
  const fraction = String(magnitude % NS_PER_S).padStart(9, "0");
  return `${ns < 0n ? "-" : ""}${magnitude / NS_PER_S}.${fraction}`;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
/** Where the fields are that are read more than once, and how long they are. */
const SIZE = [124, 12] as const;
const TYPE = [156, 1] as const;
const PAX_TYPE = "x";
/** The checksum, which counts as spaces in its own sum. */
const CHECKSUM = [148, 8] as const;
/** What a record may describe instead of a regular file, by its type. */
const otherTypes: Readonly<Record<string, string>> = {
  "1": "link",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

/** Reads a header back. Throws FormatError on anything that `renderHeader` does not make. */
export function parseHeader(bytes: Uint8Array): ArchivedFile {
  const { pax, record } = splitHeader(bytes);
  // What the PAX record says is the last word.
  const text = (key: string, at: number, length: number) => pax.get(key) ?? readText(record, at, length);
  const number = (key: string, at: number, length: number) =>
    Number(pax.get(key) ?? readNumber(record, at, length));
  const { source, sizeBytes } = parseComment(pax.get("comment"));
  const type = readText(record, ...TYPE);
  if (type !== "0" && type !== "")
    throw new FormatError(`it holds a ${otherTypes[type] ?? "thing of an unknown kind"}, not a regular file`);
  if (text("path", 0, 100) !== baseNameOf(source))
    throw new FormatError("the file inside has another name than its source");
  if (number("size", ...SIZE) !== sizeBytes)
    throw new FormatError("its header contradicts itself on the size");
  return {
    source,
    sizeBytes,
    mode: readNumber(record, 100, 8),
    uid: number("uid", 108, 8),
    gid: number("gid", 116, 8),
    userName: text("uname", 265, 32) || undefined,
    groupName: text("gname", 297, 32) || undefined,
    mtimeNs: parseSeconds(pax.get("mtime")),
  };
}

/** The values of the PAX record, and the record of the file, which follows. */
function splitHeader(bytes: Uint8Array): { pax: ReadonlyMap<string, string>; record: Buffer } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readRecord(buffer, 0);
  if (readText(first, ...TYPE) !== PAX_TYPE) throw new FormatError("it was not written by tinybackup");
  const paxBytes = readNumber(first, ...SIZE);
  const pax = parsePax(buffer.subarray(RECORD_BYTES, RECORD_BYTES + paxBytes), paxBytes);
  return { pax, record: readRecord(buffer, RECORD_BYTES + roundUp(paxBytes)) };
}

/** Length in bytes of the header that an uncompressed archive begins with; undefined if more bytes are needed to tell. */
export function measureHeader(bytes: Uint8Array): number | undefined {
  if (bytes.length < RECORD_BYTES) return undefined;
  const first = Buffer.from(bytes.subarray(0, RECORD_BYTES));
  const size = first.toString("latin1", SIZE[0], SIZE[0] + SIZE[1] - 1);
  if (readText(first, ...TYPE) !== PAX_TYPE || !/^[0-7]{11}$/.test(size))
    throw new FormatError("it does not begin with a PAX header");
  const length = 2 * RECORD_BYTES + roundUp(parseInt(size, 8));
  if (length > BLOCK_BYTES) throw new FormatError("its header is too large");
  return length;
}

/** Whether a value is a whole number, as sizes, places and checksums are. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / RECORD_BYTES) * RECORD_BYTES;
}

function noHeader(): FormatError {
  return new FormatError("its header is not a tar header");
}

function readRecord(buffer: Buffer, at: number): Buffer {
  const record = buffer.subarray(at, at + RECORD_BYTES);
  if (record.length < RECORD_BYTES) throw noHeader();
  const [checksumAt, checksumBytes] = CHECKSUM;
  const without = sumOf(record) - sumOf(record.subarray(checksumAt, checksumAt + checksumBytes));
  if (readNumber(record, ...CHECKSUM) !== without + checksumBytes * SPACE) throw noHeader();
  return record;
}

/** A plain loop: a listing sums thousands of headers, and `reduce` takes ten times as long. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += bytes[at] ?? 0;
  return sum;
}

/** Rows of `LENGTH KEY=VALUE\n`, where the length counts itself. */
function parsePax(rows: Buffer, length: number): ReadonlyMap<string, string> {
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

function parseComment(text = ""): { readonly source: string; readonly sizeBytes: number } {
  const comment = parseJson(text);
  if (isRecord(comment) && comment["tinybackup"] === FORMAT_VERSION) {
    const { source, sizeBytes } = comment;
    if (typeof source === "string" && source.startsWith("/") && isCount(sizeBytes))
      return { source, sizeBytes };
  }
  throw new FormatError("it was not written by tinybackup");
}

function parseSeconds(text = ""): bigint {
  const match = /^(-?)(\d{1,12})\.(\d{9})$/.exec(text);
  if (!match) throw new FormatError("its header has no usable modification time");
  const [, sign, seconds = "0", fraction = "0"] = match;
  const magnitude = BigInt(seconds) * NS_PER_S + BigInt(fraction);
  return sign === "-" ? -magnitude : magnitude;
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
