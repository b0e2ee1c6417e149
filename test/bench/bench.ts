// Measures the program beside what one would use without it, in one run, and prints Markdown. Nothing here fails because
// something is slow: the figures are for people to read. What the README shows of them is gathered, drawn and written. Options:
// see options.ts.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "./chart.ts";
import type { Group } from "./compare.ts";
import { Corpus, makeCorpus } from "./corpus.ts";
import { planFile } from "./files.ts";
import { describeGathered, listRows, makeRow, openGathered, readGathered, type Row } from "./gathered.ts";
import { planGzip } from "./gzip.ts";
import { describeMachine, nameMachine } from "./machine.ts";
import { planMany } from "./many.ts";
import { makeRandom, measure } from "./measure.ts";
import { type Options, parseOptions } from "./options.ts";
import { planSecondRun, planSlowDisk } from "./second.ts";
import { planSharing } from "./sharing.ts";
import { planSmall, planStart } from "./small.ts";
import { renderSpeed, writeSpeed } from "./speed-table.ts";
import { planStatus } from "./status.ts";
import { findAll, type Finding, renderGroup, renderSummary } from "./table.ts";
import { type Bench, Workspace } from "./workspace.ts";

interface Topic {
  readonly plan: (bench: Bench) => AsyncIterable<Group> | Iterable<Group>;
  readonly needsCorpus?: true;
  /** The README shows nothing of it: measured where it is asked for. */
  readonly isExtra?: true;
}

const TOPICS: Readonly<Record<string, Topic>> = {
  "1kib": { plan: planFile("1kib") },
  "10mib": { plan: planFile("10mib") },
  mixed: { plan: planFile("mixed"), needsCorpus: true },
  second: { plan: planSecondRun, needsCorpus: true },
  incompressible: { plan: planFile("incompressible") },
  sparse: { plan: planFile("sparse") },
  small: { plan: planSmall },
  start: { plan: planStart },
  many: { plan: planMany },
  status: { plan: planStatus },
  slow: { plan: planSlowDisk, needsCorpus: true, isExtra: true },
  sharing: { plan: planSharing, needsCorpus: true, isExtra: true },
  gzip: { plan: planGzip, needsCorpus: true, isExtra: true },
};
const MIB = 1 << 20;

/** Measures what is asked for, prints it, and gathers it. */
async function measureAll(options: Options): Promise<void> {
  const { binary, isQuick, results, rounds, seed } = options;
  using space = new Workspace(mkdtempSync(join(options.dir, "tinybackup-bench-")));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      space[Symbol.dispose]();
      process.kill(process.pid, signal);
    });
  }
  const machine = nameMachine(space.folder);
  const gather = openGathered(results, { machine, isQuick });
  print(`${describeMachine(space.folder)}\n- seed ${seed}, ${rounds} rounds or more`);
  mkdirSync(space.path("corpus"));
  const corpus = new Corpus(space.path("corpus/file"), (isQuick ? 64 : 1024) * MIB, seed);
  if (options.groups.some((name) => TOPICS[name]?.needsCorpus)) {
    print(`- the large file: ${await makeCorpus(corpus)}`);
  }
  print(`- the order within a round is random; the files to be saved are in memory; before each command the disk
  is idle, and more memory than it needs was written to and given back a moment ago
- peak memory is that of the largest process of a pipe\n`);
  const { stdout } = Bun.spawnSync([binary, "run", "--help"]);
  const findings: Finding[] = [];
  for (const name of options.groups) {
    const startedAt = performance.now();
    using own = new Workspace(space.path(name));
    space.defer(() => own[Symbol.dispose]());
    const plan = { binary, help: stdout.toString(), rounds, isQuick, seed, corpus, space: own };
    const { rows, found } = await measureTopic(name, plan);
    findings.push(...found);
    gather(name, rows);
    print(`(\`${name}\` took ${Math.round((performance.now() - startedAt) / 1000)} s)\n`);
  }
  print(renderSummary(findings));
}

/** Draws and writes what is gathered. */
function show({ groups, results, chart, out }: Options): void {
  const gathered = readGathered(results);
  const rows = listRows(gathered, Object.keys(TOPICS));
  if (chart !== undefined) writeFileSync(chart, renderChart(rows, describeGathered(gathered)));
  if (out !== undefined) writeSpeed(out, gathered, rows);
  if (groups.length === 0) print(renderSpeed(gathered, rows));
}

/** Measures and prints all groups of a topic. */
async function measureTopic(name: string, bench: Bench): Promise<{ rows: Row[]; found: Finding[] }> {
  const topic = TOPICS[name];
  if (!topic) throw new Error(`there is no group '${name}'`);
  // What the program remembers is not the user's to keep.
  process.env["XDG_STATE_HOME"] = bench.space.path("state");
  const random = makeRandom(bench.seed);
  const rows: Row[] = [];
  const found: Finding[] = [];
  for await (const group of topic.plan(bench)) {
    const results = await measure(group, bench.space.folder, random);
    const own = findAll(group, results);
    print(`${renderGroup(group, results, own)}\n`);
    found.push(...own);
    rows.push(...(group.rows ?? []).map((row) => makeRow(row, results)));
  }
  return { rows, found };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function start(): Promise<void> {
  const options = parseOptions(TOPICS);
  if (!options) return;
  if (options.groups.length > 0) await measureAll(options);
  show(options);
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
