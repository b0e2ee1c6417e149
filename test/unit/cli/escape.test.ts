import { expect, test } from "bun:test";
import { assert, property, string } from "fast-check";
import { encodeJson, escapeControls } from "../../../src/cli/escape.ts";

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

test("JSON says the same to a program, and moves no cursor", () => {
  const name = "a\u001b[31m\u007f\u009b\u202e\u2066\ufeff\ud800 文件 🎉";
  const line = encodeJson({ name });
  expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cs}\u202e\u2066\ufeff]/u);
  expect(line).toContain("文件 🎉");
  expect(JSON.parse(line)).toEqual({ name });
});
