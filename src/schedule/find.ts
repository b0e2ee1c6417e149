// What is scheduled: jobs in the queue, and schedules that were installed and are not in the queue any more.
import { Failure } from "../errors.ts";
import { type Identity, identityOf } from "./filter.ts";
import type { Job } from "./job.ts";
import { listUnarmed, readEvents, summarizeSchedules } from "./journal.ts";
import { listScheduledJobs, type ScheduledJobs } from "./queue.ts";

export interface FoundSchedules extends ScheduledJobs {
  readonly unarmed: readonly Job[];
}

/** Every schedule that passes. Throws a SchedulerFailure where the queue can't be read. */
export async function findSchedules(
  passes: (identity: Identity) => boolean = () => true,
): Promise<FoundSchedules> {
  const { own, python } = await listScheduledJobs();
  const queued = new Set(own.map(({ job }) => job.schedule));
  const unarmed = listUnarmed(summarizeSchedules(readEvents() ?? []), queued);
  return {
    own: own.filter(({ job }) => passes(identityOf(job))),
    python: python.filter(({ job }) => passes(identityOf(job))),
    unarmed: unarmed.filter((job) => passes(identityOf(job))),
  };
}

/** One job of each schedule of ours that was found. */
export function listOwn({ own, unarmed }: Pick<FoundSchedules, "own" | "unarmed">): Job[] {
  const jobs = [...own.map(({ job }) => job), ...unarmed];
  return [...new Map(jobs.map((job) => [job.schedule, job])).values()];
}

/** One line for each schedule, as a person would name it; those of the Python program count by their jobs. */
export function listFound(found: FoundSchedules): string[] {
  return [
    ...listOwn(found).map((job) => describeSchedule(job, job.name)),
    ...found.python.map(({ job }) => describeSchedule(job, "of the Python program")),
  ];
}

function describeSchedule(job: Pick<Job, "source" | "destination" | "time">, remark?: string): string {
  const more = remark === undefined ? "" : `, ${remark}`;
  return `'${job.source}' into '${job.destination}' ('${job.time}'${more})`;
}

const mostListed = 5;

/** That nothing matched a filter, and what would. */
export async function describeNoMatch(typed: string): Promise<Failure> {
  const all = listFound(await findSchedules());
  const shown =
    all.length > mostListed ? [...all.slice(0, mostListed), `${all.length - mostListed} more`] : all;
  const hint =
    all.length === 0
      ? "there is no schedule of yours; make one with: tinybackup install"
      : `there are: ${shown.join("; ")}`;
  return new Failure(`no schedule matches the filter '${typed}'`, { hint });
}
