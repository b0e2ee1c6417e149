// Whole processes, side by side: every contender once a round, in an order that chance decides, each with memory that is
// there and a disk that has nothing left to do.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Command {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Contender extends Command {
  /** Clears the way for the next run, outside the clock. Round 0 is the one that warms up. */
  readonly prepare?: (round: number) => Promise<void> | void;
}

export interface Race {
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** More than any of the contenders touches: so many bytes are written and removed before each command. */
  readonly touchedBytes: number;
  /** So long nothing is done before each command; then its memory isn't touched, as in life. */
  readonly pauseMs?: number;
}

interface Sample {
  readonly seconds: number;
  /** User and system time, children included. */
  readonly cpuSeconds: number;
}

export interface Result {
  /** One a round, in the order of rounds. */
  readonly samples: readonly Sample[];
  /** Of the largest process; undefined where it can't be measured. */
  readonly peakBytes: number | undefined;
}

/** By the names of the contenders. */
export type Results = ReadonlyMap<string, Result>;

/** Numbers from 0 to 1 that look random, always the same for one seed (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A round that takes longer counts, though it is the first: to that long, warming up is nothing. */
const WARM_SECONDS = 15;
/** Who takes longer has one round: its one time tells enough, and the others would wait for it. */
const LONG_SECONDS = 15;

/** Runs every contender once to warm up and to see its memory, then `rounds` times. Throws if one fails. */
export async function measure(race: Race, folder: string, random: () => number): Promise<Results> {
  const { contenders, rounds } = race;
  const runRound = async <T>(round: number, those: readonly Contender[], act: (who: Contender) => T) => {
    const results = new Map<string, Awaited<T>>();
    for (const contender of shuffle(those, random)) {
      await contender.prepare?.(round);
      await settle(race, folder);
      results.set(contender.name, await act(contender));
    }
    return results;
  };
  const first = await runRound(0, contenders, (contender) => measurePeak(contender, folder));
  const secondsOf = (name: string) => first.get(name)?.seconds ?? 0;
  const isCounted = contenders.reduce((sum, { name }) => sum + secondsOf(name), 0) > WARM_SECONDS;
  const counted: ReadonlyMap<string, Sample>[] = isCounted ? [first] : [];
  const again = contenders.filter(({ name }) => secondsOf(name) <= LONG_SECONDS);
  while (counted.length < rounds) counted.push(await runRound(counted.length + 1, again, run));
  return new Map(
    contenders.map(({ name }) => [
      name,
      {
        samples: counted.flatMap((round) => round.get(name) ?? []),
        peakBytes: first.get(name)?.peakBytes,
      },
    ]),
  );
}

/** Nobody pays for what the one before left to be written, or for memory that the host has to give first. */
async function settle({ touchedBytes, pauseMs }: Race, folder: string): Promise<void> {
  await run({ name: "sync", command: ["sync"] });
  if (pauseMs === undefined) touchMemory(folder, touchedBytes);
  else await Bun.sleep(pauseMs);
}

const CHUNK = Buffer.alloc(8 << 20, "touched");

/** The page cache of a file of so many bytes, free again. */
function touchMemory(folder: string, bytes: number): void {
  const path = join(folder, "touched");
  const file = openSync(path, "w");
  for (let at = 0; at < bytes; at += CHUNK.length) writeSync(file, CHUNK);
  closeSync(file);
  rmSync(path);
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

/** Runs one process to its end. Throws, with its last words, if it fails. */
export async function run({ name, command, cwd, env }: Command): Promise<Sample> {
  const startedAt = performance.now();
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    env: { ...process.env, LC_ALL: "C", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const exitCode = await child.exited;
  const seconds = (performance.now() - startedAt) / 1000;
  if (exitCode !== 0) {
    throw new Error(
      `${name}: exit code ${exitCode}\n${(await new Response(child.stderr).text()).slice(-2000)}`,
    );
  }
  return { seconds, cpuSeconds: Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6 };
}

const GNU_TIME = "/usr/bin/time";

/**
 * The memory of the largest process of a contender. A child counts its parent's memory until it executes, and this one
 * has more than most contenders: so it is GNU time, a small program, that starts it and looks.
 */
async function measurePeak(
  contender: Contender,
  folder: string,
): Promise<Sample & { readonly peakBytes: number | undefined }> {
  if (!hasGnuTime()) return { ...(await run(contender)), peakBytes: undefined };
  const file = join(folder, "peak");
  const sample = await run({
    ...contender,
    command: [GNU_TIME, "-o", file, "-f", "%M", "--", ...contender.command],
  });
  const peakBytes = Number(await Bun.file(file).text()) * 1024;
  rmSync(file);
  return { ...sample, peakBytes };
}

export function hasGnuTime(): boolean {
  return Bun.which(GNU_TIME) !== null && Bun.spawnSync([GNU_TIME, "-f", "%M", "true"]).exitCode === 0;
}
