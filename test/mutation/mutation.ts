// `npm run mutation`: makes every small mistake, one at a time, in the modules that decide what is removed, what a revision is
// called and says of itself, and when a schedule runs; and tells which of them no test notices.
//
//   npm run mutation [-- FILE...]
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { equivalents } from "./equivalents.ts";
import { listMutants, type Mutant } from "./mutants.ts";

const root = resolve(import.meta.dir, "../..");
/** A mutant that is at it longer goes round for ever: that is noticed. */
const PATIENCE_MS = 60_000;
/** Of the mutants that are no other program. */
const LEAST_KILLED = 0.9;

/** The modules, and the tests that are asked, those first that know most of it. */
const subjects: readonly (readonly [files: RegExp, tests: readonly string[]])[] = [
  [
    /^src\/time\/(cursor|day-grammar|parse-time|specification)\.ts$/,
    ["unit/time/parse-time.test.ts", "unit/time", "unit/schedule"],
  ],
  [
    /^src\/time\//,
    ["unit/time/first-occurrence.test.ts", "unit/time/wall-time.test.ts", "unit/time", "unit/schedule"],
  ],
  [
    /^src\/backup\/(retention.*|time-order)\.ts$/,
    [
      "unit/backup/retention-rules.test.ts",
      "unit/backup/retention-policy.test.ts",
      "unit/backup/retention-reasons.test.ts",
      "unit/backup/time-order.test.ts",
      "exhaustive/retention.test.ts",
      "unit/backup/prune.test.ts",
      "unit/commands",
    ],
  ],
  [
    /^src\/backup\/(revision|names)\.ts$/,
    [
      "unit/backup/revision.test.ts",
      "unit/backup/catalog.test.ts",
      "unit/backup/select.test.ts",
      "unit/backup",
    ],
  ],
  [/^src\/backup\/archive\/trailer\.ts$/, ["unit/backup/archive", "judges/round-trip.test.ts"]],
];

interface Task {
  readonly file: string;
  readonly source: string;
  readonly tests: readonly string[];
  readonly mutant: Mutant;
}

function listTasks(wanted: readonly string[]): Task[] {
  const files = [...new Bun.Glob("src/**/*.ts").scanSync(root)].toSorted();
  return files.flatMap((file) => {
    const tests = subjects.find(([pattern]) => pattern.test(file))?.[1];
    if (!tests || (wanted.length > 0 && !wanted.some((word) => file.includes(word)))) return [];
    const source = readFileSync(join(root, file), "utf8");
    return listMutants(source).map((mutant) => ({ file, source, tests, mutant }));
  });
}

/** Where, what stood there, and what does now: the name by which equivalents.ts knows it. */
function describe({ file, source, mutant: { start, end, text } }: Task): string {
  const line = source.slice(0, start).split("\n").length;
  const from = source.lastIndexOf("\n", start) + 1;
  const to = source.indexOf("\n", end);
  const mutated = source.slice(from, start) + "«" + text + "»" + source.slice(end, to);
  return `${file}:${line} ${mutated.trim().replaceAll(/\s+/g, " ")}`;
}

const tell = (line: string) => process.stdout.write(`${line}\n`);

/** Whether a test notices. */
async function isKilled(
  copy: string,
  { file, source, tests, mutant: { start, end, text } }: Task,
): Promise<boolean> {
  writeFileSync(join(copy, file), source.slice(0, start) + text + source.slice(end));
  try {
    for (const test of tests) {
      const ended = Bun.spawn([process.execPath, "test", "--timeout", "20000", "--bail", `test/${test}`], {
        cwd: copy,
        stdio: ["ignore", "ignore", "ignore"],
        timeout: PATIENCE_MS,
        // One that goes round for ever hears no other.
        killSignal: "SIGKILL",
      });
      if ((await ended.exited) !== 0) return true;
    }
    return false;
  } finally {
    writeFileSync(join(copy, file), source);
  }
}

const tasks = listTasks(process.argv.slice(2));
const known = new Set(equivalents.map(({ mutant }) => mutant));
const nameless = (task: Task) => describe(task).replace(/:\d+ /, " ");
const present = new Set(tasks.map(nameless));
const strange = [...known].filter((mutant) => process.argv.length === 2 && !present.has(mutant));
if (strange.length > 0) throw new Error(`equivalents.ts knows what is none: ${strange.join("; ")}`);
const todo = tasks.filter((task) => !known.has(nameless(task)));
const survivors: string[] = [];
let tried = 0;

async function work(): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), "tinybackup-mutation-"));
  try {
    for (const name of [
      "src",
      "test",
      "package.json",
      "bunfig.toml",
      "tsconfig.json",
      "README.md",
      "docs",
      "build.ts",
      ".release",
    ])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    for (let task = todo[tried++]; task; task = todo[tried++]) {
      if (await isKilled(copy, task)) continue;
      survivors.push(describe(task));
      tell(`survived: ${describe(task)}`);
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
}

const untouched = [...Map.groupBy(todo, ({ tests }) => tests).values()].flatMap(([task]) => task ?? []);
for (const { tests } of untouched)
  if (
    Bun.spawnSync([process.execPath, "test", "--timeout", "20000", ...tests.map((test) => `test/${test}`)], {
      cwd: root,
    }).exitCode !== 0
  )
    throw new Error(`the tests fail without any mistake: ${tests.join(" ")}`);

await Promise.all(Array.from({ length: availableParallelism() }, work));
const killed = todo.length - survivors.length;
const share = killed / todo.length;
tell(
  `${todo.length} mistakes: ${killed} noticed (${(100 * share).toFixed(1)} %), ${survivors.length} not; ${tasks.length - todo.length} more make no difference`,
);
process.exitCode = share < LEAST_KILLED ? 1 : 0;
