import { afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openProofLog } from "../../../src/commands/proof-log.ts";
import { recordEvent } from "../../../src/schedule/journal.ts";

const nowMs = Date.parse("2026-11-23T12:00:00Z");
const hourMs = 3_600_000;
const path = "/mnt/usb/saved/notes.txt-000001-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst";
const series = { folder: "/mnt/usb/saved", source: "/home/me/notes.txt" };

let root = "";
let journal = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "proof-log-"));
  journal = join(root, "tinybackup/journal.jsonl");
  setSystemTime(nowMs);
});
afterEach(() => {
  setSystemTime();
  rmSync(root, { recursive: true });
});

const open = () => openProofLog({ journal });

test("what was found is known at once, and by whoever opens the journal next", async () => {
  const log = open();
  expect([log.provenMs(path), log.damageOf(path), log.equalMs(path)]).toEqual([null, null, null]);
  expect(await log.record([{ path, damage: null }])).toBe(true);
  expect(await log.recordEqual(path)).toBe(true);
  for (const each of [log, open()])
    expect([each.provenMs(path), each.damageOf(path), each.equalMs(path)]).toEqual([nowMs, null, nowMs]);
  setSystemTime(nowMs + hourMs);
  await log.record([{ path, damage: "rot" }]);
  for (const each of [log, open()]) expect([each.provenMs(path), each.damageOf(path)]).toEqual([null, "rot"]);
  setSystemTime(nowMs + 2 * hourMs);
  await log.record([{ path, damage: null }]);
  for (const each of [log, open()])
    expect([each.provenMs(path), each.damageOf(path)]).toEqual([nowMs + 2 * hourMs, null]);
});

test("an event of the future counts for nothing, be it proof, damage or the reading of a day", async () => {
  const log = open();
  await log.record([{ path, damage: "rot" }]);
  await log.record([{ path: `${path}2`, damage: null }]);
  await log.beginDaily(series);
  setSystemTime(nowMs - 40 * 24 * hourMs);
  const earlier = open();
  expect([earlier.damageOf(path), earlier.provenMs(`${path}2`)]).toEqual([null, null]);
  expect(await earlier.beginDaily(series)).toBe(true);
});

test("an old revision may be read once a day and series", async () => {
  expect(await open().beginDaily(series)).toBe(true);
  expect(await open().beginDaily(series)).toBe(false);
  expect(await open().beginDaily({ ...series, source: "/home/me/other.txt" })).toBe(true);
  setSystemTime(nowMs + 11 * hourMs);
  expect(await open().beginDaily(series)).toBe(false);
  setSystemTime(nowMs + 12 * hourMs);
  expect(await open().beginDaily(series)).toBe(true);
});

test.each<[string, () => void]>([
  ["is lost", () => rmSync(journal)],
  ["is rubbish", () => writeFileSync(journal, Buffer.alloc(1000, 0xff))],
  [
    "has become a folder",
    () => {
      rmSync(journal);
      mkdirSync(journal);
    },
  ],
])("a journal that %s knows nothing, and throws nothing", async (_, spoil) => {
  await open().record([{ path, damage: "rot" }]);
  spoil();
  expect([open().provenMs(path), open().damageOf(path)]).toEqual([null, null]);
});

test("where it can't be written that is said, nothing old is to be read, and this run knows all the same", async () => {
  mkdirSync(journal, { recursive: true });
  const log = open();
  expect(await log.record([{ path, damage: "rot" }])).toBe(false);
  expect(log.damageOf(path)).toBe("rot");
  expect(await log.beginDaily(series)).toBe(false);
});

test("a journal that is cut down forgets neither what is damaged nor the newest proofs", async () => {
  const log = open();
  await log.record([{ path, damage: "rot" }]);
  for (let batch = 0; batch < 40; batch++) {
    setSystemTime(nowMs + batch);
    await log.record(
      Array.from({ length: 100 }, (_, index) => ({ path: `${path}${batch}-${index}`, damage: null })),
    );
  }
  appendFileSync(journal, `${"x".repeat(1024 * 1024)}\n`);
  await recordEvent(
    { event: "removed", atMs: nowMs, schedule: "0".repeat(32), reason: "uninstalled" },
    journal,
  );
  expect(statSync(journal).size).toBeLessThan(512 * 1024);
  expect(readFileSync(journal, "utf8").match(/\.tar\.zst/g)).toHaveLength(2000);
  const again = open();
  expect([again.damageOf(path), again.provenMs(`${path}39-99`), again.provenMs(`${path}0-0`)]).toEqual([
    "rot",
    nowMs + 39,
    null,
  ]);
  expect(dirname(journal)).toBe(join(root, "tinybackup"));
});
