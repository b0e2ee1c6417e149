// The first run of a schedule. Pure: the present and the zone are arguments.
import { instantOf, wallAt, type Calendar } from "./calendar.ts";
import { planRun, timeOfDayOf, zoneOf, type PlannedRun, type Present } from "./planned-run.ts";
import {
  firstAfter,
  lengthOf,
  moveBack,
  namedDay,
  seriesOfDays,
  seriesOfElapsed,
  seriesOfPeriods,
  type Series,
} from "./series.ts";
import { isNow, type Period, type TimeSpecification } from "./time-specification.ts";
import { addPeriods, floorToMinute, isElapsed, renderWall, startOfDay } from "./wall-time.ts";

interface Beginning {
  readonly wall: number;
  readonly instant: number;
}

function moveAhead(calendar: Calendar, beginning: Beginning, ahead: Period | null): Beginning {
  if (ahead === null) return beginning;
  if (isElapsed(ahead)) {
    const instant = beginning.instant + lengthOf(ahead);
    return { wall: wallAt(calendar, instant), instant };
  }
  const wall = addPeriods(beginning.wall, ahead, 1);
  return { wall, instant: instantOf(calendar, wall) };
}

function seriesFrom(
  specification: TimeSpecification,
  every: Period,
  zone: Calendar,
  begin: Beginning,
): Series {
  const { back } = specification;
  if (!isElapsed(every)) return seriesOfPeriods(every, back, zone, begin.wall);
  const byTheWall = back !== null && !isElapsed(back);
  const origin = byTheWall
    ? moveBack(zone, begin.wall, back)
    : begin.instant - (back === null ? 0 : lengthOf(back));
  return seriesOfElapsed(every, origin);
}

/** Where the rhythm of `+ N units` begins: on the named day, the `number`-th such. */
function beginningOf(
  specification: TimeSpecification,
  zone: Calendar,
  now: number,
  number: number,
): Beginning {
  const { clock, day, ahead } = specification;
  const present = wallAt(zone, floorToMinute(now));
  // Not by way of the wall clock, which shows some moments twice.
  if (clock === null && day.kind === "unnamed") {
    return moveAhead(zone, { wall: present, instant: floorToMinute(now) }, ahead);
  }
  const wall = namedDay(day, startOfDay(present), number) + timeOfDayOf(specification, present);
  return moveAhead(zone, { wall, instant: instantOf(zone, wall) }, ahead);
}

/**
 * The first run of `+ N units` is one period after its beginning. Where that has passed, a time of day begins
 * tomorrow instead (`12:00 + 5 minutes` at 12:47 is tomorrow 12:05, as Debian has it), a date next year; from a
 * date with a year the rhythm is followed up to the present.
 */
function firstOfPeriods(specification: TimeSpecification, every: Period, zone: Calendar, now: number) {
  const { day } = specification;
  const passed = day.kind === "weekday" && beginningOf(specification, zone, now, 0).instant <= now;
  let begin = beginningOf(specification, zone, now, passed ? 1 : 0);
  let series = seriesFrom(specification, every, zone, begin);
  const movable = day.kind === "month-day" || (day.kind === "unnamed" && specification.clock !== null);
  if (movable && series.instantAt(1) <= now) {
    begin = beginningOf(specification, zone, now, 1);
    series = seriesFrom(specification, every, zone, begin);
  }
  return planRun(firstAfter(series, now, 1), renderWall(begin.wall), now);
}

/**
 * The first run of a schedule that is installed now, or null where what was named has passed (`10:00 today` at
 * noon, a date of last year). `now` is due now, and so starts at the first whole minute that is a minute away.
 */
export function firstRun(specification: TimeSpecification, { now, calendar }: Present): PlannedRun | null {
  const zone = zoneOf(specification, calendar);
  const wall = wallAt(zone, floorToMinute(now));
  if (isNow(specification)) return planRun(floorToMinute(now), renderWall(wall), now);
  const { every, day } = specification;
  if (every !== null) return firstOfPeriods(specification, every, zone, now);
  const series = seriesOfDays(specification, zone, startOfDay(wall), timeOfDayOf(specification, wall));
  const only = day.kind === "today" ? { ...series, periodMs: 0 } : series;
  return planRun(firstAfter(only, now, 0), renderWall(wall), now);
}
