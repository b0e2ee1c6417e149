// Measures the program beside what one would use without it, in one run, and prints Markdown. Nothing here fails because
// something is slow: the ratios are for people to read. Options: see USAGE.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeCorpus, makeSmallFile } from "./corpus.ts";
import { planGzip, planRestoring, planSaving } from "./large.ts";
import { describeMachine } from "./machine.ts";
import { measure, type Group } from "./measure.ts";
import { planMany, planSmall, planStarting } from "./small.ts";
import { renderGroup } from "./table.ts";

const USAGE = `usage: npm run bench -- [--dir FOLDER] [--quick] [--only GROUP]...
  --dir FOLDER   work in a new folder below this one (default: the system's temporary folder); needs 6 GiB
  --quick        64 MiB and few rounds: to see that it works, not to compare
  --only GROUP   start, small, many, save, restore or gzip; may be given several times
The Python program is compared with if TINYBACKUP_PY holds its path (and logrotate and at are installed).
`;
const MIB = 1 << 20;

interface Options {
  readonly folder: string;
  readonly isQuick: boolean;
  readonly only: readonly string[];
}

async function bench({ folder, isQuick, only }: Options): Promise<void> {
  const binary = resolve(import.meta.dir, "../../dist/tinybackup");
  const corpus = join(folder, "corpus");
  const file = join(folder, "ledger.txt");
  const small = { binary, folder, file, rounds: isQuick ? 5 : 40 };
  const large = { binary, folder, corpus, rounds: isQuick ? 3 : 5 };
  const groups: Readonly<Record<string, () => Group | Promise<Group>>> = {
    start: () => planStarting(small),
    small: () => planSmall(small, process.env["TINYBACKUP_PY"]),
    many: () => planMany({ ...small, rounds: isQuick ? 3 : 7 }),
    save: () => planSaving(large),
    restore: () => planRestoring(large),
    gzip: () => planGzip(large),
  };
  const chosen = only.length > 0 ? only : Object.keys(groups);
  const needsCorpus = chosen.some((name) => ["save", "restore", "gzip"].includes(name));
  print(describeMachine(folder));
  print(`- the small file: ${await makeSmallFile(file)}`);
  if (needsCorpus) print(`- the large file: ${await makeCorpus(corpus, (isQuick ? 64 : 1024) * MIB)}`);
  print("- all files warm in the page cache; peak memory is that of the largest process of a pipe\n");
  for (const name of chosen) {
    const plan = groups[name];
    if (!plan) throw new Error(`there is no group '${name}'\n${USAGE}`);
    const group = await plan();
    if (group.contenders.length > 0) print(`${renderGroup(group, await measure(group))}\n`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function start(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: "string", default: tmpdir() },
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return Promise.resolve();
  }
  const folder = mkdtempSync(join(resolve(values.dir), "tinybackup-bench-"));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      clear();
      process.kill(process.pid, signal);
    });
  }
  return bench({ folder, isQuick: values.quick, only: values.only }).finally(clear);
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
