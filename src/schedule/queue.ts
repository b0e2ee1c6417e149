// Which of the jobs in the queue are ours. Everything else there is somebody else's, and is not even mentioned.
import { listJobs, type QueuedJob, removeJob } from "../system/at/queue.ts";
import { parseJobText } from "./job-line.ts";
import type { Job } from "./job.ts";
import { parsePythonJob, type PythonJob } from "./python-job.ts";

/** A job of ours in the queue. */
export interface ScheduledJob {
  readonly queued: QueuedJob;
  readonly job: Job;
}

/** A job of the Python program in the queue. */
export interface ScheduledPythonJob {
  readonly queued: QueuedJob;
  readonly job: PythonJob;
}

export interface ScheduledJobs {
  readonly own: readonly ScheduledJob[];
  readonly python: readonly ScheduledPythonJob[];
}

/**
 * Sorts the caller's jobs. Ours is one whose whole text is our line and the newlines that `at` adds (one on the BSDs
 * and macOS, one more on Linux): a line before it, or behind, makes it somebody else's.
 */
export function recognizeJobs(queue: readonly QueuedJob[]): ScheduledJobs {
  const own: ScheduledJob[] = [];
  const python: ScheduledPythonJob[] = [];
  for (const queued of queue) {
    const line = /^([^\n]+)\n{1,2}$/.exec(queued.body)?.[1];
    const job = line === undefined ? null : parseJobText(line);
    if (job !== null) own.push({ queued, job });
    const foreign = job === null ? parsePythonJob(queued.body) : null;
    if (foreign !== null) python.push({ queued, job: foreign });
  }
  return { own, python };
}

/** What is in the queue now, soonest first. Throws a SchedulerFailure where it can't be read. */
export async function listScheduledJobs(): Promise<ScheduledJobs> {
  return recognizeJobs(await listJobs());
}

/** The jobs of some schedules that have not been started yet, soonest first. */
export async function listWaitingJobs(schedules: ReadonlySet<string>): Promise<ScheduledJob[]> {
  const { own } = await listScheduledJobs();
  return own.filter(({ job, queued }) => schedules.has(job.schedule) && queued.state === "queued");
}

/** Takes jobs out of the queue, those that are still what they were. */
export async function removeJobs(jobs: readonly { readonly queued: QueuedJob }[]): Promise<void> {
  for (const { queued } of jobs) await removeJob(queued);
}
