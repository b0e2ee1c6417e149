// Gathers what `statusof` tells: asks the queue, the journal, the disk and the daemon of `at`.
import { findDaemon } from "../system/at/health.ts";
import { detectPlatform } from "../system/at/platform.ts";
import { isExecutable, pathExists } from "../system/exists.ts";
import { isMounted } from "../system/mounts.ts";
import { type JobFilter, matchesFilter } from "./filter.ts";
import { findSchedules, listOwn } from "./find.ts";
import type { Job } from "./job.ts";
import { readEventsOf, summarizeSchedules } from "./journal.ts";
import type { DiskFacts, NewestRevision } from "./problems.ts";
import { describeSchedules, type StatusRow } from "./status-rows.ts";

/** Finds the newest good revision of a source in a folder; the schedule itself knows nothing of revisions. */
export type FindNewest = (source: string, destination: string) => Promise<NewestRevision | null>;

/** One row for each schedule that passes the filter. */
export async function readStatus(
  filter: JobFilter,
  findNewest: FindNewest,
  maxAgeSeconds: number | undefined,
): Promise<StatusRow[]> {
  const found = await findSchedules((identity) => matchesFilter(identity, filter));
  const jobs = listOwn(found);
  const histories = summarizeSchedules(readEventsOf(jobs));
  const disk = new Map<string, DiskFacts>();
  for (const job of jobs) disk.set(job.schedule, await readDisk(job, findNewest));
  const platform = detectPlatform();
  return describeSchedules({
    nowMs: Date.now(),
    own: found.own,
    python: found.python,
    histories: new Map([...histories].filter(([schedule]) => disk.has(schedule))),
    disk,
    maxAgeSeconds,
    startDaemon: platform.start,
    isDaemonDown: (await findDaemon(platform.family)) === "down",
  });
}

async function readDisk(job: Job, findNewest: FindNewest): Promise<DiskFacts> {
  const destinationExists = pathExists(job.destination);
  const destinationMounted = job.mount === undefined || isMounted(job.mount);
  return {
    binaryExists: isExecutable(job.binary),
    sourceExists: pathExists(job.source),
    destinationExists,
    destinationMounted,
    newest: destinationExists && destinationMounted ? await findNewest(job.source, job.destination) : null,
  };
}
