// Instants written and read as the wall clock of a zone, for tests that people can follow.
import { parseTimeSpecification } from "../../src/time/parse-time.ts";
import { firstOccurrence, nextOccurrence, type Occurrence } from "../../src/time/occurrences.ts";
import { renderWall } from "../../src/time/wall-time.ts";
import { ianaZone } from "./zones.ts";
import { type Zone, instantMsOf, wallMsAt } from "../../src/time/zone.ts";

/** `2026-11-17 12:47` or `2026-11-17 12:47:33` in a zone; the first of two such moments. */
export function moment(zone: Zone, text: string): number {
  return instantMsOf(zone, Date.parse(`${text.replace(" ", "T")}Z`));
}

export function show(zone: Zone, instant: number): string {
  return renderWall(wallMsAt(zone, instant)).replace("T", " ");
}

/** When a text's first run is due, in a zone, asked at a time of that zone; `never` where it has passed. */
export function firstDue(name: string, now: string, text: string): string {
  const zone = ianaZone(name);
  const run = firstOccurrence(parseTimeSpecification(text), { nowMs: moment(zone, now), zone });
  return run === null ? "never" : show(zone, run.dueMs);
}

/** The runs of a job that arms its successor `delayMs` after each start. */
export function simulate(
  zone: Zone,
  text: string,
  {
    nowMs,
    count,
    delayMs = 0,
  }: { readonly nowMs: number; readonly count: number; readonly delayMs?: number },
): Occurrence[] {
  const specification = parseTimeSpecification(text);
  const runs: Occurrence[] = [];
  let run = firstOccurrence(specification, { nowMs, zone });
  while (run !== null && runs.length < count) {
    runs.push(run);
    run = nextOccurrence(specification, run, { nowMs: run.startsAtMs + delayMs, zone });
  }
  return runs;
}
