// The POSIX tar (PAX) header of the one file in an archive: a PAX record, its values, and the record of the file.
// A file with holes has its map behind that. Written and read here: no library takes values that are not text, as those of
// attributes, and a listing reads thousands of headers.
import { version } from "../../../package.json" with { type: "json" };
import { isCount, isRecord, parseJson } from "../../system/json.ts";
import type { Attributes } from "../../system/attributes.ts";
import { baseNameOf } from "../../system/paths.ts";
import { BLOCK_BYTES, FormatError, RECORD_BYTES, roundUp } from "./frame.ts";
import { decodeText, noHeader, parsePax, type PaxValues, renderPax } from "./pax.ts";
import { dataBytesOf, measureMap, parseMap, renderMap, type Shape } from "./sparse.ts";

const FORMAT_VERSION = 1;
const NS_PER_S = 1_000_000_000n;
/** What seven octal digits hold, and eleven. */
const MAX_ID = 8 ** 7 - 1;
const MAX_SECONDS = 8 ** 11 - 1;
/** The name that a file with holes has for whoever does not know such files: what is stored is not its content. */
const SPARSE_FOLDER = "./GNUSparseFile.0/";
const sparseKeys = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0" };
const ATTRIBUTE = "SCHILY.xattr.";
const ACL = "SCHILY.acl.access";

/** The file in an archive: everything that its tar header says. */
export interface ArchivedFile extends Shape, Attributes {
  /** Absolute path of the source. Its base name is the entry's name. */
  readonly source: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName?: string | undefined;
  readonly groupName?: string | undefined;
  readonly mtimeNs: bigint;
}

/** The header records that come before the content, map and all: always a whole number of 512-byte records. */
export function renderHeader(file: ArchivedFile): Uint8Array {
  const { source, sizeBytes, uid, gid, userName = "", groupName = "", attributes = {} } = file;
  const name = baseNameOf(source);
  const path = file.extents ? SPARSE_FOLDER + name : name;
  const map = renderMap(file);
  const pax: Record<string, string | Buffer> = {
    // First: of a file with holes, Python takes the last name that it meets.
    path,
    mtime: renderSeconds(file.mtimeNs),
    comment: JSON.stringify({ tinybackup: FORMAT_VERSION, source, sizeBytes, tool: version }),
  };
  if (uid > MAX_ID) pax["uid"] = String(uid);
  if (gid > MAX_ID) pax["gid"] = String(gid);
  if (!fitsNameField(userName)) pax["uname"] = userName;
  if (!fitsNameField(groupName)) pax["gname"] = groupName;
  if (file.extents)
    Object.assign(pax, sparseKeys, { "GNU.sparse.name": name, "GNU.sparse.realsize": String(sizeBytes) });
  if (file.acl !== undefined) pax[ACL] = file.acl;
  // As GNU tar writes the names of attributes.
  for (const [key, value] of Object.entries(attributes))
    pax[ATTRIBUTE + key.replaceAll("%", "%25").replaceAll("=", "%3D")] = Buffer.from(value, "base64");
  const rows = renderPax(pax);
  return Buffer.concat([
    renderRecord(PAX_TYPE, "PaxHeader", rows.length, file),
    rows,
    Buffer.alloc(roundUp(rows.length) - rows.length),
    renderRecord("0", path, map.length + dataBytesOf(file), file),
    map,
  ]);
}

/** One record. What its fields can't hold is in the PAX values, which are the last word. */
function renderRecord(type: string, name: string, sizeBytes: number, file: ArchivedFile): Buffer {
  const { mode, uid, gid, userName = "", groupName = "", mtimeNs } = file;
  const record = Buffer.alloc(RECORD_BYTES);
  const writeOctal = (value: number, at: number, digits: number) =>
    record.write(value.toString(8).padStart(digits, "0"), at);
  record.write(name, 0, 100);
  writeOctal(mode, 100, 7);
  writeOctal(Math.min(uid, MAX_ID), 108, 7);
  writeOctal(Math.min(gid, MAX_ID), 116, 7);
  if (sizeBytes < 8 ** 11) writeOctal(sizeBytes, 124, 11);
  else record.writeUIntBE(sizeBytes, record.writeUInt8(0x80, 124) + 5, 6);
  const seconds = Number(mtimeNs / NS_PER_S);
  writeOctal(Math.min(Math.max(seconds, 0), MAX_SECONDS), 136, 11);
  // The checksum counts as spaces in its own sum.
  record.write(`        ${type}`, 148);
  record.write("ustar\u000000", 257);
  if (fitsNameField(userName)) record.write(userName, 265);
  if (fitsNameField(groupName)) record.write(groupName, 297);
  const sum = record.reduce((all, byte) => all + byte, 0);
  writeOctal(sum, 148, 6);
  record[154] = 0;
  return record;
}

const fitsNameField = (name: string): boolean => /^[\x21-\x7e]{0,31}$/.test(name);

/** Decimal seconds with nine digits behind the point, as PAX wants them. */
function renderSeconds(ns: bigint): string {
  const magnitude = ns < 0n ? -ns : ns;
  const fraction = String(magnitude % NS_PER_S).padStart(9, "0");
  return `${ns < 0n ? "-" : ""}${magnitude / NS_PER_S}.${fraction}`;
}

/** Where the fields are that are read more than once, and how long they are. */
const SIZE = [124, 12] as const;
const TYPE = [156, 1] as const;
const PAX_TYPE = "x";

/**
 * Reads a header back. Throws FormatError on what `renderHeader` does not make; whether all of its bits are as they were
 * written, the checksum in the trailer tells.
 */
export function parseHeader(bytes: Uint8Array): ArchivedFile {
  const records = splitHeader(bytes);
  if (!records) throw noHeader();
  const { pax, record } = records;
  // What the PAX record says is the last word.
  const text = (key: string, at: number) => decodeText(pax.get(key) ?? readText(record, at, 32));
  const id = (key: string, at: number) => Number(pax.get(key) ?? readNumber(record, at, 8));
  const { source, sizeBytes } = parseComment(decodeText(pax.get("comment") ?? ""));
  const type = readText(record, ...TYPE);
  if (type !== "0" && type !== "") throw new FormatError("it holds something else than a regular file");
  const acl = pax.get(ACL);
  return {
    source,
    sizeBytes,
    extents: parseExtents(records, baseNameOf(source), sizeBytes),
    mode: readNumber(record, 100, 8),
    uid: id("uid", 108),
    gid: id("gid", 116),
    userName: text("uname", 265) || undefined,
    groupName: text("gname", 297) || undefined,
    mtimeNs: parseSeconds(pax.get("mtime")),
    attributes: parseAttributes(pax),
    acl: acl === undefined ? undefined : decodeText(acl),
  };
}

/** The extents, where there are holes; name and sizes must be as the source's, wherever they are said. */
function parseExtents(
  { pax, record, map }: HeaderRecords,
  name: string,
  sizeBytes: number,
): Shape["extents"] {
  const isHoley = isSparse(pax);
  const [nameKey, sizeKey] = isHoley
    ? (["GNU.sparse.name", "GNU.sparse.realsize"] as const)
    : ["path", "size"];
  if (decodeText(pax.get(nameKey) ?? readText(record, 0, 100)) !== name)
    throw new FormatError("the file inside has another name than its source");
  const extents = isHoley ? parseMap(map, sizeBytes) : undefined;
  const said = Number(pax.get(sizeKey) ?? sizeBytes);
  if (said !== sizeBytes || readNumber(record, ...SIZE) !== map.length + dataBytesOf({ sizeBytes, extents }))
    throw new FormatError("its header contradicts itself on the size");
  return extents;
}

interface HeaderRecords {
  readonly pax: PaxValues;
  /** Bytes as one character each. */
  readonly record: string;
  readonly mapAt: number;
  /** What follows: the map of a file with holes. */
  readonly map: Buffer;
}

function isSparse(pax: PaxValues): boolean {
  return (
    pax.has("GNU.sparse.major") && Object.entries(sparseKeys).every(([key, value]) => pax.get(key) === value)
  );
}

function parseAttributes(pax: PaxValues): Attributes["attributes"] {
  let attributes: Record<string, string> | undefined;
  for (const [key, value] of pax) {
    if (!key.startsWith(ATTRIBUTE) || key === ATTRIBUTE) continue;
    const name = key.slice(ATTRIBUTE.length).replaceAll("%3D", "=").replaceAll("%25", "%");
    attributes = { ...attributes, [name]: Buffer.from(value, "latin1").toString("base64") };
  }
  return attributes;
}

/** The values of the PAX record, and the record of the file, which follows; undefined if more bytes are needed to tell. */
function splitHeader({ buffer, byteOffset, byteLength }: Uint8Array): HeaderRecords | undefined {
  if (byteLength < RECORD_BYTES) return undefined;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const first = bytes.toString("latin1", 0, RECORD_BYTES);
  if (readText(first, ...TYPE) !== PAX_TYPE) throw new FormatError("it was not written by tinybackup");
  const paxEnd = RECORD_BYTES + readNumber(first, ...SIZE);
  const mapAt = roundUp(paxEnd) + RECORD_BYTES;
  if (mapAt > BLOCK_BYTES) throw new FormatError("its header is too large");
  if (byteLength < mapAt) return undefined;
  const pax = parsePax(bytes.toString("latin1", RECORD_BYTES, paxEnd));
  const record = bytes.toString("latin1", mapAt - RECORD_BYTES, mapAt);
  return { pax, record, mapAt, map: bytes.subarray(mapAt) };
}

/** Length in bytes of the header that an uncompressed archive begins with; undefined if more bytes are needed to tell. */
export function measureHeader(bytes: Uint8Array): number | undefined {
  const records = splitHeader(bytes);
  if (!records || !isSparse(records.pax)) return records?.mapAt;
  const mapBytes = measureMap(records.map);
  return mapBytes === undefined ? undefined : records.mapAt + mapBytes;
}

function parseComment(text: string): { readonly source: string; readonly sizeBytes: number } {
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

function readText(record: string, at: number, length: number): string {
  const field = record.slice(at, at + length);
  const end = field.indexOf("\0");
  return end === -1 ? field : field.slice(0, end);
}

/** Octal digits, or, where they are too few, a binary number with its first bit set. */
function readNumber(record: string, at: number, length: number): number {
  const field = record.slice(at, at + length);
  if (field.startsWith("\x80")) return Buffer.from(field, "latin1").readUIntBE(length - 6, 6);
  const [, digits] = /^ *([0-7]*)[ \0]*$/.exec(field) ?? [];
  if (digits === undefined) throw noHeader();
  return parseInt(digits, 8) || 0;
}
