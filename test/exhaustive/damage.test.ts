// No damage stays unseen: every bit of a revision is flipped in turn, and it is cut at every byte.
import { expect, test } from "bun:test";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { restoreRevision } from "../../src/backup/restore.ts";
import { holds } from "../support/promises.ts";
import { noProofs } from "../support/proof-log.ts";
import { verifyArchives } from "../../src/backup/verify.ts";
import { mixedBytes, openWorkshop, silentMonitor, type Workshop } from "../support/workshop.ts";

const formats = ["zstd", "gzip", "none"] as const;

async function reasonFor(shop: Workshop, file: string, bytes: Uint8Array): Promise<string | null> {
  const path = join(shop.root, file);
  writeFileSync(path, bytes);
  const [verdict] = await verifyArchives([path], noProofs, silentMonitor);
  return verdict?.reason ?? null;
}

test.each(formats)(
  holds("whole", "%s: whichever bit of a small revision is flipped, it is seen"),
  async (format) => {
    using shop = openWorkshop();
    const { path, file } = await shop.save(
      shop.write("a.txt", "the quick brown fox jumps over the lazy dog, and again"),
      { format },
    );
    const bytes = readFileSync(path);
    const missed: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await reasonFor(shop, file, flipped)) === null) missed.push(bit);
    }
    expect(missed).toEqual([]);
    expect(await reasonFor(shop, file, bytes)).toBeNull();
  },
);

test.each(formats)(holds("whole", "%s: wherever a small revision is cut, it is seen"), async (format) => {
  using shop = openWorkshop();
  const { path, file } = await shop.save(shop.write("a.txt", "the quick brown fox"), { format });
  const bytes = readFileSync(path);
  const missed: number[] = [];
  for (let length = 0; length < bytes.length; length++) {
    if ((await reasonFor(shop, file, bytes.subarray(0, length))) === null) missed.push(length);
  }
  expect(missed).toEqual([]);
  expect(await reasonFor(shop, file, Buffer.concat([bytes, Buffer.alloc(1)]))).not.toBeNull();
});

test.each(formats)(
  "%s: in a revision of many blocks, any of a thousand flipped bits is seen",
  async (format) => {
    using shop = openWorkshop();
    const { path, file } = await shop.save(shop.write("a.db", mixedBytes(3 << 20)), { format });
    const bytes = readFileSync(path);
    const missed: number[] = [];
    const flips = format === "gzip" ? 150 : 400;
    for (let round = 0; round < flips; round++) {
      const bit = Math.floor(Math.random() * bytes.length * 8);
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await reasonFor(shop, file, flipped)) === null) missed.push(bit);
    }
    expect(missed).toEqual([]);
  },
);

test.each(formats)(
  "%s: a damaged revision is refused by restore, which leaves nothing behind",
  async (format) => {
    using shop = openWorkshop();
    const source = shop.write("a.db", mixedBytes(2 << 20));
    const { path } = await shop.save(source, { format });
    const [revision] = await shop.revisions(source);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    if (revision?.state !== "ok") throw new Error("the ends of the revision are intact");
    const request = { revision, target: join(shop.root, "back.db"), force: false };
    const failure = await restoreRevision(request, silentMonitor).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 5 });
    expect([...new Bun.Glob("{*,.*}").scanSync({ cwd: shop.root, dot: true })].toSorted()).toEqual(["a.db"]);
  },
);

test("a truncated revision is listed as damaged, is not latest, and is neither counted nor pruned", async () => {
  using shop = openWorkshop();
  const source = shop.write("a", "content");
  for (let round = 0; round < 3; round++) await shop.save(source);
  const [newest, , oldest] = await shop.revisions(source);
  for (const revision of [newest, oldest]) if (revision) truncateSync(revision.path, 1000);
  expect((await shop.revisions(source)).map(({ state, number }) => [number, state])).toEqual([
    [3, "damaged"],
    [2, "ok"],
    [1, "damaged"],
  ]);
  await shop.save(source, { retention: { keeprevisions: 1 } });
  expect((await shop.revisions(source)).map(({ state, number }) => [number, state])).toEqual([
    [4, "ok"],
    [3, "damaged"],
    [1, "damaged"],
  ]);
});
