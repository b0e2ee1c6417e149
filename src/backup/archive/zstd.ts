// Zstandard frames (RFC 8878), each with its content size and checksum.
import { BLOCK_BYTES, type Format, FormatError, MAX_BLOCKS, MAX_FRAME_BYTES, releaseBlock } from "./frame.ts";
import { measureGap, renderSkippable } from "./layout.ts";

const MAGIC = 0xfd2fb528;
const LEVEL = 3;
/** Of so little, the way to another thread and back takes longer than the work. */
const SMALL_BYTES = 32 << 10;
/** Frame header descriptor: single segment, content checksum, no dictionary, reserved bits clear (RFC 8878, 3.1.1.1.1). */
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 0x04;
const SIZE_FLAG = 0xc0;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RAW_BLOCK = 0;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

export const zstd: Format = {
  name: "zstd",
  extension: ".tar.zst",
  suffixBytes: CHECKSUM_BYTES,
  isAlignable: true,
  checksum: (block) => Number(Bun.hash.xxHash64(block) & 0xffffffffn),
  async encode(block, isAligned = false, checksum = zstd.checksum(block)) {
    const isSmall = block.length <= SMALL_BYTES;
    const frame = isSmall
      ? Bun.zstdCompressSync(block, { level: LEVEL })
      : await Bun.zstdCompress(block, { level: LEVEL });
    return complete(frame, checksum, isAligned);
  },
  encodeStored(block) {
    const frame = Buffer.allocUnsafe(4 + 1 + 2 + BLOCK_HEADER_BYTES + block.length + CHECKSUM_BYTES);
    frame.writeUInt32LE(MAGIC, 0);
    frame[4] = 0x40 | SINGLE_SEGMENT | CHECKSUM;
    frame.writeUInt16LE(block.length - 256, 5);
    frame.writeUIntLE((block.length << 3) | (RAW_BLOCK << 1) | 1, 7, BLOCK_HEADER_BYTES);
    frame.set(block, 10);
    frame.writeUInt32LE(zstd.checksum(block), 10 + block.length);
    return frame;
  },
  measureFrame,
  decode: async (frame) =>
    frame.length <= SMALL_BYTES ? Bun.zstdDecompressSync(frame) : Bun.zstdDecompress(frame),
  decodeNow: (frame) => Bun.zstdDecompressSync(frame),
};

/**
 * The runtime writes frames without a checksum, and two of three flipped bits would go unseen: sets the flag and
 * appends the low half of XXH64 of the content (RFC 8878, 3.1.1).
 */
function complete(frame: Uint8Array, checksum: number, isAligned: boolean): Uint8Array {
  const end = frame.length + CHECKSUM_BYTES;
  const whole = Buffer.allocUnsafeSlow(end + (isAligned ? measureGap(end) : 0));
  whole.set(frame);
  whole[4] = (whole[4] ?? 0) | CHECKSUM;
  whole.writeUInt32LE(checksum, frame.length);
  if (whole.length > end) whole.set(renderSkippable(whole.length - end), end);
  releaseBlock(frame);
  return whole;
}

function measureFrame(bytes: Uint8Array, blockBytes?: number): number | undefined {
  const blocks = blockBytes === undefined ? MAX_BLOCKS : 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 14) return undefined;
  if (view.getUint32(0, true) !== MAGIC)
    throw new FormatError("a compressed block does not begin as it should");
  const descriptor = view.getUint8(4);
  if ((descriptor & ~SIZE_FLAG) !== (SINGLE_SEGMENT | CHECKSUM)) {
    throw new FormatError("a compressed block has a header that tinybackup does not write");
  }
  const sizeFlag = descriptor >> 6;
  if (contentSize(view, sizeFlag) > blocks * BLOCK_BYTES)
    throw new FormatError("a compressed block claims to be too large");
  let offset = 5 + (1 << sizeFlag);
  for (let last = false; !last;) {
    if (offset > blocks * MAX_FRAME_BYTES) throw new FormatError("a compressed block does not end");
    if (offset + BLOCK_HEADER_BYTES > bytes.length) return undefined;
    const header = view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new FormatError("a compressed block is of an unknown kind");
    last = (header & 1) === 1;
    offset += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : header >> 3);
  }
  return offset + CHECKSUM_BYTES;
}

/** Frame_Content_Size by its flag: 1, 2 (plus 256), 4 or 8 bytes. */
function contentSize(view: DataView, sizeFlag: number): number {
  if (sizeFlag === 0) return view.getUint8(5);
  if (sizeFlag === 1) return view.getUint16(5, true) + 256;
  return sizeFlag === 2 ? view.getUint32(5, true) : Infinity;
}
