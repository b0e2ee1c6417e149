import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEvents, recordEvent, type RunEvent, wasRemoved } from "../../../src/schedule/journal.ts";
import { makeJob } from "../../support/jobs.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const { schedule } = makeJob();
const removed = { event: "removed", atMs: 2, schedule, reason: "uninstalled" } as const;
const ran: RunEvent = {
  event: "run",
  atMs: 1,
  schedule,
  dueMs: 1,
  exitCode: 0,
  revision: null,
  message: null,
  nextMs: 2,
};

test("a removal is seen by whoever asks after it was recorded", async () => {
  const path = join(folder, "journal.jsonl");
  expect(wasRemoved(schedule, path)).toBe(false);
  expect(await recordEvent({ event: "installed", atMs: 1, job: makeJob() }, path)).toBe(true);
  expect(wasRemoved(schedule, path)).toBe(false);
  expect(await recordEvent(removed, path)).toBe(true);
  expect(wasRemoved(schedule, path)).toBe(true);
  expect(wasRemoved("f".repeat(32), path)).toBe(false);
  expect(readEvents(path)).toEqual([{ event: "installed", atMs: 1, job: makeJob() }, removed]);
});

test("years of a schedule of every two minutes stay under a megabyte, and forget neither it nor a removal", async () => {
  const path = join(folder, "years.jsonl");
  const other = "e".repeat(32);
  await recordEvent({ event: "installed", atMs: 1, job: makeJob() }, path);
  await recordEvent({ ...removed, schedule: other }, path);
  const line = `${JSON.stringify(ran)}\n`;
  writeFileSync(path, line.repeat(Math.ceil((1024 * 1024) / line.length)), { flag: "a" });
  const last = { ...ran, atMs: 9 };
  await recordEvent(last, path);
  expect(statSync(path).size).toBeLessThan(2000);
  expect(readEvents(path).at(-1)).toEqual(last);
  expect(readEvents(path)[0]).toMatchObject({ event: "installed" });
  expect([wasRemoved(other, path), wasRemoved(schedule, path)]).toEqual([true, false]);
});

test("a journal that can't be read removes nothing", () => {
  const path = join(folder, "folder");
  mkdirSync(path);
  expect(readEvents(path)).toEqual([]);
  expect(wasRemoved(schedule, path)).toBe(false);
  expect(readEvents(join(folder, "none"))).toEqual([]);
});

test("a line that merely mentions a schedule is no removal of it", () => {
  const path = join(folder, "mention.jsonl");
  writeFileSync(path, `${JSON.stringify({ ...ran, message: `removed ${schedule}` })}\n"${schedule}"\n`);
  expect(wasRemoved(schedule, path)).toBe(false);
  expect(readFileSync(path, "utf8")).toContain(schedule);
});
