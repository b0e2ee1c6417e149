import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type CommandDescription, describeCommands, readSyntax } from "../../src/cli/command.ts";
import { placeReference, renderManual, renderReference } from "../../.release/manual.ts";
import { ExitCode } from "../../src/errors.ts";
import { commands } from "../../src/main.ts";
import { everyKind } from "../support/arguments.ts";

const edition = { version: "1.2.3", date: new Date("2026-11-23T12:00:00Z") };
const all = await describeCommands(commands);
const page = renderManual(all, edition);

function judge(command: string, args: readonly string[], input: string) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", MANWIDTH: "100" },
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** Bold and underlined, as on a typewriter: a letter, a step back, a letter. */
function stripOverstrikes(text: string): string {
  return text.split("\b").reduce((before, after) => before.slice(0, -1) + after);
}

/** Commands with all that a formatter could trip over. */
const odd: CommandDescription = {
  name: "odd",
  summary: "does 'odd' things",
  details: [".Begins with a dot. 'Quoted' begins. A back\\slash, a ~tilde and a `tick`."],
  ...readSyntax({
    ...everyKind,
    archive: { type: "positional", required: true, variadic: true, description: "- or more" },
  }),
  examples: { ".odd -t '2:00am' \\ ~/x": "shows it" },
  exitCodes: [ExitCode.done],
};

test.each([
  ["of the program", page],
  ["of an odd command", renderManual([odd, ...all], edition)],
])("mandoc and groff find nothing wrong with the page %s", (_, text) => {
  expect(judge("mandoc", ["-T", "lint"], text)).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(judge("groff", ["-ww", "-man", "-Tutf8"], text)).toMatchObject({ status: 0, stderr: "" });
});

test("what is to be typed is shown just so", () => {
  const { stdout } = judge("mandoc", ["-T", "utf8", "-O", "width=100"], renderManual([odd], edition));
  const text = stripOverstrikes(stdout);
  expect(text).toContain(" .odd -t '2:00am' \\ ~/x\n");
  expect(text).toContain("-d, --destinationdirectory, --destdir DIR\n");
  expect(text).toContain("tinybackup odd -f FILE -d DIR [OPTIONS] ARCHIVE...\n");
  expect(text).toContain(".Begins with a dot.");
});

test("the page tells of every command, every option and every exit code", () => {
  const { stdout } = judge("mandoc", ["-T", "ascii", "-O", "width=200"], page);
  const text = stripOverstrikes(stdout);
  for (const command of all) {
    expect(text).toContain(`\n   ${command.name}\n`);
    for (const { name } of command.options) expect(text).toMatch(new RegExp(`--(no-)?${name}\\b`));
    for (const type of Object.keys(command.examples)) expect(text).toContain(type);
  }
  for (const code of Object.values(ExitCode)) expect(text).toMatch(new RegExp(`\n {7}${code} +\\S`));
  expect(text).toMatch(/^TINYBACKUP\(1\)/);
  expect(text).toContain("tinybackup 1.2.3");
  expect(text).toContain("2026-11-23");
});

test("docs/manual.md tells of the commands as they are", () => {
  const manual = readFileSync(resolve(import.meta.dir, "../../docs/manual.md"), "utf8");
  expect(placeReference(manual, renderReference(all))).toBe(manual);
});

test("a text without a place for the commands is not written", () => {
  expect(() => placeReference("# tinybackup\n", renderReference(all))).toThrow("no place for the commands");
});

test("a bar in a usage does not end the cell of its table", () => {
  const syntax = readSyntax({
    level: { type: "enum", options: ["a", "b"], required: true, description: "which" },
  });
  const barred = { ...odd, ...syntax, name: "barred" };
  expect(renderReference([barred])).toContain(
    String.raw`| ${"`"}tinybackup barred --level a\|b [OPTIONS]${"`"} | does`,
  );
});
