import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { escapeDiff, renderUnifiedDiff } from "../../src/cli/unified-diff.ts";

function side(text: string | Uint8Array, label = "label") {
  return { text: Buffer.from(text), name: "a\nb.txt", label };
}

function render(from: string | Uint8Array, to: string | Uint8Array): Buffer {
  const diff = renderUnifiedDiff(side(from, "before"), side(to, "after"));
  if (!diff) throw new Error("it gave up");
  return Buffer.from(diff);
}

test("it reads as diff -u does", () => {
  expect(render("one\ntwo\n", "one\n2\nthree").toString()).toBe(
    String.raw`--- a\nb.txt` +
      "\tbefore\n" +
      String.raw`+++ a\nb.txt` +
      "\tafter\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n\\ No newline at end of file\n",
  );
});

test("a file that was empty, or is, is told as diff -u tells it", () => {
  expect(render("", "x\n").toString()).toContain("@@ -0,0 +1 @@\n+x\n");
  expect(render("x\n", "").toString()).toContain("@@ -1 +0,0 @@\n-x\n");
});

test("two lines that differ in one byte of no valid text are told apart, byte for byte", () => {
  const diff = render(Buffer.from("caf\xe9\n", "latin1"), Buffer.from("caf\xe8\n", "latin1"));
  expect(diff.toString("latin1")).toEndWith("-caf\xe9\n+caf\xe8\n");
  expect(escapeDiff(diff)).toEndWith(String.raw`-caf\xe9` + "\n" + String.raw`+caf\xe8` + "\n");
});

test("on a terminal nothing in a text can move the cursor, and what can be read stays", () => {
  const diff = render("\u001b[31mé 你\t好\r\n", "x\n");
  expect(escapeDiff(diff)).toContain("-\\x1b[31mé 你\t好\\r\n+x\n");
});

test("patch(1) makes the second text of the first, whatever they are", () => {
  const folder = mkdtempSync(join(tmpdir(), "tinybackup-patch-"));
  const line = fc.constantFrom(
    "a",
    "b",
    "c",
    "",
    " ",
    "-",
    "+x",
    "@@ -1 +1 @@",
    "\\ No newline",
    "\t",
    "é",
    "d\r",
  );
  const text = fc
    .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
    .map(([lines, isEnded]) => lines.join("\n") + (isEnded ? "\n" : ""));
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        const path = join(folder, "file");
        writeFileSync(path, before);
        const args = ["--binary", "--quiet", "--posix", path];
        const { status, stdout, stderr } = spawnSync("patch", args, { input: render(before, after) });
        expect({ status, out: stdout.toString() + stderr.toString() }).toEqual({ status: 0, out: "" });
        expect(readFileSync(path, "utf8")).toBe(after);
      }),
      { numRuns: 200 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Lines that are the same for two steps now and then, by chance. */
function numbered(step: number): string {
  return Array.from({ length: 20_000 }, (_, n) => `${(n * step) % 100_003}\n`).join("");
}

test("texts that have nothing in common are given up after some seconds", () => {
  expect(renderUnifiedDiff(side(numbered(7)), side(numbered(11)))).toBeUndefined();
});
