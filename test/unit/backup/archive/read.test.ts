// Archives that somebody else put into the folder: restore refuses them, in bounded memory, and writes nothing anywhere.
import { expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { formatNamed } from "../../../../src/backup/archive/formats.ts";
import { renderHeader } from "../../../../src/backup/archive/tar.ts";
import { digestSource, renderTrailer } from "../../../../src/backup/archive/trailer.ts";
import { compareStates } from "../../../../src/backup/compare.ts";
import { restoreRevision, streamRevision } from "../../../../src/backup/restore.ts";
import { noProofs } from "../../../support/proof-log.ts";
import { verifyArchives } from "../../../../src/backup/verify.ts";
import { identifyMachine } from "../../../../src/system/machine.ts";
import { openWorkshop, silentMonitor, type Workshop } from "../../../support/workshop.ts";

const FILE = "notes.txt-000001-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst";
const zstd = formatNamed("zstd");

async function tarOf(
  entries: readonly (Partial<Header> & { name: string; content?: string })[],
): Promise<Buffer> {
  const packing = pack();
  for (const { content, ...header } of entries) packing.entry(header, content ?? "");
  packing.finalize();
  const parts: Buffer[] = [];
  for await (const part of packing) parts.push(Buffer.from(String(part), "latin1"));
  return Buffer.concat(parts);
}

const comment = JSON.stringify({ tinybackup: 1, source: "/etc/passwd", sizeBytes: 4, tool: "1.0.0" });
const pax = { mtime: "1700000000.000000000", comment };

/** Ends stored frames as this program would: the strongest forgery, by someone who knows the format. */
function forge(
  headerFrame: Uint8Array,
  contentFrames: readonly Uint8Array[],
  sizeBytes: number,
  source = "/etc/passwd",
): Buffer {
  const stored = Buffer.concat([headerFrame, ...contentFrames]);
  const trailer = {
    sha256: "3f2a9c1b7d5e".padEnd(64, "0"),
    sourceDigest: digestSource(source),
    sizeBytes,
    dataBytes: sizeBytes,
    trailerAt: stored.length,
    headerCrc32: crc32(headerFrame),
    storedCrc32: crc32(stored),
    machine: identifyMachine().id,
    host: "somewhere",
    number: 1,
    takenAtMs: Date.UTC(2026, 10, 23, 2, 15, 7),
    retention: {},
    isChanged: false,
  };
  return Buffer.concat([stored, renderTrailer(zstd, trailer)]);
}

async function forgeHeader(header: Partial<Header> & { name: string }, content = "evil"): Promise<Buffer> {
  const tar = await tarOf([
    { ...header, content: header.type === undefined || header.type === "file" ? content : "" },
  ]);
  return forge(
    zstd.encodeStored(tar.subarray(0, tar.length - 1024 - 512)),
    [await zstd.encode(Buffer.from(content))],
    content.length,
  );
}

const plainTar = (entries: Parameters<typeof tarOf>[0]) => async () =>
  zstd.encodeStored(await tarOf(entries));
const member = { source: "/etc/passwd", sizeBytes: 4, mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n };

const hostile: readonly [string, () => Promise<Uint8Array>][] = [
  [
    "several members",
    plainTar([
      { name: "notes.txt", content: "a" },
      { name: "b", content: "b" },
    ]),
  ],
  ["a path that climbs out", plainTar([{ name: "../../escaped.txt", content: "evil" }])],
  ["an absolute path", plainTar([{ name: "/tmp/escaped-by-tinybackup-test.txt", content: "evil" }])],
  ["a symbolic link", plainTar([{ name: "notes.txt", type: "symlink", linkname: "/etc/passwd" }])],
  ["a hard link", plainTar([{ name: "notes.txt", type: "link", linkname: "/etc/passwd" }])],
  ["a device", plainTar([{ name: "notes.txt", type: "character-device", devmajor: 1, devminor: 3 }])],
  ["a folder", plainTar([{ name: "notes.txt", type: "directory" }])],
  ["nothing", async () => Buffer.alloc(0)],
  ["an empty tar", async () => zstd.encodeStored(Buffer.alloc(1024))],
  ["no tar at all", async () => Buffer.from("#!/bin/sh\necho evil\n".repeat(200))],
  ["a gzip under a zstd name", async () => gzipSync(await tarOf([{ name: "notes.txt", content: "a" }]))],
  ["a forged path that climbs out", async () => forgeHeader({ name: "../../passwd", pax })],
  ["a forged absolute path", async () => forgeHeader({ name: "/etc/passwd", pax })],
  [
    "a forged symbolic link",
    async () => forgeHeader({ name: "passwd", type: "symlink", linkname: "/etc/shadow", pax }),
  ],
  ["a forged device", async () => forgeHeader({ name: "passwd", type: "block-device", pax })],
  [
    "a forged source that is no path",
    async () => forgeHeader({ name: "passwd", pax: { ...pax, comment: comment.replace("/etc/", "") } }),
  ],
  [
    "a forged negative size",
    async () => forgeHeader({ name: "passwd", pax: { ...pax, comment: comment.replace("4", "-4") } }),
  ],
  [
    "a forged digest that is a lie",
    async () => forge(await zstd.encode(renderHeader(member)), [await zstd.encode(Buffer.from("evil"))], 4),
  ],
  [
    "more forged content than it says",
    async () =>
      forge(
        await zstd.encode(renderHeader(member)),
        [await zstd.encode(Buffer.from("evil")), await zstd.encode(Buffer.from("more"))],
        4,
      ),
  ],
  [
    "less forged content than it says",
    async () =>
      forge(
        await zstd.encode(renderHeader({ ...member, sizeBytes: 5_000_000 })),
        [await zstd.encode(Buffer.from("evil"))],
        5_000_000,
      ),
  ],
  ["a forged header of a gigabyte", async () => forge(bomb(), [], 4)],
  ["a forged block of a gigabyte", async () => forge(await zstd.encode(renderHeader(member)), [bomb()], 4)],
  [
    "a forged frame of a million empty blocks",
    async () => forge(await zstd.encode(renderHeader(member)), [endless()], 4),
  ],
];

/** A gigabyte of zeros in 32 KiB: one frame of blocks that say a byte and how often it comes (RFC 8878, 3.1.1.2). */
function bomb(): Buffer {
  const repeated = Buffer.alloc(4);
  repeated.writeUIntLE((131_072 << 3) | 2, 0, 3);
  const blocks = Buffer.alloc(8192 * repeated.length, repeated);
  const last = blocks.length - repeated.length;
  blocks[last] = (blocks[last] ?? 0) | 1;
  return Buffer.concat([Buffer.from("28b52ffd0088", "hex"), blocks]);
}

/** One frame whose blocks never end. */
function endless(): Buffer {
  return Buffer.concat([
    Buffer.from("28b52ffd2404", "hex"),
    Buffer.alloc(3_000_000),
    Buffer.from("0100000000000000", "hex"),
  ]);
}

async function tryToRestore(shop: Workshop): Promise<unknown> {
  const [revision] = await shop.revisions();
  if (!revision) return "not taken for a revision";
  if (!revision.archive) return revision.reason;
  return restoreRevision({ revision, target: join(shop.root, "out"), force: false }, silentMonitor).catch(
    (error: Error) => error.message,
  );
}

test.each(hostile)("an archive with %s is refused, in bounded memory", async (_, make) => {
  using shop = openWorkshop();
  const path = join(shop.destination, FILE);
  writeFileSync(path, await make());
  const rssBefore = process.memoryUsage.rss();
  const outcome = await tryToRestore(shop);
  const [verdict] = await verifyArchives([path], noProofs, silentMonitor);
  expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(100e6);
  expect(outcome).toBeString();
  expect(verdict?.reason).toBeString();
  expect(readdirSync(shop.root)).toEqual(["saved"]);
  expect(existsSync("/tmp/escaped-by-tinybackup-test.txt")).toBe(false);
});

test("one whose ends name two files is damaged to whoever restores or compares it, so that an older one is taken", async () => {
  using shop = openWorkshop();
  const source = shop.write("notes.txt", "content");
  const frames = [await zstd.encode(Buffer.from("evil"))];
  const path = join(shop.destination, FILE);
  writeFileSync(path, forge(await zstd.encode(renderHeader(member)), frames, 4, source));
  const [revision] = await shop.revisions(source);
  if (!revision?.archive) throw new Error("not taken for a revision");
  const live = { state: "live", path: source } as const;
  const target = join(shop.root, "out");
  const acts = [
    restoreRevision({ revision, target, force: false }, silentMonitor),
    streamRevision(revision, () => Promise.resolve(true), silentMonitor),
    compareStates(revision, live, silentMonitor),
  ];
  const damage = "its two ends contradict each other on the source";
  for (const { status, ...ended } of await Promise.allSettled(acts))
    expect([status, ended]).toEqual([
      "rejected",
      { reason: expect.objectContaining({ exitCode: 5, finding: { path, damage } }) },
    ]);
  expect(existsSync(target)).toBe(false);
});
