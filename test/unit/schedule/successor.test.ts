import { describe, expect, test } from "bun:test";
import type { Job } from "../../../src/schedule/job.ts";
import { planNextTry, planSuccessor } from "../../../src/schedule/run-job.ts";
import { makeJob } from "../../support/jobs.ts";
import { ianaZone } from "../../support/zones.ts";

const dueMs = Date.UTC(2026, 10, 24, 2);
const day = 86_400_000;
const job = makeJob({ dueMs, anchor: "2026-11-23T12:00", timeZone: "UTC", name: "label" });

test("the next job is the same in all but its times", () => {
  expect(planSuccessor(job, dueMs)).toEqual({ job: { ...job, dueMs: dueMs + day }, startsAtMs: dueMs + day });
});

test("what is due in less than a minute starts a little later, and stays due when it was", () => {
  const late = planSuccessor(job, dueMs + day - 20_000);
  expect(late?.job.dueMs).toBe(dueMs + day);
  expect(late?.startsAtMs).toBe(dueMs + day + 60_000);
});

test("after downtime comes the next of the old rhythm", () => {
  expect(planSuccessor(job, dueMs + 9.5 * day)?.job.dueMs).toBe(dueMs + 10 * day);
});

test("runs are counted down, and the last has no successor", () => {
  expect(planSuccessor({ ...job, timesLeft: 3 }, dueMs)?.job.timesLeft).toBe(2);
  expect(planSuccessor({ ...job, timesLeft: 1 }, dueMs)).toBeNull();
});

test("a run at the end itself is the last", () => {
  expect(planSuccessor({ ...job, untilMs: dueMs + day }, dueMs)?.job.dueMs).toBe(dueMs + day);
  expect(planSuccessor({ ...job, untilMs: dueMs + day - 1 }, dueMs)).toBeNull();
});

describe("a time without a next", () => {
  test.each(["now", "10:00 2026-12-24"])("'%s' ends", (time) => {
    expect(planSuccessor({ ...job, time }, dueMs)).toBeNull();
  });
});

test("the zone governs, and a time that can't be read is an error, not an end", () => {
  const tokyo = planSuccessor(job, dueMs, ianaZone("Asia/Tokyo"));
  expect(tokyo?.job.dueMs).toBe(dueMs + 15 * 3_600_000);
  expect(() => planSuccessor({ ...job, time: "whenever" }, dueMs)).toThrow("whenever");
});

describe("after a run that found its file or its folder missing", () => {
  const hour = 3_600_000;
  const late = dueMs + 5 * 60_000;
  const date = { time: "2:00am 2026-11-24" };
  test.each<readonly [string, Partial<Job>, number | null]>([
    ["comes the next of the rhythm", {}, dueMs + day],
    ["or the same once more, as soon as was wished", { retryMs: hour }, late + hour],
    ["unless the next of the rhythm is sooner", { retryMs: day }, dueMs + day],
    ["which does not count", { retryMs: hour, timesLeft: 1 }, late + hour],
    ["nor in the rhythm", { timesLeft: 1 }, dueMs + day],
    ["not after the end", { retryMs: hour, untilMs: late + hour - 1 }, null],
    ["but at it", { retryMs: hour, untilMs: late + hour }, late + hour],
    ["a single date is tried again a day later", date, late + day],
    ["or as soon as was wished", { ...date, retryMs: hour }, late + hour],
    ["until its end", { ...date, untilMs: late + hour }, null],
    ["a rhythm that has come to its end is over", { time: "2:00am tue", untilMs: dueMs + 2 * day }, null],
  ])("%s", (_, parts, startsAtMs) => {
    const planned = planNextTry({ ...job, ...parts }, late);
    expect(planned?.startsAtMs ?? null).toBe(startsAtMs);
    if (planned === null) return;
    // What is tried again is still due when it was, so that the rhythm stays.
    const due = startsAtMs === dueMs + day ? { dueMs: dueMs + day } : {};
    expect(planned.job).toEqual({ ...job, ...parts, ...due });
  });

  test("a try within seconds is not asked for", () => {
    for (let seconds = 0; seconds < 60; seconds += 1) {
      const nowMs = dueMs + seconds * 1000;
      const { startsAtMs = 0 } = planNextTry({ ...job, retryMs: 60_000 }, nowMs) ?? {};
      expect(startsAtMs - nowMs).toBeGreaterThanOrEqual(30_000);
    }
  });
});
