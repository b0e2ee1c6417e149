// The first run of a schedule. Pure: the present and the zone are arguments.
import { UsageFailure } from "../errors.ts";
import { calendarOf, readOwnZone } from "./named-zone.ts";
import { parseTimeSpecification } from "./parse-time.ts";
import {
  firstAfter,
  lengthOf,
  moveBack,
  namedDay,
  type PlannedRun,
  planRun,
  type Present,
  type Rhythm,
  type Series,
  seriesOfDays,
  seriesOfElapsed,
  seriesOfPeriods,
  timeOfDayOf,
  zoneOf,
} from "./recurrence.ts";
import {
  describeRecurrence,
  isNow,
  type Period,
  recurrenceOf,
  renderCanonical,
  type TimeSpecification,
} from "./specification.ts";
import { addPeriods, floorToMinute, isElapsed, parseWall, renderWall, startOfDay } from "./wall-time.ts";
import { type Calendar, instantOf, wallAt } from "./zone.ts";

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

export interface Preview {
  readonly time: string;
  readonly canonical: string;
  /** `daily`, `every 7 minutes`, `once`. */
  readonly recurs: string;
  /** Milliseconds since 1970. */
  readonly next: readonly number[];
}

/** Previews a text in the zone of this process. Throws a UsageFailure for one that is not understood, or has passed. */
export function describePreview(
  time: string,
  { now, count }: { readonly now: number; readonly count: number },
): Preview {
  const specification = parseTimeSpecification(time);
  const next = previewTimes(specification, { now, count, calendar: calendarOf(readOwnZone()) });
  if (next.length === 0) {
    throw new UsageFailure(`the time '${time}' has passed: it would never run`, {
      hint: "name one that is still to come",
    });
  }
  return { time, canonical: renderCanonical(specification), recurs: describeRecurrence(specification), next };
}
