// A file becomes a revision and comes back; the judges are the tools that a person has without this program.
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { restoreRevision, streamRevision } from "../../src/backup/restore.ts";
import { holds } from "../support/promises.ts";
import { noProofs } from "../support/proof-log.ts";
import { verifyArchives, verifyRevisions } from "../../src/backup/verify.ts";
import { allIntact, judge, mixedBytes, openWorkshop, silentMonitor } from "../support/workshop.ts";

const MIB = 1 << 20;
const formats = ["zstd", "gzip", "none"] as const;
/** Around every edge: one byte, a tar record, a zstd block, a block of ours, several of them. */
const sizes = [1, 511, 512, 513, 128 * 1024, MIB - 1, MIB, MIB + 1, 5 * MIB + 12345];

describe.each(formats)("%s", (format) => {
  test.each(sizes)(
    holds(
      "plain",
      "whole",
      "restore-proven",
      "a file of %p bytes is saved as tar, zstd, gzip and sha256sum confirm, and restored as it was",
    ),
    async (size) => {
      using shop = openWorkshop();
      const content = mixedBytes(size, size);
      const source = shop.write("ledger.db", content);
      chmodSync(source, 0o640);
      utimesSync(source, new Date(), new Date(1_600_000_000_123));
      const before = statSync(source, { bigint: true });
      const revision = await shop.save(source, { format });

      expect(judge("sha256sum", source).stdout.toString().slice(0, 64)).toBe(revision.archive.trailer.sha256);
      if (format === "zstd")
        expect(judge("zstd", "-qt", revision.path)).toMatchObject({ status: 0, stderr: "" });
      if (format === "gzip")
        expect(judge("gzip", "-t", revision.path)).toMatchObject({ status: 0, stderr: "" });
      mkdirSync(join(shop.root, "by-tar"));
      expect(judge("tar", "-xf", revision.path, "-C", join(shop.root, "by-tar"))).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect(readdirSync(join(shop.root, "by-tar"))).toEqual(["ledger.db"]);

      const [found] = allIntact(await shop.revisions(source));
      if (!found) throw new Error("the revision is not listed");
      await restoreRevision(
        { revision: found, target: join(shop.root, "back.db"), force: false },
        silentMonitor,
      );
      for (const copy of ["by-tar/ledger.db", "back.db"]) {
        const path = join(shop.root, copy);
        const after = statSync(path, { bigint: true });
        expect(readFileSync(path).equals(content)).toBe(true);
        expect([after.mode, after.mtimeNs, after.uid, after.gid]).toEqual([
          before.mode,
          before.mtimeNs,
          before.uid,
          before.gid,
        ]);
      }
    },
  );

  test("what is streamed is the content", async () => {
    using shop = openWorkshop();
    const content = mixedBytes(3 * MIB + 5);
    await shop.save(shop.write("a", content), { format });
    const [found] = allIntact(await shop.revisions());
    const parts: Uint8Array[] = [];
    if (found)
      await streamRevision(found, async (bytes) => parts.push(Buffer.from(bytes)) > 0, silentMonitor);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  });

  test("incompressible content costs next to nothing more than its size", async () => {
    using shop = openWorkshop();
    const content = crypto.getRandomValues(Buffer.alloc(65536));
    const source = shop.write("random", Buffer.concat(Array.from({ length: 64 }, () => content)));
    const { storedBytes, sizeBytes } = await shop.save(source, { format });
    expect(storedBytes).toBeLessThan(sizeBytes * 1.001 + 8192);
  });
});

test(
  holds("undisturbed", "access-time", "the source's bytes, mode, modification and access time are as before"),
  async () => {
    using shop = openWorkshop();
    const source = shop.write("a", "content");
    chmodSync(source, 0o604);
    utimesSync(source, new Date(1_000_000_000_000), new Date(1_100_000_000_000));
    const before = statSync(source, { bigint: true });
    await shop.save(source);
    const after = statSync(source, { bigint: true });
    expect([after.atimeNs, after.mtimeNs, after.ctimeNs, after.mode]).toEqual([
      before.atimeNs,
      before.mtimeNs,
      before.ctimeNs,
      before.mode,
    ]);
    expect(readFileSync(source, "utf8")).toBe("content");
  },
);

test("a symbolic link is followed once: the file behind it is what is saved, under its own name", async () => {
  using shop = openWorkshop();
  const real = shop.write("real.txt", "content");
  const link = join(shop.root, "link.txt");
  symlinkSync("real.txt", link);
  lutimesSync(link, 1, 1);
  expect((await shop.save(link)).source).toBe(real);
  expect((await shop.save(real)).number).toBe(2);
});

test(
  holds("planted", "two files with one base name share a folder, and never count as one another's revisions"),
  async () => {
    using shop = openWorkshop();
    for (const folder of ["a", "b"]) mkdirSync(join(shop.root, folder));
    const one = shop.write("a/config.json", "one");
    const other = shop.write("b/config.json", "other");
    for (let round = 0; round < 4; round++) {
      await shop.save(one, { retention: { keeprevisions: 2 } });
      await shop.save(other, { retention: { keeprevisions: 3 } });
    }
    expect((await shop.revisions(one)).map(({ number }) => number)).toEqual([4, 3]);
    expect((await shop.revisions(other)).map(({ number }) => number)).toEqual([4, 3, 2]);
  },
);

test("the same content of two such files, saved in the same second, gets two names", async () => {
  using shop = openWorkshop();
  for (const folder of ["a", "b"]) mkdirSync(join(shop.root, folder));
  const sources = ["a/x", "b/x"].map((name) => shop.write(name, "same"));
  await Promise.all(sources.map((source) => shop.save(source)));
  expect(shop.files()).toHaveLength(2);
  for (const source of sources) expect(await shop.revisions(source)).toHaveLength(1);
});

test(
  holds(
    "planted",
    "files that look almost like revisions are never counted, pruned or touched; what is one inside is pinned",
  ),
  async () => {
    using shop = openWorkshop();
    const source = shop.write("notes.txt", "content");
    const { file, path } = await shop.save(source);
    const foreign = [
      `${file}.bak`,
      `keep-${file}`,
      file.replace(".tar.zst", "-keep.tar.zst"),
      "notes.txt-000001.tar.zst",
      ".tinybackup-mine.partial",
    ];
    for (const name of foreign) shop.write(`saved/${name}`, readFileSync(path));
    mkdirSync(join(shop.destination, file.replace("000001", "000009")));
    symlinkSync(file, join(shop.destination, file.replace("000001", "000008")));
    for (let round = 0; round < 3; round++) await shop.save(source, { retention: { keeprevisions: 1 } });
    expect((await shop.revisions()).map(({ number, state }) => [number, state])).toEqual([
      [4, "ok"],
      [1, "pinned"],
      [1, "pinned"],
      [1, "pinned"],
    ]);
    expect(shop.files()).toEqual(
      expect.arrayContaining([
        ...foreign,
        file.replace("000001", "000009"),
        file.replace("000001", "000008"),
      ]),
    );
  },
);

test(holds("shrunk", "an empty file is not saved, and pushes nothing out"), async () => {
  using shop = openWorkshop();
  const source = shop.write("a", "content");
  await shop.save(source);
  truncateSync(source);
  const result = await shop.run(source, { retention: { keeprevisions: 1 } });
  expect(result).toMatchObject({ revision: null, skipped: "empty", pruned: [] });
  expect(result.warnings[0]).toContain("is empty: nothing was saved");
  expect(await shop.revisions(source)).toHaveLength(1);
});

test(
  holds(
    "shrunk",
    "a file that shrank to under a tenth is saved, that is said once, and what was before stays",
  ),
  async () => {
    using shop = openWorkshop();
    const source = shop.write("a", "x".repeat(1000));
    await shop.save(source);
    shop.write("a", "x".repeat(99));
    const shrunk = await shop.run(source, { retention: { keeprevisions: 1 } });
    expect(shrunk.warnings[0]).toContain("it shrank from 1000 to 99 bytes");
    expect(await shop.revisions(source)).toHaveLength(2);
    expect((await shop.run(source, { retention: { keeprevisions: 1 } })).warnings).toEqual([]);
    expect((await shop.revisions(source)).map(({ number }) => number)).toEqual([3, 1]);
  },
);

test(
  holds("nothing-lost", "keeping fewer than before removes the oldest, after the new one is there"),
  async () => {
    using shop = openWorkshop();
    const source = shop.write("a", "content");
    for (let round = 0; round < 14; round++) await shop.save(source);
    expect(await shop.revisions(source)).toHaveLength(14);
    const { pruned } = await shop.run(source, { retention: { keeprevisions: 3 } });
    expect(pruned).toHaveLength(12);
    expect((await shop.revisions(source)).map(({ number }) => number)).toEqual([15, 14, 13]);
    expect(await verifyRevisions(await shop.revisions(source), noProofs, silentMonitor)).toEqual(
      (await shop.revisions(source)).map(({ path }) => ({
        path,
        state: "whole",
        reason: null,
        provenBytes: statSync(path).size,
        isChanged: false,
      })),
    );
  },
);

test("archives are verified wherever they are, whatever their names", async () => {
  using shop = openWorkshop();
  const { path } = await shop.save(shop.write("a", "content"));
  const elsewhere = shop.write("pinned.tar.zst", readFileSync(path));
  const other = shop.write("pinned.zip", readFileSync(path));
  const link = join(shop.root, "link.tar.zst");
  symlinkSync(elsewhere, link);
  for (const archive of [elsewhere, link]) {
    expect(await verifyArchives([archive], noProofs, silentMonitor)).toEqual([
      { path: archive, state: "whole", reason: null, provenBytes: statSync(path).size, isChanged: false },
    ]);
  }
  const refusal = await verifyArchives([elsewhere, other], noProofs, silentMonitor).catch(
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("pinned.zip' is no revision"),
  });
});
