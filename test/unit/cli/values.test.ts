import { expect, test } from "bun:test";
import { parseCount, parseKeepRevisions } from "../../../src/cli/values.ts";

test.each([
  ["1", 1],
  ["14", 14],
  ["007", 7],
  ["999999999999999", 999_999_999_999_999],
  ["-1", -1],
])("--keeprevisions=%s keeps %p", (text, count) => {
  expect(parseKeepRevisions(text)).toBe(count);
});

test.each([
  "0",
  "-2",
  "1e3",
  "5.5",
  "0x10",
  "９",
  "+5",
  " 5",
  "5 ",
  "",
  "-",
  "--1",
  "five",
  "Infinity",
  "NaN",
  "1_000",
  "9".repeat(16),
])("--keeprevisions=%s is refused with what to write", (text) => {
  expect(() => parseKeepRevisions(text)).toThrow("'--keeprevisions'");
});

test("any other count says its least number", () => {
  expect(parseCount("3", { name: "--times", min: 1 })).toBe(3);
  expect(parseCount("0", { name: "--count", min: 0 })).toBe(0);
  expect(() => parseCount("0", { name: "--times", min: 1 })).toThrow("'--times' must be at least 1, not 0");
});
