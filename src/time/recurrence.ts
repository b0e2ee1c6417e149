// The runs of a specification as an endless row of instants, numbered, and the search for the first one after a moment.
import { type Day, type Period, recurrenceOf, type TimeSpecification } from "./specification.ts";
import {
  addPeriods,
  ceilToMinute,
  dateOf,
  dayMs,
  isElapsed,
  minuteMs,
  startOfDay,
  unitMs,
  wallOf,
  weekdayOf,
} from "./wall-time.ts";
import { type Calendar, instantOf, utcCalendar } from "./zone.ts";

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
export function planRun(due: number | null, anchor: string, now: number): PlannedRun | null {
  if (due === null || due >= endOfTime) return null;
  return { due, startsAt: ceilToMinute(Math.max(due, now + minuteMs)), anchor };
}

/** The zone in which a specification's times are: UTC where it says so. */
export function zoneOf(specification: TimeSpecification, calendar: Calendar): Calendar {
  return specification.clock?.utc === true ? utcCalendar : calendar;
}

/** Milliseconds since midnight: the clock that the text names, or else that of a wall time. */
export function timeOfDayOf({ clock }: TimeSpecification, wall: number): number {
  return clock === null ? wall - startOfDay(wall) : (clock.hour * 60 + clock.minute) * minuteMs;
}
