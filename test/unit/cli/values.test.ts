import { expect, test } from "bun:test";
import { parseCount } from "../../../src/cli/values.ts";

test("any other count says its least number", () => {
  expect(parseCount("3", { name: "--times", min: 1 })).toBe(3);
  expect(parseCount("0", { name: "--count", min: 0 })).toBe(0);
  expect(() => parseCount("0", { name: "--times", min: 1 })).toThrow("'--times' must be at least 1, not 0");
});
