// Arithmetic on wall-clock times, where the calendar is at its worst.
import { expect, test } from "bun:test";
import type { Unit } from "../../../src/time/specification.ts";
import {
  addPeriods,
  dateOf,
  dayMs,
  lengthMsOf,
  parseWall,
  renderWall,
  startOfDay,
  weekdayOf,
} from "../../../src/time/wall-time.ts";

test.each([
  ["2026-01-31T09:00", 1, "month", 1, "2026-03-03T09:00"],
  ["2028-01-31T09:00", 1, "month", 1, "2028-03-02T09:00"],
  ["2026-01-31T09:00", 1, "month", 2, "2026-03-31T09:00"],
  ["2026-01-31T09:00", 1, "month", -2, "2025-12-01T09:00"],
  ["2028-02-29T09:00", 1, "year", 1, "2029-03-01T09:00"],
  ["2028-02-29T09:00", 4, "year", 1, "2032-02-29T09:00"],
  ["2028-02-28T23:59", 1, "day", 1, "2028-02-29T23:59"],
  ["2027-12-31T23:59", 2, "week", 3, "2028-02-11T23:59"],
  ["2027-12-31T23:59", 7, "minute", 1, "2028-01-01T00:06"],
  ["2027-12-31T23:59", 5, "hour", -5, "2027-12-30T22:59"],
] satisfies [string, number, Unit, number, string][])(
  "%s and %d %s, %d times, is %s",
  (wall, count, unit, times, expected) => {
    expect(renderWall(addPeriods(parseWall(wall), { count, unit }, times))).toBe(expected);
  },
);

// After 400 years the Gregorian calendar begins again.
test.each([
  [400, "year"],
  [4800, "month"],
] satisfies [number, Unit][])("%d %ss are as long as they are on the calendar", (count, unit) => {
  expect(lengthMsOf({ count, unit })).toBeCloseTo(146_097 * dayMs, -1);
});

test("a wall time has a date, a weekday and a midnight", () => {
  const wall = parseWall("2026-11-17T12:47");
  expect(dateOf(wall)).toEqual({ year: 2026, month: 11, day: 17 });
  expect(weekdayOf(wall)).toBe(2);
  expect(renderWall(startOfDay(wall))).toBe("2026-11-17T00:00");
  expect(renderWall(startOfDay(parseWall("1969-12-31T23:00")))).toBe("1969-12-31T00:00");
});

test.each(["", "2026-11-17", "2026-11-17T12:47Z", "2026-11-17T12:47:00", "x"])(
  "%p is no wall time",
  (text) => {
    expect(parseWall(text)).toBeNaN();
  },
);
