import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findSyntaxFault, isCommand, runShell } from "../../../src/system/shell.ts";
import { TestFolder } from "../../support/folder.ts";

const minute = { limitMs: 60_000, env: {} };

describe("a command", () => {
  test.each<readonly [string, number | null, string | null]>([
    ["true", 0, null],
    ["exit 75", 75, "ended with exit code 75"],
    ["no-such-program 2>/dev/null", 127, "ended with exit code 127"],
    ["kill -SEGV $$", null, "was ended by SIGSEGV"],
    // It has no input that it could wait for, and starts where no folder can be missing.
    ['cat; test "$PWD" = /', 0, null],
    // What it leaves behind is not waited for.
    ["sleep 0.2 &", 0, null],
  ])("%s", async (command, exitCode, fault) => {
    expect(await runShell(command, minute)).toEqual({ exitCode, fault });
  });

  test("has what it is told in its environment, beside this process's own", async () => {
    using folder = new TestFolder();
    const odd = 'it\'s "odd" $HOME\n`é 🎒`';
    const path = join(folder.root, "out");
    const env = { ODD: odd, OUT: path };
    expect(await runShell('printf %s "$ODD|$PATH" >"$OUT"', { ...minute, env })).toMatchObject({
      exitCode: 0,
    });
    expect(readFileSync(path, "utf8")).toBe(`${odd}|${process.env["PATH"]}`);
  });

  test("that can't even be started is told like one that failed", async () => {
    const { exitCode, fault } = await runShell("true", { ...minute, env: { X: "x".repeat(3_000_000) } });
    expect([exitCode, fault]).toEqual([null, expect.stringContaining("can't be started: ")]);
  });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie is no more than an entry in a table.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** Starts two that never end, one of which does not listen, and waits for them. */
const hang = `sleep 1000 & echo $! >"$OUT"; (trap "" TERM; sleep 1000) & echo $! >>"$OUT"; wait`;

test("a command that does not end is ended, with all that it started", async () => {
  using folder = new TestFolder();
  const path = join(folder.root, "out");
  const end = await runShell(hang, { limitMs: 300, env: { OUT: path } });
  expect(end).toEqual({ exitCode: null, fault: "was still running after 0.005 min, and was ended" });
  const pids = readFileSync(path, "utf8").trim().split("\n").map(Number);
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual([]);
});

test("a signal ends it before its time", async () => {
  const began = performance.now();
  const signal = AbortSignal.timeout(100);
  expect(await runShell("sleep 1000", { ...minute, signal })).toMatchObject({ exitCode: null });
  expect(await runShell("sleep 1000", { ...minute, signal })).toMatchObject({ exitCode: null });
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("what sh can't read is known before it is run", async () => {
  expect(await findSyntaxFault("touch /nowhere/x; exit 1")).toBeNull();
  expect(await findSyntaxFault("if true; then echo 'it")).toMatch(/\S/);
});

test("what sh knows by itself is a command too", async () => {
  const env = { PATH: "/usr/bin:/bin" };
  expect(await Promise.all(["cat", "if", "cd", "[", "no-such"].map((word) => isCommand(word, env)))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
});
