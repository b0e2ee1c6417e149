// The header of a file with holes: what is written is read, and nothing else is.
import { expect, test } from "bun:test";
import { array, assert, boolean, integer, property, record, tuple } from "fast-check";
import { formatNamed } from "../../../../src/backup/archive/formats.ts";
import { BLOCK_BYTES, FormatError, MAX_BLOCKS } from "../../../../src/backup/archive/frame.ts";
import { ContentHash, countFilledMib, cutIntoBlocks } from "../../../../src/backup/archive/sparse.ts";
import { limitHoles } from "../../../../src/system/extents.ts";
import {
  type ArchivedFile,
  measureHeader,
  parseHeader,
  renderHeader,
} from "../../../../src/backup/archive/tar.ts";

const plain: ArchivedFile = {
  source: "/x/disk.img",
  sizeBytes: 0,
  mode: 0o640,
  uid: 0,
  gid: 0,
  mtimeNs: 1n,
  attributes: { "user.a": Buffer.from([0, 10, 255, 61]).toString("base64"), "user.b=c%": "" },
  acl: "user::rw-\nuser:me:r--\ngroup::r--\nmask::r--\nother::---\n",
};

/** Gaps and lengths in turn; what follows the last is a hole, or nothing. */
const shapes = record({
  parts: array(tuple(integer({ min: 1, max: 2 ** 40 }), integer({ min: 1, max: 2 ** 32 })), {
    maxLength: 50,
  }),
  beginsWithData: boolean(),
  tailBytes: integer({ min: 0, max: 2 ** 40 }),
}).map(({ parts, beginsWithData, tailBytes }) => {
  let position = 0;
  const extents = parts.map(([gap, bytes], index) => {
    const at = position + (beginsWithData && index === 0 ? 0 : gap);
    position = at + bytes;
    return { at, bytes };
  });
  return { extents, sizeBytes: Math.max(1, position + tailBytes) };
});

test("a map is read back as it was written, and its header is measured once all of it is there", () => {
  assert(
    property(shapes, (shape) => {
      const file = { ...plain, ...shape };
      const header = Buffer.from(renderHeader(file));
      expect(header.length % 512).toBe(0);
      expect(parseHeader(header)).toEqual(file);
      expect(measureHeader(Buffer.concat([header, Buffer.alloc(1024)]))).toBe(header.length);
      for (const cut of [512, header.length - 512]) {
        const measured = measureHeader(header.subarray(0, cut));
        expect(measured === undefined || measured >= header.length).toBe(true);
      }
    }),
  );
});

const file = { ...plain, sizeBytes: 1000, extents: [{ at: 100, bytes: 50 }] };

test.each([
  ["parts that overlap", "2\n100\n50\n149\n10\n"],
  ["parts out of order", "2\n200\n50\n100\n10\n"],
  ["a part beyond the end", "1\n990\n11\n"],
  ["a part of no length in the middle", "2\n50\n0\n100\n900\n"],
  ["fewer parts than it says", "3\n100\n50\n1000\n0\n"],
  ["more parts than it says", "1\n100\n50\n1000\n0\n"],
  ["an end that is not the file's", "2\n100\n50\n999\n0\n"],
  ["no end", "1\n100\n50\n"],
  ["a number with a sign", "2\n+100\n50\n1000\n0\n"],
  ["a number below zero", "2\n-100\n50\n1000\n0\n"],
  ["a number that is none", "2\n0x64\n50\n1000\n0\n"],
  ["a number beyond all", "1\n1e400\n50\n"],
  ["something behind it", "2\n100\n50\n1000\n0\n\0x"],
  ["other data than it is long", "2\n100\n51\n1000\n0\n"],
])("a map with %s is refused", (_, map) => {
  const header = Buffer.from(renderHeader(file));
  const mapAt = header.length - 512;
  expect(header.toString("latin1", mapAt).replaceAll("\0", "")).toBe("2\n100\n50\n1000\n0\n");
  expect(parseHeader(header)).toEqual(file);
  header.fill(0, mapAt);
  header.write(map, mapAt, "latin1");
  expect(() => parseHeader(header)).toThrow(FormatError);
});

test("a header whose map is missing, doubled, or of an absurd number of parts is refused", () => {
  const header = Buffer.from(renderHeader(file));
  const cut = header.subarray(0, -512);
  expect(() => parseHeader(cut)).toThrow(FormatError);
  expect(measureHeader(cut)).toBeUndefined();
  expect(() => parseHeader(Buffer.concat([header, header.subarray(-512)]))).toThrow(FormatError);
  expect(() => parseHeader(Buffer.concat([renderHeader(plain), Buffer.alloc(512)]))).toThrow(FormatError);
  for (const text of ["999999999\n", "x\n", "\n"])
    expect(() => measureHeader(Buffer.concat([cut, Buffer.from(text.padEnd(512, "\0"))]))).toThrow(
      FormatError,
    );
});

test("stored blocks are full, whatever the parts, and hash to the content's own digest", () => {
  const content = Buffer.alloc(5_000_000);
  const extents = Array.from({ length: 60 }, (_, index) => ({ at: index * 80_000 + 7, bytes: 50_001 }));
  for (const { at, bytes } of extents) content.fill(at % 251, at, at + bytes);
  const shape = { sizeBytes: content.length, extents };
  const hash = new ContentHash(shape);
  const blocks = [...cutIntoBlocks(shape)];
  for (const pieces of blocks)
    hash.update(Buffer.concat(pieces.map(({ at, bytes }) => content.subarray(at, at + bytes))), pieces);
  expect(hash.digest()).toBe(new Bun.CryptoHasher("sha256").update(content).digest("hex"));
  expect(blocks.map((pieces) => pieces.reduce((sum, { bytes }) => sum + bytes, 0))).toEqual([
    1 << 20,
    1 << 20,
    60 * 50_001 - (2 << 20),
  ]);
});

test("holes of more than 1 GiB are not hashed, but where they are still counts", () => {
  expect(digestOfByte(0)).not.toBe(digestOfByte(1));
  expect(digestOfByte(0)).toBe(digestOfByte(0));
});

/** Of a TiB with one byte in it. */
function digestOfByte(at: number): string {
  const shape = { sizeBytes: 2 ** 40, extents: [{ at, bytes: 1 }] };
  const hash = new ContentHash(shape);
  for (const pieces of cutIntoBlocks(shape)) hash.update(new Uint8Array(1), pieces);
  return hash.digest();
}

const MAX_HEADER_BYTES = MAX_BLOCKS * BLOCK_BYTES;
const sizeBytes = 2 ** 47;
const many = Array.from({ length: limitHoles(sizeBytes) }, (_, index) => ({
  at: index * 2 ** 32 + 1,
  bytes: 2 ** 31,
}));

test.each(["zstd", "gzip", "none"] as const)(
  "%s: the longest map is read back from one frame",
  async (name) => {
    const format = formatNamed(name);
    const attributes = { "user.a": Buffer.alloc(512 << 10, "a").toString("base64") };
    const long = { ...plain, sizeBytes, extents: many, attributes };
    const frame = await format.encode(renderHeader(long));
    expect(format.measureFrame(frame)).toBe(frame.length);
    expect(parseHeader(format.decodeNow(frame))).toEqual(long);
  },
);

test.each(["zstd", "gzip"] as const)("%s: what would be more than any header is refused", async (name) => {
  const format = formatNamed(name);
  const decode = async (bytes: number) => {
    const frame = await format.encode(Buffer.alloc(bytes));
    format.measureFrame(frame);
    return format.decodeNow(frame).length;
  };
  expect(await decode(MAX_HEADER_BYTES)).toBe(MAX_HEADER_BYTES);
  expect(decode(MAX_HEADER_BYTES + 1)).rejects.toThrow();
  if (name === "zstd")
    expect(() => format.measureFrame(Bun.zstdCompressSync(Buffer.alloc(2 << 20)), 1 << 20)).toThrow();
});

test("what is stored as zeros is told where there are too many holes, and only there", () => {
  const dataBytes = many.length * 2 ** 31;
  expect(countFilledMib({ sizeBytes, extents: many }, dataBytes - (5 << 20) - 1)).toBe(5);
  expect(countFilledMib({ sizeBytes, extents: many.slice(1) }, 0)).toBe(0);
  expect(countFilledMib({ sizeBytes }, 0)).toBe(0);
});
