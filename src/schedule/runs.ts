// From a specification and the present to the next run. Pure: the present and the zone are arguments.
import { instantOf, utcCalendar, wallAt, type Calendar } from "./calendar.ts";
import {
  firstAfter,
  moveBack,
  namedDay,
  seriesOfDays,
  seriesOfElapsed,
  seriesOfPeriods,
  lengthOf,
  type Series,
} from "./series.ts";
import { isNow, recurrenceOf, type Period, type TimeSpecification } from "./time-specification.ts";
import {
  addPeriods,
  ceilToMinute,
  floorToMinute,
  isElapsed,
  minuteMs,
  parseWall,
  renderWall,
  startOfDay,
} from "./wall-time.ts";

/** What a job has to remember of itself, so that its rhythm does not drift. */
export interface Rhythm {
  /** The instant at which this run was due, in milliseconds since 1970: what the next one is counted from. */
  readonly due: number;
  /** Where the rhythm began, on the wall: `2026-11-17T12:47`, in UTC where the time text says so. */
  readonly anchor: string;
}

export interface PlannedRun extends Rhythm {
  /** The whole minute to give to at(1): `due`, or later where that is less than a minute away. */
  readonly startsAt: number;
}

export interface Present {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly calendar: Calendar;
}

// at(1) has no later date: its -t takes four digits of year.
const endOfTime = Date.UTC(10_000, 0, 1);

/**
 * A run that is due in less than a minute is put off to the first whole minute that is a minute away, and not left
 * out: at(1) runs at once, or refuses (OpenBSD), a time that passes while it is called.
 */
function planRun(due: number | null, anchor: number, now: number): PlannedRun | null {
  if (due === null || due >= endOfTime) return null;
  return { due, startsAt: ceilToMinute(Math.max(due, now + minuteMs)), anchor: renderWall(anchor) };
}

function zoneOf(specification: TimeSpecification, calendar: Calendar): Calendar {
  return specification.clock?.utc === true ? utcCalendar : calendar;
}

function timeOfDayOf({ clock }: TimeSpecification, wall: number): number {
  return clock === null ? wall - startOfDay(wall) : (clock.hour * 60 + clock.minute) * minuteMs;
}

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
  const bumped = day.kind === "weekday" ? beginningOf(specification, zone, now, 0).instant <= now : false;
  let begin = beginningOf(specification, zone, now, bumped ? 1 : 0);
  let series = seriesFrom(specification, every, zone, begin);
  const movable = day.kind === "month-day" || (day.kind === "unnamed" && specification.clock !== null);
  if (movable && series.instantAt(1) <= now) {
    begin = beginningOf(specification, zone, now, 1);
    series = seriesFrom(specification, every, zone, begin);
  }
  return planRun(firstAfter(series, now, 1), begin.wall, now);
}

/**
 * The first run of a schedule that is installed now, or null where what was named has passed (`10:00 today` at
 * noon, a date of last year). `now` is due at once, and so starts at the next whole minute but one.
 */
export function firstRun(specification: TimeSpecification, { now, calendar }: Present): PlannedRun | null {
  const zone = zoneOf(specification, calendar);
  const wall = wallAt(zone, floorToMinute(now));
  if (isNow(specification)) return planRun(floorToMinute(now), wall, now);
  const { every, day } = specification;
  if (every !== null) return firstOfPeriods(specification, every, zone, now);
  const series = seriesOfDays(specification, zone, startOfDay(wall), timeOfDayOf(specification, wall));
  const only = day.kind === "today" ? { ...series, periodMs: 0 } : series;
  return planRun(firstAfter(only, now, 0), wall, now);
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
  const run = planRun(due, 0, present.now);
  return run === null ? null : { ...run, anchor: rhythm.anchor };
}
