// The rules of the house, held by a test: arrows run main → commands → cli, backup, schedule → system, never back,
// and only a few files touch the world.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");
const transpiler = new Bun.Transpiler({ loader: "ts" });
const files = [...new Bun.Glob("src/**/*.ts").scanSync(root)].toSorted();

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** What a file imports when it runs: our files as `src/...`, others by name. Imports of types don't count. */
function listImports(file: string): readonly string[] {
  return transpiler.scanImports(read(file)).map(({ path }) => {
    if (!path.startsWith(".")) return path;
    return relative(root, resolve(root, dirname(file), path));
  });
}

/** The part of the house that a file belongs to. */
function partOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? path;
}

const allowed: Readonly<Record<string, readonly string[]>> = {
  "src/main.ts": ["cli", "commands", "system", "src/errors.ts", "src/nearest.ts", "package.json"],
  "src/errors.ts": [],
  "src/nearest.ts": [],
  commands: [
    "commands",
    "cli",
    "backup",
    "schedule",
    "time",
    "system",
    "src/errors.ts",
    "src/nearest.ts",
    "package.json",
  ],
  cli: ["cli", "system", "src/errors.ts", "src/nearest.ts", "package.json"],
  backup: ["backup", "time", "system", "src/errors.ts", "package.json"],
  schedule: ["schedule", "time", "system", "src/errors.ts", "src/nearest.ts"],
  time: ["time", "src/errors.ts"],
  system: ["system", "src/errors.ts", "src/nearest.ts"],
};

/** What several commands share, and all may import. */
const sharedByCommands = [
  "backup-options",
  "retention-options",
  "open-revisions",
  "backup-report",
  "proof-log",
  "standing",
  "run-all",
  "scheduled-backup",
].map((name) => `src/commands/${name}.ts`);

/** The doors to the world that the command line has for itself. */
const doors: Readonly<Record<string, readonly string[]>> = {
  cli: ["streams", "invocation", "monitor"].map((name) => `src/system/${name}.ts`),
  commands: ["paths", "stream-target"].map((name) => `src/system/${name}.ts`),
};

describe.each(files)("%s", (file) => {
  const imports = listImports(file);
  const ours = imports.filter((path) => path.startsWith("src/") || path === "package.json");

  test("imports from the parts below it only", () => {
    const strangers = ours.filter((path) => !(allowed[partOf(file)] ?? []).includes(partOf(path)));
    expect(strangers).toEqual([]);
  });

  test("is no command that imports another, and reaches the world by its own doors", () => {
    const siblings = ours.filter((path) => partOf(path) === "commands" && !sharedByCommands.includes(path));
    if (partOf(file) === "commands") expect(siblings).toEqual([]);
    const world = ours.filter((path) => partOf(path) === "system");
    const own = doors[partOf(file)] ?? world;
    expect(world.filter((path) => !own.includes(path))).toEqual([]);
  });

  test("touches the world only if it is in system/", () => {
    const world = /^(node:)?(fs|child_process|net|http|https|worker_threads)(\/|$)|^bun:(ffi|sqlite)$/;
    if (partOf(file) !== "system") expect(imports.filter((path) => world.test(path))).toEqual([]);
    const direct = /\bBun\.(file|write|spawn|spawnSync|\$)\b|\bprocess\.(stdout|stdin)\b|\bconsole\./;
    if (partOf(file) !== "system") expect(read(file)).not.toMatch(direct);
  });

  test("asks neither the clock nor the environment what it is told in time/", () => {
    if (partOf(file) === "time") expect(read(file)).not.toMatch(/\bprocess\.|\bDate\.now\b|new Date\(\)/);
  });

  test("asks the C library for local time, since the runtime knows less of zones", () => {
    const runtime =
      /Date\(\)\.|\.(get|set)(Timezone|FullYear|Month|Date|Day|Hours|Minutes|Seconds)|\.toLocale|Intl\.Date|timeZoneId\(|Temporal\.Now\.(plain|zoned)/;
    if (file !== "src/system/libc.ts") expect(runtime.exec(read(file))).toBeNull();
  });

  test("leaves the exit to main", () => {
    expect(read(file)).not.toMatch(/process\.exit\(/);
    if (file !== "src/main.ts") expect(read(file)).not.toMatch(/process\.exitCode/);
  });

  test("has one subject", () => {
    expect(read(file).split("\n").length).toBeLessThan(300);
  });
});

test("starting, and asking for the version, loads nothing but the way to the commands", () => {
  const seen = new Set(["src/main.ts"]);
  for (const file of seen) {
    const loaded = transpiler.scanImports(read(file)).filter(({ kind }) => kind === "import-statement");
    for (const { path } of loaded) {
      const target = path.startsWith(".") ? relative(root, resolve(root, dirname(file), path)) : path;
      if (target.endsWith(".ts")) seen.add(target);
      else expect(["node:fs", "package.json"]).toContain(target);
    }
  }
  expect([...seen].toSorted()).toEqual([
    "src/cli/command.ts",
    "src/cli/escape.ts",
    "src/cli/failure-text.ts",
    "src/cli/output.ts",
    "src/errors.ts",
    "src/main.ts",
    "src/system/streams.ts",
  ]);
});

test("a right command line loads nothing that works out what was meant by a wrong one", () => {
  const seen = new Set(["src/cli/execute.ts", "src/commands/run.ts", "src/commands/install.ts"]);
  for (const file of seen) {
    const loaded = transpiler.scanImports(read(file)).filter(({ kind }) => kind === "import-statement");
    for (const { path } of loaded.filter((each) => /^\..*\.ts$/.test(each.path)))
      seen.add(relative(root, resolve(root, dirname(file), path)));
  }
  expect([...seen]).toContain("src/cli/parse.ts");
  const guessing = ["suggestion", "spoiled", "corrections", "foreign-words", "guess-time"];
  const names = guessing.map((name) => `src/cli/${name}.ts`).concat("src/system/absent.ts");
  expect(names.filter((file) => seen.has(file) || !files.includes(file))).toEqual([]);
});

test("listing revisions loads nothing that writes one", () => {
  const seen = new Set(["src/commands/list.ts"]);
  for (const file of seen) {
    for (const path of listImports(file)) if (path.startsWith("src/")) seen.add(path);
  }
  expect([...seen]).toContain("src/backup/catalog.ts");
  const writers = ["back-up", "publish", "copy", "partial", "prune", "archive/write"];
  expect([...seen].filter((path) => writers.includes(path.slice("src/backup/".length, -3)))).toEqual([]);
});

test("no circle of imports, not even of types", () => {
  const statement = /(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g;
  const graph = new Map(
    files.map((file) => [
      file,
      [...read(file).matchAll(statement)].map(([, path = ""]) =>
        relative(root, resolve(root, dirname(file), path)),
      ),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (done.has(file) || way.includes(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});
