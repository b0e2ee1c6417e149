// One scheduled job from its start to its end: arm the successor, see whether the schedule still exists, run the backup,
// write the result down. The order is the promise: what comes first can't be lost by what comes later.
import { SchedulerFailure, UsageFailure } from "../errors.ts";
import { listJobs, removeJob, submitJob } from "../system/at-queue.ts";
import { findOwnPath } from "../system/own-path.ts";
import { parseJobArgument, renderJobText } from "./job-line.ts";
import type { Job } from "./job.ts";
import { recordEvent, wasRemoved } from "./journal-store.ts";
import { recognizeJobs } from "./queued-jobs.ts";
import { planSuccessor } from "./successor.ts";

/** How the backup of a job went. */
export interface JobResult<Code extends number = number> {
  readonly exitCode: Code;
  /** The file name of the new revision; null where none was made. */
  readonly revision: string | null;
  /** What went wrong, as it is said to the person; null where nothing did. */
  readonly message: string | null;
}

export interface PerformedJob<Result extends JobResult = JobResult> {
  /** null where the schedule was removed meanwhile: nothing was run. */
  readonly result: Result | null;
  /** Set where the schedule goes on, and its next job could not be queued. */
  readonly armingFailure: Error | null;
}

/** The job that a line in the queue hands to the hidden command. Throws a UsageFailure if it is none. */
export function readStartedJob(json: string): Job {
  const job = parseJobArgument(json, findOwnPath());
  if (job !== null) return job;
  throw new UsageFailure("this is no job that 'tinybackup install' has queued", {
    hint: "schedule a backup with: tinybackup install -f FILE -d DIR -t TIME",
  });
}

/** Performs a job that `at` has started. `backUp` never throws: what goes wrong is a result. */
export async function performJob<Result extends JobResult>(
  job: Job,
  backUp: () => Promise<Result>,
): Promise<PerformedJob<Result>> {
  if (wasRemoved(job.schedule)) return removed;
  const first = await armSuccessor(job);
  // Read again after arming: an uninstall writes its removal down before it looks at the queue for the last time, so one
  // of the two sees the other.
  if (wasRemoved(job.schedule)) {
    await withdraw(job.schedule);
    return removed;
  }
  const result = await backUp();
  // A spool that was full, or locked, may not be any more.
  const { next, failure } = first.failure === null ? first : await armSuccessor(job);
  await recordEvent({ event: "run", at: now(), schedule: job.schedule, due: job.due, ...result, next });
  if (next === null && failure === null) {
    await recordEvent({ event: "removed", at: now(), schedule: job.schedule, reason: "ended" });
  }
  return { result, armingFailure: failure };
}

const removed = { result: null, armingFailure: null };

interface Armed {
  /** When the successor is due, in seconds; null where none was queued. */
  readonly next: number | null;
  /** Why none was queued, although the schedule goes on. */
  readonly failure: Error | null;
}

async function armSuccessor(job: Job): Promise<Armed> {
  try {
    const successor = planSuccessor(job, Date.now());
    if (successor === null) return { next: null, failure: null };
    // A job that is started twice (by hand, or by a daemon that was killed) must not fork the schedule.
    const waiting = await findWaiting(job.schedule);
    if (waiting !== undefined) return { next: waiting, failure: null };
    await submitJob(renderJobText(successor.job), successor.startsAt);
    return { next: successor.job.due, failure: null };
  } catch (cause) {
    return { next: null, failure: cause instanceof Error ? cause : new Error(String(cause)) };
  }
}

/** When a job of the schedule that is in the queue is due. A queue that can't be read must not keep the next one out of it. */
async function findWaiting(schedule: string): Promise<number | undefined> {
  try {
    const jobs = recognizeJobs(await listJobs()).own;
    return jobs.find(({ job, queued }) => job.schedule === schedule && queued.state === "queued")?.job.due;
  } catch (error) {
    if (error instanceof SchedulerFailure) return undefined;
    throw error;
  }
}

/** Takes the jobs of a schedule that still wait out of the queue. */
async function withdraw(schedule: string): Promise<void> {
  for (const { job, queued } of recognizeJobs(await listJobs()).own) {
    if (job.schedule === schedule && queued.state === "queued") await removeJob(queued);
  }
}

function now(): number {
  return Date.now() / 1000;
}
