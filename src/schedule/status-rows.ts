// What `statusof` says of each schedule, made of plain data: the queue is the truth about what is armed, the journal knows
// the last run and what is missing, and the disk the rest.
import type { Job } from "./job.ts";
import { listUnarmed, type ScheduleHistory } from "./journal.ts";
import {
  describeAge,
  describeDouble,
  describeFailedRun,
  describeIdleQueue,
  describeMissing,
  describeNotArmed,
  describeOverdue,
  type DiskFacts,
  type NewestRevision,
  type Problem,
} from "./problems.ts";
import type { ScheduledJob, ScheduledJobs, ScheduledPythonJob } from "./queue.ts";

/** One schedule. Instants are milliseconds since 1970. */
export interface StatusRow {
  /** The schedule's own id; of a job of the Python program, its number in the queue. */
  readonly id: string;
  readonly program: "tinybackup" | "python";
  readonly source: string;
  readonly destination: string;
  readonly time: string;
  readonly name: string | null;
  readonly nextMs: number | null;
  readonly state: "armed" | "running" | "overdue" | "not-armed";
  readonly problems: readonly Problem[];
  readonly lastRun: {
    readonly atMs: number;
    readonly exitCode: number;
    readonly revision: string | null;
    readonly message: string | null;
  } | null;
  readonly newest: NewestRevision | null;
  /** Set where every run only says what it would do. */
  readonly noop?: true;
  /** Set where the schedule ends: runs left, or the instant after which there is none. */
  readonly timesLeft?: number;
  readonly untilMs?: number;
}

/** What the rows are made of. */
export interface StatusFacts extends ScheduledJobs {
  readonly nowMs: number;
  readonly histories: ReadonlyMap<string, ScheduleHistory>;
  /** By schedule id. One that is left out is taken to be in order, and without a revision. */
  readonly disk: ReadonlyMap<string, DiskFacts>;
  readonly maxAgeSeconds?: number | undefined;
  /** What to type to start the daemon of `at` here. */
  readonly startDaemon: string;
  readonly isDaemonDown?: boolean;
}

// FreeBSD looks at its queue every five minutes, NetBSD every ten; a machine that just woke needs a moment more.
const patienceMs = 15 * 60_000;
// A job that died with its machine stays in Debian's queue as running for ever. Alone, it arms nothing.
const staleMs = 86_400_000;

/**
 * One row for each schedule: those in the queue, soonest first; then those that were installed, never removed, and are
 * not in the queue any more. Several jobs of one schedule (one runs, its successor waits) are one row.
 */
export function describeSchedules(facts: StatusFacts): StatusRow[] {
  const bySchedule = Map.groupBy(facts.own, ({ job }) => job.schedule);
  const own = [...bySchedule.values()].map((jobs) => describeQueued(jobs, facts));
  const python = facts.python.map((job) => describePython(job, facts));
  const unarmed = listUnarmed(facts.histories, new Set(bySchedule.keys())).map((job) => {
    const couldNotArm = facts.histories.get(job.schedule)?.lastRun?.nextMs === null;
    return describeOwn(job, "not-armed", null, [describeNotArmed(job, couldNotArm)], facts);
  });
  const soonest = (row: StatusRow): number => row.nextMs ?? Number.POSITIVE_INFINITY;
  return [...[...own, ...python].toSorted((left, right) => soonest(left) - soonest(right)), ...unarmed];
}

/** Whether a monitor should raise its hand: exit code 6. */
export const needsAttention = (rows: readonly StatusRow[]): boolean =>
  rows.some(({ problems }) => problems.length > 0);

function describeQueued(jobs: readonly ScheduledJob[], facts: StatusFacts): StatusRow {
  const soonestFirst = jobs.toSorted((left, right) => left.queued.dueMs - right.queued.dueMs);
  const waiting = soonestFirst.filter(({ queued }) => queued.state === "queued");
  const running = soonestFirst.filter(({ queued }) => queued.state === "running");
  const job = (waiting[0] ?? running[0])?.job;
  if (job === undefined) throw new TypeError("a schedule without a job");
  const nextMs = waiting[0]?.queued.dueMs ?? null;
  const isOverdue = nextMs !== null && nextMs < facts.nowMs - patienceMs;
  const isRunning = running.some(({ queued }) => queued.dueMs >= facts.nowMs - staleMs);
  const isStale = nextMs === null && !isRunning;
  const problems = [
    ...describeDelay(nextMs, isOverdue, facts),
    ...(isStale ? [describeNotArmed(job, false)] : []),
    ...(waiting.length > 1 ? [describeDouble(job, waiting.length)] : []),
  ];
  const state = isStale ? "not-armed" : stateOf(isRunning, isOverdue);
  return describeOwn(job, state, nextMs, problems, facts);
}

const stateOf = (isRunning: boolean, isOverdue: boolean): StatusRow["state"] =>
  isRunning ? "running" : isOverdue ? "overdue" : "armed";

/** A queue that nothing runs is said once: of a job that is overdue, that goes without saying. */
function describeDelay(nextMs: number | null, isOverdue: boolean, facts: StatusFacts): Problem[] {
  if (isOverdue) return [describeOverdue(facts.startDaemon)];
  return facts.isDaemonDown && nextMs !== null ? [describeIdleQueue(facts.startDaemon)] : [];
}

function describeOwn(
  job: Job,
  state: StatusRow["state"],
  nextMs: number | null,
  problems: readonly Problem[],
  facts: StatusFacts,
): StatusRow {
  const disk = facts.disk.get(job.schedule);
  const newest = disk?.newest ?? null;
  const run = facts.histories.get(job.schedule)?.lastRun ?? null;
  return {
    id: job.schedule,
    program: "tinybackup",
    source: job.source,
    destination: job.destination,
    time: job.time,
    name: job.name ?? null,
    nextMs,
    state,
    problems: [
      ...problems,
      ...describeFailedRun(job, run),
      ...(disk ? describeMissing(job, disk) : []),
      ...describeAge(job, newest, facts),
    ],
    lastRun: run && { atMs: run.atMs, exitCode: run.exitCode, revision: run.revision, message: run.message },
    newest,
    ...(job.run["noop"] === true ? { noop: true } : {}),
    ...(job.timesLeft === undefined ? {} : { timesLeft: job.timesLeft }),
    ...(job.untilMs === undefined ? {} : { untilMs: job.untilMs }),
  };
}

function describePython({ queued, job }: ScheduledPythonJob, facts: StatusFacts): StatusRow {
  const isRunning = queued.state === "running";
  const isOverdue = !isRunning && queued.dueMs < facts.nowMs - patienceMs;
  return {
    id: queued.id,
    program: "python",
    source: job.source,
    destination: job.destination,
    time: job.time,
    name: null,
    nextMs: isRunning ? null : queued.dueMs,
    state: stateOf(isRunning, isOverdue),
    problems: isOverdue ? [describeOverdue(facts.startDaemon)] : [],
    lastRun: null,
    newest: null,
  };
}
