// From what a person typed to the first job of a schedule in the queue.
import { type SchedulerFailure, UsageFailure } from "../errors.ts";
import { checkScheduler, describeDaemonDown } from "../system/at/health.ts";
import { findOwnPath } from "../system/invocation.ts";
import { findMount } from "../system/mounts.ts";
import { locateJournal } from "../system/state-folder.ts";
import { calendarOf, readOwnZone } from "../time/named-zone.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import type { Present } from "../time/recurrence.ts";
import { firstRun } from "../time/runs.ts";
import { describeRecurrence, isNow, recurrenceOf, type TimeSpecification } from "../time/specification.ts";
import type { Job, RunOptions } from "./job.ts";
import { type ArmedJob, jobFor } from "./run-job.ts";
import { installSchedule, nameSchedule } from "./uninstall.ts";

export interface InstallRequest {
  /** Absolute, links resolved; both exist. */
  readonly source: string;
  readonly destination: string;
  readonly time: string;
  readonly name: string | undefined;
  /** How many runs; undefined for no end. */
  readonly times: number | undefined;
  /** A time text: no run after its first instant. */
  readonly until: string | undefined;
  readonly run: RunOptions;
  /** Where `debug.txt` goes; undefined for none. */
  readonly debugDirectory: string | undefined;
}

export interface InstallReport {
  readonly job: Job;
  /** When `at` starts the first run, seconds since 1970. */
  readonly startsAt: number;
  /** `daily`, `every 7 minutes`, `once`. */
  readonly recurs: string;
  readonly replaced: number;
  /** Set where the job is queued, and nothing will run it as things are. */
  readonly problem: SchedulerFailure | null;
}

function planFirst(request: InstallRequest, specification: TimeSpecification, present: Present): ArmedJob {
  const { time, until } = request;
  if (isNow(specification) && request.times !== 1) {
    throw new UsageFailure(`the time '${time}' does not recur`, {
      hint: "add --once to run once, or write a time such as '2:00am' or '+ 1 hour'",
    });
  }
  const run = firstRun(specification, present);
  if (run === null) {
    throw new UsageFailure(`the time '${time}' has passed`, { hint: "name one that is still to come" });
  }
  const last = until === undefined ? undefined : endOf(until, present);
  if (last !== undefined && run.due > last) {
    throw new UsageFailure(`the first run, by '${time}', would come after --until '${until}'`, {
      hint: "name a later end",
    });
  }
  return jobFor(
    describeJob(request, recurrenceOf(specification) === null ? undefined : request.times, last),
    run,
  );
}

/** The job without its times. What is not known or not wanted is left out of it, and so out of the queue. */
function describeJob(request: InstallRequest, timesLeft: number | undefined, lastMs: number | undefined) {
  const { source, destination, time, name, run, debugDirectory } = request;
  const optional = {
    name,
    debugDirectory,
    timesLeft,
    until: lastMs === undefined ? undefined : lastMs / 1000,
    timeZone: readOwnZone(),
    mount: findMount(destination) ?? undefined,
    journal: locateJournal(),
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { schedule: nameSchedule(), source, destination, time, ...given, run, binary: findOwnPath() };
}

function endOf(until: string, present: Present): number {
  const end = firstRun(parseTimeSpecification(until), present);
  if (end === null)
    throw new UsageFailure(`the time '${until}' of --until has passed`, {
      hint: "name one that is still to come",
    });
  return end.due;
}

/**
 * Puts a schedule into the queue, in place of one that is equal. Throws a UsageFailure for a time that can't be used, and
 * a SchedulerFailure, with nothing done, where `at` is missing or not permitted.
 */
export async function install(request: InstallRequest): Promise<InstallReport> {
  const specification = parseTimeSpecification(request.time);
  const calendar = calendarOf(readOwnZone());
  const health = await checkScheduler();
  const [unusable] = health.problems;
  if (unusable) throw unusable;
  const first = planFirst(request, specification, { now: Date.now(), calendar });
  const { submission, replaced } = await installSchedule(first);
  const isDown = health.daemon === "down" || submission.daemon === "down";
  return {
    ...first,
    recurs: describeRecurrence(specification),
    replaced,
    problem: isDown ? describeDaemonDown() : null,
  };
}
