// How the runs of a specification recur: an endless row of instants, numbered, and the search for the first one after
// another instant.
import { type Day, type Period, periodOf, type TimeSpecification } from "./specification.ts";
import {
  addPeriods,
  dateOf,
  dayMs,
  isElapsed,
  lengthMsOf,
  minuteMs,
  startOfDay,
  wallMsOf,
  weekdayOf,
} from "./wall-time.ts";
import { instantMsOf, wallMsAt, type Zone } from "./zone.ts";

/** When it is, in milliseconds since 1970, and where. */
export interface Present {
  readonly nowMs: number;
  readonly zone: Zone;
}

export interface Recurrence {
  /** The instant of a run; numbers count up and down from where the recurrence begins, which is 0. */
  readonly instantMsAt: (number: number) => number;
  /** The time between two runs, about; 0 where there is only one. */
  readonly periodMs: number;
}

/** A moment, as it is and as it is shown: on the way back from the wall alone, one that is shown twice would be the first. */
export interface Moment {
  readonly instantMs: number;
  readonly wallMs: number;
}

/** The moment at which the clocks show a wall time. */
export function momentOf(zone: Zone, wallMs: number): Moment {
  return { instantMs: instantMsOf(zone, wallMs), wallMs };
}

/** A moment moved by a period, or by none: in elapsed time, or on the wall, as the period has it. */
export function movePeriod(zone: Zone, moment: Moment, period: Period | null, times: 1 | -1): Moment {
  if (period === null) return moment;
  if (!isElapsed(period)) return momentOf(zone, addPeriods(moment.wallMs, period, times));
  const instantMs = moment.instantMs + times * lengthMsOf(period);
  return { instantMs, wallMs: wallMsAt(zone, instantMs) };
}

/** Midnight of the `number`-th day that is named, counted from the day or year of `todayMs`. All are wall time. */
export function midnightOf(day: Day, todayMs: number, number: number): number {
  if (day.kind === "date") return wallMsOf(day);
  if (day.kind === "month-day") return wallMsOf({ ...day, year: dateOf(todayMs).year + number });
  if (day.kind !== "weekday") return todayMs + number * dayMs;
  const distance = (day.weekday - weekdayOf(todayMs) + 7) % 7;
  return todayMs + (distance === 0 && day.next ? 7 : distance) * dayMs + number * 7 * dayMs;
}

/** Milliseconds since midnight: the clock that the text names, or else that of a wall time. */
export function timeOfDayMs({ clock }: TimeSpecification, wallMs: number): number {
  return clock === null ? wallMs - startOfDay(wallMs) : (clock.hour * 60 + clock.minute) * minuteMs;
}

/**
 * How the runs of a specification recur from its run 0, `origin`. A period of elapsed time counts on from that instant,
 * which has been moved back already, through every change of the clocks. One that goes by the calendar is reckoned from
 * the origin on the wall each time, so that none drifts, and then moved back where the text says so. Without a period,
 * runs are on the days that are named, counted from today, at the time of day that is named, or else at that of the origin.
 */
export function recur(
  specification: TimeSpecification,
  origin: Moment,
  { nowMs, zone }: Present,
): Recurrence {
  const { every, day, back } = specification;
  const period = periodOf(specification);
  const periodMs = period === null ? 0 : lengthMsOf(period);
  if (every !== null && isElapsed(every))
    return { instantMsAt: (number) => origin.instantMs + number * periodMs, periodMs };
  const todayMs = startOfDay(wallMsAt(zone, nowMs));
  const timeMs = timeOfDayMs(specification, origin.wallMs);
  const wallMsOfRun = (number: number): number =>
    every === null ? midnightOf(day, todayMs, number) + timeMs : addPeriods(origin.wallMs, every, number);
  return {
    instantMsAt: (number) => movePeriod(zone, momentOf(zone, wallMsOfRun(number)), back, -1).instantMs,
    periodMs,
  };
}

/** The first run after an instant, none before number `least`; null where the only run has passed. */
export function firstAfter(
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
