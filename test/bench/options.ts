// What is asked of the bench on its command line.
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const PROJECT = resolve(import.meta.dir, "../..");

export interface Options {
  readonly dir: string;
  readonly binary: string;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly seed: number;
  /** The groups to measure; none where what is gathered is to be shown only. */
  readonly groups: readonly string[];
  readonly results: string;
  readonly chart: string | undefined;
  readonly out: string | undefined;
}

/** Where each group has its name, and whether it is left out unless it is asked for. */
export type Groups = Readonly<Record<string, { readonly isExtra?: true }>>;

const renderUsage = (groups: Groups) => {
  const names = Object.keys(groups);
  const extras = names.filter((name) => groups[name]?.isExtra);
  return `usage: npm run bench -- [--only GROUP]... [--all] [--show] [--chart FILE] [--out FILE] [--results FILE]
                    [--dir FOLDER] [--quick] [--rounds N] [--seed N] [--binary FILE]
  --only GROUP    ${names.join(", ")};
                  may be given several times
  --all           all of them: without, ${extras.join(", ")} are left out, which the README does not show
  --show          measure nothing: print what is gathered
  --chart FILE    draw what is gathered as an SVG
  --out FILE      write what is gathered as tables between the marks of a Markdown file
  --results FILE  gather it here, each group in the place of what it was before (default: dist/bench.json,
                  with --quick dist/bench-quick.json)
  --dir FOLDER    work in a new folder below this one (default: the system's temporary folder); needs 12 GiB
  --quick         64 MiB and two rounds: to see that it works, not to compare
  --rounds N      rounds of each group (default 3); quick ones have more, and what takes long has one
  --seed N        the order within the rounds, and the places that change, are those of that run
  --binary FILE   measure this program instead of dist/tinybackup
It takes half an hour on two cores, --quick five, --all ten more. On Linux, as root, more is measured: what needs file
systems of its own. The README is made so:
  npm run bench -- --chart docs/speed.svg --out README.md
or a group at a time with --only, and at last with --show. The Python program is compared with if TINYBACKUP_PY holds its
path, else what does as it does.`;
};

/** Null where the usage is wanted, which was printed. Throws, with the usage, at what it does not know. */
export function parseOptions(groups: Groups): Options | null {
  const usage = renderUsage(groups);
  const { values } = parseArgs({
    options: {
      dir: { type: "string", default: tmpdir() },
      binary: { type: "string", default: resolve(PROJECT, "dist/tinybackup") },
      quick: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      show: { type: "boolean", default: false },
      rounds: { type: "string" },
      seed: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      results: { type: "string" },
      chart: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return null;
  }
  const wrong = findMistake(groups, values);
  if (wrong !== null) throw new Error(`${wrong}\n${usage}`);
  const parseCount = (text: string) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`'${text}' is no whole number above zero\n${usage}`);
    return Number(text);
  };
  return {
    dir: resolve(values.dir),
    binary: resolve(values.binary),
    isQuick: values.quick,
    rounds: parseCount(values.rounds ?? (values.quick ? "2" : "3")),
    seed: parseCount(values.seed ?? String(1 + (Date.now() % 1_000_000))),
    groups: values.show ? [] : chooseGroups(groups, values.only, values.all),
    results: values.results ?? resolve(PROJECT, `dist/bench${values.quick ? "-quick" : ""}.json`),
    chart: values.chart,
    out: values.out,
  };
}

interface Choice {
  readonly only: readonly string[];
  readonly all: boolean;
  readonly show: boolean;
  readonly out?: string;
}

/** What can't be meant, before half an hour is spent on it; or null. */
function findMistake(groups: Groups, { only, all, show, out }: Choice): string | null {
  const unknown = only.find((name) => !Object.hasOwn(groups, name));
  if (unknown !== undefined) return `there is no group '${unknown}'`;
  if (show && (all || only.length > 0)) return "--show measures nothing: without --only and --all";
  return out === undefined || existsSync(out) ? null : `there is no ${out}`;
}

/** In their own order, whatever that of the options is. */
function chooseGroups(groups: Groups, only: readonly string[], isAll: boolean): string[] {
  return Object.entries(groups).flatMap(([name, { isExtra }]) => {
    const isChosen = only.length > 0 ? only.includes(name) : isAll || !isExtra;
    return isChosen ? [name] : [];
  });
}
