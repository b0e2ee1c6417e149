import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { escapeLines } from "../../src/cli/escape.ts";
import { readUnifiedDiff } from "../../src/system/diff.ts";
import { silentMonitor } from "../support/workshop.ts";

const { PATH, TMPDIR } = process.env;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tinybackup-judge-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "tmp"));
  process.env["TMPDIR"] = join(folder, "tmp");
});

afterEach(() => {
  process.env["PATH"] = PATH;
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = TMPDIR;
  rmSync(folder, { recursive: true });
});

/** The only `diff` that there is for this test: a script, or nothing. */
function stageProgram(script?: string): void {
  process.env["PATH"] = join(folder, "bin");
  if (script) writeFileSync(join(folder, "bin/diff"), `#!/bin/sh\nPATH=${PATH}\n${script}`, { mode: 0o755 });
}

function render(from: string | Uint8Array, to: string | Uint8Array): Promise<string> {
  const [before, after] = [Buffer.from(from), Buffer.from(to)];
  return readUnifiedDiff(
    { text: before, label: "-a b.txt\tbefore" },
    { text: after, label: "+a b.txt\tafter" },
    silentMonitor.signal,
  );
}

describe.each(["diff", "busybox"])("%s", (program) => {
  beforeEach(() => {
    if (program === "busybox") stageProgram('exec busybox diff "$@"\n');
  });

  test("it is asked for what patch reads, under names of ours", async () => {
    expect(await render("one\ntwo\n", "one\n2\nthree")).toBe(
      "--- -a b.txt\tbefore\n+++ +a b.txt\tafter\n" +
        "@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n\\ No newline at end of file\n",
    );
  });

  test("a file that was empty, or is, is told as diff -u tells it", async () => {
    expect(await render("", "x\n")).toContain("@@ -0,0 +1 @@\n+x\n");
    expect(await render("x\n", "")).toContain("@@ -1 +0,0 @@\n-x\n");
  });

  test("two lines that differ in one byte of no valid text are told apart, byte for byte", async () => {
    const diff = await render(Buffer.from("caf\xe9\n", "latin1"), Buffer.from("caf\xe8\n", "latin1"));
    expect(diff).toEndWith("-caf\xe9\n+caf\xe8\n");
    expect(escapeLines(diff)).toEndWith(String.raw`-caf\xe9` + "\n" + String.raw`+caf\xe8` + "\n");
  });
});

test("on a terminal nothing in a text can move the cursor, and what can be read stays", async () => {
  const diff = await render("\u001b[31mé 你\t好\r\n", "x\n");
  expect(escapeLines(diff)).toContain("-\\x1b[31mé 你\t好\\r\n+x\n");
});

test("what it says is in English, whatever language the person has", async () => {
  stageProgram('echo "$LC_ALL"; exit 1\n');
  expect(await render("a", "b")).toBe("C\n");
});

test("nobody else can look at the texts, and when it is done they are gone", async () => {
  stageProgram('for file; do folder=${file%/*}; done; stat -c %a "$folder" "$folder"/*; exit 1\n');
  expect(await render("a", "b")).toBe("700\n600\n600\n");
  expect(readdirSync(join(folder, "tmp"))).toEqual([]);
});

test.each([
  ["there is no such program", undefined, "there is no program 'diff' here"],
  ["it fails", "echo 'no memory' >&2; exit 2\n", "diff says: no memory"],
  ["it is killed", "kill -9 $$\n", "diff says: "],
])("where %s, one line says so", async (_, script, sentence) => {
  stageProgram(script);
  expect(render("a", "b")).rejects.toThrow(`cannot compare line by line: ${sentence}`);
  await render("a", "b").catch(() => undefined);
  expect(readdirSync(join(folder, "tmp"))).toEqual([]);
});

test("patch(1) makes the second text of the first, whatever they are", async () => {
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
  await fc.assert(
    fc.asyncProperty(text, text, async (before, after) => {
      fc.pre(before !== after);
      const path = join(folder, "file");
      writeFileSync(path, before);
      const args = ["--binary", "--quiet", "--posix", path];
      const input = Buffer.from(await render(before, after), "latin1");
      const { status, stdout, stderr } = spawnSync("patch", args, { input });
      expect({ status, out: stdout.toString() + stderr.toString() }).toEqual({ status: 0, out: "" });
      expect(readFileSync(path, "utf8")).toBe(after);
    }),
    { numRuns: 200 },
  );
});

test("two texts of 8 MiB with nothing in common take seconds", async () => {
  const [from, to] = [7, 11].map((step) => {
    const lines = Array.from({ length: 600_000 }, (_, n) => `${step} times ${n}\n`);
    return Buffer.from(lines.join("")).subarray(0, 8 << 20);
  });
  const began = performance.now();
  const diff = await render(from ?? "", to ?? "");
  expect(diff.length).toBeGreaterThan(16 << 20);
  expect(performance.now() - began).toBeLessThan(10_000);
});
