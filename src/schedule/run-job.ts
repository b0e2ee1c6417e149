// One scheduled job from its start to its end: arm the successor, see whether the schedule still exists, run the backup,
// write the result down. The order is the promise: what comes first can't be lost by what comes later.
import { ExitCode, Failure, SchedulerFailure, UnavailableFailure, UsageFailure } from "../errors.ts";
import { submitJob } from "../system/at/queue.ts";
import { findStartedPath } from "../system/invocation.ts";
import { parseJson } from "../system/json.ts";
import { isMounted } from "../system/mounts.ts";
import { findReal } from "../system/paths.ts";
import { removeLock, workAlone } from "../system/state-folder.ts";
import { isTimeZone, localZone, setTimeZone } from "../system/time-zone.ts";
import { nextOccurrence } from "../time/occurrences.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { periodOf } from "../time/specification.ts";
import type { Zone } from "../time/zone.ts";
import { listWaitingJobs, removeJobs, type ScheduledJob } from "./find.ts";
import { renderJobText } from "./job-line.ts";
import { decodeJob, type Job, placesOf, type PlannedJob, seriesOf } from "./job.ts";
import { hasBegun, journalOf, recordEvent, type RunEvent, wasRemoved } from "./journal.ts";
import { describeLink, describeLost, describeLostZone, LOOK_AT_DRIVE, UNDER_WAY } from "./problems.ts";

/** How the backup of a job went. */
export interface JobResult extends Pick<RunEvent, "revision" | "message" | "removed"> {
  readonly exitCode: ExitCode;
}

/** The job that a line in the queue hands to the hidden command. Throws a UsageFailure if it is none. */
export function readStartedJob(json: string): Job {
  const job = decodeJob(parseJson(json), findStartedPath());
  if (job !== null) return job;
  throw new UsageFailure("this is no job that 'tinybackup install' has queued", {
    hint: "schedule a backup with: tinybackup install -f FILE -d DIR -t TIME",
  });
}

/**
 * Performs a job that `at` has started; nothing where the schedule was removed meanwhile. `backUp` and `follow`, which gets
 * how the job ends, never throw: what goes wrong is a result. Throws a SchedulerFailure at the end where the next job could
 * not be queued.
 */
export async function performJob(
  job: Job,
  backUp: () => Promise<JobResult>,
  follow: (end: JobResult) => Promise<void>,
): Promise<ExitCode> {
  const journal = journalOf(job);
  if (job.timeZone !== undefined) setTimeZone(job.timeZone);
  const first = await arm(job);
  if (first === "removed") return ExitCode.done;
  const result = await backUp();
  const isMissing = result.exitCode === ExitCode.unavailable;
  // A spool that was full, or locked, may not be any more.
  const armed = isMissing || first instanceof Error ? await arm(job, isMissing) : first;
  const nextMs = typeof armed === "number" ? armed : null;
  const { schedule, dueMs } = job;
  await recordEvent({ event: "run", atMs: Date.now(), schedule, dueMs, ...result, nextMs }, journal);
  if (armed === "ended")
    await recordEvent({ event: "removed", atMs: Date.now(), schedule, reason: "ended" }, journal);
  const failure = armed instanceof Error ? describeUnqueued(job, isMissing ? "try" : "run", armed) : null;
  await follow(failure ? { ...result, exitCode: failure.exitCode, message: failure.message } : result);
  if (failure) throw failure;
  return result.exitCode;
}

function describeUnqueued({ source }: Job, what: "run" | "try", cause: Error): SchedulerFailure {
  return new SchedulerFailure(`the next ${what} of '${source}' could not be queued: ${cause.message}`, {
    hint: "see what to type with: tinybackup statusof all",
    cause,
  });
}

/** When the successor starts; or that there is none, by itself or by a removal; or why none was queued all the same. */
type Armed = number | "ended" | "removed" | Error;

/**
 * Arms the successor, unless the schedule was removed. The journal is read again after arming: an uninstall writes its
 * removal down before it looks at the queue for the last time, so one of the two sees the other.
 */
async function arm(job: Job, isMissing = false): Promise<Armed> {
  if (wasRemoved(job.schedule, journalOf(job))) return "removed";
  const armed = await queueSuccessor(job, isMissing);
  if (!wasRemoved(job.schedule, journalOf(job))) return armed;
  await removeJobs(await listWaitingJobs(new Set([job.schedule])));
  return "removed";
}

async function queueSuccessor(job: Job, isMissing: boolean): Promise<Armed> {
  try {
    const nowMs = Date.now();
    const successor = isMissing ? planNextTry(job, nowMs) : planSuccessor(job, nowMs);
    if (successor === null) return "ended";
    // A job that is started twice (by hand, or by a daemon that was killed) must not fork the schedule.
    const [waiting] = await listToCome(job.schedule);
    if (waiting && comparePlanned(toPlanned(waiting), successor) <= 0) return waiting.queued.dueMs;
    await submitJob(renderJobText(successor.job), successor.startsAtMs);
    // Started twice at the same moment, both may have queued one. Both see the same order, and so leave the same. What was
    // armed before a run that is to be tried again goes only now: of a schedule there is always one that waits.
    await removeJobs((await listToCome(job.schedule)).slice(1));
    return successor.startsAtMs;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

const toPlanned = ({ job, queued }: ScheduledJob): PlannedJob => ({ job, startsAtMs: queued.dueMs });

/** The sooner comes first, and then that of which more runs are left. */
const comparePlanned = (one: PlannedJob, other: PlannedJob): number =>
  one.startsAtMs - other.startsAtMs || (other.job.timesLeft ?? 0) - (one.job.timesLeft ?? 0);

/**
 * The jobs of a schedule that are still to come, the best first; one that is due now is a twin, and no successor. A queue that
 * can't be read must not keep the next job out of it, nor make one that is in it a failure.
 */
async function listToCome(schedule: string): Promise<ScheduledJob[]> {
  try {
    return (await listWaitingJobs(new Set([schedule])))
      .filter(({ queued }) => queued.dueMs > Date.now())
      .toSorted((one, other) => comparePlanned(toPlanned(one), toPlanned(other)));
  } catch (error) {
    if (error instanceof SchedulerFailure) return [];
    throw error;
  }
}

/**
 * The next job of a schedule, or null where this one was the last: by `--once`, `--times` or `--until`, or because its
 * time has no next. A clock that was wrong, or downtime, changes nothing in the recurrence.
 */
export function planSuccessor(job: Job, nowMs: number, zone: Zone = localZone): PlannedJob | null {
  const { time, dueMs, anchor = "", timesLeft, untilMs } = job;
  if (timesLeft !== undefined && timesLeft <= 1) return null;
  const next = nextOccurrence(parseTimeSpecification(time), { dueMs, anchor }, { nowMs, zone });
  if (next === null || (untilMs !== undefined && next.dueMs > untilMs)) return null;
  const { startsAtMs, ...due } = next;
  return { job: { ...job, ...due, timesLeft: timesLeft && timesLeft - 1 }, startsAtMs };
}

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

/**
 * What follows a run that found its file or its folder missing: the next regular one, or the same once more, due when it was,
 * where `--retry` makes that sooner. A time that has no next is tried again a day later. Such a run is none of `--times`.
 */
export function planNextTry(job: Job, nowMs: number): PlannedJob | null {
  const { time, timesLeft, untilMs = Infinity } = job;
  const regular = planSuccessor({ ...job, timesLeft: timesLeft && timesLeft + 1 }, nowMs);
  const { retryMs = periodOf(parseTimeSpecification(time)) === null ? dayMs : Infinity } = job;
  const startsAtMs = Math.round((nowMs + retryMs) / minuteMs) * minuteMs;
  if (startsAtMs > untilMs || (regular && regular.startsAtMs <= startsAtMs)) return regular;
  return { job, startsAtMs };
}

/**
 * Does the work of a job unless a run of the same file and folder is still at it: one that hangs, on a drive that is gone or
 * frozen, must not have others pile up behind it. Throws an UnavailableFailure then.
 */
export async function runAlone<T>(job: Job, work: () => Promise<T>): Promise<T> {
  const name = new Bun.CryptoHasher("sha256").update(seriesOf(job)).digest("hex").slice(0, 16);
  const [journal, lock] = [journalOf(job), `run-${name}`];
  return workAlone(journal, lock, async (state) => {
    if (state === "held by another") {
      const what = `an earlier run of '${job.source}' into '${job.destination}' ${UNDER_WAY}`;
      throw new UnavailableFailure(what, { hint: LOOK_AT_DRIVE });
    }
    try {
      return await work();
    } finally {
      if (state === "locked") removeLock(journal, lock);
    }
  });
}

/** What is not as it was at install: a link has taken a place of the schedule, which stays what it was (`isTaken`); a typed
 * one leads elsewhere now; there is no such time zone any more. */
export function findShifts(job: Job) {
  const links = placesOf(job).flatMap((place) => {
    const [here = place.path, there = place.path] = [findReal(place.path), findReal(place.typed)];
    if (here !== place.path) return [describeLink(job, place, here, true)];
    return there === here ? [] : [describeLink(job, place, there, false)];
  });
  return isTimeZone(job.timeZone) ? links : [...links, describeLostZone(job)];
}

/**
 * Refuses a run whose file or folder is not what was scheduled. Throws an UnavailableFailure where nothing is mounted any
 * more under the destination, or where that holds no revision although there was one: it may be another drive.
 * @param readBeginning whether there is any revision of the file in the folder
 */
export async function checkPlaces(
  job: Job,
  readBeginning: (folder: string, source: string) => Promise<boolean>,
): Promise<void> {
  const { destination, mount, source } = job;
  const what = `cannot save into '${destination}'`;
  for (const { role, isTaken, message, hint } of findShifts(job))
    if (isTaken) throw new (role === "source" ? Failure : UnavailableFailure)(message, { hint });
  if (mount !== undefined && !isMounted(mount)) {
    throw new UnavailableFailure(`${what}: nothing is mounted at '${mount}'`, {
      hint: "connect the drive and mount it; nothing was written into the bare folder",
    });
  }
  // That the folder is not there says whoever saves into it.
  if (findReal(destination) === undefined || (await readBeginning(destination, source)) || !hasBegun(job))
    return;
  const { message, hint } = describeLost(job, `${what}:`);
  throw new UnavailableFailure(message, { hint });
}
