// The job after this one: what a job arms before it does anything else. Pure.
import { calendarOf } from "./environment-zone.ts";
import type { Job } from "./job.ts";
import { nextRun } from "./next-run.ts";
import { parseTimeSpecification } from "./parse-time.ts";
import type { PlannedRun } from "./planned-run.ts";

/** A job and the instant to give to `at`, in seconds since 1970: `due`, or a little later where that is too close. */
export interface ArmedJob {
  readonly job: Job;
  readonly startsAt: number;
}

/** The job for a planned run of the same schedule. */
export function jobFor(job: Omit<Job, "due" | "anchor">, run: PlannedRun): ArmedJob {
  return { job: { ...job, due: run.due / 1000, anchor: run.anchor }, startsAt: run.startsAt / 1000 };
}

/**
 * The next job of a schedule, or null where this one was the last: by `--once`, `--times` or `--until`, or because its
 * time has no next. A clock that was wrong, or downtime, changes nothing in the rhythm.
 * @param nowMs milliseconds since 1970
 */
export function planSuccessor(job: Job, nowMs: number): ArmedJob | null {
  if (job.timesLeft !== undefined && job.timesLeft <= 1) return null;
  const calendar = calendarOf(job.timeZone);
  const rhythm = { due: job.due * 1000, anchor: job.anchor ?? "" };
  const run = nextRun(parseTimeSpecification(job.time), rhythm, { now: nowMs, calendar });
  if (run === null || (job.until !== undefined && run.due > job.until * 1000)) return null;
  const timesLeft = job.timesLeft === undefined ? {} : { timesLeft: job.timesLeft - 1 };
  return jobFor({ ...job, ...timesLeft }, run);
}
