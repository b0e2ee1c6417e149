// When a schedule that is installed now runs for the first time.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseTimeSpecification } from "../../../src/time/parse-time.ts";
import { firstOccurrence } from "../../../src/time/occurrences.ts";
import { ianaZone } from "../../support/zones.ts";
import { utcZone } from "../../../src/time/zone.ts";
import { timeText } from "../../support/arbitrary-time-text.ts";
import { firstDue, moment, show } from "../../support/local-time.ts";
import { holds } from "../../support/promises.ts";

describe("on Tuesday 2026-11-17 at 12:47:33", () => {
  test.each([
    // A time of day is the next such.
    ["12:48", "2026-11-17 12:48"],
    ["12:47", "2026-11-18 12:47"],
    ["12:46", "2026-11-18 12:46"],
    ["noon", "2026-11-18 12:00"],
    ["midnight", "2026-11-18 00:00"],
    ["24:30", "2026-11-18 00:30"],
    ["2am tomorrow", "2026-11-18 02:00"],
    ["14:00 today", "2026-11-17 14:00"],
    ["24:30 today", "2026-11-18 00:30"],
    ["10:00 today", "never"],
    // A weekday is today while its time is still to come.
    ["14:00 tue", "2026-11-17 14:00"],
    ["10:00 tue", "2026-11-24 10:00"],
    ["tue", "2026-11-24 12:47"],
    ["14:00 next tue", "2026-11-24 14:00"],
    ["next tue", "2026-11-24 12:47"],
    ["next wed", "2026-11-18 12:47"],
    ["mon", "2026-11-23 12:47"],
    ["24:00 mon", "2026-11-24 00:00"],
    // A date without a year is this year's or the next.
    ["nov 18", "2026-11-18 12:47"],
    ["nov 17", "2027-11-17 12:47"],
    ["10:00 nov 17", "2027-11-17 10:00"],
    ["14:00 nov 17", "2026-11-17 14:00"],
    ["nov 16", "2027-11-16 12:47"],
    ["feb 29", "2027-03-01 12:47"],
    // A date with a year has been, or will be.
    ["2026-11-18", "2026-11-18 12:47"],
    ["10:00 2026-11-17", "never"],
    ["2025-01-01", "never"],
    // at(1) takes four digits of year.
    ["2:00 9999-12-31", "9999-12-31 02:00"],
    ["2:00 9999-12-31 + 1 day", "never"],
    ["23:59 utc 9999-12-31", "9999-12-31 18:59"],
    ["24:00 utc 9999-12-31", "never"],
    // A period is counted from now, or from what stands before it.
    ["+ 1 day", "2026-11-18 12:47"],
    ["next week", "2026-11-24 12:47"],
    ["+ 90 minutes", "2026-11-17 14:17"],
    ["3:00 + 1 year", "2027-11-17 03:00"],
    ["14:00 + 1 day", "2026-11-18 14:00"],
    ["12:00 + 2 hours", "2026-11-17 14:00"],
    ["12:00 + 5 minutes", "2026-11-18 12:05"],
    ["12:40 + 5 minutes", "2026-11-18 12:45"],
    ["oct 17 + 7 days", "2027-10-24 12:47"],
    ["oct 17 + 35 days", "2026-11-21 12:47"],
    ["10:00 tue + 2 weeks", "2026-12-08 10:00"],
    ["14:00 tue + 2 weeks", "2026-12-01 14:00"],
    ["10:00 today + 1 hour", "2026-11-17 13:00"],
    ["10:00 2026-11-01 + 3 days", "2026-11-19 10:00"],
    ["10:00 2026-12-01 + 3 days", "2026-12-04 10:00"],
    ["next week + 2 days", "2026-11-26 12:47"],
    ["14:00 next week + 2 days", "2026-11-26 14:00"],
    ["+ 100 years", "2126-11-17 12:47"],
    ["next hour + 1 day", "2026-11-18 13:47"],
    ["noon next hour", "2026-11-17 13:00"],
    // A step back moves every run.
    ["noon - 5 minutes", "2026-11-18 11:55"],
    ["13:00 - 5 minutes", "2026-11-17 12:55"],
    ["13:00 - 3 days", "2026-11-17 13:00"],
    ["10:00 thu - 1 day", "2026-11-18 10:00"],
    ["nov 20 - 3 days", "2027-11-17 12:47"],
    ["next week - 1 day", "2026-11-23 12:47"],
    ["next hour - 5 minutes", "2026-11-17 13:42"],
    ["next hour - 1 day", "2026-11-17 13:47"],
    // UTC is five hours ahead of New York.
    ["20:00 utc", "2026-11-17 15:00"],
    ["17:47 utc", "2026-11-18 12:47"],
    ["1:00 utc tue", "2026-11-23 20:00"],
    ["1:00 utc nov 18", "2026-11-17 20:00"],
    ["1:00 utc + 1 day", "2026-11-17 20:00"],
  ])("%s is %s", (text, expected) => {
    expect(firstDue("America/New_York", "2026-11-17 12:47:33", text)).toBe(expected);
  });
});

describe("a moment that is just now has passed", () => {
  test.each([
    ["12:47 tue", "2026-11-24 12:47"],
    ["12:47 tue + 2 weeks", "2026-12-08 12:47"],
    ["12:42 + 5 minutes", "2026-11-18 12:47"],
  ])("%s is %s", (text, expected) => {
    expect(firstDue("America/New_York", "2026-11-17 12:47", text)).toBe(expected);
  });
});

describe("at the end of a month", () => {
  test.each([
    ["2026-01-31 09:00", "+ 1 month", "2026-03-03 09:00"],
    ["2028-01-31 09:00", "+ 1 month", "2028-03-02 09:00"],
    ["2028-02-29 09:00", "+ 1 year", "2029-03-01 09:00"],
    ["2027-12-31 23:59", "tomorrow", "2028-01-01 23:59"],
    ["2028-02-29 09:00", "feb 29", "2029-03-01 09:00"],
    ["2027-12-31 12:00", "24:00 dec 31", "2028-01-01 00:00"],
  ])("on %s, %s is %s", (now, text, expected) => {
    expect(firstDue("UTC", now, text)).toBe(expected);
  });
});

// In New York the clocks skip 2:00 to 3:00 on 8 March 2026, and show 1:00 to 2:00 twice on 1 November.
describe("when the clocks change", () => {
  test.each([
    ["2026-03-07 12:00", "2:30am", "2026-03-08 03:30"],
    ["2026-03-08 03:30:10", "2:30am", "2026-03-09 02:30"],
    ["2026-03-08 03:10", "2:30am", "2026-03-08 03:30"],
    ["2026-03-07 02:30", "tomorrow", "2026-03-08 03:30"],
    ["2026-03-07 02:30", "+ 2 days", "2026-03-09 02:30"],
    ["2026-03-07 12:00", "+ 24 hours", "2026-03-08 13:00"],
    ["2026-03-08 01:30:10", "+ 1 hour", "2026-03-08 03:30"],
    ["2026-03-08 01:30:10", "next hour", "2026-03-08 03:30"],
    ["2026-03-08 01:45:10", "+ 30 minutes", "2026-03-08 03:15"],
    ["2026-03-08 01:59:10", "+ 1 minute", "2026-03-08 03:00"],
    // Back by hours is elapsed time, back by days is on the calendar.
    ["2026-03-07 12:00", "3:30am - 1 hour", "2026-03-08 01:30"],
    ["2026-03-05 12:00", "10:00 mon - 2 days", "2026-03-07 10:00"],
    ["2026-10-31 12:00", "1:30am", "2026-11-01 01:30"],
    ["2026-11-01 01:30", "1:30am", "2026-11-02 01:30"],
  ])("at %s, %s is %s", (now, text, expected) => {
    expect(firstDue("America/New_York", now, text)).toBe(expected);
  });

  const newYork = ianaZone("America/New_York");
  const secondPass = Date.UTC(2026, 10, 1, 6, 20);

  test(holds("calendar", "a time that is shown twice is the first"), () => {
    const run = firstOccurrence(parseTimeSpecification("1:30am"), {
      nowMs: moment(newYork, "2026-10-31 12:00"),
      zone: newYork,
    });
    expect(run?.dueMs).toBe(Date.UTC(2026, 10, 1, 5, 30));
  });

  test.each([
    ["1:30am", Date.UTC(2026, 10, 2, 6, 30)],
    ["+ 7 minutes", secondPass + 7 * 60_000],
    ["next hour", secondPass + 60 * 60_000],
    ["+ 1 day", Date.UTC(2026, 10, 2, 6, 20)],
  ])("in the second pass through an hour, %s is not of the first", (text, expected) => {
    const run = firstOccurrence(parseTimeSpecification(text), { nowMs: secondPass, zone: newYork });
    expect(run?.dueMs).toBe(expected);
  });
});

describe("a run is armed a minute ahead or more", () => {
  test.each([
    ["01:58:59.999", "2:00", "02:00"],
    ["01:59:00", "2:00", "02:00"],
    ["01:59:00.001", "2:00", "02:01"],
    ["01:59:30", "2:00", "02:01"],
    ["01:59:59.999", "2:00", "02:01"],
    ["02:00:00", "+ 1 minute", "02:01"],
    ["02:00:20", "+ 1 minute", "02:02"],
    ["02:00:00", "now", "02:01"],
    ["02:00:01", "now", "02:02"],
  ])("at %s, %s starts at %s", (now, text, expected) => {
    const run = firstOccurrence(parseTimeSpecification(text), {
      nowMs: Date.parse(`2026-11-17T${now}Z`),
      zone: utcZone,
    });
    expect(show(utcZone, run?.startsAtMs ?? 0)).toBe(`2026-11-17 ${expected}`);
  });

  const zone = fc.constantFrom("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata");
  const now = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2040, 0, 1) });

  test("whatever the text says, at a whole minute, and never twice the same", () => {
    fc.assert(
      fc.property(timeText, zone, now, (text, name, instant) => {
        const run = firstOccurrence(parseTimeSpecification(text), { nowMs: instant, zone: ianaZone(name) });
        if (run === null) return;
        expect(run.startsAtMs - instant).toBeGreaterThanOrEqual(60_000);
        expect(run.startsAtMs % 60_000).toBe(0);
        expect(run.startsAtMs - Math.max(run.dueMs, instant)).toBeLessThan(120_000);
      }),
      { numRuns: 1000 },
    );
  });
});
