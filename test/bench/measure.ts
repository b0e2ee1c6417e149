// Whole processes, side by side: every contender once a round, so that whatever else the machine does hits all alike.

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Clears the way for the next run, outside the clock. */
  readonly prepare?: () => Promise<void> | void;
  /** The contender of the same group that this one is compared with. */
  readonly against?: string;
}

export interface Group {
  readonly title: string;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** Write everything to the disk before each run, so that nobody pays for what the one before left behind. */
  readonly isSettled: boolean;
}

export interface Result {
  readonly name: string;
  readonly against: string | undefined;
  readonly medianSeconds: number;
  readonly fastestSeconds: number;
  /** Median of the ratios within each round: a slow moment of the machine falls out. */
  readonly ratio: number | undefined;
  /** User and system time, children included. */
  readonly cpuSeconds: number;
  /** Of the largest process; undefined where it can't be measured. */
  readonly peakBytes: number | undefined;
}

interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Runs every contender once to warm up and to see its memory, then `rounds` times in turn. Throws if one fails. */
export async function measure(group: Group): Promise<Result[]> {
  const peaks = new Map<string, number | undefined>();
  for (const contender of group.contenders) peaks.set(contender.name, await measurePeak(contender));
  const samples = new Map<string, Sample[]>(group.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < group.rounds; round++) {
    for (const contender of rotate(group.contenders, round)) {
      await contender.prepare?.();
      if (group.isSettled) await run({ name: "sync", command: ["sync"] });
      samples.get(contender.name)?.push(await run(contender));
    }
  }
  return group.contenders.map(({ name, against }) => {
    const own = samples.get(name) ?? [];
    const base = against === undefined ? undefined : samples.get(against);
    return {
      name,
      against,
      medianSeconds: median(own.map(({ seconds }) => seconds)),
      fastestSeconds: Math.min(...own.map(({ seconds }) => seconds)),
      ratio: base && median(own.map(({ seconds }, round) => seconds / (base[round]?.seconds ?? Number.NaN))),
      cpuSeconds: median(own.map(({ cpuSeconds }) => cpuSeconds)),
      peakBytes: peaks.get(name),
    };
  });
}

/** Nobody is always the first of a round. */
function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Runs one process to its end. Throws, with its last words, if it fails. */
export async function run({ name, command, cwd, env }: Contender): Promise<Sample> {
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

/**
 * The memory of the largest process of a contender. A child counts its parent's memory until it executes, and this one
 * has more than most contenders: so it is GNU time, a small program, that starts it and looks.
 */
async function measurePeak(contender: Contender): Promise<number | undefined> {
  await contender.prepare?.();
  if (!hasGnuTime()) {
    await run(contender);
    return undefined;
  }
  const file = `${process.env["TMPDIR"] ?? "/tmp"}/tinybackup-bench-${process.pid}.peak`;
  try {
    await run({ ...contender, command: [GNU_TIME, "-o", file, "-f", "%M", "--", ...contender.command] });
    return Number(await Bun.file(file).text()) * 1024;
  } finally {
    await Bun.file(file).delete();
  }
}

const GNU_TIME = "/usr/bin/time";

function hasGnuTime(): boolean {
  return Bun.which(GNU_TIME) !== null && Bun.spawnSync([GNU_TIME, "-f", "%M", "true"]).exitCode === 0;
}
