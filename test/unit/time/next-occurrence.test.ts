// How runs follow each other for years: over changes of the clocks, downtime, and clocks that are set.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseTimeSpecification } from "../../../src/time/parse-time.ts";
import { firstOccurrence, nextOccurrence } from "../../../src/time/occurrences.ts";
import { periodOf } from "../../../src/time/specification.ts";
import { dayMs, hourMs, minuteMs } from "../../../src/time/wall-time.ts";
import { ianaZone } from "../../support/zones.ts";
import { type Zone, utcZone } from "../../../src/time/zone.ts";
import { timeText } from "../../support/arbitrary-time-text.ts";
import { moment, show, simulate } from "../../support/local-time.ts";
import { holds } from "../../support/promises.ts";

const zones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"];
const newYork = ianaZone("America/New_York");

function shown(zone: Zone, text: string, now: string, count: number): string[] {
  return simulate(zone, text, { nowMs: moment(zone, now), count }).map(({ dueMs }) => show(zone, dueMs));
}

/** The run after one that was due, both as UTC; the recurrence began with it. */
function next(text: string, due: string, now: string): string {
  const previous = { dueMs: moment(utcZone, due), anchor: due.replace(" ", "T") };
  const run = nextOccurrence(parseTimeSpecification(text), previous, {
    nowMs: moment(utcZone, now),
    zone: utcZone,
  });
  return run === null ? "never" : show(utcZone, run.dueMs);
}

describe.each(zones)("over 800 days in %s", (name) => {
  const zone = ianaZone(name);
  const from = moment(zone, "2026-01-01 12:00");

  test.each(["2:00am", "1:30", "2:30", "midnight", "23:59", "+ 1 day", "2:15 tomorrow"])(
    "%s runs once a day",
    (text) => {
      const runs = simulate(zone, text, {
        nowMs: moment(zone, "2026-01-01 23:59:20"),
        count: 800,
        delayMs: 1500,
      });
      const days = runs.map(({ startsAtMs }) => show(zone, startsAtMs).slice(0, 10));
      const expected = Array.from({ length: 800 }, (_, day) =>
        new Date(Date.UTC(2026, 0, 2) + day * dayMs).toISOString().slice(0, 10),
      );
      expect(days).toEqual(expected);
    },
  );

  test("it runs at the time that it says, but on the day on which that is skipped", () => {
    const times = simulate(zone, "2:15", { nowMs: from, count: 800 }).map(({ startsAtMs }) =>
      show(zone, startsAtMs).slice(11),
    );
    const odd = times.filter((time) => time !== "02:15");
    const expected: Readonly<Record<string, string[]>> = {
      "America/New_York": ["03:15", "03:15"],
      "Europe/Berlin": ["03:15", "03:15"],
      "Australia/Lord_Howe": ["02:45", "02:45"],
      "Asia/Kolkata": [],
    };
    expect(odd).toEqual(expected[name] ?? []);
  });

  test.each([
    ["+ 1 hour", hourMs],
    ["+ 7 minutes", 7 * minuteMs],
    ["next hour", hourMs],
    ["3:00 + 36 hours", 36 * hourMs],
    ["+ 24 hours", dayMs],
  ])("%s runs with no loop, gap or drift", (text, periodMs) => {
    const count = Math.floor((365 * dayMs) / periodMs);
    const runs = simulate(zone, text, { nowMs: from + 20_000, count, delayMs: 1500 });
    const distances = new Set(runs.slice(1).map(({ dueMs }, index) => dueMs - (runs[index]?.dueMs ?? 0)));
    expect([...distances]).toEqual([periodMs]);
    expect(runs.every(({ dueMs, startsAtMs }) => dueMs === startsAtMs)).toBe(true);
  });

  test("a late start neither drifts nor loses a run", () => {
    const late = simulate(zone, "+ 7 minutes", { nowMs: from, count: 500, delayMs: 5 * minuteMs });
    expect(late.map(({ dueMs }) => dueMs)).toEqual(
      Array.from({ length: 500 }, (_, index) => from + (index + 1) * 7 * minuteMs),
    );
  });
});

describe("a recurrence keeps to where it began", () => {
  test.each([
    ["+ 1 month", ["2026-03-03 09:00", "2026-03-31 09:00", "2026-05-01 09:00", "2026-05-31 09:00"]],
    ["+ 2 weeks", ["2026-02-14 09:00", "2026-02-28 09:00", "2026-03-14 09:00", "2026-03-28 09:00"]],
    ["3:00 + 1 year", ["2027-01-31 03:00", "2028-01-31 03:00", "2029-01-31 03:00", "2030-01-31 03:00"]],
    ["feb 29", ["2026-03-01 09:00", "2027-03-01 09:00", "2028-02-29 09:00", "2029-03-01 09:00"]],
    ["24:00 dec 31", ["2027-01-01 00:00", "2028-01-01 00:00", "2029-01-01 00:00", "2030-01-01 00:00"]],
    ["10:00 fri", ["2026-02-06 10:00", "2026-02-13 10:00", "2026-02-20 10:00", "2026-02-27 10:00"]],
    ["next sat", ["2026-02-07 09:00", "2026-02-14 09:00", "2026-02-21 09:00", "2026-02-28 09:00"]],
    ["10:00 today", ["2026-01-31 10:00", "2026-02-01 10:00", "2026-02-02 10:00", "2026-02-03 10:00"]],
    ["noon mon - 1 day", ["2026-02-01 12:00", "2026-02-08 12:00", "2026-02-15 12:00", "2026-02-22 12:00"]],
    ["next week - 2 days", ["2026-02-05 09:00", "2026-02-12 09:00", "2026-02-19 09:00", "2026-02-26 09:00"]],
    ["next week + 2 days", ["2026-02-09 09:00", "2026-02-11 09:00", "2026-02-13 09:00", "2026-02-15 09:00"]],
    [
      "10:00 2026-06-01 + 1 week",
      ["2026-06-08 10:00", "2026-06-15 10:00", "2026-06-22 10:00", "2026-06-29 10:00"],
    ],
    ["10:00 2026-06-01", ["2026-06-01 10:00"]],
    ["now", ["2026-01-31 09:00"]],
  ])("%s, installed on 2026-01-31 at 9:00", (text, expected) => {
    expect(shown(utcZone, text, "2026-01-31 09:00", 4)).toEqual(expected);
  });

  test("a day that began in a skipped hour's place goes back to its own time", () => {
    expect(shown(newYork, "+ 1 day", "2026-03-06 02:30", 4)).toEqual([
      "2026-03-07 02:30",
      "2026-03-08 03:30",
      "2026-03-09 02:30",
      "2026-03-10 02:30",
    ]);
  });

  test("utc stays utc when the clocks change", () => {
    expect(shown(newYork, "7:00 utc", "2026-03-06 12:00", 3)).toEqual([
      "2026-03-07 02:00",
      "2026-03-08 03:00",
      "2026-03-09 03:00",
    ]);
  });

  test("a damaged anchor does not end it", () => {
    const previous = { dueMs: Date.UTC(2026, 0, 31, 9), anchor: "yesterday" };
    const present = { nowMs: previous.dueMs, zone: utcZone };
    expect(nextOccurrence(parseTimeSpecification("+ 1 day"), previous, present)?.dueMs).toBe(
      previous.dueMs + dayMs,
    );
    expect(nextOccurrence(parseTimeSpecification("sun"), previous, present)?.dueMs).toBe(
      previous.dueMs + dayMs,
    );
  });
});

describe("after a week of downtime there is one run, then the old recurrence", () => {
  test.each([
    ["2:00", "2026-02-01 02:00", "2026-02-08 14:33", "2026-02-09 02:00"],
    ["+ 7 minutes", "2026-02-01 02:00", "2026-02-08 14:33", "2026-02-08 14:36"],
    ["+ 1 hour", "2026-02-01 02:10", "2026-02-08 14:33", "2026-02-08 15:10"],
    ["+ 2 days", "2026-02-01 02:10", "2026-02-08 14:33", "2026-02-09 02:10"],
    ["sun", "2026-02-01 02:10", "2026-02-08 02:09", "2026-02-08 02:10"],
    ["sun", "2026-02-01 02:10", "2026-02-08 14:33", "2026-02-15 02:10"],
    ["+ 1 month", "2026-01-31 02:10", "2027-02-01 00:00", "2027-03-03 02:10"],
  ])("%s, due at %s and run at %s, is next due at %s", (text, due, now, expected) => {
    expect(next(text, due, now)).toBe(expected);
  });
});

describe("a clock that is set back", () => {
  test.each([
    // By less than a period: nothing runs twice.
    ["2:00", "2026-02-02 02:00", "2026-02-02 01:10", "2026-02-03 02:00"],
    ["2:00", "2026-02-02 02:00", "2026-02-01 02:00:01", "2026-02-03 02:00"],
    ["+ 7 minutes", "2026-02-02 02:00", "2026-02-02 01:57", "2026-02-02 02:07"],
    ["sun", "2026-02-01 02:00", "2026-01-30 02:00", "2026-02-08 02:00"],
    // By more: it had been wrong, and the recurrence does not wait for years.
    ["2:00", "2030-02-02 02:00", "2026-02-01 12:00", "2026-02-02 02:00"],
    ["+ 7 minutes", "2030-02-02 02:00", "2026-02-01 12:00", "2026-02-01 12:04"],
    ["+ 1 month", "2030-02-02 02:00", "2026-02-01 12:00", "2026-02-02 02:00"],
    ["feb 2", "2030-02-02 02:00", "2026-02-03 12:00", "2027-02-02 02:00"],
  ])("%s, due at %s and armed at %s, is next due at %s", (text, due, now, expected) => {
    expect(next(text, due, now)).toBe(expected);
  });
});

test.each(["2026-12-24", "10:00 2026-12-24", "now"])("%s runs once", (text) => {
  expect(next(text, "2026-12-24 10:00", "2026-12-24 10:00:02")).toBe("never");
});

test("a run due in less than a minute is put off, and the recurrence does not move", () => {
  const previous = { dueMs: Date.UTC(2026, 1, 1, 2, 0), anchor: "2026-02-01T01:53" };
  const specification = parseTimeSpecification("+ 7 minutes");
  const run = nextOccurrence(specification, previous, {
    nowMs: previous.dueMs + 6.5 * minuteMs,
    zone: utcZone,
  });
  expect(run).toEqual({
    dueMs: previous.dueMs + 7 * minuteMs,
    startsAtMs: previous.dueMs + 8 * minuteMs,
    anchor: previous.anchor,
  });
  const after = nextOccurrence(specification, run ?? previous, {
    nowMs: previous.dueMs + 8 * minuteMs,
    zone: utcZone,
  });
  expect(after?.dueMs).toBe(previous.dueMs + 14 * minuteMs);
});

test("a zone that crosses the date line, and has a day twice, runs once on each date", () => {
  const change = Date.UTC(2026, 2, 10, 12);
  const zone: Zone = { offsetMsAt: (instant) => (instant < change ? 13 : -12) * hourMs };
  const runs = simulate(zone, "+ 1 day", { nowMs: moment(zone, "2026-03-08 09:00"), count: 4 });
  expect(runs.map(({ dueMs }) => show(zone, dueMs))).toEqual([
    "2026-03-09 09:00",
    "2026-03-10 09:00",
    "2026-03-11 09:00",
    "2026-03-12 09:00",
  ]);
  const [first, , third] = runs;
  const present = { nowMs: (third?.dueMs ?? 0) - hourMs / 2, zone };
  expect(
    nextOccurrence(parseTimeSpecification("+ 1 day"), first ?? { dueMs: 0, anchor: "" }, present)?.dueMs,
  ).toBe(third?.dueMs);
});

test(
  holds("calendar", "one-successor", "no schedule runs at once or twice, and none that recurs ends"),
  () => {
    const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2040, 0, 1) });
    const delays = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 120_000 }), fc.integer({ min: 0, max: 30 * dayMs })),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(timeText, fc.constantFrom(...zones), instant, delays, (text, name, installed, late) => {
        const zone = ianaZone(name);
        const specification = parseTimeSpecification(text);
        let run = firstOccurrence(specification, { nowMs: installed, zone });
        for (const delay of late) {
          if (run === null) return;
          const nowMs: number = run.startsAtMs + delay;
          const following = nextOccurrence(specification, run, { nowMs, zone });
          expect(following === null).toBe(periodOf(specification) === null);
          if (following === null) return;
          expect(following.startsAtMs - nowMs).toBeGreaterThanOrEqual(minuteMs);
          expect(following.startsAtMs % minuteMs).toBe(0);
          expect(following.dueMs).toBeGreaterThan(Math.max(run.dueMs, nowMs - 1));
          run = following;
        }
      }),
      { numRuns: 1000 },
    );
  },
);
