// What is scheduled: jobs of ours in the queue, and schedules that were installed and are not in the queue any more.
// Everything else in the queue is somebody else's, and is not even mentioned.
import { Failure, quoteWord, UsageFailure } from "../errors.ts";
import { listJobs, type QueuedJob, removeJob } from "../system/at/queue.ts";
import { type Identity, type JobFilter, matchesFilter } from "./filter.ts";
import { parseJobText } from "./job-line.ts";
import type { Job } from "./job.ts";
import { listUnarmed, readEvents } from "./journal.ts";
import { renderInstallCommand } from "./problems.ts";
import { parsePythonJob } from "./python-job.ts";

/** A job in the queue, and what its text says; one of the Python program as the job that ours would be. */
export interface ScheduledJob {
  readonly queued: QueuedJob;
  readonly job: Job;
}

export interface FoundSchedules {
  readonly own: readonly ScheduledJob[];
  readonly python: readonly ScheduledJob[];
  /** Schedules of ours that were installed, never removed, and are not in the queue. */
  readonly unarmed: readonly Job[];
}

/**
 * Sorts the caller's jobs. Ours is one whose whole text is our line and the newlines that `at` adds (one on the BSDs
 * and macOS, one more on Linux): a line before it, or behind, makes it somebody else's.
 */
export function recognizeJobs(queue: readonly QueuedJob[]): Omit<FoundSchedules, "unarmed"> {
  const own: ScheduledJob[] = [];
  const python: ScheduledJob[] = [];
  for (const queued of queue) {
    const line = /^([^\n]+)\n{1,2}$/.exec(queued.body)?.[1];
    const job = line === undefined ? null : parseJobText(line);
    if (job !== null) own.push({ queued, job });
    const foreign = job === null ? parsePythonJob(queued.body) : null;
    const { id: schedule, dueMs } = queued;
    if (foreign !== null) python.push({ queued, job: { ...foreign, schedule, dueMs, binary: "tinybackup" } });
  }
  return { own, python };
}

/** The jobs of some schedules that have not been started yet, soonest first. */
export async function listWaitingJobs(schedules: ReadonlySet<string>): Promise<ScheduledJob[]> {
  const { own } = recognizeJobs(await listJobs());
  return own.filter(({ job, queued }) => schedules.has(job.schedule) && queued.state === "queued");
}

/** Takes jobs out of the queue, those that are still what they were. */
export async function removeJobs(jobs: readonly { readonly queued: QueuedJob }[]): Promise<void> {
  for (const { queued } of jobs) await removeJob(queued);
}

/** Every schedule that passes. Throws a SchedulerFailure where the queue can't be read. */
export async function findSchedules(
  passes: (job: Identity) => boolean = () => true,
): Promise<FoundSchedules> {
  const { own, python } = recognizeJobs(await listJobs());
  const queued = new Set(own.map(({ job }) => job.schedule));
  const unarmed = listUnarmed(readEvents(), queued);
  return {
    own: own.filter(({ job }) => passes(job)),
    python: python.filter(({ job }) => passes(job)),
    unarmed: unarmed.filter(passes),
  };
}

/** One job of each schedule of ours that was found. */
export function listOwn({ own, unarmed }: Pick<FoundSchedules, "own" | "unarmed">): Job[] {
  const jobs = [...own.map(({ job }) => job), ...unarmed];
  return [...new Map(jobs.map((job) => [job.schedule, job])).values()];
}

export interface Found {
  readonly program: "tinybackup" | "python";
  readonly job: Job;
}

/** Every schedule that was found; those of the Python program count by their jobs. */
export function listFound(found: FoundSchedules): Found[] {
  const python = found.python.map(({ job }): Found => ({ program: "python", job }));
  return [...listOwn(found).map((job): Found => ({ program: "tinybackup", job })), ...python];
}

export function describeFound({ program, job }: Found): string {
  return describeSchedule(program === "python" ? { ...job, name: "of the Python program" } : job);
}

/** As machines read it: with the lines that end it, and that bring it back. */
export function recordOf({ program, job }: Found) {
  const { schedule: id, source, destination, time, name = null } = job;
  const lines = { uninstall: renderUninstall(job), install: renderInstallCommand(job) };
  return { id, program, source, destination, time, name, ...lines };
}

/** As a person would name it. */
export function describeSchedule({ source, destination, time, name }: Identity): string {
  const more = name === undefined ? "" : `, ${name}`;
  return `'${source}' into '${destination}' ('${time}'${more})`;
}

const mostListed = 5;

/** The line that ends one schedule, and no other. */
export function renderUninstall({ source, destination, time, name }: Identity): string {
  const label = name === undefined ? [] : ["--name", name];
  const words = ["uninstall", "-f", source, "-d", destination, "-t", time, ...label];
  return `tinybackup ${words.map((word) => quoteWord(word)).join(" ")}`;
}

function join(lines: readonly string[]): string {
  const more = lines.length - mostListed;
  const rest = more > 0 ? [`${more} more: tinybackup statusof`] : [];
  return [...lines.slice(0, mostListed), ...rest].join("; ");
}

/** That it was not said which schedules are to end, and the lines that would end those that may be meant. */
export async function describeUnsaid(filter: JobFilter): Promise<Failure> {
  const found = listFound(await findSchedules((job) => matchesFilter(job, filter)));
  const lines =
    found.length === 0 ? "there is none of these" : join(found.map(({ job }) => renderUninstall(job)));
  const hint = `${lines}; or, to end all there are: tinybackup uninstall all`;
  return new UsageFailure("it is not said which schedules are to end", { hint });
}

/** That nothing matched a filter, and what would. */
export async function describeNoMatch(typed: string | undefined): Promise<Failure> {
  const all = listFound(await findSchedules()).map(describeFound);
  const hint =
    all.length === 0
      ? "there is no schedule of yours; make one with: tinybackup install -f FILE -d DIR -t 2:00am"
      : `there are: ${join(all)}`;
  const what = typed === undefined ? "what was asked for" : `the filter '${typed}'`;
  return new Failure(`no schedule matches ${what}`, { hint });
}
