// Streams that are closed, full or gone, and surroundings that are bare or hostile, while real work is done.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, environment } from "../support/tools.ts";

const run = 'tinybackup run -f "$SOURCE" -d "$SAVED"';

/** All revisions whole, no partial, the content right. */
function expectSaved(stage: Stage, count: number): void {
  expect(stage.leftovers()).toEqual([]);
  const revisions = stage.revisions();
  expect(revisions).toHaveLength(count);
  for (const name of revisions) {
    expect(contentOf(join(stage.destination, name)).equals(readFileSync(stage.source))).toBe(true);
  }
}

describe("run", () => {
  test.each([
    ">&-",
    "<&-",
    "2>&-",
    "<&- >&- 2>&-",
    ">&- --json",
    "| true",
    "| head -1",
    ">/dev/null",
    "2>/dev/full",
  ])("with %s saves, and is done", (redirection) => {
    using stage = new Stage();
    const { code, err } = stage.shell(`${run} ${redirection}; exit \${PIPESTATUS[0]}`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expectSaved(stage, 1);
  });

  test.each([">/dev/full", "--json >/dev/full"])("with %s saves, and says both", (redirection) => {
    using stage = new Stage();
    const { code, err } = stage.shell(`${run} ${redirection}`);
    expect(code).toBe(1);
    expect(err).toMatch(
      /saved '.*tar\.zst', but cannot write to standard output: no space left on the device/,
    );
    expectSaved(stage, 1);
  });

  test("prunes even where nobody can be told", () => {
    using stage = new Stage();
    stage.shell(`${run}; ${run} -k 1 >/dev/full`);
    expectSaved(stage, 1);
  });
});

describe("restore to standard output", () => {
  test.each([
    [">&-", 1],
    [">/dev/full", 1],
    ["| head -c 1 >/dev/null", 141],
    ["| cat >/dev/null", 0],
    ["2>&- | cat >/dev/null", 0],
  ])("with %s ends with %p", (redirection, code) => {
    using stage = new Stage();
    stage.write("notes.txt", "a line\n".repeat(1_000_000));
    stage.save();
    const script = `tinybackup restore -d "$SAVED" --to - ${redirection}; exit \${PIPESTATUS[0]}`;
    const ended = stage.shell(script);
    expect(ended).toMatchObject({ code, out: "" });
    if (code !== 1) expect(ended.err).toBe("");
    else expect(ended.err).toMatch(/^tinybackup: cannot write to standard output: .*\n/);
  });
});

test.each(["list", "list --json", "verify", "verify --json", "prune -k 1 --dry-run"])(
  "%s into a full disk fails, into a closed pipe does not",
  (command) => {
    using stage = new Stage();
    stage.save();
    const line = `tinybackup ${command} -f "$SOURCE" -d "$SAVED"`;
    const full = stage.shell(`${line} >/dev/full`);
    expect(full.code).toBe(1);
    expect(full.err).toContain("cannot write to standard output: no space left on the device");
    expect(stage.shell(`${line} | true; exit \${PIPESTATUS[0]}`)).toMatchObject({ code: 0, err: "" });
  },
);

test("without any environment everything works", () => {
  using stage = new Stage();
  const by = ["env", "-i"];
  const common = [...stage.paths];
  for (const args of [
    ["run"],
    ["list"],
    ["verify"],
    ["prune", "-k", "1"],
    ["restore", "--to", join(stage.root, "x")],
  ]) {
    expect(stage.type([...args, ...common], { by })).toMatchObject({ code: 0 });
  }
  expectSaved(stage, 1);
});

test("an odd environment changes nothing", () => {
  using stage = new Stage();
  const env = {
    LC_ALL: "tr_TR.UTF-8",
    LANG: "zz",
    TZ: ":nowhere",
    TMPDIR: "/nowhere",
    HOME: "/nowhere",
    CI: "1",
    NODE_ENV: "test",
    DEBUG: "*",
  };
  const ended = stage.type(["run", ...stage.paths], { env });
  expect(ended).toMatchObject({ code: 0, err: "" });
  expectSaved(stage, 1);
});

/** A second may pass between two listings. */
const withoutAge = (table: string): string => table.replaceAll(/ *\d+ s ago/g, "");

test("in a folder full of traps the work is the same, and none of them springs", () => {
  using stage = new Stage();
  const trap = join(stage.root, "trap");
  mkdirSync(trap);
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(join(stage.root, "sprung"))}, "");`;
  writeFileSync(join(trap, "evil.js"), evil);
  writeFileSync(join(trap, "bunfig.toml"), 'preload = ["./evil.js"]\n');
  writeFileSync(
    join(trap, ".env"),
    `BUN_OPTIONS=--preload=./evil.js\nNODE_OPTIONS=--require=./evil.js\nTZ=Asia/Tokyo\nTMPDIR=${trap}\n`,
  );
  writeFileSync(join(trap, "tsconfig.json"), '{"compilerOptions":{"paths":{"*":["./evil.js"]}}}');
  writeFileSync(join(trap, "package.json"), '{"name":"evil","main":"./evil.js","type":"commonjs"}');
  for (const name of [
    "citty",
    "consola",
    "consola/core",
    "fastest-levenshtein",
    "tar-stream",
    "streamx",
    "b4a",
    "fs",
    "zlib",
    "bun:ffi",
    "node:zlib",
    "node:fs/promises",
  ]) {
    mkdirSync(join(trap, "node_modules", name), { recursive: true });
    writeFileSync(join(trap, "node_modules", name, "index.js"), evil);
  }
  const at = { cwd: trap };
  const common = ["-f", "../notes.txt", "-d", "../saved"];
  const saved = stage.type(["run", ...common, "--always", "--debug"], at);
  expect(saved).toMatchObject({ code: 0, err: "" });
  expect(saved.out).toStartWith(join(stage.destination, "notes.txt-000001-"));
  const listed = stage.type(["list", ...common], at);
  expect(listed).toMatchObject({ code: 0, err: "" });
  expect(withoutAge(listed.out)).toBe(withoutAge(stage.type(["list", "-d", stage.destination]).out));
  for (const args of [
    ["verify"],
    ["prune", "-k", "1"],
    ["restore", "--to", "x"],
    ["run", "--always", "--compress=gzip"],
  ]) {
    expect(stage.type([...args, ...common], at)).toMatchObject({ code: 0 });
  }
  expect(existsSync(join(stage.root, "sprung"))).toBe(false);
  expectSaved(stage, 2);
});

test("in a working directory that is gone the runtime refuses to start: said, and nothing done", () => {
  using stage = new Stage();
  const { code, err } = stage.shell(`mkdir gone; cd gone; rmdir ../gone; ${run}`);
  expect(code).toBe(1);
  expect(err).toContain("The current working directory was deleted");
  expectSaved(stage, 0);
});

test("stdin is never read", async () => {
  using stage = new Stage();
  const child = Bun.spawn([binary, "run", ...stage.paths], {
    env: environment,
    stdin: "pipe",
    stdout: "ignore",
  });
  expect(await child.exited).toBe(0);
  expectSaved(stage, 1);
});
