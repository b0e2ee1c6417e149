import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Earlier } from "../../../../src/backup/archive/earlier.ts";
import { FormatError } from "../../../../src/backup/archive/frame.ts";
import { formatNamed } from "../../../../src/backup/archive/formats.ts";
import type { Stored } from "../../../../src/backup/archive/layout.ts";
import { updateCrc } from "../../../../src/backup/archive/trailer.ts";
import { archive } from "../../../support/archives.ts";
import { TestFolder } from "../../../support/folder.ts";
import { mixedBytes } from "../../../support/workshop.ts";

const MIB = 1 << 20;
const BLOCKS = 12;
const zstd = formatNamed("zstd");
const content = mixedBytes(BLOCKS * MIB);

async function openEarlier(folder: TestFolder, spoil?: (bytes: Buffer) => void) {
  const path = join(folder.destination, "earlier.tar.zst");
  const made = await archive(folder.write("file", content), path, "zstd");
  if (!made) throw new Error("it was cut short");
  if (spoil) {
    const bytes = readFileSync(path);
    spoil(bytes);
    writeFileSync(path, bytes);
  }
  const earlier = await Earlier.open(path, made, false);
  if (!earlier) throw new Error("nothing can be taken from it");
  return earlier;
}

/** Looks for each block in turn; whatever has to be compressed takes `encodeMs`. */
async function takeAll(earlier: Earlier, encodeMs: number) {
  const stored: Stored[] = [];
  for (let index = 0; index < BLOCKS; index++) {
    const block = content.subarray(index * MIB, (index + 1) * MIB);
    const checksum = zstd.checksum(block);
    const bytes = await zstd.encode(block, true);
    stored.push(
      await earlier.take(index, block, checksum, async () => {
        if (encodeMs > 0) await Bun.sleep(encodeMs);
        return { bytes, crc32: updateCrc(bytes), checksum, earlierAt: null };
      }),
    );
  }
  return stored;
}

test("every block that is there is taken, where that is quicker than compressing it", async () => {
  using folder = new TestFolder();
  await using earlier = await openEarlier(folder);
  const stored = await takeAll(earlier, 500);
  expect(stored.map(({ earlierAt }) => earlierAt)).toEqual(earlier.places.map(({ at }) => at));
  expect(earlier.isSuspect).toBe(false);
}, 60_000);

test("where looking takes longer than compressing, no more is looked for", async () => {
  using folder = new TestFolder();
  await using earlier = await openEarlier(folder);
  // A disk that takes its time: what is measured is how long the two take.
  const read = earlier.handle.read.bind(earlier.handle);
  const slow = async (...args: Parameters<typeof read>) => {
    await Bun.sleep(60);
    return read(...args);
  };
  Object.assign(earlier.handle, { read: slow });
  const taken = (await takeAll(earlier, 0)).filter(({ earlierAt }) => earlierAt !== null);
  expect(taken).toHaveLength(8);
}, 60_000);

const shape = { sizeBytes: content.length };
const digestOf = (blocks: number) =>
  new Bun.CryptoHasher("sha256").update(content.subarray(0, blocks * MIB)).digest("hex");

test("the first blocks are taken together, where they are of that SHA-256", async () => {
  using folder = new TestFolder();
  await using earlier = await openEarlier(folder);
  const taken = await Array.fromAsync(earlier.takeFirst(BLOCKS - 2, shape, digestOf(BLOCKS - 2)));
  const places = earlier.places.slice(0, BLOCKS - 2);
  expect(taken.map(({ earlierAt, checksum }) => ({ at: earlierAt, checksum }))).toEqual(
    places.map(({ at, checksum }) => ({ at, checksum })),
  );
  const file = readFileSync(join(folder.destination, "earlier.tar.zst"));
  for (const [index, { at, bytes }] of places.entries())
    expect(file.subarray(at, at + bytes).equals(taken[index]?.bytes ?? Buffer.alloc(0))).toBe(true);
  expect(earlier.isSuspect).toBe(false);
  const other = Array.fromAsync(earlier.takeFirst(BLOCKS - 2, shape, digestOf(BLOCKS - 3)));
  expect(other).rejects.toThrow(FormatError);
  await other.catch(() => undefined);
  expect(earlier.isSuspect).toBe(true);
}, 60_000);

test.each([
  ["that has rotted", (bytes: Buffer, at: number) => (bytes[at + 5000] = (bytes[at + 5000] ?? 0) ^ 1)],
  ["behind which the gap is not empty", (bytes: Buffer, at: number) => (bytes[at - 1] = 1)],
])("of first blocks with one %s, nothing is taken", async (_what, spoil) => {
  using other = new TestFolder();
  using folder = new TestFolder();
  await using whole = await openEarlier(other);
  await using earlier = await openEarlier(folder, (bytes) => spoil(bytes, whole.places[4]?.at ?? 0));
  const taking = Array.fromAsync(earlier.takeFirst(BLOCKS, shape, digestOf(BLOCKS)));
  expect(taking).rejects.toThrow(FormatError);
  await taking.catch(() => undefined);
  expect(earlier.isSuspect).toBe(true);
});

test("a block that has rotted there is made anew, and that it may be damaged is known", async () => {
  using folder = new TestFolder();
  let rotten = -1;
  await using earlier = await openEarlier(folder, (bytes) => {
    rotten = Math.floor(bytes.length / 2);
    bytes[rotten] = (bytes[rotten] ?? 0) ^ 1;
  });
  const stored = await takeAll(earlier, 500);
  const anew = stored.flatMap(({ earlierAt }, index) => (earlierAt === null ? [index] : []));
  const isIn = ({ at, bytes }: { at: number; bytes: number }) => at <= rotten && rotten < at + bytes;
  expect(anew).toEqual([earlier.places.findIndex(isIn)]);
  expect(earlier.isSuspect).toBe(true);
}, 60_000);

test("a table that was spoiled gives nothing, and neither does a small archive", async () => {
  using folder = new TestFolder();
  await using earlier = await openEarlier(folder, (bytes) => {
    const at = bytes.lastIndexOf(Buffer.from("502a4d18", "hex"));
    bytes.writeUInt32LE(1, at + 8);
  });
  expect(earlier.places).toEqual([]);
  const small = await archive(folder.write("small", "little"), join(folder.root, "small.tar.zst"), "zstd");
  expect(small && (await Earlier.open(join(folder.root, "small.tar.zst"), small, true))).toBeNull();
});
