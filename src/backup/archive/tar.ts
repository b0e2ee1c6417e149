// The POSIX tar (PAX) header of the one file in an archive, as bytes. tar-stream does the encoding; the fields that it
// would clamp, wrap or default (measured) are given in a form that survives it.
import type { Header } from "tar-stream";
import { parseJsonRecord } from "../../system/json.ts";
import { BLOCK_BYTES, FormatError } from "./frame.ts";

const NS_PER_S = 1_000_000_000n;
/** tar-stream writes six octal digits, and clamps what is larger. */
const MAX_OCTAL_ID = 0o777777;
/** tar-stream writes a signed 32-bit second, and wraps what is later. */
const MAX_HEADER_SECONDS = 2 ** 31 - 1;
/** tar-stream takes mode 0 for "not given"; any bit that it masks out keeps the zero. */
const MASKED_MODE_BIT = 0o100000;
const FORMAT_VERSION = 1;

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

/** The last part of an absolute path. */
export function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The header records that come before the content: always a whole number of 512-byte records. */
export async function renderHeader(file: ArchivedFile, toolVersion: string): Promise<Uint8Array> {
  const seconds = Number(file.mtimeNs / NS_PER_S);
  const comment = {
    tinybackup: FORMAT_VERSION,
    source: file.source,
    sizeBytes: file.sizeBytes,
    tool: toolVersion,
  };
  const pax: Record<string, string> = {
    mtime: renderSeconds(file.mtimeNs),
    comment: JSON.stringify(comment),
  };
  if (file.uid > MAX_OCTAL_ID) pax["uid"] = String(file.uid);
  if (file.gid > MAX_OCTAL_ID) pax["gid"] = String(file.gid);
  if (file.userName !== undefined && !fitsNameField(file.userName)) pax["uname"] = file.userName;
  if (file.groupName !== undefined && !fitsNameField(file.groupName)) pax["gname"] = file.groupName;
  return packHeader({
    name: baseNameOf(file.source),
    type: "file",
    size: file.sizeBytes,
    mode: file.mode | MASKED_MODE_BIT,
    uid: Math.min(file.uid, MAX_OCTAL_ID),
    gid: Math.min(file.gid, MAX_OCTAL_ID),
    uname: pax["uname"] === undefined ? (file.userName ?? "") : "",
    gname: pax["gname"] === undefined ? (file.groupName ?? "") : "",
    mtime: new Date(Math.min(Math.max(seconds, 0), MAX_HEADER_SECONDS) * 1000),
    pax,
  });
}

/** Reads a header back. Throws FormatError on anything that `renderHeader` does not make. */
export function parseHeader(bytes: Uint8Array): ArchivedFile {
  const { type, name, sizeBytes, mode, uid, gid, userName, groupName, pax } = decodeHeader(bytes);
  const comment = parseComment(pax.get("comment"));
  if (type !== "file") throw new FormatError(`it holds a ${type}, not a regular file`);
  if (name !== baseNameOf(comment.source))
    throw new FormatError("the file inside has another name than its source");
  if (sizeBytes !== comment.sizeBytes) throw new FormatError("its header contradicts itself on the size");
  return {
    ...comment,
    mode,
    uid,
    gid,
    userName: userName || undefined,
    groupName: groupName || undefined,
    mtimeNs: parseSeconds(pax.get("mtime")),
  };
}

/** Length in bytes of the header that an uncompressed archive begins with; undefined if more bytes are needed to tell. */
export function measureHeader(bytes: Uint8Array): number | undefined {
  if (bytes.length < RECORD_BYTES) return undefined;
  const field = Buffer.from(bytes.subarray(124, 135)).toString("latin1");
  if (bytes[156] !== 0x78 || !/^[0-7]{11}$/.test(field))
    throw new FormatError("it does not begin with a PAX header");
  const length = 2 * RECORD_BYTES + Math.ceil(parseInt(field, 8) / RECORD_BYTES) * RECORD_BYTES;
  if (length > BLOCK_BYTES) throw new FormatError("its header is too large");
  return length;
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
    const entry = packing.entry(header, () => undefined);
    // The content never passes through tar-stream (it would be copied twice): taking the header only is no error.
    entry.on("error", () => undefined);
    setImmediate(() => {
      packing.off("error", reject);
      packing.on("error", () => undefined);
      packing.destroy();
      resolve(Buffer.concat(records));
    });
  });
}

function parseComment(text: string | undefined): { source: string; sizeBytes: number } {
  const comment = parseJsonRecord(text ?? "");
  const source = comment.get("source");
  const sizeBytes = comment.get("sizeBytes");
  const ours =
    comment.get("tinybackup") === FORMAT_VERSION && typeof source === "string" && source.startsWith("/");
  if (!ours || typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new FormatError("it was not written by tinybackup");
  }
  return { source, sizeBytes };
}

function fitsNameField(name: string): boolean {
  return /^[\x21-\x7e]{1,31}$/.test(name);
}

/** Decimal seconds with nine digits behind the point, as PAX wants them. */
function renderSeconds(ns: bigint): string {
  const magnitude = ns < 0n ? -ns : ns;
  const fraction = String(magnitude % NS_PER_S).padStart(9, "0");
  return `${ns < 0n ? "-" : ""}${magnitude / NS_PER_S}.${fraction}`;
}

function parseSeconds(text: string | undefined): bigint {
  const match = /^(-?)(\d{1,12})\.(\d{9})$/.exec(text ?? "");
  if (!match) throw new FormatError("its header has no usable modification time");
  const magnitude = BigInt(match[2] ?? "0") * NS_PER_S + BigInt(match[3] ?? "0");
  return match[1] === "-" ? -magnitude : magnitude;
}

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
