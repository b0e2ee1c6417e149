// When a schedule runs: its first occurrence, and the one that follows another. Pure: the present and the zone are
// arguments.
import { type Day, isNow, type Period, periodOf, type TimeSpecification } from "./specification.ts";
import * as wall from "./wall-time.ts";
import { instantMsOf, utcZone, wallMsAt, type Zone } from "./zone.ts";

/** When it is, in milliseconds since 1970, and where. */
export interface Present {
  readonly nowMs: number;
  readonly zone: Zone;
}

/** One run of a schedule, and what its job has to remember so that the recurrence does not drift. */
export interface Occurrence {
  /** The instant at which it is due, in milliseconds since 1970: what the next one is counted from. */
  readonly dueMs: number;
  /** The whole minute to give to at(1): `dueMs`, or later where that is less than a minute away. */
  readonly startsAtMs: number;
  /** Where the recurrence began, on the wall: `2026-11-17T12:47`, in UTC where the time text says so. */
  readonly anchor: string;
}

/**
 * The first run of a schedule that is installed now, or null where what was named has passed (`10:00 today` at
 * noon, a date of last year). `now` is due now, and so starts at the first whole minute that is a minute away.
 */
export function firstOccurrence(
  specification: TimeSpecification,
  { nowMs, zone: ownZone }: Present,
): Occurrence | null {
  const zone = zoneIn(specification, ownZone);
  const wallMs = wallMsAt(zone, wall.floorToMinute(nowMs));
  if (isNow(specification)) return occurAt(wall.floorToMinute(nowMs), wall.renderWall(wallMs), nowMs);
  const { every, day } = specification;
  if (every !== null) return firstOfPeriods(specification, zone, nowMs);
  const days = recur(specification, { instantMs: nowMs, wallMs }, { nowMs, zone });
  const only = day.kind === "today" ? { ...days, periodMs: 0 } : days;
  return occurAt(firstAfter(only, nowMs, 0), wall.renderWall(wallMs), nowMs);
}

/**
 * The run after one that was due, or null for what runs once. After downtime that is the next one of the old
 * recurrence, and those missed are not made up for.
 *
 * A clock that was set back by less than a period does not repeat the run that was due; one that was set back
 * further (it had been wrong) goes on from the present, and does not wait until the wrong time comes again.
 */
export function nextOccurrence(
  specification: TimeSpecification,
  { dueMs, anchor }: Pick<Occurrence, "dueMs" | "anchor">,
  { nowMs, zone: ownZone }: Present,
): Occurrence | null {
  if (periodOf(specification) === null) return null;
  const zone = zoneIn(specification, ownZone);
  const anchorMs = wall.parseWall(anchor);
  // A schedule must not die of a damaged anchor: the due time is the next best.
  const wallMs = Number.isNaN(anchorMs) ? wallMsAt(zone, dueMs) : anchorMs;
  const recurrence = recur(specification, { instantMs: dueMs, wallMs }, { nowMs, zone });
  const coming = firstAfter(recurrence, nowMs);
  return occurAt(coming === dueMs ? firstAfter(recurrence, dueMs) : coming, anchor, nowMs);
}

/**
 * The first run of `+ N units` is one period after the beginning, which is on the named day, or now. Where a weekday is
 * over, or where of a date, or a time of day, that first run is (`12:00 + 5 minutes` at 12:47 is tomorrow 12:05, as Debian
 * has it), the next such day is the beginning. From a date with a year the recurrence is followed up to the present.
 */
function firstOfPeriods(specification: TimeSpecification, zone: Zone, nowMs: number) {
  const { day, clock, back } = specification;
  const recurFrom = (begin: Moment): Recurrence => {
    const origin = { ...begin, instantMs: movePeriod(zone, begin, back, -1).instantMs };
    return recur(specification, origin, { nowMs, zone });
  };
  const isMovable = day.kind === "month-day" || (day.kind === "unnamed" && clock !== null);
  const hasPassed = (begin: Moment): boolean =>
    day.kind === "weekday" ? begin.instantMs <= nowMs : isMovable && recurFrom(begin).instantMsAt(1) <= nowMs;
  const named = beginningOf(specification, zone, nowMs, 0);
  const begin = hasPassed(named) ? beginningOf(specification, zone, nowMs, 1) : named;
  return occurAt(firstAfter(recurFrom(begin), nowMs, 1), wall.renderWall(begin.wallMs), nowMs);
}

/** Where `+ N units` is counted from: the `number`-th such day that is named. */
function beginningOf(specification: TimeSpecification, zone: Zone, nowMs: number, number: number): Moment {
  const { clock, day, ahead } = specification;
  const instantMs = wall.floorToMinute(nowMs);
  const wallMs = wallMsAt(zone, instantMs);
  if (clock === null && day.kind === "unnamed") return movePeriod(zone, { instantMs, wallMs }, ahead, 1);
  const named = midnightOf(day, wall.startOfDay(wallMs), number) + timeOfDayMs(specification, wallMs);
  return movePeriod(zone, momentOf(zone, named), ahead, 1);
}

/** The zone in which a specification's times are: UTC where it says so. */
const zoneIn = ({ clock }: TimeSpecification, zone: Zone): Zone => (clock?.utc === true ? utcZone : zone);

// at(1) has no later date: its -t takes four digits of year.
const endOfTimeMs = Date.UTC(10_000, 0, 1);

/**
 * A run that is due in less than a minute is put off to the first whole minute that is a minute away, and not left
 * out: at(1) runs at once a time that passes while it is called.
 */
function occurAt(dueMs: number | null, anchor: string, nowMs: number): Occurrence | null {
  if (dueMs === null || dueMs >= endOfTimeMs) return null;
  return {
    dueMs,
    startsAtMs: Math.ceil(Math.max(dueMs, nowMs + wall.minuteMs) / wall.minuteMs) * wall.minuteMs,
    anchor,
  };
}

/** At most `count` instants at which at(1) would be asked to start runs; none where the time has passed. */
export function previewTimes(specification: TimeSpecification, present: Present, count: number): number[] {
  const timesMs: number[] = [];
  let run = firstOccurrence(specification, present);
  while (run !== null && timesMs.length < count) {
    timesMs.push(run.startsAtMs);
    run = nextOccurrence(specification, run, { ...present, nowMs: run.startsAtMs });
  }
  return timesMs;
}

interface Recurrence {
  /** The instant of a run; numbers count up and down from where the recurrence begins, which is 0. */
  readonly instantMsAt: (number: number) => number;
  /** The time between two runs, about; 0 where there is only one. */
  readonly periodMs: number;
}

/** A moment, as it is and as it is shown: on the way back from the wall alone, one that is shown twice would be the first. */
interface Moment {
  readonly instantMs: number;
  readonly wallMs: number;
}

const momentOf = (zone: Zone, wallMs: number): Moment => ({ instantMs: instantMsOf(zone, wallMs), wallMs });

/** A moment moved by a period, or by none: in elapsed time, or on the wall, as the period has it. */
function movePeriod(zone: Zone, moment: Moment, period: Period | null, times: 1 | -1): Moment {
  if (period === null) return moment;
  if (!wall.isElapsed(period)) return momentOf(zone, wall.addPeriods(moment.wallMs, period, times));
  const instantMs = moment.instantMs + times * wall.lengthMsOf(period);
  return { instantMs, wallMs: wallMsAt(zone, instantMs) };
}

/** Midnight of the `number`-th day that is named, counted from the day or year of `todayMs`. All are wall time. */
function midnightOf(day: Day, todayMs: number, number: number): number {
  if (day.kind === "date") return wall.wallMsOf(day);
  if (day.kind === "month-day") return wall.wallMsOf({ ...day, year: wall.dateOf(todayMs).year + number });
  if (day.kind !== "weekday") return todayMs + number * wall.dayMs;
  const distance = (day.weekday - wall.weekdayOf(todayMs) + 7) % 7;
  return todayMs + (distance === 0 && day.next ? 7 : distance) * wall.dayMs + number * 7 * wall.dayMs;
}

/** Milliseconds since midnight: the clock that the text names, or else that of a wall time. */
function timeOfDayMs({ clock }: TimeSpecification, wallMs: number): number {
  return clock === null ? wallMs - wall.startOfDay(wallMs) : (clock.hour * 60 + clock.minute) * wall.minuteMs;
}

/**
 * How the runs of a specification recur from its run 0, `origin`. A period of elapsed time counts on from that instant,
 * which has been moved back already, through every change of the clocks. One that goes by the calendar is reckoned from
 * the origin on the wall each time, so that none drifts, and then moved back where the text says so. Without a period,
 * runs are on the days that are named, counted from today, at the time of day that is named, or else at that of the origin.
 */
function recur(specification: TimeSpecification, origin: Moment, { nowMs, zone }: Present): Recurrence {
  const { every, day, back } = specification;
  const period = periodOf(specification);
  const periodMs = period === null ? 0 : wall.lengthMsOf(period);
  if (every !== null && wall.isElapsed(every))
    return { instantMsAt: (number) => origin.instantMs + number * periodMs, periodMs };
  const todayMs = wall.startOfDay(wallMsAt(zone, nowMs));
  const timeMs = timeOfDayMs(specification, origin.wallMs);
  const wallMsOfRun = (number: number): number =>
    every === null
      ? midnightOf(day, todayMs, number) + timeMs
      : wall.addPeriods(origin.wallMs, every, number);
  return {
    instantMsAt: (number) => movePeriod(zone, momentOf(zone, wallMsOfRun(number)), back, -1).instantMs,
    periodMs,
  };
}

/** The first run after an instant, none before number `least`; null where the only run has passed. */
function firstAfter(
  { instantMsAt, periodMs }: Recurrence,
  instantMs: number,
  least = Number.NEGATIVE_INFINITY,
): number | null {
  if (periodMs === 0) return instantMsAt(0) > instantMs ? instantMsAt(0) : null;
  // Months and years differ by less than a period from their average, and no change of the clocks is two days
  // (a zone can cross the date line), so one step back is before the run that is sought.
  let number = Math.max(least, Math.floor((instantMs - instantMsAt(0)) / periodMs) - 1);
  while (instantMsAt(number) <= instantMs) number += 1;
  return instantMsAt(number);
}
