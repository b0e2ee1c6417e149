// `npm run coverage`: how many statements of the rooms that decide and write are run by the tests, in their own processes and in
// the compiled program. Names what nothing has run, and fails where a room has less
// than 95 %. It needs what `npm test` needs. Whether the tests pass is not its question: marks cost calls and time.
//
//   npm run coverage [-- TEST...]
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { compile } from "../../build.ts";
import { hitsFile, plugin, statements } from "./plugin.ts";

const root = resolve(import.meta.dir, "../..");
const folder = dirname(hitsFile);
const binary = join(folder, "tinybackup");
const LEAST_PERCENT = 95;
const rooms = ["src/backup", "src/time", "src/schedule"];

const tell = (line: string) => process.stdout.write(`${line}\n`);

function listTests(): string[] {
  const wanted = process.argv.slice(2);
  if (wanted.length > 0) return wanted;
  const files = [...new Bun.Glob("test/{e2e,exhaustive,judges,torture}/*.test.ts").scanSync(root)];
  // That one is about what the sealed program opens: the marked one opens its file of hits.
  return ["test/unit", ...files.filter((file) => !file.endsWith("/sealed.test.ts")).toSorted()];
}

/** What a test does in its own process counts as well as what the program does. */
async function run(test: string): Promise<boolean> {
  const runner = [process.execPath, "test", "--timeout", "120000", "--preload", "./test/coverage/plugin.ts"];
  const ended = Bun.spawn([...runner, test], {
    cwd: root,
    env: { ...process.env, TINYBACKUP_BINARY: binary, TINYBACKUP_HITS: "1" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  return (await ended.exited) === 0;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await compile(join(root, "src/main.ts"), binary, undefined, [plugin]);
writeFileSync(hitsFile, new Uint8Array(statements.length));
// Somebody who is not root runs the program, too.
chmodSync(hitsFile, 0o666);

const tests = listTests();
async function work(): Promise<void> {
  for (let test = tests.shift(); test !== undefined; test = tests.shift())
    if (!(await run(test))) tell(`${test} failed: what it did counts all the same`);
}
await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));

const hits = readFileSync(hitsFile);
const missed = statements.filter((_, place) => hits[place] === 0);
for (const [path, ofFile] of Map.groupBy(missed, ({ file }) => file)) {
  const lines = new Set(ofFile.map(({ line }) => line));
  tell(`not run: ${path}:${[...lines].toSorted((one, other) => one - other).join(",")}`);
}
for (const room of rooms) {
  const all = statements.filter(({ file }) => file.startsWith(`${room}/`)).length;
  const done = all - missed.filter(({ file }) => file.startsWith(`${room}/`)).length;
  const percent = (100 * done) / all;
  tell(`${room}: ${done} of ${all} statements, ${percent.toFixed(1)} %`);
  if (percent < LEAST_PERCENT) process.exitCode = 1;
}
