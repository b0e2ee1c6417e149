// gzip members (RFC 1952). Each says its own stored length in an extra field, as BGZF does, so that members can be
// found without decompressing them.
import { BLOCK_BYTES, type Format, FormatError, MAX_BLOCKS, MAX_FRAME_BYTES } from "./frame.ts";

const LEVEL = 6;
/** ID1 ID2 CM FLG(FEXTRA) MTIME(0) XFL OS(Unix) XLEN(8) "TB" LEN(4): everything but the length itself is fixed. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 8, 0, 0x54, 0x42, 4, 0]);
const LENGTH_AT = HEADER.length;
const DEFLATE_AT = LENGTH_AT + 4;
const PLAIN_HEADER_BYTES = 10;
/** CRC-32 and length of the content. */
const SUFFIX_BYTES = 8;

/** Loaded only where gzip is met: they take two milliseconds. */
const zlib = () => process.getBuiltinModule("node:zlib");
const promisify = () => process.getBuiltinModule("node:util").promisify;

// The default chunk of 16 KiB costs one round trip to the main thread each: 1.6 times slower.
const encoding = { level: LEVEL, chunkSize: MAX_FRAME_BYTES };
const decoding = { maxOutputLength: BLOCK_BYTES, chunkSize: BLOCK_BYTES };

export const gzip: Format = {
  name: "gzip",
  extension: ".tar.gz",
  suffixBytes: SUFFIX_BYTES,
  isAlignable: false,
  checksum: () => 0,
  async encode(block) {
    const member = await promisify()(zlib().gzip)(block, encoding);
    return withLength(member.subarray(PLAIN_HEADER_BYTES));
  },
  encodeStored(block) {
    const body = Buffer.alloc(5 + block.length + SUFFIX_BYTES);
    body[0] = 1; // the last block, stored (RFC 1951, 3.2.4)
    body.writeUInt16LE(block.length, 1);
    body.writeUInt16LE(~block.length & 0xffff, 3);
    body.set(block, 5);
    body.writeUInt32LE(Bun.hash.crc32(block), 5 + block.length);
    body.writeUInt32LE(block.length, 9 + block.length);
    return withLength(body);
  },
  measureFrame(bytes, blockBytes) {
    if (bytes.length < DEFLATE_AT) return undefined;
    if (!HEADER.equals(bytes.subarray(0, LENGTH_AT))) {
      throw new FormatError("a compressed block has a header that tinybackup does not write");
    }
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(LENGTH_AT, true);
    const maxBytes = blockBytes === undefined ? MAX_BLOCKS * MAX_FRAME_BYTES : MAX_FRAME_BYTES;
    if (length < DEFLATE_AT + SUFFIX_BYTES || length > maxBytes) {
      throw new FormatError("a compressed block claims an impossible length");
    }
    return length;
  },
  decode: async (frame) => promisify()(zlib().gunzip)(frame, decoding),
  decodeNow: (frame) => zlib().gunzipSync(frame, { ...decoding, maxOutputLength: MAX_BLOCKS * BLOCK_BYTES }),
};

/** Puts our header with the member's whole length in front of a deflate stream and what follows that. */
function withLength(body: Uint8Array): Uint8Array {
  const member = Buffer.allocUnsafe(DEFLATE_AT + body.length);
  member.set(HEADER);
  member.writeUInt32LE(member.length, LENGTH_AT);
  member.set(body, DEFLATE_AT);
  return member;
}
