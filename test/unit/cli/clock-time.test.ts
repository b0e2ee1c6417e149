import { expect, test } from "bun:test";
import { formatLocalTime } from "../../../src/cli/format.ts";
import { renderUtc } from "../../../src/time/wall-time.ts";
import { setTimeZone } from "../../../src/system/libc.ts";

test.each([
  ["UTC", "2026-01-02T03:04:05.999Z", "2026-01-02 03:04:05"],
  ["America/New_York", "2026-01-02T03:04:05Z", "2026-01-01 22:04:05"],
  ["Asia/Kathmandu", "2026-12-31T23:00:00Z", "2027-01-01 04:45:00"],
  ["UTC", "0099-01-02T03:04:05Z", "0099-01-02 03:04:05"],
])("in %s the moment %s is %s", (zone, moment, text) => {
  setTimeZone(zone);
  try {
    expect(formatLocalTime(Date.parse(moment))).toBe(text);
  } finally {
    setTimeZone("UTC");
  }
});

test("for machines a moment is in UTC, to the second", () => {
  expect(renderUtc(Date.parse("2026-01-02T03:04:05.999Z"))).toBe("2026-01-02T03:04:05Z");
});
