import { expect, test } from "bun:test";
import { renderEntry, wrapText } from "../../../src/cli/help.ts";

test("text is set in lines that fit; a word too long for a line stands alone", () => {
  expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapText("a incomprehensibilities b", 5)).toEqual(["a", "incomprehensibilities", "b"]);
  expect(wrapText("", 5)).toEqual([""]);
});

test("a term too long for its column has its meaning below", () => {
  expect(renderEntry("-x", "one two three", 4, 15)).toBe("  -x    one two\n        three");
  expect(renderEntry("--long", "one", 4, 15)).toBe("  --long\n        one");
});
