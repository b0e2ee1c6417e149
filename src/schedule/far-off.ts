// A job that waits for a time long after its next: it was queued while a clock was wrong, and nothing else would show that its
// schedule sleeps until then.
import { localZone } from "../system/time-zone.ts";
import { firstOccurrence } from "../time/occurrences.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { periodOf } from "../time/specification.ts";
import { lengthMsOf } from "../time/wall-time.ts";
import type { Job } from "./job.ts";
import { describeMoment, type Problem, renderInstallCommand } from "./problems.ts";

/** When a job should start; null where it waits for no time that is long after. A first run is as far away as its text says. */
export function findSoonerMs({ time }: Job, startsAtMs: number, nowMs: number): number | null {
  const specification = parseTimeSpecification(time);
  const period = periodOf(specification);
  const first = firstOccurrence(specification, { nowMs, zone: localZone });
  if (period === null || first === null) return null;
  return startsAtMs - first.startsAtMs > 2.1 * lengthMsOf(period) ? first.startsAtMs : null;
}

/** Nothing of a job that waits for the right time. */
export function describeFarOff(job: Job, nextMs: number, nowMs: number): Problem[] {
  const soonerMs = findSoonerMs(job, nextMs, nowMs);
  if (soonerMs === null) return [];
  const [is, be] = [nextMs, soonerMs].map(describeMoment);
  const message = `its next run is at ${is}, and should be at ${be}: a clock was wrong when it was queued`;
  return [{ code: "far-off", message, hint: renderInstallCommand(job) }];
}
