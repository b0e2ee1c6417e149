import { expect, test } from "bun:test";
import { renderBar } from "../../../src/cli/table.ts";

test.each([
  [100, 100, "████"],
  [50, 100, "██"],
  [9, 100, "▍"],
  [1, 1_000_000, "▏"],
  [0, 100, ""],
  [0, 0, ""],
  [200, 100, "████"],
])("%p of %p is drawn as '%s'", (value, largest, bar) => {
  expect(renderBar(value, largest, 4, true)).toBe(bar);
});

test.each([
  [100, 100, "####"],
  [60, 100, "##"],
  [1, 1_000_000, "#"],
  [0, 100, ""],
])("%p of %p is drawn as '%s' where letters are all there is", (value, largest, bar) => {
  expect(renderBar(value, largest, 4, false)).toBe(bar);
});
