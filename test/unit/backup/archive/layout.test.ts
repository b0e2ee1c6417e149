import { expect, test } from "bun:test";
import { assert, nat, property } from "fast-check";
import { formatNamed } from "../../../../src/backup/archive/formats.ts";
import {
  holdsBlock,
  isAligned,
  measureGap,
  readTable,
  renderSkippable,
  renderTable,
} from "../../../../src/backup/archive/layout.ts";
import { openExisting } from "../../../../src/system/disk.ts";
import { TestFolder } from "../../../support/folder.ts";
import { mixedBytes } from "../../../support/workshop.ts";

test("behind every frame there is room for a frame that holds nothing, up to the next multiple of 4 KiB", () => {
  assert(
    property(nat(3 << 20), (frameBytes) => {
      const gap = measureGap(frameBytes);
      expect((frameBytes + gap) % 4096).toBe(0);
      expect(gap === 0 || gap >= 8).toBe(true);
      expect(gap).toBeLessThan(4096 + 8);
    }),
  );
});

test("only large archives lie so, and only those whose format has frames that hold nothing", () => {
  const [zstd, gzip, none] = [formatNamed("zstd"), formatNamed("gzip"), formatNamed("none")];
  expect([zstd, gzip, none].map((format) => isAligned(format, 4 << 20))).toEqual([true, false, false]);
  expect(isAligned(zstd, (4 << 20) - 1)).toBe(false);
});

const entries = [
  { bytes: 8192, checksum: 1 },
  { bytes: 4096, checksum: 0xffffffff },
  { bytes: 12288, checksum: 77 },
  { bytes: 4096, checksum: 0 },
];

async function readBack(table: Buffer, dataBytes: number) {
  using folder = new TestFolder();
  const contentAt = 4096;
  const stored = Buffer.concat([Buffer.alloc(contentAt + 8192 + 4096 + 12288 + 4096), table]);
  await using handle = await openExisting(folder.write("archive", stored), "read");
  return await readTable(handle, {
    format: formatNamed("zstd"),
    contentAt,
    trailer: { trailerAt: stored.length, dataBytes },
  });
}

test("a table is read back as places; what is not just that gives none", async () => {
  const [dataBytes, table] = [4 << 20, renderTable(entries)];
  expect(await readBack(table, dataBytes)).toEqual([
    { at: 4096, bytes: 8192, checksum: 1 },
    { at: 12288, bytes: 4096, checksum: 0xffffffff },
    { at: 16384, bytes: 12288, checksum: 77 },
    { at: 28672, bytes: 4096, checksum: 0 },
  ]);
  expect(await readBack(table, (4 << 20) + 1)).toEqual([]);
  const claims = [
    [0, 0],
    [4, 1],
    [8, 4096],
    [8, 0xffffffff],
    [16, 0],
  ] as const;
  for (const [at, value] of claims) {
    const forged = Buffer.from(table);
    forged.writeUInt32LE(value, at);
    expect(await readBack(forged, dataBytes)).toEqual([]);
  }
});

test("a stored block is one frame of just that content, and a gap that is filled as it should be", async () => {
  const zstd = formatNamed("zstd");
  const block = mixedBytes(100_000);
  const stored = await zstd.encode(block, true);
  const holds = (bytes: Uint8Array) => holdsBlock(zstd, bytes, block, true).catch(() => false);
  expect(stored.length % 4096).toBe(0);
  expect(await holds(stored)).toBe(true);
  expect(await holdsBlock(zstd, stored, mixedBytes(100_000, 2), true)).toBe(false);
  expect(await holds(stored.subarray(0, -1))).toBe(false);
  expect(await holds(Buffer.concat([stored, renderSkippable(4096)]))).toBe(false);
  for (let at = 0; at < stored.length; at += 997) {
    const flipped = Buffer.from(stored);
    flipped[at] = (flipped[at] ?? 0) ^ 16;
    expect(await holds(flipped)).toBe(false);
  }
  const end = Buffer.from(stored);
  end[end.length - 1] = 1;
  expect(await holds(end)).toBe(false);
});
