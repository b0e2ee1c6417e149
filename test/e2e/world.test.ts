import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { World } from "../support/world.ts";

const start = Date.UTC(2026, 10, 23, 12) / 1000;
const day = 86_400;

test("a job that queues itself again runs once a day for thirty days", async () => {
  const folder = mkdtempSync(join(tmpdir(), "world-"));
  await using world = await World.create(start, "America/New_York");
  const script = join(folder, "job");
  const log = join(folder, "log");
  writeFileSync(script, `date '+%F %T' >>${log}\necho 'sh ${script}' | at -q z 2:00am 2>/dev/null\n`);
  expect(world.run(["sh", script]).code).toBe(0);
  const instants = await world.passUntil(start + 30 * day);
  expect(instants.length).toBe(30);
  const runs = readFileSync(log, "utf8").trim().split("\n").slice(1);
  expect(runs.length).toBe(30);
  for (const run of runs) expect(run).toMatch(/ 02:00:0\d$/);
  expect(world.queue().length).toBe(1);
  rmSync(folder, { recursive: true });
});

test("what a job prints arrives as a mail, and the machine's own queue is not touched", async () => {
  await using world = await World.create(start);
  const { err } = world.run(["at", "-q", "z", "now", "+", "1", "minute"], { input: "echo hello\n" });
  expect(err).toMatch(/job 1 at Mon Nov 23 12:01:00 2026/);
  expect(err).not.toContain("atd");
  expect(Bun.spawnSync(["at", "-l", "-q", "z"]).stdout.toString()).toBe("");
  await world.passUntil(start + 60);
  expect(world.mails().join("")).toMatch(/Subject: Output from your job[^]*\nhello\n/);
  world.stopDaemon();
  expect(world.run(["at", "now", "+", "1", "day"], { input: "true\n" }).err).toContain("No atd running?");
});
