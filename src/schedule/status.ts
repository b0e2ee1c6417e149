// What `statusof` says: the queue is the truth about what is armed, the journal knows the last run and what is missing,
// and the world is asked for the rest. All of it comes in as plain data.
import { findDaemon } from "../system/at/health.ts";
import { detectPlatform } from "../system/at/platform.ts";
import { isProgramThere, isThere } from "../system/exists.ts";
import { isMounted } from "../system/mounts.ts";
import type { Filter, Wanted } from "./filter.ts";
import type { Job } from "./job.ts";
import { readEventsOf, type ScheduleHistory, summarizeSchedules } from "./journal.ts";
import {
  describeAge,
  describeDouble,
  describeFailedRun,
  describeIdleQueue,
  describeNotArmed,
  describeOverdue,
  describeSurroundings,
  type NewestRevision,
  type Problem,
  type Surroundings,
} from "./problems.ts";
import type { ScheduledJob, ScheduledPythonJob } from "./queue.ts";
import { findSchedules } from "./uninstall.ts";

type State = "armed" | "running" | "overdue" | "not-armed";

interface LastRun {
  readonly at: number;
  readonly exitCode: number;
  readonly revision: string | null;
  readonly message: string | null;
}

/** One schedule. Instants are seconds since 1970 UTC. */
export interface StatusRow {
  /** The schedule's own id; of a job of the Python program, its number in the queue. */
  readonly id: string;
  readonly program: "tinybackup" | "python";
  readonly source: string;
  readonly destination: string;
  readonly time: string;
  readonly name: string | null;
  readonly next: number | null;
  readonly state: State;
  readonly problems: readonly Problem[];
  readonly lastRun: LastRun | null;
  readonly newest: NewestRevision | null;
  /** Set where every run only says what it would do. */
  readonly noop?: true;
  /** Set where the schedule ends: runs left, or the instant after which there is none. */
  readonly timesLeft?: number;
  readonly until?: number;
}

/** What the rows are made of. */
export interface StatusFacts {
  readonly now: number;
  readonly own: readonly ScheduledJob[];
  readonly python: readonly ScheduledPythonJob[];
  readonly histories: ReadonlyMap<string, ScheduleHistory>;
  /** By schedule id. One that is left out is taken to be in order, and without a revision. */
  readonly surroundings: ReadonlyMap<string, Surroundings>;
  readonly maxAgeSeconds?: number;
  /** What to type to start the daemon of `at` here. */
  readonly startDaemon: string;
  readonly isDaemonDown?: boolean;
}

// FreeBSD looks at its queue every five minutes, NetBSD every ten; a machine that just woke needs a moment more.
const patienceSeconds = 15 * 60;
// A job that died with its machine stays in Debian's queue as running for ever. Alone, it arms nothing.
const staleSeconds = 86_400;

const inOrder: Surroundings = {
  binaryExists: true,
  sourceExists: true,
  destinationExists: true,
  destinationMounted: true,
  newest: null,
};

/**
 * One row for each schedule: those in the queue, soonest first; then those that were installed, never removed, and are
 * not in the queue any more. Several jobs of one schedule (one runs, its successor waits) are one row.
 */
export function describeSchedules(facts: StatusFacts): StatusRow[] {
  const bySchedule = Map.groupBy(facts.own, ({ job }) => job.schedule);
  const own = [...bySchedule.values()].map((jobs) => describeQueued(jobs, facts));
  const python = facts.python.map((job) => describePython(job, facts));
  const missing = findMissing(facts.histories, new Set(bySchedule.keys())).map((job) => {
    const couldNotArm = facts.histories.get(job.schedule)?.lastRun?.next === null;
    return describeOwn(
      job,
      { state: "not-armed", next: null, problems: [describeNotArmed(job, couldNotArm)] },
      facts,
    );
  });
  const soonest = (row: StatusRow): number => row.next ?? Number.POSITIVE_INFINITY;
  return [...[...own, ...python].toSorted((left, right) => soonest(left) - soonest(right)), ...missing];
}

/** Whether a monitor should raise its hand: exit code 6. */
export const needsAttention = (rows: readonly StatusRow[]): boolean =>
  rows.some(({ problems }) => problems.length > 0);

/** The jobs of schedules that were installed and never removed, yet are not in the queue. */
export function findMissing(
  histories: ReadonlyMap<string, ScheduleHistory>,
  queued: ReadonlySet<string>,
): Job[] {
  return [...histories.values()].flatMap(({ job, removed }) =>
    job === null || removed !== null || queued.has(job.schedule) ? [] : [job],
  );
}

function describeQueued(jobs: readonly ScheduledJob[], facts: StatusFacts): StatusRow {
  const soonestFirst = jobs.toSorted((left, right) => left.queued.due - right.queued.due);
  const waiting = soonestFirst.filter(({ queued }) => queued.state === "queued");
  const running = soonestFirst.filter(({ queued }) => queued.state === "running");
  const job = (waiting[0] ?? running[0])?.job;
  if (job === undefined) throw new TypeError("a schedule without a job");
  const next = waiting[0]?.queued.due ?? null;
  const isOverdue = next !== null && next < facts.now - patienceSeconds;
  const isStale = next === null && running.every(({ queued }) => queued.due < facts.now - staleSeconds);
  const problems = [
    ...describeDelay(next, isOverdue, facts),
    ...(isStale ? [describeNotArmed(job, false)] : []),
    ...(waiting.length > 1 ? [describeDouble(job, waiting.length)] : []),
  ];
  const isRunning = running.some(({ queued }) => queued.due >= facts.now - staleSeconds);
  return describeOwn(job, { state: decideState({ isOverdue, isStale, isRunning }), next, problems }, facts);
}

/** A queue that nothing runs is said once: of a job that is overdue, that goes without saying. */
function describeDelay(next: number | null, isOverdue: boolean, facts: StatusFacts): Problem[] {
  if (isOverdue) return [describeOverdue(facts.startDaemon)];
  return facts.isDaemonDown && next !== null ? [describeIdleQueue(facts.startDaemon)] : [];
}

function decideState(job: { isOverdue: boolean; isStale: boolean; isRunning: boolean }): State {
  if (job.isStale) return "not-armed";
  if (job.isRunning) return "running";
  return job.isOverdue ? "overdue" : "armed";
}

function describeOwn(
  job: Job,
  { state, next, problems }: Pick<StatusRow, "state" | "next" | "problems">,
  facts: StatusFacts,
): StatusRow {
  const surroundings = facts.surroundings.get(job.schedule) ?? inOrder;
  const run = facts.histories.get(job.schedule)?.lastRun ?? null;
  return {
    id: job.schedule,
    program: "tinybackup",
    source: job.source,
    destination: job.destination,
    time: job.time,
    name: job.name ?? null,
    next,
    state,
    problems: [
      ...problems,
      ...describeFailedRun(job, run),
      ...describeSurroundings(job, surroundings),
      ...describeAge(job, surroundings.newest, facts),
    ],
    lastRun: run && { at: run.at, exitCode: run.exitCode, revision: run.revision, message: run.message },
    newest: surroundings.newest,
    ...(job.run["noop"] === true ? { noop: true } : {}),
    ...(job.timesLeft === undefined ? {} : { timesLeft: job.timesLeft }),
    ...(job.until === undefined ? {} : { until: job.until }),
  };
}

function describePython({ queued, job }: ScheduledPythonJob, facts: StatusFacts): StatusRow {
  const isRunning = queued.state === "running";
  const isOverdue = !isRunning && queued.due < facts.now - patienceSeconds;
  return {
    id: queued.id,
    program: "python",
    source: job.source,
    destination: job.destination,
    time: job.time,
    name: null,
    next: isRunning ? null : queued.due,
    state: decideState({ isOverdue, isStale: false, isRunning }),
    problems: isOverdue ? [describeOverdue(facts.startDaemon)] : [],
    lastRun: null,
    newest: null,
  };
}

/** Finds the newest good revision of a source in a folder; the schedule itself knows nothing of revisions. */
export type FindNewest = (source: string, destination: string) => Promise<NewestRevision | null>;

/** One row for each schedule that passes the filter. */
export async function surveySchedules(
  filter: Filter,
  wanted: Wanted,
  findNewest: FindNewest,
  maxAgeSeconds: number | undefined,
): Promise<StatusRow[]> {
  const { own, python, missing } = await findSchedules(filter, wanted);
  const jobs = [...own.map(({ job }) => job), ...missing];
  const histories = summarizeSchedules(readEventsOf(jobs));
  const surroundings = new Map<string, Surroundings>();
  for (const job of jobs) surroundings.set(job.schedule, await lookAround(job, findNewest));
  const shown = new Set(jobs.map(({ schedule }) => schedule));
  const platform = detectPlatform();
  return describeSchedules({
    now: Date.now() / 1000,
    own,
    python,
    histories: new Map([...histories].filter(([schedule]) => shown.has(schedule))),
    surroundings,
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    startDaemon: platform.start,
    isDaemonDown: (await findDaemon(platform.family)) === "down",
  });
}

async function lookAround(job: Job, findNewest: FindNewest): Promise<Surroundings> {
  const destinationExists = isThere(job.destination);
  const destinationMounted = job.mount === undefined || isMounted(job.mount);
  return {
    binaryExists: isProgramThere(job.binary),
    sourceExists: isThere(job.source),
    destinationExists,
    destinationMounted,
    newest: destinationExists && destinationMounted ? await findNewest(job.source, job.destination) : null,
  };
}
