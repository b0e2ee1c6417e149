// Measures the program beside what one would use without it, in one run, and prints Markdown. Nothing here fails because
// something is slow: the figures are for people to read. Options: see USAGE.
import type { Group } from "./compare.ts";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Corpus, makeCorpus } from "./corpus.ts";
import { describeMachine } from "./machine.ts";
import { makeRandom, measure } from "./measure.ts";
import { planMany } from "./many.ts";
import { planRestore, planVerify } from "./restore.ts";
import { planFirstRun, planGzip, planSizes } from "./save.ts";
import { planSecondRun, planSlowDisk } from "./second.ts";
import { planSharing } from "./sharing.ts";
import { planSmall, planStart } from "./small.ts";
import { planStatus } from "./status.ts";
import { findAll, renderGroup, renderSummary } from "./table.ts";
import { type Bench, Workspace } from "./workspace.ts";

type Plan = (bench: Bench) => AsyncIterable<Group> | Iterable<Group>;

const GROUPS: Readonly<Record<string, Plan>> = {
  start: planStart,
  small: planSmall,
  many: planMany,
  status: planStatus,
  first: planFirstRun,
  second: planSecondRun,
  restore: planRestore,
  verify: planVerify,
  slow: planSlowDisk,
  sharing: planSharing,
  sizes: planSizes,
  gzip: planGzip,
};
const WITHOUT_CORPUS = new Set(["start", "small", "many", "status", "sizes"]);

const USAGE = `usage: npm run bench -- [--dir FOLDER] [--quick] [--rounds N] [--seed N] [--binary FILE] [--only GROUP]...
  --dir FOLDER   work in a new folder below this one (default: the system's temporary folder); needs 12 GiB
  --quick        64 MiB and two rounds: to see that it works, not to compare
  --rounds N     rounds of each group (default 5); quick ones have more
  --seed N       the order within the rounds, and the places that change, are those of that run
  --binary FILE  measure this program instead of dist/tinybackup
  --only GROUP   ${Object.keys(GROUPS).join(", ")}; may be given several times
All of it takes half an hour. On Linux, as root, more is measured: what needs file systems of its own.
The Python program is compared with if TINYBACKUP_PY holds its path, else what does as it does.
`;
const MIB = 1 << 20;

interface Options {
  readonly space: Workspace;
  readonly binary: string;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly only: readonly string[];
}

async function bench({ space, binary, isQuick, rounds, seed, only }: Options): Promise<void> {
  const chosen = only.length > 0 ? only : Object.keys(GROUPS);
  const { stdout } = Bun.spawnSync([binary, "run", "--help"]);
  print(`${describeMachine(space.folder)}\n- seed ${seed}, ${rounds} rounds or more`);
  mkdirSync(space.path("corpus"));
  const corpus = new Corpus(space.path("corpus/file"), (isQuick ? 64 : 1024) * MIB, seed);
  if (chosen.some((name) => !WITHOUT_CORPUS.has(name)))
    print(`- the large file: ${await makeCorpus(corpus)}`);
  print(`- the order within a round is random; the files to be saved are in memory; before each command the disk
  is idle, and more memory than it needs was written to and given back a moment ago
- peak memory is that of the largest process of a pipe\n`);
  const findings = [];
  const random = makeRandom(seed);
  for (const name of chosen) {
    using own = new Workspace(space.path(name));
    space.defer(() => own[Symbol.dispose]());
    // What the program remembers is not the user's to keep.
    process.env["XDG_STATE_HOME"] = own.path("state");
    const plan = planOf(name);
    for await (const group of plan({
      binary,
      help: stdout.toString(),
      rounds,
      isQuick,
      seed,
      corpus,
      space: own,
    })) {
      const results = await measure(group, own.folder, random);
      const found = findAll(group, results);
      print(`${renderGroup(group, results, found)}\n`);
      findings.push(...found);
    }
  }
  print(renderSummary(findings));
}

function planOf(name: string): Plan {
  const plan = GROUPS[name];
  if (!plan) throw new Error(`there is no group '${name}'\n${USAGE}`);
  return plan;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A whole number above zero. */
function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`'${text}' is no whole number above zero\n${USAGE}`);
  return Number(text);
}

async function start(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: "string", default: tmpdir() },
      binary: { type: "string", default: resolve(import.meta.dir, "../../dist/tinybackup") },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seed: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return;
  }
  values.only.forEach(planOf);
  const folder = mkdtempSync(join(resolve(values.dir), "tinybackup-bench-"));
  const space = new Workspace(folder);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      space[Symbol.dispose]();
      process.kill(process.pid, signal);
    });
  }
  try {
    await bench({
      space,
      binary: resolve(values.binary),
      isQuick: values.quick,
      rounds: parseCount(values.rounds ?? (values.quick ? "2" : "5")),
      seed: parseCount(values.seed ?? String(1 + (Date.now() % 1_000_000))),
      only: values.only,
    });
  } finally {
    space[Symbol.dispose]();
  }
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
