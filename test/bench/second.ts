// A file is saved again: with twenty small changes, with none, with nothing left as it was, and onto a slow disk.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { peak, ratio, type Group } from "./compare.ts";
import { type Change, UNCHANGED } from "./corpus.ts";
import { dropFromMemory, mountLoop, throttle } from "./loop.ts";
import { whyNoMounts } from "./machine.ts";
import { type Contender, run } from "./measure.ts";
import { describePipe, FIRST, NEXT, PIPE, planCheckedPipe, PROGRAMS, repositories, ZSTD } from "./peers.ts";
import type { Bench } from "./workspace.ts";

const FIRST_RUN = "`tinybackup run`, the first";
const SECOND = "`tinybackup run`, twenty changes";
const UNSHARED = "`tinybackup run --no-share`, twenty changes";
const ALL_CHANGED = "`tinybackup run`, every block changed";
const SAME = "`tinybackup run`, unchanged";

interface Series {
  readonly name: string;
  /** What the file was when its one revision was made, and what it is when it is measured. */
  readonly before: Change | null;
  readonly now: (round: number) => Change;
  readonly options?: readonly string[];
}

/** A run beside one revision, which was made before and is not in memory; or beside none. */
async function planRun({ binary, corpus }: Bench, folder: string, series: Series): Promise<Contender> {
  const { name, before, now, options = [] } = series;
  const command = [binary, "run", "-f", corpus.path, "-d", folder, ...options];
  if (before) {
    corpus.become(before);
    await run({ name, command });
  }
  const kept = new Set(readdirSync(folder));
  const prepare = (round: number) => {
    for (const file of readdirSync(folder)) {
      if (kept.has(file)) dropFromMemory(join(folder, file));
      else rmSync(join(folder, file));
    }
    corpus.become(now(round));
  };
  return { name, command, prepare };
}

export async function* planSecondRun(bench: Bench): AsyncGenerator<Group> {
  const { corpus, help, rounds, space } = bench;
  const twenty = (round: number) => corpus.twenty(round);
  const again = { before: UNCHANGED, now: twenty };
  const all: readonly Series[] = [
    { name: FIRST_RUN, before: null, now: twenty },
    { name: SECOND, ...again },
    { name: UNSHARED, ...again, options: ["--no-share"] },
    { name: SAME, before: UNCHANGED, now: () => UNCHANGED },
    { name: ALL_CHANGED, before: corpus.everywhere(), now: twenty },
  ];
  const contenders: Contender[] = [];
  for (const [index, series] of all.entries()) {
    const isKnown = series.options?.every((option) => help.includes(option)) ?? true;
    if (isKnown) contenders.push(await planRun(bench, space.renew(`series-${index}`), series));
  }
  contenders.push(...(await planPeers(bench)));
  yield {
    title: "Second run",
    note: `The twenty places are other ones in each round. The revision that is there is not in memory, the file is. ${describePipe(ZSTD)}`,
    contenders,
    comparisons: [
      ratio(SECOND, FIRST_RUN, 0.45),
      ...PROGRAMS.map((program) => ratio(SECOND, secondOf(program), 0.85)),
      ratio(SECOND, PIPE),
      ratio(UNSHARED, SECOND),
      ratio(SAME, FIRST_RUN, 0.35),
      ratio(ALL_CHANGED, FIRST_RUN, 1.05),
      ...[SECOND, ALL_CHANGED, SAME].map(peak),
    ],
    rows: [
      {
        act: "save",
        label: "save mixed data again, 20 changes",
        by: { tinybackup: SECOND, restic: secondOf("restic"), borg: secondOf("borg") },
      },
      { act: "save", label: "save mixed data again, unchanged", by: { tinybackup: SAME } },
    ],
    rounds,
    touchedBytes: 1.5 * corpus.sizeBytes,
  };
}

function secondOf(program: string): string {
  return `\`${program} && sync\`, twenty changes`;
}

/** The same by others, into repositories that hold what the file was; the pipe knows no second run. */
async function planPeers({ corpus, space }: Bench): Promise<Contender[]> {
  const change = (round: number) => corpus.become(corpus.twenty(round));
  const contenders: Contender[] = [];
  for (const { initialise, save, program } of repositories(space.path("repositories"), corpus.path)) {
    corpus.become(UNCHANGED);
    await initialise();
    await run(save(FIRST));
    contenders.push({ ...save(NEXT), name: secondOf(program), prepare: change });
  }
  const pipe = planCheckedPipe(corpus.path, ZSTD, () => space.renew("piped"));
  const prepare = async (round: number) => {
    change(round);
    await pipe.prepare?.(round);
  };
  return [{ ...pipe, prepare }, ...contenders];
}

const SLOW_BYTES = 60e6;

/** The same onto a disk that takes and gives 60 MB/s. */
export async function* planSlowDisk(bench: Bench): AsyncGenerator<Group> {
  const { corpus, rounds, space } = bench;
  const title = "Second run onto a disk of 60 MB/s";
  const comparisons = [SECOND, ALL_CHANGED].map((name) => ratio(name, FIRST_RUN, 1.05));
  const nothing = { title, contenders: [], comparisons, rounds, touchedBytes: 0 };
  const why = whyNoMounts("mkfs.ext4");
  if (why !== null) return yield { ...nothing, note: `Not measured: ${why}.` };
  const disk = mountLoop(space, "ext4", 4 * corpus.sizeBytes);
  const twenty = (round: number) => corpus.twenty(round);
  const all: readonly Series[] = [
    { name: FIRST_RUN, before: null, now: twenty },
    { name: SECOND, before: UNCHANGED, now: twenty },
    { name: ALL_CHANGED, before: corpus.everywhere(), now: twenty },
  ];
  const contenders: Contender[] = [];
  for (const [index, series] of all.entries()) {
    contenders.push(await planRun(bench, disk.renew(`series-${index}`), series));
  }
  const slow = throttle(space, disk.folder, SLOW_BYTES);
  if (slow === null) {
    return yield {
      ...nothing,
      note: "Not measured: the kernel has no control group that holds a disk back.",
    };
  }
  yield {
    title,
    note: `An ext4 on a loop device, held to that by ${slow.by}, reading and writing.`,
    contenders: contenders.map((each) => ({ ...each, command: slow.wrap(each.command) })),
    comparisons,
    rounds,
    touchedBytes: 1.5 * corpus.sizeBytes,
  };
}
