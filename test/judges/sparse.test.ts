// Files with holes: GNU tar, bsdtar and Python's tarfile must get the same bytes out of an archive as this program does, and
// holes where there were holes.
import { describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readArchive, readPieces } from "../../src/backup/archive/pieces.ts";
import { findExtents, limitHoles } from "../../src/system/extents.ts";
import { noProofs } from "../support/proof-log.ts";
import { verifyArchives } from "../../src/backup/verify.ts";
import { archive } from "../support/archives.ts";
import { judge, mixedBytes, openWorkshop, silentMonitor } from "../support/workshop.ts";

const [KIB, MIB, GIB] = [1 << 10, 1 << 20, 2 ** 30];
const extensions = { zstd: "tar.zst", gzip: "tar.gz", none: "tar" } as const;
const formats = ["zstd", "gzip", "none"] as const;
const { signal } = silentMonitor;

/** Where there is data: [from, bytes], ...; and how long the file is. */
type Layout = readonly [name: string, sizeBytes: number, ...data: readonly (readonly [number, number])[]];

const every = (step: number, count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => [index * step, bytes] as const);

const layouts: readonly Layout[] = [
  ["a hole at its end", 10 * MIB + 77, [0, 100_000]],
  ["a hole at its beginning", 10 * MIB + 5, [9 * MIB, MIB + 5]],
  ["a hole in its middle", 10 * MIB, [0, 3 * MIB], [6 * MIB, 4 * MIB]],
  ["nothing but a hole", 3 * MIB + 1],
  ["one byte at its very end", 5 * MIB, [5 * MIB - 1, 1]],
  ["many parts in one block", 20 * MIB, ...every(128 * KIB, 150, 4 * KIB)],
  ["parts across the ends of blocks", 15 * MIB, ...every(MIB + 256 * KIB, 11, MIB - 64 * KIB)],
];

function writeSparse(path: string, sizeBytes: number, data: readonly (readonly [number, number])[]): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, sizeBytes);
  for (const [at, bytes] of data) writeSync(fd, mixedBytes(bytes, at + 1), 0, bytes, at);
  closeSync(fd);
}

/** How many bytes of a file are no hole. Its blocks are no measure: the file system's map of them may take one more. */
function countData(path: string): number {
  const fd = openSync(path, "r");
  const { size } = statSync(path);
  const extents = findExtents(fd, size) ?? [{ bytes: size }];
  closeSync(fd);
  return extents.reduce((sum, { bytes }) => sum + bytes, 0);
}

const untarred = (path: string, folder: string) => ({
  "GNU tar": ["tar", "-xf", path, "-C", folder],
  bsdtar: ["bsdtar", "-xf", path, "-C", folder],
});

describe.each(formats)("%s", (format) => {
  test.each(layouts)("a file with %s is given back by all, as sparse as it was", async (...layout) => {
    const [, sizeBytes, ...data] = layout;
    using shop = openWorkshop();
    const source = join(shop.root, "disk.img");
    writeSparse(source, sizeBytes, data);
    const content = readFileSync(source);
    const path = join(shop.root, `saved.${extensions[format]}`);
    const saved = await archive(source, path, format);
    if (!saved) throw new Error("it was not saved");

    expect(saved.trailer.sha256).toBe(judge("sha256sum", source).stdout.toString().slice(0, 64));
    expect(saved.trailer.dataBytes).toBeLessThan(sizeBytes);
    expect(judge("tar", "-tf", path)).toMatchObject({ status: 0, stderr: "" });
    for (const tool of ["tar", "bsdtar"])
      expect(judge(tool, "-tf", path).stdout.toString()).toBe("disk.img\n");
    for (const [tool, [program = "", ...args]] of Object.entries(untarred(path, join(shop.root, "out")))) {
      mkdirSync(join(shop.root, "out"), { recursive: true });
      expect(judge(program, ...args)).toMatchObject({ status: 0, stderr: "" });
      const back = join(shop.root, "out/disk.img");
      expect({ tool, same: readFileSync(back).equals(content) }).toEqual({ tool, same: true });
      expect(countData(back)).toBeLessThanOrEqual(countData(source));
    }

    const blocksBack: Uint8Array[] = [];
    for await (const block of readArchive(path, saved, signal)) blocksBack.push(Buffer.from(block));
    expect(blocksBack.slice(0, -1).every(({ length }) => length === MIB)).toBe(true);
    expect(Buffer.concat(blocksBack).equals(content)).toBe(true);
    const pieces = Buffer.alloc(sizeBytes);
    for await (const { at, bytes } of readPieces(path, saved, signal)) pieces.set(bytes, at);
    expect(pieces.equals(content)).toBe(true);
    expect(await verifyArchives([path], noProofs, silentMonitor)).toMatchObject([{ state: "whole" }]);
  });
});

test("Python's tarfile reads one as GNU tar does", async () => {
  using shop = openWorkshop();
  const source = join(shop.root, `${"långt namn ".repeat(12)}.img`);
  writeSparse(source, 3 * MIB, every(MIB, 3, 5));
  const path = join(shop.root, "saved.tar");
  await archive(source, path, "none");
  const script = `
import sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    [member] = tar.getmembers()
    sys.stdout.buffer.write(member.name.encode() + b"\\n" + tar.extractfile(member).read())`;
  const { stdout, status } = judge("python3", "-c", script, path);
  expect(status).toBe(0);
  const name = `${"långt namn ".repeat(12)}.img\n`;
  expect(stdout.equals(Buffer.concat([Buffer.from(name), readFileSync(source)]))).toBe(true);
});

test("20 GiB with a few MiB of data are saved, verified, read and extracted in seconds", async () => {
  using shop = openWorkshop();
  const source = join(shop.root, "disk.img");
  writeSparse(source, 20 * GIB, every(5 * GIB, 4, MIB));
  const path = join(shop.root, "saved.tar.zst");
  const startMs = performance.now();
  const saved = await archive(source, path, "zstd");
  if (!saved) throw new Error("it was not saved");
  expect(await verifyArchives([path], noProofs, silentMonitor)).toMatchObject([{ state: "whole" }]);
  let sizeBytes = 0;
  for await (const block of readArchive(path, saved, signal)) sizeBytes += block.length;
  expect(sizeBytes).toBe(20 * GIB);
  expect(judge("tar", "-xf", path, "-C", shop.destination)).toMatchObject({ status: 0, stderr: "" });
  expect(performance.now() - startMs).toBeLessThan(5000);
  const back = join(shop.destination, "disk.img");
  expect([statSync(back).size, countData(back)]).toEqual([20 * GIB, countData(source)]);
  for (const [at, bytes] of every(5 * GIB, 4, MIB))
    expect(judge("cmp", `--ignore-initial=${at}`, `--bytes=${bytes}`, source, back)).toMatchObject({
      status: 0,
    });
});

test("20,000 parts of 4 KiB in 20 GiB are stored without their holes, and given back with them", async () => {
  using shop = openWorkshop();
  const source = join(shop.root, "a");
  writeSparse(source, 20 * GIB, every(MIB, 20_000, 4 * KIB));
  const path = join(shop.root, "a.tar.zst");
  const startMs = performance.now();
  const saved = await archive(source, path, "zstd");
  expect(saved?.trailer.dataBytes).toBe(20_000 * 4 * KIB);
  expect(await verifyArchives([path], noProofs, silentMonitor)).toMatchObject([{ state: "whole" }]);
  expect(performance.now() - startMs).toBeLessThan(10_000);
  for (const tool of ["tar", "bsdtar"]) {
    expect(judge(tool, "-xf", path, "-C", shop.destination)).toMatchObject({ status: 0, stderr: "" });
    expect(countData(join(shop.destination, "a"))).toBeLessThanOrEqual(countData(source));
  }
});

test("of more holes than a header holds, the largest are kept", async () => {
  using shop = openWorkshop();
  const source = join(shop.root, "a");
  writeSparse(source, GIB, every(8 * KIB, 50_000, 1));
  const saved = await archive(source, join(shop.root, "a.tar"), "none");
  expect(saved?.file.extents).toHaveLength(limitHoles(GIB));
  expect(judge("tar", "--compare", "-f", join(shop.root, "a.tar"), "-C", shop.root)).toMatchObject({
    status: 0,
    stderr: "",
  });
});

test("a hole of one block is kept, and no hole makes an ordinary archive", async () => {
  using shop = openWorkshop();
  const source = join(shop.root, "a");
  for (const [sizeBytes, data, extents] of [
    [8 * KIB, [[0, 4 * KIB] as const], [{ at: 0, bytes: 4 * KIB }]],
    [1000, [[0, 1000] as const], undefined],
  ] as const) {
    writeSparse(source, sizeBytes, data);
    const saved = await archive(source, join(shop.root, `${sizeBytes}.tar`), "none");
    expect(saved?.file).toMatchObject({ sizeBytes, extents });
  }
});

test("a source that was cut short is no archive, or one that is padded", async () => {
  using shop = openWorkshop();
  const source = shop.write("a", mixedBytes(1000));
  const change = { sizeBytes: 3 * MIB, extents: undefined };
  expect(await archive(source, join(shop.root, "a.tar.zst"), "zstd", change)).toBeUndefined();
  const path = join(shop.root, "b.tar.zst");
  await archive(source, path, "zstd", { ...change, padsShort: true });
  expect(judge("tar", "-xf", path, "-C", shop.destination)).toMatchObject({ status: 0, stderr: "" });
  const back = readFileSync(join(shop.destination, "a"));
  expect(back.equals(Buffer.concat([mixedBytes(1000)], 3 * MIB))).toBe(true);
});
