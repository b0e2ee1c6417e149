// The coming runs of a specification, as if each started when it is due.
import { firstRun } from "./first-run.ts";
import { nextRun } from "./next-run.ts";
import type { PlannedRun, Present } from "./planned-run.ts";
import type { TimeSpecification } from "./time-specification.ts";

/** At most `count` instants at which at(1) would be asked to start runs; none where the time has passed. */
export function previewTimes(
  specification: TimeSpecification,
  { now, calendar, count }: Present & { readonly count: number },
): number[] {
  const times: number[] = [];
  let run: PlannedRun | null = firstRun(specification, { now, calendar });
  while (run !== null && times.length < count) {
    times.push(run.startsAt);
    run = nextRun(specification, run, { now: run.startsAt, calendar });
  }
  return times;
}
