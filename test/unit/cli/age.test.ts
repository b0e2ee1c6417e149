import { expect, test } from "bun:test";
import { formatAge, formatSpan } from "../../../src/cli/format.ts";

test.each([
  [0, "0 s"],
  [0.9, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [90, "1 min 30 s"],
  [599, "9 min 59 s"],
  [600, "10 min"],
  [3599, "59 min"],
  [3600, "1 h"],
  [3659, "1 h"],
  [7199, "1 h 59 min"],
  [35_999, "9 h 59 min"],
  [36_000, "10 h"],
  [86_399, "23 h"],
  [86_400, "1 d"],
  [172_799, "1 d 23 h"],
  [400 * 86_400, "400 d"],
  [731 * 86_400, "2 y"],
  [1000 * 86_400, "2 y 269 d"],
])("%p seconds are %s", (seconds, text) => {
  expect(formatSpan(seconds)).toBe(text);
});

test("an age counts back from now, and a moment to come is said to come", () => {
  const nowMs = Date.parse("2026-11-23T12:00:00Z");
  expect(formatAge(Date.parse("2026-11-23T09:00:00Z"), nowMs)).toBe("3 h ago");
  expect(formatAge(nowMs, nowMs)).toBe("0 s ago");
  expect(formatAge(Date.parse("2026-11-25T12:00:00Z"), nowMs)).toBe("in 2 d");
});
