// Ending schedules, also while one of their jobs runs.
import { locateJournal } from "../system/state-folder.ts";
import { type FoundSchedules, listOwn, listWaitingJobs, removeJobs } from "./find.ts";
import { journalOf, recordEvent, type RemovedEvent } from "./journal.ts";

/** How often, and for how long between, the queue is looked at where a removal could not be written down. */
const mostRounds = 20;
const roundMs = 100;

/**
 * Removes schedules for good. The removal is written down first: a job that runs arms its successor, and then reads the
 * journal. So what is armed before the last look at the queue is seen here, and what is armed later is withdrawn by the
 * job itself.
 */
export async function removeSchedules(found: FoundSchedules, reason: RemovedEvent["reason"]): Promise<void> {
  const jobs = listOwn(found);
  let isWritten = true;
  // Where the jobs of a schedule look, and where the caller does.
  for (const job of jobs)
    for (const journal of new Set([locateJournal(), journalOf(job)])) {
      const event = { event: "removed", atMs: Date.now(), schedule: job.schedule, reason } as const;
      isWritten = (await recordEvent(event, journal)) && isWritten;
    }
  await removeJobs([...found.own, ...found.python]);
  const schedules = new Set(jobs.map(({ schedule }) => schedule));
  const rounds = isWritten ? 1 : mostRounds;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await Bun.sleep(roundMs);
    await removeJobs(await listWaitingJobs(schedules));
  }
}
