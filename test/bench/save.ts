// A file is saved for the first time, by this program and by what one would use without it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { duration, peak, ratio, type Group } from "./compare.ts";
import { makeIncompressible, makeSparse, makeText, UNCHANGED } from "./corpus.ts";
import { isInstalled } from "./machine.ts";
import type { Contender } from "./measure.ts";
import {
  describePipe,
  FIRST,
  PIGZ,
  PIPE,
  type Pipe,
  planCopy,
  planPipes,
  repositories,
  RUN,
  SAVE,
  ZSTD,
} from "./peers.ts";
import type { Bench } from "./workspace.ts";

const MIB = 1 << 20;

/** The name of the one file in a folder. */
export function onlyFile(folder: string): string {
  const [name, ...others] = readdirSync(folder);
  if (name === undefined || others.length > 0) throw new Error(`${folder} does not hold one file`);
  return join(folder, name);
}

/** Everybody's first run, into an empty folder or a new repository. */
function planFirst({ binary, space }: Bench, source: string, pipe = ZSTD): Contender[] {
  const renew = () => space.renew("saved");
  const ours = {
    name: RUN,
    command: [binary, "run", "-f", source, "-d", renew()],
    prepare: () => void renew(),
  };
  const peers = repositories(space.path("repositories"), source).map(({ save, initialise }) => ({
    ...save(FIRST),
    prepare: initialise,
  }));
  return [ours, ...planPipes(source, pipe, renew), ...peers, planCopy(source, renew)];
}

/** Every contender's name but our own. */
function othersOf(contenders: readonly Contender[]): string[] {
  return contenders.map(({ name }) => name).filter((name) => name !== RUN);
}

/** What a first run is to be of each other's. */
const BOUNDS = new Map([
  [PIPE, 0.78],
  [SAVE.restic, 0.38],
  [SAVE.borg, 0.6],
]);

export function* planFirstRun(bench: Bench): Generator<Group> {
  const { corpus, rounds } = bench;
  corpus.become(UNCHANGED);
  const contenders = planFirst(bench, corpus.path);
  const others = new Set([...BOUNDS.keys(), ...othersOf(contenders)]);
  yield {
    title: `First run, ${renderSize(corpus.sizeBytes)} of mixed data`,
    note: describePipe(ZSTD),
    contenders,
    comparisons: [...[...others].map((name) => ratio(RUN, name, BOUNDS.get(name))), peak(RUN)],
    rounds,
    touchedBytes: 1.5 * corpus.sizeBytes,
  };
}

/** The same with gzip. */
export function* planGzip({ binary, corpus, rounds, space }: Bench): Generator<Group> {
  corpus.become(UNCHANGED);
  const renew = () => space.renew("saved");
  const name = "`tinybackup run --compress gzip`";
  const command = [binary, "run", "-f", corpus.path, "-d", renew(), "--compress", "gzip"];
  const pipes = isInstalled("pigz") ? planPipes(corpus.path, PIGZ, renew).slice(0, 1) : [];
  yield {
    title: "First run with gzip",
    note: describePipe(PIGZ),
    contenders: [{ name, command, prepare: () => void renew() }, ...pipes],
    comparisons: [...pipes.map((pipe) => ratio(name, pipe.name)), peak(name)],
    rounds,
    touchedBytes: 1.5 * corpus.sizeBytes,
  };
}

interface Size {
  readonly title: string;
  readonly bytes: number;
  readonly make: (path: string, bytes: number) => Promise<void> | void;
  /** What is written at most. */
  readonly storedBytes: number;
  readonly atMostSeconds?: number;
}

/** Files of other sizes and kinds. */
export async function* planSizes(bench: Bench): AsyncGenerator<Group> {
  const { isQuick, rounds, space } = bench;
  const large = (isQuick ? 64 : 1024) * MIB;
  const sparse = (isQuick ? 4 : 20) * 1024 * MIB;
  const sizes: Size[] = [
    { title: "1 KiB of text", bytes: 1024, make: makeText, storedBytes: 8 * MIB },
    { title: "10 MiB of text", bytes: 10 * MIB, make: makeText, storedBytes: 32 * MIB },
    { title: "incompressible", bytes: large, make: makeIncompressible, storedBytes: 1.5 * large },
    { title: "sparse", bytes: sparse, make: makeSparse, storedBytes: 64 * MIB, atMostSeconds: 10 },
  ];
  for (const { title, bytes, make, storedBytes, atMostSeconds } of sizes) {
    const inside = space.renew("sources");
    const source = join(inside, "file");
    await make(source, bytes);
    const pipe: Pipe = title === "sparse" ? { ...ZSTD, tar: "tar cS" } : ZSTD;
    const contenders = planFirst(bench, source, pipe);
    const limit = atMostSeconds === undefined ? [] : [duration(RUN, atMostSeconds)];
    yield {
      title: `First run, ${title.endsWith("text") ? title : `${renderSize(bytes)}, ${title}`}`,
      note: describePipe(pipe),
      contenders,
      comparisons: [...othersOf(contenders).map((name) => ratio(RUN, name)), peak(RUN), ...limit],
      rounds,
      touchedBytes: storedBytes,
    };
  }
}

function renderSize(bytes: number): string {
  return bytes >= 1024 * MIB ? `${bytes / MIB / 1024} GiB` : `${bytes / MIB} MiB`;
}
