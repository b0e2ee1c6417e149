// What `statusof` says of each schedule: the queue is the truth about what is armed, the journal knows the last run and
// what is missing, and the disk the rest.
import { ExitCode } from "../errors.ts";
import { findDaemon } from "../system/at/health.ts";
import { detectPlatform } from "../system/at/platform.ts";
import type { QueuedJob } from "../system/at/queue.ts";
import { isEmptyFile } from "../system/disk.ts";
import { findSilent, isExecutable, pathExists } from "../system/exists.ts";
import { isMounted } from "../system/mounts.ts";
import { type JobFilter, matchesFilter } from "./filter.ts";
import { findSchedules, type Found, type FoundSchedules, listOwn, type ScheduledJob } from "./find.ts";
import { type Job, placesOf } from "./job.ts";
import {
  findInstalled,
  hasBegun,
  type JournalEvent,
  readEventsOf,
  type RunEvent,
  scheduleOf,
} from "./journal.ts";
import {
  describeAge,
  describeFailedRun,
  describeMissing,
  describeNotArmed,
  describeOdd,
  describeSilent,
  describeVanished,
  type DiskFacts,
  type NewestRevision,
  patienceMs,
  type Problem,
  renderInstallCommand,
} from "./problems.ts";
import { findShifts } from "./run-job.ts";

export type RunResult = Pick<RunEvent, "atMs" | "exitCode" | "revision" | "message">;

/** One schedule. Instants are milliseconds since 1970. */
export interface StatusRow extends Found {
  readonly nextMs: number | null;
  readonly state: "armed" | "running" | "overdue" | "not-armed";
  readonly problems: readonly Problem[];
  readonly lastRun: RunResult | null;
  /** Undefined where the folder can't be looked into now. */
  readonly newest: NewestRevision | null | undefined;
  /** Of the runs that were written down the last, newest first. */
  readonly runs: readonly RunResult[];
}

/** What the rows are made of. */
export interface StatusFacts extends FoundSchedules {
  readonly nowMs: number;
  /** By schedule id, oldest first. */
  readonly events: ReadonlyMap<string, readonly JournalEvent[]>;
  /** By schedule id. One that is left out is taken to be in order, and without a revision. */
  readonly disk: ReadonlyMap<string, DiskFacts>;
  readonly maxAgeSeconds?: number | undefined;
  /** What to type to start the daemon of `at` here. */
  readonly startDaemon: string;
  readonly isDaemonDown: boolean;
}

// A job that died with its machine stays in Debian's queue as running for ever. Alone, it arms nothing.
const staleMs = 86_400_000;

/** Finds the newest good revision of a source in a folder, and says what is wrong with others; the schedule itself knows
 * nothing of revisions. */
export type FindNewest = (
  source: string,
  destination: string,
) => Promise<Pick<DiskFacts, "newest" | "problems">>;

/** One row for each schedule that passes the filter. */
export async function readStatus(
  filter: JobFilter,
  findNewest: FindNewest,
  maxAgeSeconds: number | undefined,
  signal: AbortSignal,
): Promise<StatusRow[]> {
  const found = await findSchedules((job) => matchesFilter(job, filter));
  const jobs = listOwn(found);
  const disk = new Map<string, DiskFacts>();
  const events = readEventsOf(jobs);
  const findSilentPlace = await silentPlaceFinder(jobs, signal);
  for (const job of jobs) {
    const place = findSilentPlace(job);
    disk.set(job.schedule, place ? describeSilent(place) : await readDisk(job, findNewest, events));
  }
  return describeSchedules({
    nowMs: Date.now(),
    ...found,
    events: Map.groupBy(events, scheduleOf),
    disk,
    maxAgeSeconds,
    startDaemon: detectPlatform().start,
    isDaemonDown: (await findDaemon()) === "down",
  });
}

/** Makes a function that tells which place of a job nothing answers for, if any. */
export async function silentPlaceFinder(jobs: readonly Job[], signal: AbortSignal) {
  const paths = jobs.flatMap(placesOf).flatMap(({ path, typed }) => [path, typed]);
  const silent = await findSilent(new Set(paths), signal);
  return (job: Job) => placesOf(job).find(({ path, typed }) => silent.has(path) || silent.has(typed));
}

const unseen: DiskFacts = { newest: undefined, problems: [] };

async function readDisk(
  job: Job,
  findNewest: FindNewest,
  events: readonly JournalEvent[],
): Promise<DiskFacts> {
  const destinationExists = pathExists(job.destination);
  const destinationMounted = job.mount === undefined || isMounted(job.mount);
  const links = findShifts(job);
  const taken = links.filter(({ isTaken }) => isTaken).map(({ role }) => role);
  const isThere = destinationExists && destinationMounted && !taken.includes("destination");
  const found = isThere ? await findNewest(job.source, job.destination) : unseen;
  return {
    binaryExists: isExecutable(job.binary),
    sourceExists: pathExists(job.source),
    sourceIsEmpty: await isEmptyFile(job.source),
    hasBegun: found.newest === null && hasBegun(job, events),
    destinationExists,
    destinationMounted,
    isTaken: taken.length > 0,
    newest: found.newest,
    problems: [...links.map(({ code, message, hint }) => ({ code, message, hint })), ...found.problems],
  };
}

/**
 * One row for each schedule: those in the queue, soonest first; then those that were installed, never removed, and are
 * not in the queue any more. Several jobs of one schedule (one runs, its successor waits) are one row.
 */
export function describeSchedules(facts: StatusFacts): StatusRow[] {
  const bySchedule = Map.groupBy(facts.own, ({ job }) => job.schedule);
  const own = [...bySchedule.values()].map((jobs) => describeQueued(jobs, facts));
  const python = facts.python.map(({ queued, job }): StatusRow => {
    return { ...describeOwn(job, describeTiming([queued], facts), facts), program: "python" };
  });
  const unarmed = facts.unarmed.map((job) => {
    const couldNotArm = listRuns(job, facts).at(-1)?.nextMs === null;
    const problems = [describeNotArmed(job, couldNotArm)];
    return describeOwn(job, { state: "not-armed", nextMs: null, problems }, facts);
  });
  const soonest = (row: StatusRow): number => row.nextMs ?? Number.POSITIVE_INFINITY;
  return [...[...own, ...python].toSorted((left, right) => soonest(left) - soonest(right)), ...unarmed];
}

/** Whether a monitor should raise its hand: exit code 6. */
export const needsAttention = (rows: readonly StatusRow[]): boolean =>
  rows.some(({ problems }) => problems.length > 0);

type Timing = Pick<StatusRow, "state" | "nextMs" | "problems">;

/** What the queue says of the jobs of one schedule, soonest first. */
function describeTiming(
  jobs: readonly QueuedJob[],
  { nowMs, startDaemon, isDaemonDown }: StatusFacts,
): Timing {
  const nextMs = jobs.find(({ state }) => state === "queued")?.dueMs ?? null;
  const isRunning = jobs.some(({ state, dueMs }) => state === "running" && dueMs >= nowMs - staleMs);
  const isOverdue = nextMs !== null && nextMs < nowMs - patienceMs;
  const state = isRunning ? "running" : isOverdue ? "overdue" : nextMs === null ? "not-armed" : "armed";
  // Of a job that is overdue, it goes without saying that nothing runs the queue.
  const message = isOverdue
    ? "the time of this job has passed, and nothing ran it"
    : "nothing runs the queue of 'at' now, so that this job will not run";
  const isDelayed = isOverdue || (isDaemonDown && nextMs !== null);
  const code = isOverdue ? "overdue" : "scheduler-down";
  return { state, nextMs, problems: isDelayed ? [{ code, message, hint: startDaemon }] : [] };
}

/** Of jobs of one schedule, soonest first. */
function describeQueued(jobs: readonly ScheduledJob[], facts: StatusFacts): StatusRow {
  const waiting = jobs.filter(({ queued }) => queued.state === "queued");
  const job = (waiting[0] ?? jobs[0])?.job;
  if (job === undefined) throw new TypeError("a schedule without a job");
  const timing = describeTiming(
    jobs.map(({ queued }) => queued),
    facts,
  );
  const problems = [...timing.problems];
  if (timing.state === "not-armed") problems.push(describeNotArmed(job, false));
  const message = `this schedule is in the queue ${waiting.length} times`;
  const hint = `this leaves one: ${renderInstallCommand(job)}`;
  if (waiting.length > 1) problems.push({ code: "queued-twice", message, hint });
  return describeOwn(job, { ...timing, problems }, facts);
}

/** Nobody reads on. */
const MOST_RUNS = 10;

function describeOwn(job: Job, timing: Timing, facts: StatusFacts): StatusRow {
  const disk = facts.disk.get(job.schedule) ?? unseen;
  const installed = findInstalled(facts.events.get(job.schedule) ?? []);
  const runs = listRuns(job, facts);
  const run = runs.at(-1) ?? null;
  const problems = [
    ...timing.problems,
    ...describeFailedRun(job, run, disk),
    ...describeMissing(job, disk),
    ...describeOdd(job, disk),
    ...disk.problems,
    ...describeAge(job, disk.newest, facts),
  ];
  if (problems.length === 0 && timing.state === "armed")
    problems.push(...describeVanished(job, findGood(runs, disk, installed?.atMs), facts.nowMs));
  return {
    program: "tinybackup",
    job,
    ...timing,
    problems,
    lastRun: run && toResult(run),
    newest: disk.newest,
    runs: runs.slice(-MOST_RUNS).toReversed().map(toResult),
  };
}

function listRuns({ schedule }: Job, { events }: StatusFacts): RunEvent[] {
  return (events.get(schedule) ?? []).filter((event) => event.event === "run");
}

function toResult({ atMs, exitCode, revision, message }: RunEvent): RunResult {
  return { atMs, exitCode, revision, message };
}

/** When all was well for the last time: a run of the schedule, or one by hand; or when it was installed. */
function findGood(runs: readonly RunEvent[], { newest }: DiskFacts, installedMs = 0): number | null {
  const good = runs.findLast(({ exitCode }) => exitCode === ExitCode.done)?.atMs ?? 0;
  return Math.max(good, installedMs, newest?.equalMs ?? newest?.takenAtMs ?? 0) || null;
}

export interface SharedProblem extends Problem {
  readonly rows: readonly StatusRow[];
}

/** What is wrong, each said once. */
export function gatherProblems(rows: readonly StatusRow[]): SharedProblem[] {
  const all = rows.flatMap((row) => row.problems.map((problem) => ({ problem, row })));
  const same = Map.groupBy(all, ({ problem: { message, hint } }) => JSON.stringify([message, hint]));
  return [...same.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first.problem, rows: [first, ...others].map(({ row }) => row) }] : [],
  );
}
