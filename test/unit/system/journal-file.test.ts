import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeEvents, scheduleOf } from "../../../src/schedule/journal.ts";
import { appendJournalLine, locateJournal, readJournalText } from "../../../src/system/state-folder.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const keepAll = (text: string): string => text;

test.each([
  [{ XDG_STATE_HOME: "/state", HOME: "/home/me" }, "/state/tinybackup/journal.jsonl"],
  [{ XDG_STATE_HOME: "state", HOME: "/home/me" }, "/home/me/.local/state/tinybackup/journal.jsonl"],
  [{ HOME: "/home/me" }, "/home/me/.local/state/tinybackup/journal.jsonl"],
  [{ HOME: "home/me" }, "/.local/state/tinybackup/journal.jsonl"],
])("with %j the journal is %s", (environment, path) => {
  expect(locateJournal(environment)).toBe(path);
});

test("the journal and its folder are made for their owner only", async () => {
  const path = join(folder, "new/tinybackup/journal.jsonl");
  expect(readJournalText(path)).toBe("");
  expect(await appendJournalLine(path, "a\n", keepAll)).toBe(true);
  expect(await appendJournalLine(path, "b\n", keepAll)).toBe(true);
  expect(readJournalText(path)).toBe("a\nb\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
});

test("a line comes whole after one that a crash left torn", async () => {
  const path = join(folder, "torn.jsonl");
  writeFileSync(path, "whole\ntor");
  await appendJournalLine(path, "next\n", keepAll);
  expect(readJournalText(path)).toBe("whole\ntor\nnext\n");
});

test("a journal above a megabyte is cut down before it takes the line", async () => {
  const path = join(folder, "long.jsonl");
  appendFileSync(path, `${"x".repeat(1024 * 1024)}\n`);
  await appendJournalLine(path, "next\n", (text) => `${text.length}\n`);
  expect(readJournalText(path)).toBe("1048577\nnext\n");
});

test.each([
  ["a folder", (path: string) => symlinkSync(folder, path)],
  ["a link, which could lead anywhere", (path: string) => symlinkSync("/etc/hostname", path)],
])("where %s has its name, the line is not written, and that is said", async (name, place) => {
  const path = join(folder, `${name}.jsonl`);
  place(path);
  const before = readFileSync("/etc/hostname", "utf8");
  expect(await appendJournalLine(path, "next\n", keepAll)).toBe(false);
  expect(readFileSync("/etc/hostname", "utf8")).toBe(before);
});

test("a journal that can't be read says nothing", () => {
  expect(readJournalText(folder)).toBe("");
  expect(readJournalText(join(folder, "none"))).toBe("");
  writeFileSync(join(folder, "file"), "");
  expect(readJournalText(join(folder, "file/journal.jsonl"))).toBe("");
});

test("no removal is lost while processes write at once and the journal is replaced under them", async () => {
  const path = join(folder, "shared.jsonl");
  const writers = ["a", "b", "c"].map((writer) =>
    Bun.spawn([process.execPath, join(import.meta.dir, "../../support/journal-writer.ts"), path, writer], {
      stderr: "inherit",
    }),
  );
  expect(await Promise.all(writers.map(({ exited }) => exited))).toEqual([0, 0, 0]);
  const text = readJournalText(path);
  expect(text.length).toBeLessThan(1024 * 1024 + 10_000);
  const removals = decodeEvents(text).filter(({ event }) => event === "removed");
  expect(new Set(removals.map(scheduleOf)).size).toBe(300);
  expect(removals.length).toBe(300);
});

test("a folder that can't be written is said, and nothing is thrown", async () => {
  const sealed = join(folder, "sealed");
  writeFileSync(sealed, "");
  chmodSync(sealed, 0o400);
  expect(await appendJournalLine(join(sealed, "journal.jsonl"), "a\n", keepAll)).toBe(false);
});
