// A folder that holds ten thousand revisions of one file, or a few among a hundred thousand of other files.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderTrailer } from "../../src/backup/archive/trailer.ts";
import { readRevisions } from "../../src/backup/catalog.ts";
import { isMember, type Member, renderRevisionName } from "../../src/backup/revision.ts";
import { duration, excess, peak, type Group } from "./compare.ts";
import { makeText } from "./corpus.ts";
import { type Contender, run } from "./measure.ts";
import type { Bench } from "./workspace.ts";

const MIB = 1 << 20;
const HOUR_MS = 3_600_000;
/** So many states a file has in turn, that no revision holds what its neighbour holds. */
const STATES = 7;
const FEW = 15;
const OTHER_FILES = 10;

interface Template {
  readonly revision: Member;
  readonly content: Buffer;
}

/** One revision of each state of a file, as the program makes it. */
async function makeTemplates({ binary, space }: Bench, file: string): Promise<Template[]> {
  const templates: Template[] = [];
  for (let state = 0; state < STATES; state++) {
    await makeText(file, 9000 + state);
    const folder = space.renew("template");
    await run({ name: "save", command: [binary, "run", "-f", file, "-d", folder] });
    const [revision] = (await readRevisions(folder, file)).filter(isMember);
    if (!revision) throw new Error("nothing was saved");
    templates.push({ revision, content: readFileSync(revision.path) });
  }
  return templates;
}

/** Adds `count` revisions to a folder, an hour apart; the newest is an hour old. */
function fill(folder: string, templates: readonly Template[], count: number): void {
  mkdirSync(folder, { recursive: true });
  for (let number = 1; number <= count; number++) {
    const template = templates[number % templates.length];
    if (!template) throw new Error("nothing was saved");
    const { revision, content } = template;
    const { format, trailer } = revision.archive;
    const takenAtMs = revision.takenAtMs - (count - number + 1) * HOUR_MS;
    const end = renderTrailer(format, { ...trailer, number, takenAtMs });
    const name = renderRevisionName({ ...revision, format: format.name, number, takenAtMs });
    writeFileSync(join(folder, name), Buffer.concat([content.subarray(0, trailer.trailerAt), end]));
  }
}

/** What one does in a folder that holds `count` revisions. */
function planActs({ binary, space }: Bench, file: string, folder: string, count: number): Contender[] {
  const where = ["-f", file, "-d", folder];
  const keep = ["-k", String(count)];
  const target = space.path("restored.txt");
  return [
    { name: "`tinybackup list`", command: [binary, "list", ...where] },
    { name: `\`tinybackup prune -k ${count}\``, command: [binary, "prune", ...where, ...keep] },
    {
      name: `\`tinybackup run --always -k ${count}\``,
      command: [binary, "run", ...where, ...keep, "--always"],
    },
    { name: "`tinybackup restore`", command: [binary, "restore", ...where, "--to", target, "--force"] },
  ];
}

export async function* planMany(bench: Bench): AsyncGenerator<Group> {
  const { isQuick, rounds, space } = bench;
  const file = space.path("ledger.txt");
  const templates = await makeTemplates(bench, file);
  const many = isQuick ? 1000 : 10_000;
  const folder = space.path("many");
  fill(folder, templates, many);
  const acts = planActs(bench, file, folder, many);
  yield {
    title: `A folder with ${many} revisions of the file`,
    note: "An hour apart, each of another state than its neighbours. A run adds one and removes one.",
    contenders: [...acts, { name: "`ls -l`", command: ["ls", "-l", folder] }],
    comparisons: [
      ...acts.slice(0, 3).map(({ name }) => duration(name, 0.5)),
      ...acts.slice(0, 3).map(({ name }) => peak(name)),
    ],
    rows: acts.map(({ name }, index) => ({
      act: "manage" as const,
      label: `${["`list`", "`prune`", "`run`", "`restore`"][index]}, ${many} revisions there`,
      by: { tinybackup: name },
    })),
    rounds,
    touchedBytes: 128 * MIB,
  };
  yield await planAmongOthers(bench, file, templates);
}

async function planAmongOthers(bench: Bench, file: string, templates: readonly Template[]): Promise<Group> {
  const others = bench.isQuick ? 10_000 : 100_000;
  const [alone, among] = ["alone", "among"].map((name) => bench.space.path(name));
  if (alone === undefined || among === undefined) throw new Error("unreachable");
  for (const folder of [alone, among]) fill(folder, templates, FEW);
  for (let other = 0; other < OTHER_FILES; other++) {
    const path = bench.space.path(`letters-${other}.txt`);
    fill(among, await makeTemplates(bench, path), others / OTHER_FILES);
  }
  const named = (folder: string, where: string) =>
    planActs(bench, file, folder, FEW).map((act) => ({ ...act, name: `${act.name}, ${where}` }));
  const without = named(alone, "alone");
  const beside = named(among, `${others} beside`);
  const comparisons = beside.map(({ name }, index) => excess(name, without[index]?.name ?? "", 0.3));
  return {
    title: `A folder with ${FEW} revisions of the file, and ${others} of ${OTHER_FILES} other files`,
    contenders: [...without, ...beside],
    comparisons,
    rounds: bench.rounds,
    touchedBytes: 128 * MIB,
  };
}
