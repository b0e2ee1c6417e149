import { expect, test } from "bun:test";
import { assert, property, string } from "fast-check";
import { escapeControls } from "../../../src/cli/escape.ts";

test.each([
  ["plain name.txt", "plain name.txt"],
  ["naïve — 文件 🎉 é", "naïve — 文件 🎉 é"],
  ["a\nb\r\tc", String.raw`a\nb\r\tc`],
  ["\u001b[31mred", String.raw`\x1b[31mred`],
  ["\u0000\u007f\u009b", String.raw`\x00\x7f\x9b`],
  ["a\u202egpj.exe", String.raw`a\u202egpj.exe`],
  ["\u2066x\u2069\u200f\u061c", String.raw`\u2066x\u2069\u200f\u061c`],
  ["\ud800x\udfff", String.raw`\ud800x\udfff`],
  ["line\u2028sep", String.raw`line\u2028sep`],
  ["back\\slash", "back\\slash"],
])("%j is shown as %j", (text, shown) => {
  expect(escapeControls(text)).toBe(shown);
});

test("any text is one safe line, and escaping it again changes nothing", () => {
  assert(
    property(string({ unit: "binary" }), (text) => {
      const shown = escapeControls(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
      expect(escapeControls(shown)).toBe(shown);
    }),
  );
});
