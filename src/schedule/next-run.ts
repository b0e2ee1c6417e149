// The run after one that was due. Pure: the present and the zone are arguments.
import { wallAt } from "./calendar.ts";
import { planRun, timeOfDayOf, zoneOf, type PlannedRun, type Present, type Rhythm } from "./planned-run.ts";
import { firstAfter, seriesOfDays, seriesOfElapsed, seriesOfPeriods, type Series } from "./series.ts";
import { recurrenceOf, type TimeSpecification } from "./time-specification.ts";
import { isElapsed, parseWall, startOfDay } from "./wall-time.ts";

function seriesOfRhythm(specification: TimeSpecification, rhythm: Rhythm, present: Present): Series {
  const zone = zoneOf(specification, present.calendar);
  const parsed = parseWall(rhythm.anchor);
  // A schedule must not die of a damaged anchor: the due time is the next best.
  const anchor = Number.isNaN(parsed) ? wallAt(zone, rhythm.due) : parsed;
  const { every, back } = specification;
  if (every === null) {
    const today = startOfDay(wallAt(zone, present.now));
    return seriesOfDays(specification, zone, today, timeOfDayOf(specification, anchor));
  }
  return isElapsed(every) ? seriesOfElapsed(every, rhythm.due) : seriesOfPeriods(every, back, zone, anchor);
}

/**
 * The run after one that was due, or null for what runs once. After downtime that is the next one of the old
 * rhythm, and those missed are not made up for.
 *
 * A clock that was set back by less than a period does not repeat the run that was due; one that was set back
 * further (it had been wrong) goes on from the present, and does not wait until the wrong time comes again.
 */
export function nextRun(
  specification: TimeSpecification,
  rhythm: Rhythm,
  present: Present,
): PlannedRun | null {
  if (recurrenceOf(specification) === null) return null;
  const series = seriesOfRhythm(specification, rhythm, present);
  const coming = firstAfter(series, present.now, Number.NEGATIVE_INFINITY);
  const repeated = coming === rhythm.due;
  const due = repeated ? firstAfter(series, rhythm.due, Number.NEGATIVE_INFINITY) : coming;
  return planRun(due, rhythm.anchor, present.now);
}
