// At the edges of what a policy keeps, and in the words that say why.
import { expect, test } from "bun:test";
import { planRetention } from "../../../src/backup/retention.ts";
import type { Retention } from "../../../src/backup/retention-policy.ts";
import { makePeriodRules } from "../../../src/backup/retention-rules.ts";
import { dayMs, hourMs } from "../../../src/time/wall-time.ts";

const offsetMsAt = () => 0;
const nowMs = Date.parse("2026-11-23T12:00:00Z");

/** Why each stays, or that it goes: the oldest has number 1, and no two hold the same. */
function explain(policy: Retention, ...taken: readonly (number | string)[]): string[] {
  const revisions = taken.map((moment, index) => ({
    number: taken.length - index,
    takenAtMs: typeof moment === "string" ? Date.parse(`${moment}T12:00:00Z`) : moment,
    sha256: String(index),
    sizeBytes: 1000,
    isGood: true,
  }));
  const { keep, remove } = planRetention(revisions, policy, { nowMs, offsetMsAt });
  return [
    ...keep.map(({ revision: { number }, reasons }) => `${number}: ${reasons.join(", ")}`),
    ...remove.map(({ revision: { number } }) => `${number} goes`),
  ];
}

test.each<[Retention, string[]]>([
  [{ keeprevisions: -1 }, ["2: all are kept", "1: all are kept"]],
  [{ "keep-daily": -1 }, ["2: daily 1", "1: oldest daily 2"]],
  [{ "keep-daily": 1 }, ["2: daily 1 of 1", "1 goes"]],
  [{ "keep-daily": 2 }, ["2: daily 1 of 2", "1: oldest daily 2 of 2"]],
  [{ "keep-within-daily": "7d" }, ["2: daily within 7d", "1: oldest daily within 7d"]],
  [{ "keep-within": "7d" }, ["2: within 7d", "1: within 7d"]],
])("of two revisions of one day %j says how many it counts, and out of how many", (policy, expected) => {
  expect(explain(policy, nowMs - hourMs, nowMs - 2 * hourMs)).toEqual(expected);
});

test("what is taken at this very moment is not what durations are counted back from", () => {
  expect(explain({ "keep-within": "1d" }, nowMs, nowMs - 36 * hourMs, nowMs - 40 * hourMs)).toEqual([
    "3: within 1d",
    "2: within 1d",
    "1: within 1d",
  ]);
});

test("months of different years are never one month", () => {
  expect(explain({ "keep-monthly": 3 }, "2026-01-20", "2014-02-20", "2002-03-20")).toEqual([
    "3: monthly 1 of 3",
    "2: monthly 2 of 3",
    "1: monthly 3 of 3",
  ]);
});

test("a duration is open, to its two ends, for what is older than all that it kept", () => {
  const latestMs = nowMs;
  const startMs = nowMs - dayMs;
  const [rule] = makePeriodRules({ "keep-within": "1d" }, latestMs, offsetMsAt);
  const isOpen = (untilMs: number, takenAtMs: number) => rule?.isOpen({ untilMs, takenAtMs });
  // Nothing was before its beginning yet.
  expect(isOpen(startMs - dayMs, startMs - dayMs)).toBe(true);
  expect(rule?.keep({ takenAtMs: startMs - 1, untilMs: startMs }, false)).toBe(null);
  expect(isOpen(startMs, startMs - 1)).toBe(false);
  expect(isOpen(startMs + 1, startMs)).toBe(true);
  expect(isOpen(latestMs + 1, latestMs)).toBe(true);
  expect(isOpen(latestMs + 1, latestMs + 1)).toBe(false);
});
