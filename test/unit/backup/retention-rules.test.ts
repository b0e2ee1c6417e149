// Calendar arithmetic of durations, as Go's AddDate has it.
import { expect, test } from "bun:test";
import { parseRetentionDuration } from "../../../src/backup/retention-policy.ts";
import { subtractDuration } from "../../../src/backup/retention-rules.ts";
import { ianaZone } from "../../support/zones.ts";

test.each([
  ["UTC", "2026-11-23T02:15:07Z", "1y6m", "2025-05-23T02:15:07Z"],
  ["UTC", "2026-11-23T02:15:07Z", "2d12h", "2026-11-20T14:15:07Z"],
  // The first moment of all clocks.
  ["UTC", "1971-01-01T00:00:00Z", "1y", "1970-01-01T00:00:00Z"],
  // There is no 31 September, and no 29 February 2027.
  ["UTC", "2026-10-31T12:00:00Z", "1m", "2026-10-01T12:00:00Z"],
  ["UTC", "2028-02-29T12:00:00Z", "1y", "2027-03-01T12:00:00Z"],
  ["UTC", "2026-03-31T00:00:00Z", "1m1d", "2026-03-02T00:00:00Z"],
  // A day is one on the calendar, across the change of the clocks; 24 hours are not.
  ["Europe/Berlin", "2026-03-29T10:00:00Z", "1d", "2026-03-28T11:00:00Z"],
  ["Europe/Berlin", "2026-03-29T10:00:00Z", "24h", "2026-03-28T10:00:00Z"],
  ["Europe/Berlin", "2026-10-25T11:00:00Z", "1d", "2026-10-24T10:00:00Z"],
  ["America/New_York", "2026-11-01T17:00:00Z", "1d", "2026-10-31T16:00:00Z"],
  ["Australia/Lord_Howe", "2026-10-04T12:00:00Z", "1d", "2026-10-03T12:30:00Z"],
  // 02:30 is skipped on that day, and shown twice on the other.
  ["Europe/Berlin", "2026-03-30T00:30:00Z", "1d", "2026-03-29T01:30:00Z"],
  ["Europe/Berlin", "2026-10-26T01:30:00Z", "1d", "2026-10-25T01:30:00Z"],
])("in %s, %s less %s is %s", (zone, from, duration, expected) => {
  const named = ianaZone(zone);
  const found = subtractDuration(Date.parse(from), parseRetentionDuration(duration), (instantMs) =>
    named.offsetMsAt(instantMs),
  );
  expect(new Date(found).toISOString()).toBe(new Date(expected).toISOString());
});

test.each(["99999y99999m99999d99999h", "1950y", "2026y", "60y"])(
  "%s reaches back before all clocks",
  (text) => {
    const named = ianaZone("Europe/Berlin");
    const now = Date.parse("2026-11-23T02:15:07Z");
    const start = subtractDuration(now, parseRetentionDuration(text), (instantMs) =>
      named.offsetMsAt(instantMs),
    );
    expect(start).toBe(-Infinity);
  },
);
