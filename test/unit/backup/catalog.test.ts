// Whose a revision is: what counts as the history of a file, whatever the files in the folder are called.
import { describe, expect, test } from "bun:test";
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderTrailer, type Trailer } from "../../../src/backup/archive/trailer.ts";
import {
  nextNumber,
  readFolder,
  readRevisions,
  readSeries,
  readSources,
  standingReader,
} from "../../../src/backup/catalog.ts";
import { noProofs } from "../../support/proof-log.ts";
import {
  type IntactRevision,
  nameOf,
  recordOf,
  renderRevisionName,
  type Revision,
} from "../../../src/backup/revision.ts";
import { identifyMachine } from "../../../src/system/machine.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

const uid = process.geteuid?.() ?? 0;
const here = { machine: identifyMachine().id, uid };
const elsewhere = { machine: "0".repeat(32), uid };

/** Three revisions, newest first. */
async function openHistory() {
  const shop = openWorkshop();
  const source = shop.write("notes.txt", "content");
  for (let round = 0; round < 3; round++) await shop.save(source);
  const [third, second, first] = await shop.revisions(source);
  if (!third?.archive || !second?.archive || !first?.archive) throw new Error("a revision is missing");
  return { shop, source, first, second, third };
}

/** What somebody could make who knows the format: a revision with another trailer, under the name that goes with it. */
function forge(shop: Workshop, { path, archive }: IntactRevision, changes: Partial<Trailer>): string {
  const trailer = { ...archive.trailer, ...changes };
  const file = renderRevisionName(nameOf(archive.file.source, archive, trailer));
  const body = readFileSync(path).subarray(0, trailer.trailerAt);
  writeFileSync(join(shop.destination, file), Buffer.concat([body, renderTrailer(archive.format, trailer)]));
  return file;
}

const plant = (shop: Workshop, number: string) =>
  shop.write(`saved/notes.txt-${number}-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst`, "no archive");

const numbersAndStates = (revisions: readonly Revision[]) =>
  revisions.map(({ number, state }) => [number, state]);

test("a revision says whose it is, from within", async () => {
  const { shop, third } = await openHistory();
  using _ = shop;
  const { id: machine, host } = identifyMachine();
  const { takenAtMs } = third;
  expect(third).toMatchObject({ state: "ok", otherHost: null, number: 3 });
  expect(third.archive.trailer).toMatchObject({
    machine,
    host,
    number: 3,
    takenAtMs,
    retention: { keeprevisions: 14 },
  });
  expect(recordOf(third, null)).toMatchObject({ host, state: "ok", number: 3 });
  expect(recordOf(third, null)).not.toHaveProperty("machine");
});

describe("the first one, copied under the number 50,", () => {
  test("is pinned: neither the newest, nor counted, nor in the way of a number", async () => {
    const { shop, source, first, third } = await openHistory();
    using _ = shop;
    const copy = first.file.replace("-000001-", "-000050-");
    copyFileSync(first.path, join(shop.destination, copy));
    expect(numbersAndStates(await shop.revisions(source))).toEqual([
      [3, "ok"],
      [2, "ok"],
      [1, "pinned"],
      [1, "ok"],
    ]);
    const { newest, broken } = await standingReader(noProofs)(source, shop.destination);
    expect([newest?.file, broken]).toEqual([third.file, []]);
    const { number } = await shop.save(source, { retention: { keeprevisions: 1 } });
    expect(number).toBe(4);
    expect(numbersAndStates(await shop.revisions(source))).toEqual([
      [4, "ok"],
      [1, "pinned"],
    ]);
    expect(await shop.revisions(source)).toContainEqual({
      ...first,
      ...pathsOf(shop, copy),
      state: "pinned",
    });
  });
});

function pathsOf(shop: Workshop, file: string) {
  return { file, path: join(shop.destination, file) };
}

test.each([
  ["with a word in it", (file: string) => file.replace(".tar.zst", "-before the migration.tar.zst")],
  ["with a word in front", (file: string) => `keep-${file}`],
  ["altogether", () => "the good one.tar.zst"],
  ["in another case", (file: string) => file.replace("notes", "Notes")],
])("a revision that is renamed %s is pinned, and stays whatever is kept", async (_, rename) => {
  const { shop, source, second } = await openHistory();
  using ground = shop;
  const file = rename(second.file);
  renameSync(second.path, join(ground.destination, file));
  await shop.save(source, { retention: { keeprevisions: 1 } });
  expect((await shop.revisions(source)).map((each) => [each.file.includes("000004"), each.state])).toEqual([
    [true, "ok"],
    [false, "pinned"],
  ]);
  expect(readdirSync(ground.destination)).toContain(file);
});

test("a run looks into nothing that has not the name of a revision of its file; a listing does", async () => {
  const { shop, source, second } = await openHistory();
  using _ = shop;
  renameSync(second.path, join(shop.destination, "the good one.tar.zst"));
  expect(numbersAndStates(await readSeries(shop.destination, source))).toEqual([
    [3, "ok"],
    [1, "ok"],
  ]);
  expect(await readRevisions(shop.destination, source)).toHaveLength(3);
});

describe("names decide what is looked into:", () => {
  test("one with the name of another file's revision is not, unless it is wanted or has the file's name in its own", async () => {
    const { shop, source, first, second } = await openHistory();
    using _ = shop;
    const other = first.file.replace("notes.txt", "other.txt");
    const kept = second.file.replace("notes.txt", "keep my notes.txt");
    copyFileSync(first.path, join(shop.destination, other));
    copyFileSync(second.path, join(shop.destination, kept));
    const filesFor = async (wanted: readonly string[]) =>
      (await readFolder(shop.destination, source, wanted)).revisions.map(({ file }) => file);
    expect(await filesFor([])).toContain(kept);
    expect(await filesFor([])).not.toContain(other);
    expect(await filesFor(["latest", other])).toContain(other);
    expect((await readRevisions(shop.destination)).map(({ file }) => file)).toContain(other);
  });

  test("of thousands of archives with names of their own, only some are, and how many were not is told", async () => {
    const { shop, source, first } = await openHistory();
    using _ = shop;
    for (let number = 0; number < 2100; number++) shop.write(`saved/${number}.tar.zst`, "");
    for (const file of ["zz of notes.txt.tar.zst", "zz.tar.zst"])
      copyFileSync(first.path, join(shop.destination, file));
    const { revisions, unread } = await readFolder(shop.destination, source, ["zz.tar.zst"]);
    expect(revisions.map(({ file, state }) => state === "pinned" && file).filter(Boolean)).toEqual([
      "zz.tar.zst",
      "zz of notes.txt.tar.zst",
    ]);
    expect(unread).toBe(102);
  });

  test("of each stem the newest names its source", async () => {
    const { shop, source } = await openHistory();
    using _ = shop;
    const other = shop.write("other.txt", "other");
    await shop.save(other);
    expect(await readSources(shop.destination)).toEqual([source, other].toSorted());
  });

  test("what was read just now is not read again", async () => {
    const { shop, source, third } = await openHistory();
    using _ = shop;
    writeFileSync(third.path, "no archive");
    expect(numbersAndStates(await readSeries(shop.destination, source))[0]).toEqual([3, "damaged"]);
    expect((await readSeries(shop.destination, source, [third]))[0]).toBe(third);
  });
});

describe("another machine's revisions of the same path", () => {
  test("are told by its name, come last, and change nothing of what counts", async () => {
    const { shop, source, third } = await openHistory();
    using _ = shop;
    const file = forge(shop, third, { machine: elsewhere.machine, host: "laptop", number: 40 });
    const revisions = await shop.revisions(source);
    expect(revisions.map((each) => each.archive && [each.number, each.state, each.otherHost])).toEqual([
      [3, "ok", null],
      [2, "ok", null],
      [1, "ok", null],
      [40, "ok", "laptop"],
    ]);
    expect(recordOf(revisions[3] ?? third, null)).toMatchObject({ host: "laptop", state: "ok", file });
    const { revision, pruned, others } = await shop.run(source, { retention: { keeprevisions: 1 } });
    expect([revision?.number, pruned.length]).toEqual([4, 3]);
    expect(others).toEqual(["not counted: 1 of the machine 'laptop'"]);
    expect(shop.files()).toContain(file);
  });

  test("see this one's in the same way", async () => {
    const { shop, source } = await openHistory();
    using _ = shop;
    const { host } = identifyMachine();
    const seen = await readRevisions(shop.destination, source, elsewhere);
    expect(seen.map((each) => each.archive && each.otherHost)).toEqual([host, host, host]);
    expect(nextNumber(shop.destination, source, [], undefined, elsewhere)).toBe(1);
  });
});

describe("a planted number", () => {
  test.each(["999999999999999", "1000000000", "4000000"])(
    "of %s moves none that is given later",
    async (number) => {
      const { shop, source } = await openHistory();
      using _ = shop;
      plant(shop, number);
      expect((await shop.save(source)).number).toBe(4);
      expect((await shop.save(source)).number).toBe(5);
      expect((await shop.revisions(source))[number.length > 9 ? 0 : 1]).toMatchObject({ number: 5 });
    },
  );

  test("that others go along with moves none either; one within reach is a damaged revision's", async () => {
    const { shop, source } = await openHistory();
    using _ = shop;
    for (const number of ["999999999", "999999998", "900000000"]) plant(shop, number);
    expect(nextNumber(shop.destination, source, [], undefined, here)).toBe(4);
    plant(shop, "000009");
    expect(nextNumber(shop.destination, source, [], undefined, here)).toBe(10);
  });

  test("in an empty folder moves none", async () => {
    using shop = openWorkshop();
    const source = shop.write("notes.txt", "content");
    plant(shop, "999999999");
    expect((await shop.save(source)).number).toBe(1);
  });

  test("that is this machine's own counts: a history may be long, with only one revision left", async () => {
    const { shop, source, third } = await openHistory();
    using _ = shop;
    forge(shop, third, { number: 5_000_000 });
    expect((await shop.save(source)).number).toBe(5_000_001);
  });
});

test("what could not be read back under its name is not published, and nothing is left", async () => {
  const { shop, source, third } = await openHistory();
  using _ = shop;
  forge(shop, third, { number: 999_999_999 });
  const before = shop.files();
  const failure = await shop.save(source).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    exitCode: 1,
    message: expect.stringContaining("-1000000000-"),
    hint: expect.stringContaining("tinybackup list"),
  });
  expect(shop.files()).toEqual(before);
});

test("a trailer that is more than a trailer can be is damage, not a crash", async () => {
  const { shop, source, third } = await openHistory();
  using _ = shop;
  for (const changes of [{ takenAtMs: 1e300 }, { retention: { x: [] } }, { host: 7 }, { machine: "x" }]) {
    const trailer = { ...third.archive.trailer, ...changes };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a forger would
    const bytes = renderTrailer(third.archive.format, trailer as Trailer);
    const body = readFileSync(third.path).subarray(0, third.archive.trailer.trailerAt);
    writeFileSync(third.path, Buffer.concat([body, bytes]));
    expect((await shop.revisions(source))[0]).toMatchObject({
      state: "damaged",
      reason: "its end is damaged",
    });
  }
});
