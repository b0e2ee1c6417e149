// What machines are told: every object that a command prints with --json, or says besides, has the shape that docs/json.md
// shows, and nothing else. The types on that page are the schema, and the compiler of TypeScript is the judge.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { commands } from "../../src/main.ts";
import { moment, WorldStage } from "../support/stage.ts";
import { run } from "../support/tools.ts";

setDefaultTimeout(60_000);

const root = resolve(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/json.md"), "utf8");
const types = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, text = ""]) => text).join("\n");
/** Which type the page gives each command. */
const shapes = new Map(
  [...page.matchAll(/^\| `([\w -]+)` \| `(\w+)` \|$/gm)].map(([, word, type]) => [word, type]),
);

interface Sample {
  readonly type: string;
  readonly command: string;
  readonly value: object;
}

const parse = (line: string): object => JSON.parse(line);

/** What is left of a command that was typed with --json. */
function typeForJson(stage: WorldStage, words: readonly string[], code: number): Sample[] {
  const ended = stage.type([...words, "--json"]);
  const command = `tinybackup ${words.join(" ")}`;
  expect({ command, code: ended.code, err: ended.err }).toEqual({ command, code, err: expect.any(String) });
  const printed = ended.out.split("\n").slice(0, -1).map(parse);
  // One object, unless the command line was wrong, or nothing came of it.
  if (printed.length !== 1)
    expect({ command, printed, code: Math.max(1, code) }).toEqual({ command, printed: [], code });
  const told = ended.err.split("\n").slice(0, -1).map(parse);
  return [
    ...printed.map((value) => ({
      type: shapes.get(words[1] === "--all" ? "run --all" : words[0]) ?? "undocumented",
      command,
      value,
    })),
    ...told.map((value) => ({
      type: "error" in value ? "Error" : "warning" in value ? "Warning" : "Message",
      command,
      value,
    })),
  ];
}

/** A value with a field that the page does not name, in each of its objects in turn. */
function* withSurplus(value: unknown): Generator {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield { ...value, surplus: {} };
  for (const [key, part] of Object.entries(value))
    for (const spoiled of withSurplus(part))
      yield Array.isArray(value) ? value.with(Number(key), spoiled) : { ...value, [key]: spoiled };
}

/** A program that is right if the page is: it has each value, and each of these again with a surplus field, as a mistake. */
function renderProgram(samples: readonly Sample[]): string {
  const lines = samples.flatMap(({ type, value }) => [
    `check<${type}>(${JSON.stringify(value)});`,
    ...[...withSurplus(value)].flatMap((spoiled) => [
      "// @ts-expect-error",
      `check<${type}>(${JSON.stringify(spoiled)});`,
    ]),
  ]);
  return [types, "declare function check<T>(value: T): void;", ...lines, "export {};"].join("\n");
}

function* listKeys(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (!Array.isArray(value)) yield key;
    yield* listKeys(part);
  }
}

/** Every command, in as many of its ways as have fields of their own. */
async function collect(stage: WorldStage): Promise<Sample[]> {
  const samples: Sample[] = [];
  const type = (code: number, ...words: string[]) => samples.push(...typeForJson(stage, words, code));
  const { paths, source, destination } = stage;
  const series = ["-d", destination];
  type(0, "--version");
  type(0, "completions", "fish");
  type(0, "preview", "-t", "+ 7 minutes", "-n", "2");
  type(1, "uninstall", "all");
  type(1, "statusof");
  type(2, "run", "--bogus");
  type(75, "run", "-f", "nothing", ...series);
  for (const more of [["--noop"], [], ["--verbose"], ["--always"]]) type(0, "run", ...paths, ...more);
  type(0, "list", ...paths);
  type(0, "diff", ...series);
  type(0, "diff", ...series, "--revision", "1", "2");
  type(0, "prune", ...paths, "-k", "1", "--dry-run");
  type(0, "verify", ...series, "--all");
  type(0, "restore", ...series, "--to", "back");
  type(0, "restore", ...series, "--to", "back", "--force", "--revision", "1");
  type(2, "restore", ...series, "--to", "-");
  type(1, "restore", ...paths);
  const [, newest = ""] = stage.revisions();
  truncateSync(join(destination, newest), 100);
  writeFileSync(join(destination, "notes.txt-2020-11-22-1606010400.gz"), Bun.gzipSync("older\n"));
  type(0, "list", ...paths);
  type(5, "verify", ...paths);
  type(5, "restore", ...paths, "--force");
  type(0, "run", ...paths, "-k", "1");
  writeFileSync(source, "");
  type(0, "run", ...paths);
  writeFileSync(source, "anew\n");
  const nightly = ["install", ...paths, "-t", "2:00am", "--name", "usb"];
  type(0, ...nightly, "--dry-run");
  type(0, ...nightly, "--times", "4", "--until", "12:00 2026-12-24", "--keep-within", "1y", "-k", "3");
  type(0, ...nightly, "--run");
  type(0, ...nightly);
  type(0, "install", ...paths, "-t", "noon", "--noop", "--run");
  stage.world.setClock(moment("2026-11-24T01:59"));
  await stage.world.passUntil(moment("2026-11-24T02:01"));
  writeFileSync(source, "");
  type(6, "statusof", "files", ...paths, "-t", "2:00am", "--verbose");
  type(0, "run", "--all");
  writeFileSync(`${source}.other`, "other\n");
  type(0, "run", "-f", `${source}.other`, ...series);
  type(0, "list", ...series);
  stage.world.stopDaemon();
  type(4, "install", ...paths, "-t", "3:00am", "--once");
  type(4, "doctor");
  type(0, "uninstall", ...paths, "-t", "noon", "--dry-run");
  type(0, "uninstall", "all");
  return samples;
}

test("every object that a command prints or says has the shape that docs/json.md shows, and no more", async () => {
  await using stage = await WorldStage.create();
  const samples = await collect(stage);
  const program = join(stage.root, "samples.ts");
  writeFileSync(program, renderProgram(samples));
  const compiler = join(root, "node_modules/.bin/tsc");
  const options = ["--ignoreConfig", "--noEmit", "--strict", "--exactOptionalPropertyTypes"];
  const { out } = run([process.execPath, compiler, ...options, "--target", "esnext", "--types", "", program]);
  const lines = readFileSync(program, "utf8").split("\n");
  const wrong = [...out.matchAll(/samples\.ts\((\d+),\d+\): error (.*)/g)].map(([, line, why]) => [
    why,
    lines[Number(line) - 1],
  ]);
  expect({ wrong, out: wrong.length === 0 ? out : "" }).toEqual({ wrong: [], out: "" });

  // And nothing is shown that does not come.
  const shown = new Set([...types.matchAll(/(?:^ +|\{ |; )(\w+)\??: /gm)].map(([, name = ""]) => name));
  const seen = new Set(samples.flatMap(({ value }) => [...listKeys(value)]));
  expect([...shown].filter((name) => !seen.has(name))).toEqual([]);
  expect(shown.size).toBeGreaterThan(50);
  const printed = new Set(samples.map(({ command }) => command.split(" ")[1] ?? ""));
  const words = [...commands].flatMap(([word, { isHidden }]) => (isHidden ? [] : [word]));
  expect(words.filter((word) => !printed.has(word) || !shapes.has(word))).toEqual([]);
});
