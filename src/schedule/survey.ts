// Looks at everything that the status of schedules is made of: the queue, the journal, the disk.
import { findDaemon } from "../system/at-health.ts";
import { isMounted } from "../system/mounts.ts";
import { isProgramThere, isThere } from "../system/presence.ts";
import { detectPlatform } from "../system/at-platform.ts";
import type { Filter, Wanted } from "./filter.ts";
import type { Job } from "./job.ts";
import { summarizeSchedules } from "./journal.ts";
import { readEventsOf } from "./journal-store.ts";
import type { NewestRevision, Surroundings } from "./problems.ts";
import { findSchedules } from "./schedules.ts";
import { describeSchedules, type StatusRow } from "./status.ts";

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
