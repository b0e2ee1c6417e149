// Instants written and read as the wall clock of a zone, for tests that people can follow.
import { parseTimeSpecification } from "../../src/time/parse-time.ts";
import type { PlannedRun } from "../../src/time/recurrence.ts";
import { firstRun, nextRun } from "../../src/time/runs.ts";
import { renderWall } from "../../src/time/wall-time.ts";
import { type Calendar, instantOf, wallAt, zoneCalendar } from "../../src/time/zone.ts";

/** `2026-11-17 12:47` or `2026-11-17 12:47:33` in a zone; the first of two such moments. */
export function moment(calendar: Calendar, text: string): number {
  return instantOf(calendar, Date.parse(`${text.replace(" ", "T")}Z`));
}

export function show(calendar: Calendar, instant: number): string {
  return renderWall(wallAt(calendar, instant)).replace("T", " ");
}

/** When a text's first run is due, in a zone, asked at a time of that zone; `never` where it has passed. */
export function firstDue(zone: string, now: string, text: string): string {
  const calendar = zoneCalendar(zone);
  const run = firstRun(parseTimeSpecification(text), { now: moment(calendar, now), calendar });
  return run === null ? "never" : show(calendar, run.due);
}

/** The runs of a job that arms its successor `delayMs` after each start. */
export function simulate(
  calendar: Calendar,
  text: string,
  { now, count, delayMs = 0 }: { readonly now: number; readonly count: number; readonly delayMs?: number },
): PlannedRun[] {
  const specification = parseTimeSpecification(text);
  const runs: PlannedRun[] = [];
  let run = firstRun(specification, { now, calendar });
  while (run !== null && runs.length < count) {
    runs.push(run);
    run = nextRun(specification, run, { now: run.startsAt + delayMs, calendar });
  }
  return runs;
}
