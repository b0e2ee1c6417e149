// Arithmetic on wall-clock times: what a clock on the wall shows, without a zone. A wall time is the number of
// milliseconds that UTC would count for the same fields, so that calendar rules need no date object.
import type { Period, Unit } from "./specification.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export interface WallDate {
  readonly year: number;
  /** January is 1. */
  readonly month: number;
  readonly day: number;
}

/** Midnight of a date. Days and months beyond the end run over, as mktime(3) does: 30 February is 1 or 2 March. */
export function wallOf({ year, month, day }: WallDate): number {
  return Date.UTC(year, month - 1, day);
}

export function dateOf(wall: number): WallDate {
  const date = new Date(wall);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export function weekdayOf(wall: number): number {
  return new Date(wall).getUTCDay();
}

export function startOfDay(wall: number): number {
  return Math.floor(wall / dayMs) * dayMs;
}

export function floorToMinute(time: number): number {
  return Math.floor(time / minuteMs) * minuteMs;
}

export function ceilToMinute(time: number): number {
  return Math.ceil(time / minuteMs) * minuteMs;
}

/** What a unit lasts on a calendar, about: exact but for months (30.44 days) and years. */
export const unitMs: Readonly<Record<Unit, number>> = {
  minute: minuteMs,
  hour: hourMs,
  day: dayMs,
  week: 7 * dayMs,
  month: 30.436875 * dayMs,
  year: 365.2425 * dayMs,
};

/** Minutes and hours are elapsed time, whatever the clock on the wall does; the longer units go by the calendar. */
export function isElapsed(period: Period): boolean {
  return period.unit === "minute" || period.unit === "hour";
}

/**
 * Moves a wall time by `times` periods. A day that the month lacks runs over (31 January and a month is 3 March):
 * every at(1) does so.
 */
export function addPeriods(wall: number, { count, unit }: Period, times: number): number {
  if (unit !== "month" && unit !== "year") return wall + times * count * unitMs[unit];
  const { year, month, day } = dateOf(wall);
  const moved =
    unit === "month"
      ? { year, month: month + times * count, day }
      : { year: year + times * count, month, day };
  return wallOf(moved) + (wall - startOfDay(wall));
}

/** `2026-11-17T12:47`: how a job writes down a wall time. */
export function renderWall(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16);
}

/** The inverse of renderWall. NaN for anything else. */
export function parseWall(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
}
