// The program in both its forms: the binary that people get, which the end-to-end tests are about, and the source, for
// those few that hold both to the same. The binary is built afresh where a source is newer.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");
/** The compiled program, or another one that is to stand these tests. */
export const binary = process.env["TINYBACKUP_BINARY"] ?? join(root, "dist/tinybackup");

function readTime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function buildIfStale(): void {
  if ("TINYBACKUP_BINARY" in process.env) return;
  const sources = [...new Bun.Glob("src/**/*.{ts,txt}").scanSync(root), "build.ts", "package.json"];
  const newest = Math.max(...sources.map((source) => readTime(join(root, source))));
  if (readTime(binary) > newest) return;
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, join(root, "build.ts")], { cwd: root });
  if (exitCode !== 0) throw new Error(`cannot build: ${stderr.toString()}`);
}

buildIfStale();

/** What to type in front of the arguments, by the name of the form, for `describe.each`. */
export const programs: readonly (readonly [form: string, command: readonly string[]])[] = [
  ["source", [process.execPath, join(root, "src/main.ts")]],
  ["compiled", [binary]],
];
