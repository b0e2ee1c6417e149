import { describe, expect, test } from "bun:test";
import { planSuccessor } from "../../../src/schedule/run-job.ts";
import { makeJob } from "../../support/jobs.ts";

const due = Date.UTC(2026, 10, 24, 2) / 1000;
const day = 86_400;
const job = makeJob({ due, anchor: "2026-11-23T12:00", timeZone: "UTC", name: "label" });

test("the next job is the same in all but its times", () => {
  expect(planSuccessor(job, due * 1000)).toEqual({ job: { ...job, due: due + day }, startsAt: due + day });
});

test("what is due in less than a minute starts a little later, and stays due when it was", () => {
  const late = planSuccessor(job, (due + day - 20) * 1000);
  expect(late?.job.due).toBe(due + day);
  expect(late?.startsAt).toBe(due + day + 60);
});

test("after downtime comes the next of the old rhythm", () => {
  expect(planSuccessor(job, (due + 9.5 * day) * 1000)?.job.due).toBe(due + 10 * day);
});

test("runs are counted down, and the last has no successor", () => {
  expect(planSuccessor({ ...job, timesLeft: 3 }, due * 1000)?.job.timesLeft).toBe(2);
  expect(planSuccessor({ ...job, timesLeft: 1 }, due * 1000)).toBeNull();
});

test("a run at the end itself is the last", () => {
  expect(planSuccessor({ ...job, until: due + day }, due * 1000)?.job.due).toBe(due + day);
  expect(planSuccessor({ ...job, until: due + day - 1 }, due * 1000)).toBeNull();
});

describe("a time without a next", () => {
  test.each(["now", "10:00 2026-12-24"])("'%s' ends", (time) => {
    expect(planSuccessor({ ...job, time }, due * 1000)).toBeNull();
  });
});

test("the zone of the install governs, and a time that can't be read is an error, not an end", () => {
  const tokyo = planSuccessor({ ...job, timeZone: "Asia/Tokyo" }, due * 1000);
  expect(tokyo?.job.due).toBe(due + 15 * 3600);
  expect(() => planSuccessor({ ...job, time: "whenever" }, due * 1000)).toThrow("whenever");
  expect(() => planSuccessor({ ...job, timeZone: "Mars/Olympus" }, due * 1000)).toThrow("Mars/Olympus");
});
