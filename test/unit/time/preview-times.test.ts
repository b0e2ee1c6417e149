// The times that a person is shown before anything is scheduled.
import { expect, test } from "bun:test";
import { parseTimeSpecification } from "../../../src/time/parse-time.ts";
import { previewTimes } from "../../../src/time/occurrences.ts";
import { utcZone } from "../../../src/time/zone.ts";
import { show } from "../../support/local-time.ts";

const nowMs = Date.UTC(2026, 10, 17, 12, 47, 33);

test.each([
  ["2:00", 3, ["2026-11-18 02:00", "2026-11-19 02:00", "2026-11-20 02:00"]],
  ["12:48", 2, ["2026-11-17 12:49", "2026-11-18 12:48"]],
  ["+ 1 month", 2, ["2026-12-17 12:47", "2027-01-17 12:47"]],
  ["2026-12-24", 5, ["2026-12-24 12:47"]],
  ["2025-12-24", 5, []],
  ["+ 7 minutes", 0, []],
])("%s, %d times", (text, count, expected) => {
  const times = previewTimes(parseTimeSpecification(text), { nowMs, zone: utcZone }, count);
  expect(times.map((time) => show(utcZone, time))).toEqual(expected);
});
