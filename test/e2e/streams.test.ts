// Streams that are closed, full or gone, and surroundings that are bare or hostile, while real work is done.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary, contentOf, environment, openScene, type Scene } from "../support/scene.ts";

const run = 'tinybackup run -f "$SOURCE" -d "$SAVED"';

/** All revisions whole, no partial, the content right. */
function expectSaved(scene: Scene, count: number): void {
  expect(scene.leftovers()).toEqual([]);
  const revisions = scene.revisions();
  expect(revisions).toHaveLength(count);
  for (const name of revisions) {
    expect(contentOf(join(scene.saved, name)).equals(readFileSync(scene.source))).toBe(true);
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
  ])("with %s saves, and is done", async (redirection) => {
    using scene = openScene();
    const { code, err } = await scene.shell(`${run} ${redirection}; exit \${PIPESTATUS[0]}`);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expectSaved(scene, 1);
  });

  test.each([">/dev/full", "--json >/dev/full"])("with %s saves, and says both", async (redirection) => {
    using scene = openScene();
    const { code, err } = await scene.shell(`${run} ${redirection}`);
    expect(code).toBe(1);
    expect(err).toMatch(
      /saved '.*tar\.zst', but cannot write to standard output: no space left on the device/,
    );
    expectSaved(scene, 1);
  });

  test("prunes even where nobody can be told", async () => {
    using scene = openScene();
    await scene.shell(`${run}; ${run} -k 1 >/dev/full`);
    expectSaved(scene, 1);
  });
});

describe("restore to standard output", () => {
  test.each([
    [">&-", 1],
    [">/dev/full", 1],
    ["| head -c 1 >/dev/null", 1],
    ["| cat >/dev/null", 0],
    ["2>&- | cat >/dev/null", 0],
  ])("with %s ends with %p", async (redirection, code) => {
    using scene = openScene();
    scene.write("notes.txt", "a line\n".repeat(1_000_000));
    await scene.save();
    const script = `tinybackup restore -d "$SAVED" --to - ${redirection}; exit \${PIPESTATUS[0]}`;
    const ended = await scene.shell(script);
    expect(ended).toMatchObject({ code, out: "" });
    if (code !== 0) expect(ended.err).toMatch(/^tinybackup: cannot write to standard output: .*\n/);
  });
});

test.each(["list", "list --json", "verify", "verify --json", "prune -k 1 --dry-run"])(
  "%s into a full disk fails, into a closed pipe does not",
  async (command) => {
    using scene = openScene();
    await scene.save();
    const line = `tinybackup ${command} -f "$SOURCE" -d "$SAVED"`;
    const full = await scene.shell(`${line} >/dev/full`);
    expect(full.code).toBe(1);
    expect(full.err).toContain("cannot write to standard output: no space left on the device");
    expect(await scene.shell(`${line} | true; exit \${PIPESTATUS[0]}`)).toMatchObject({ code: 0, err: "" });
  },
);

test("without any environment everything works", async () => {
  using scene = openScene();
  const by = ["env", "-i"];
  const common = ["-f", scene.source, "-d", scene.saved];
  for (const args of [
    ["run"],
    ["list"],
    ["verify"],
    ["prune", "-k", "1"],
    ["restore", "--to", join(scene.root, "x")],
  ]) {
    expect(await scene.tinybackup([...args, ...common], { by })).toMatchObject({ code: 0 });
  }
  expectSaved(scene, 1);
});

test("an odd environment changes nothing", async () => {
  using scene = openScene();
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
  const ended = await scene.tinybackup(["run", "-f", scene.source, "-d", scene.saved], { env });
  expect(ended).toMatchObject({ code: 0, err: "" });
  expectSaved(scene, 1);
});

test("in a folder full of traps the work is the same, and none of them springs", async () => {
  using scene = openScene();
  const trap = join(scene.root, "trap");
  mkdirSync(trap);
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(join(scene.root, "sprung"))}, "");`;
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
  const saved = await scene.tinybackup(["run", ...common, "--debug"], at);
  expect(saved).toMatchObject({ code: 0, err: "" });
  expect(saved.out).toStartWith(join(scene.saved, "notes.txt-000001-"));
  const listed = await scene.tinybackup(["list", ...common], at);
  expect(listed).toMatchObject({
    code: 0,
    err: "",
    out: (await scene.tinybackup(["list", "-d", scene.saved])).out,
  });
  for (const args of [
    ["verify"],
    ["prune", "-k", "1"],
    ["restore", "--to", "x"],
    ["run", "--compress=gzip"],
  ]) {
    expect(await scene.tinybackup([...args, ...common], at)).toMatchObject({ code: 0 });
  }
  expect(existsSync(join(scene.root, "sprung"))).toBe(false);
  expectSaved(scene, 2);
});

test("in a working directory that is gone the runtime refuses to start: said, and nothing done", async () => {
  using scene = openScene();
  const { code, err } = await scene.shell(`mkdir gone; cd gone; rmdir ../gone; ${run}`);
  expect(code).toBe(1);
  expect(err).toContain("The current working directory was deleted");
  expectSaved(scene, 0);
});

test("stdin is never read", async () => {
  using scene = openScene();
  const child = Bun.spawn([binary, "run", "-f", scene.source, "-d", scene.saved], {
    env: environment,
    stdin: "pipe",
    stdout: "ignore",
  });
  expect(await child.exited).toBe(0);
  expectSaved(scene, 1);
});
