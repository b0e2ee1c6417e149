// Where somebody happens to stand must not change what the binary does.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderFirstWords } from "../../src/cli/help.ts";
import { binary, programs } from "../support/binary.ts";
import { type Ended, run } from "../support/tools.ts";

let hostile: string;

beforeAll(() => {
  hostile = mkdtempSync(join(tmpdir(), "tinybackup-hostile-"));
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(join(hostile, "ran"))}, ""); console.log("evil");`;
  writeFileSync(join(hostile, "evil.js"), evil);
  writeFileSync(join(hostile, "bunfig.toml"), 'preload = ["./evil.js"]\n[run]\npreload = ["./evil.js"]\n');
  writeFileSync(join(hostile, ".env"), "NODE_ENV=test\nBUN_OPTIONS=--preload=./evil.js\nNO_COLOR=\nPATH=\n");
  writeFileSync(join(hostile, "tsconfig.json"), '{"compilerOptions":{"paths":{"*":["./evil.js"]}}}');
  writeFileSync(
    join(hostile, "package.json"),
    '{"name":"evil","version":"6.6.6","main":"./evil.js","imports":{"#*":"./evil.js"}}',
  );
  for (const name of ["citty", "consola", "fastest-levenshtein", "tar-stream", "fs", "bun"]) {
    mkdirSync(join(hostile, "node_modules", name), { recursive: true });
    cpSync(join(hostile, "evil.js"), join(hostile, "node_modules", name, "index.js"));
  }
});

afterAll(() => rmSync(hostile, { recursive: true }));

/** With no environment at all. */
function runIn(cwd: string, command: readonly string[]): Ended {
  return run(command, { cwd, env: {} });
}

test.each([["--version"], ["--help"], ["nothing"], ["run"], ["run --help"], ["list --bogus"]])(
  "'%s' is answered in a hostile folder as anywhere else",
  (line) => {
    const args = line.split(" ");
    const there = runIn(hostile, [binary, ...args]);
    expect(there).toEqual(runIn("/", [binary, ...args]));
    expect(existsSync(join(hostile, "ran"))).toBe(false);
  },
);

test("it runs under another name, through a link, and from a copy", () => {
  symlinkSync(binary, join(hostile, "bun"));
  cpSync(binary, join(hostile, "node"));
  for (const name of ["bun", "node"]) {
    expect(runIn(hostile, [join(hostile, name), "--version"]).out).toBe("tinybackup 1.0.0\n");
  }
});

describe.each(programs)("%s", (_, command) => {
  test("says its version, with no environment at all", () => {
    expect(runIn("/", [...command, "--version"])).toEqual({ out: "tinybackup 1.0.0\n", err: "", code: 0 });
  });

  test("without arguments says what it is and how to begin", () => {
    const { out, err, code } = runIn("/", command);
    expect({ out, code }).toEqual({ out: "", code: 2 });
    expect(err).toBe(renderFirstWords());
  });

  test("lists its commands", () => {
    const { out, err, code } = runIn("/", [...command, "--help"]);
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(out).toStartWith("usage: tinybackup COMMAND [OPTIONS]\n");
    expect(out).not.toContain("\u001b");
  });
});
