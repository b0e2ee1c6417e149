// The figures that the README shows, gathered in a file: groups may be measured one by one, and each takes the place of what
// it was before. Never are those of two machines, or of a quick try and a measurement, in one file.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { spreadOf } from "./compare.ts";
import type { Result, Results } from "./measure.ts";

/** What a person would use, in the order of columns. */
export const PROGRAMS = ["tinybackup", "tar | zstd", "logrotate", "restic", "borg", "cp"] as const;
export type Program = (typeof PROGRAMS)[number];

/** What is done, in the order of the rows; "manage" is what only ours does. */
const ACTS = ["save", "restore", "verify", "start", "manage"] as const;
type Act = (typeof ACTS)[number];

/** A line of the table: who does the same, by the names of contenders. */
export interface RowPlan {
  readonly act: Act;
  readonly label: string;
  readonly by: Readonly<Partial<Record<Program, string>>>;
}

export interface Cell {
  readonly seconds: number;
  /** How many times as long as ours it takes: the median of what each round says. */
  readonly ratio: number;
  readonly rounds: number;
  readonly peakBytes: number | null;
}

export interface Row {
  readonly act: Act;
  readonly label: string;
  readonly cells: Readonly<Partial<Record<Program, Cell>>>;
}

export interface Gathered {
  /** What they were measured on, in a line. */
  readonly machine: string;
  readonly isQuick: boolean;
  /** By the groups' names. */
  readonly groups: Readonly<Record<string, readonly Row[]>>;
}

export function makeRow({ act, label, by }: RowPlan, results: Results): Row {
  const ours = results.get(by.tinybackup ?? "")?.samples ?? [];
  const cells = PROGRAMS.flatMap((program) => {
    const result = results.get(by[program] ?? "");
    return result === undefined ? [] : [[program, makeCell(result, ours)] as const];
  });
  return { act, label, cells: Object.fromEntries(cells) };
}

function makeCell({ samples, peakBytes }: Result, ours: Result["samples"]): Cell {
  const ratios = samples.map(({ seconds }, round) => seconds / (ours[round]?.seconds ?? Number.NaN));
  return {
    seconds: spreadOf(samples.map(({ seconds }) => seconds)).median,
    ratio: spreadOf(ratios).median,
    rounds: samples.length,
    peakBytes: peakBytes ?? null,
  };
}

/** What the file holds. */
export function readGathered(path: string): Gathered {
  if (!existsSync(path)) throw new Error(`nothing is gathered in ${path} yet`);
  // Nobody else writes it.
  const gathered: Gathered = JSON.parse(readFileSync(path, "utf8"));
  return gathered;
}

/** Adds a group's rows to the file. Throws, before there are any, where its figures can't stand beside those to come. */
export function openGathered(path: string, { machine, isQuick }: Omit<Gathered, "groups">) {
  let groups: Gathered["groups"] = {};
  if (existsSync(path)) {
    const there = readGathered(path);
    if (there.machine !== machine || there.isQuick !== isQuick) {
      throw new Error(`${path} holds "${describeGathered(there)}": remove it, or name another by --results`);
    }
    groups = there.groups;
  }
  return (name: string, rows: readonly Row[]): void => {
    groups = { ...groups, [name]: rows };
    writeFileSync(path, `${JSON.stringify({ machine, isQuick, groups } satisfies Gathered, null, 2)}\n`);
  };
}

/** A line that says what the figures are. */
export function describeGathered({ machine, isQuick }: Gathered): string {
  return `${isQuick ? "A quick try, with small files, not to compare, on" : "Medians, on"} ${machine}`;
}

/** The rows of the groups that are there: what is alike beside each other, and then in the order of `names`. */
export function listRows({ groups }: Gathered, names: readonly string[]): Row[] {
  const rows = names.flatMap((name) => groups[name] ?? []);
  return ACTS.flatMap((act) => rows.filter((row) => row.act === act));
}
