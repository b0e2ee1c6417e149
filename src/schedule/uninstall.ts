// Installing and uninstalling: the acts that change what is scheduled.
import { randomBytes } from "node:crypto";
import { Failure } from "../errors.ts";
import { listJobs, type QueuedJob, removeJob, type Submission, submitJob } from "../system/at/queue.ts";
import { locateJournal, workAlone } from "../system/state-folder.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { renderCanonical } from "../time/specification.ts";
import { type Filter, type Identity, matchesFilter, type Wanted } from "./filter.ts";
import { renderJobText } from "./job-line.ts";
import type { Job } from "./job.ts";
import { journalOf, readEvents, recordEvent, summarizeSchedules } from "./journal.ts";
import { recognizeJobs, type ScheduledJob, type ScheduledPythonJob } from "./queue.ts";
import type { ArmedJob } from "./run-job.ts";
import { findMissing } from "./status.ts";

/** A new name for a schedule, never used again. */
export function nameSchedule(): string {
  return randomBytes(16).toString("hex");
}

export interface Installed {
  readonly submission: Submission;
  /** How many equal schedules it took the place of. */
  readonly replaced: number;
}

/** Queues the first job of a schedule, and then removes the schedules that are equal to it. */
export function installSchedule(first: ArmedJob): Promise<Installed> {
  // Two that install the same at once would each leave the other's.
  return workAlone(journalOf(first.job), () => installAlone(first));
}

async function installAlone(first: ArmedJob): Promise<Installed> {
  const { source, destination, name, canonicalTime } = identityOf(first.job);
  const found = await findSchedules("this", { source, destination, canonicalTime });
  const isEqual = (job: Job) => job.name === name;
  const equal = {
    own: found.own.filter(({ job }) => isEqual(job)),
    python: [],
    missing: found.missing.filter(isEqual),
  };
  const submission = await submitJob(renderJobText(first.job), first.startsAt);
  await recordEvent({ event: "installed", at: now(), job: first.job }, journalOf(first.job));
  await removeSchedules(equal, "replaced");
  return { submission, replaced: schedulesIn(equal).size };
}

/** What a filter finds: jobs in the queue, and schedules that were installed and are not in the queue any more. */
export interface Found {
  readonly own: readonly ScheduledJob[];
  readonly python: readonly ScheduledPythonJob[];
  readonly missing: readonly Job[];
}

/** Everything that passes a filter. */
export async function findSchedules(filter: Filter, wanted: Wanted): Promise<Found> {
  const { own, python } = recognizeJobs(await listJobs());
  const missing = readMissing(new Set(own.map(({ job }) => job.schedule)));
  return {
    own: own.filter(({ job }) => matchesFilter(filter, identityOf(job), wanted)),
    python: python.filter(({ job }) => matchesFilter(filter, identityOfPython(job), wanted)),
    missing: missing.filter((job) => matchesFilter(filter, identityOf(job), wanted)),
  };
}

/** How many schedules of ours were found; those of the Python program count by their jobs. */
export function countSchedules(found: Found): number {
  return schedulesIn(found).size + found.python.length;
}

const MOST_LISTED = 5;

/** One line for each schedule that was found, as a person would name it. */
export function listFound({ own, python, missing }: Found): string[] {
  const jobs = [
    ...new Map([...own.map(({ job }) => job), ...missing].map((job) => [job.schedule, job])).values(),
  ];
  return [
    ...jobs.map((job) => describeSchedule(job, job.name)),
    ...python.map(({ job }) => describeSchedule(job, "of the Python program")),
  ];
}

function describeSchedule(job: Pick<Job, "source" | "destination" | "time">, remark?: string): string {
  const more = remark === undefined ? "" : `, ${remark}`;
  return `'${job.source}' into '${job.destination}' ('${job.time}'${more})`;
}

/** That nothing matched, and what would. */
export async function describeMiss(typed: string): Promise<Failure> {
  const all = listFound(await findSchedules("all", {}));
  const shown =
    all.length > MOST_LISTED ? [...all.slice(0, MOST_LISTED), `${all.length - MOST_LISTED} more`] : all;
  const hint =
    all.length === 0
      ? "there is no schedule of yours; make one with: tinybackup install"
      : `there are: ${shown.join("; ")}`;
  return new Failure(`no schedule matches the filter '${typed}'`, { hint });
}

/** Removes what was found, for good, also where one of its jobs runs at this moment. */
export function uninstallSchedules(found: Found): Promise<void> {
  return removeSchedules(found, "uninstalled");
}

function schedulesIn({ own, missing }: Found): Set<string> {
  return new Set([...own.map(({ job }) => job.schedule), ...missing.map(({ schedule }) => schedule)]);
}

/** How often, and for how long between, the queue is looked at where a removal could not be written down. */
const ROUNDS = 20;
const ROUND_MS = 100;

/**
 * The removal is written down first: a job that runs arms its successor, and then reads the journal. So what is armed
 * before the last look at the queue is seen here, and what is armed later is withdrawn by the job itself.
 */
async function removeSchedules(found: Found, reason: "uninstalled" | "replaced"): Promise<void> {
  const schedules = schedulesIn(found);
  let isWritten = true;
  for (const [schedule, journals] of listJournals(found)) {
    for (const journal of journals) {
      const isDone = await recordEvent({ event: "removed", at: now(), schedule, reason }, journal);
      isWritten &&= isDone;
    }
  }
  await removeAll([...found.own, ...found.python].map(({ queued }) => queued));
  const rounds = isWritten ? 1 : ROUNDS;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await Bun.sleep(ROUND_MS);
    const { own } = recognizeJobs(await listJobs());
    const late = own.filter(({ job, queued }) => schedules.has(job.schedule) && queued.state === "queued");
    await removeAll(late.map(({ queued }) => queued));
  }
}

/** Where the jobs of each schedule look, and where the caller does. */
function listJournals({ own, missing }: Found): Map<string, Set<string>> {
  const journals = new Map<string, Set<string>>();
  for (const job of [...own.map((each) => each.job), ...missing]) {
    const known = journals.get(job.schedule) ?? new Set([locateJournal()]);
    journals.set(job.schedule, known.add(journalOf(job)));
  }
  return journals;
}

async function removeAll(jobs: readonly QueuedJob[]): Promise<void> {
  for (const queued of jobs) await removeJob(queued);
}

function readMissing(queued: ReadonlySet<string>): Job[] {
  return findMissing(summarizeSchedules(readEvents() ?? []), queued);
}

/** What makes two schedules the same. A time that this release can't read is only the same as its own text. */
function identityOf({
  source,
  destination,
  time,
  name,
}: Pick<Job, "source" | "destination" | "time" | "name">): Identity {
  return { source, destination, canonicalTime: canonicalOf(time), ...(name === undefined ? {} : { name }) };
}

function identityOfPython({ source, destination, time }: ScheduledPythonJob["job"]): Identity {
  return { source, destination, canonicalTime: canonicalOf(time) };
}

function canonicalOf(time: string): string {
  try {
    return renderCanonical(parseTimeSpecification(time));
  } catch {
    // The Python program handed any text to `at`.
    return time;
  }
}

function now(): number {
  return Date.now() / 1000;
}
