// One run of a schedule: when it is due, when at(1) is to start it, and what the next one is counted from.
import { utcCalendar, type Calendar } from "./calendar.ts";
import type { TimeSpecification } from "./time-specification.ts";
import { ceilToMinute, minuteMs, startOfDay } from "./wall-time.ts";

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
