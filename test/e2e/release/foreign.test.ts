// The program for another processor, run by an emulator.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compile } from "../../../build.ts";

const source = resolve(import.meta.dir, "../../../src/main.ts");
/** On an arm64 machine it needs none. */
const emulator = process.arch === "arm64" ? [] : ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinybackup-foreign-"));
  mkdirSync(join(folder, "saved"));
  await compile(source, join(folder, "tinybackup"), "bun-linux-arm64");
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...emulator, join(folder, "tinybackup"), ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "" },
  });
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() };
}

test("the program for arm64 saves, lists, proves and restores a file", () => {
  const content = "precious\n".repeat(300_000);
  writeFileSync(join(folder, "notes.txt"), content);
  expect(run("--version")).toEqual({ code: 0, out: "tinybackup 1.0.0\n", err: "" });
  const saved = run("run", "-f", "notes.txt", "-d", "saved");
  expect(saved).toMatchObject({ code: 0, err: "" });
  expect(Bun.spawnSync(["zstd", "-tq", saved.out.trim()]).exitCode).toBe(0);
  expect(run("list", "-d", "saved", "--json")).toMatchObject({ code: 0 });
  expect(run("verify", "-d", "saved")).toEqual({
    code: 0,
    out: expect.stringMatching(/^1 revision read, all whole: /),
    err: "",
  });
  rmSync(join(folder, "notes.txt"));
  expect(run("restore", "-f", "notes.txt", "-d", "saved")).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe(content);
});
