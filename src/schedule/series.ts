// The runs of a specification as an endless row of instants, numbered, and the search for the first one after a moment.
import { instantOf, type Calendar } from "./calendar.ts";
import { recurrenceOf, type Day, type Period, type TimeSpecification } from "./time-specification.ts";
import { addPeriods, dateOf, dayMs, isElapsed, unitMs, wallOf, weekdayOf } from "./wall-time.ts";

export interface Series {
  /** The instant of a run; numbers count up and down from the beginning of the rhythm, which is 0. */
  readonly instantAt: (number: number) => number;
  /** The time between two runs, about; 0 where there is only one. */
  readonly periodMs: number;
}

/** A period's length, about: exact for elapsed time. */
export function lengthOf({ count, unit }: Period): number {
  return count * unitMs[unit];
}

/** The instant of a wall time, earlier by a `- N units`. */
export function moveBack(calendar: Calendar, wall: number, back: Period | null): number {
  if (back === null) return instantOf(calendar, wall);
  if (isElapsed(back)) return instantOf(calendar, wall) - lengthOf(back);
  return instantOf(calendar, addPeriods(wall, back, -1));
}

/** Midnight of the `number`-th day that is named, counted from the day or year of `today`. */
export function namedDay(day: Day, today: number, number: number): number {
  if (day.kind === "date") return wallOf(day);
  if (day.kind === "month-day") {
    return wallOf({ year: dateOf(today).year + number, month: day.month, day: day.day });
  }
  if (day.kind !== "weekday") return today + number * dayMs;
  const distance = (day.weekday - weekdayOf(today) + 7) % 7;
  return today + (distance === 0 && day.next ? 7 : distance) * dayMs + number * 7 * dayMs;
}

/** The runs of a specification without a period of its own, at a time of day given in milliseconds. */
export function seriesOfDays(
  specification: TimeSpecification,
  calendar: Calendar,
  today: number,
  timeOfDay: number,
): Series {
  const { day, back } = specification;
  const period = recurrenceOf(specification);
  return {
    instantAt: (number) => moveBack(calendar, namedDay(day, today, number) + timeOfDay, back),
    periodMs: period === null ? 0 : lengthOf(period),
  };
}

/** Runs that follow each other by the calendar. Each is reckoned from the origin, so that none drifts. */
export function seriesOfPeriods(
  every: Period,
  back: Period | null,
  calendar: Calendar,
  origin: number,
): Series {
  return {
    instantAt: (number) => moveBack(calendar, addPeriods(origin, every, number), back),
    periodMs: lengthOf(every),
  };
}

/** Runs that follow each other in elapsed time, through every change of the clocks. */
export function seriesOfElapsed(every: Period, origin: number): Series {
  const periodMs = lengthOf(every);
  return { instantAt: (number) => origin + number * periodMs, periodMs };
}

/** The first run after a moment, none before number `least`; null where the only run has passed. */
export function firstAfter({ instantAt, periodMs }: Series, moment: number, least: number): number | null {
  if (periodMs === 0) return instantAt(0) > moment ? instantAt(0) : null;
  // Months and years differ by less than a period from their average, and no change of the clocks is two days
  // (a zone can cross the date line), so one step back is before the run that is sought.
  let number = Math.max(least, Math.floor((moment - instantAt(0)) / periodMs) - 1);
  while (instantAt(number) <= moment) number += 1;
  return instantAt(number);
}
