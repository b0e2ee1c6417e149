import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseCount, parseDuration } from "../../../src/cli/values.ts";
import { UsageFailure } from "../../../src/errors.ts";

test("any other count says its least number", () => {
  expect(parseCount("3", { name: "--times", min: 1 })).toBe(3);
  expect(parseCount("0", { name: "--count", min: 0 })).toBe(0);
  expect(() => parseCount("0", { name: "--times", min: 1 })).toThrow("'--times' must be at least 1, not 0");
});

test.each([
  ["30min", 1800],
  ["26h", 93_600],
  ["2d", 172_800],
  ["1w", 604_800],
  ["1d12h", 129_600],
  ["12h1d", 129_600],
  ["1w2d3h4min", 788_640],
  ["90min", 5400],
  ["007d", 604_800],
  ["0h5min", 300],
  ["99999w", 60_479_395_200],
])("the duration %p is %p seconds", (text, seconds) => {
  expect(parseDuration(text, "--max-age")).toBe(seconds);
});

function refusalOf(text: string): UsageFailure {
  try {
    parseDuration(text, "--retry");
  } catch (error) {
    if (error instanceof UsageFailure) return error;
  }
  throw new Error(`'${text}' was taken`);
}

test.each([
  ["90m", "90min"],
  ["1d30m", "1470min"],
  ["1 day", "1d"],
  ["2 weeks", "14d"],
  ["26 hours", "26h"],
  ["26H", "26h"],
  ["30mins", "30min"],
  ["2 hours 30 minutes", "150min"],
  ["1d 12h", "36h"],
  ["24", "1d"],
  ["1.5h", "90min"],
  ["3 months", "90d"],
  ["6mo", "180d"],
  ["1y", "365d"],
  ["1y6m", "26h"],
  ["PT1H", "1h"],
  ["P1D", "1d"],
  ["-2h", "2h"],
  ["0h", "26h"],
  ["0", "26h"],
  ["1h1h", "2h"],
  ["3600s", "1h"],
  ["soon", "26h"],
  ["１d", "26h"],
])("of %p it says %p", (text, meant) => {
  const { message, instead } = refusalOf(text);
  expect(message).toStartWith("'--retry' needs a duration such as 30min, 26h, 2d, 1w or 1d12h, not ");
  expect(message.endsWith("m is minutes to at, and months to restic")).toBe(/\dm$/.test(text));
  expect(instead).toEqual({ "--retry": meant });
});

test("whatever is refused, what is said instead is taken", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("1", "0", "5m", " days", "w", "h", "min", "y", "mo", "."),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join("");
      try {
        expect(parseDuration(text, "--retry")).toBeGreaterThan(0);
      } catch (error) {
        const { instead } = error instanceof UsageFailure ? error : {};
        expect(parseDuration(instead?.["--retry"] ?? "", "--retry")).toBeGreaterThan(0);
      }
    }),
  );
});
