// Arithmetic on wall time: what a clock on the wall shows, without a zone. A wall time is the number of milliseconds that
// UTC would count for the same fields (`wallMs`), so that calendar rules need no date object.
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
export const wallMsOf = ({ year, month, day }: WallDate): number => Date.UTC(year, month - 1, day);

export function dateOf(wallMs: number): WallDate {
  const date = new Date(wallMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export const weekdayOf = (wallMs: number): number => new Date(wallMs).getUTCDay();

export const startOfDay = (wallMs: number): number => Math.floor(wallMs / dayMs) * dayMs;

/** Of an instant or a wall time: every zone now is a whole number of minutes from UTC. */
export const floorToMinute = (timeMs: number): number => Math.floor(timeMs / minuteMs) * minuteMs;

const unitMs: Readonly<Record<Unit, number>> = {
  minute: minuteMs,
  hour: hourMs,
  day: dayMs,
  week: 7 * dayMs,
  month: 30.436875 * dayMs,
  year: 365.2425 * dayMs,
};

/** What a period lasts, about: exact but for months (30.44 days) and years, and for days on which the clocks change. */
export const lengthMsOf = ({ count, unit }: Period): number => count * unitMs[unit];

/** Minutes and hours are elapsed time, whatever the clock on the wall does; the longer units go by the calendar. */
export const isElapsed = ({ unit }: Period): boolean => unit === "minute" || unit === "hour";

/**
 * Moves a wall time by `times` periods. A day that the month lacks runs over (31 January and a month is 3 March):
 * every at(1) does so.
 */
export function addPeriods(wallMs: number, period: Period, times: number): number {
  const { unit } = period;
  if (unit !== "month" && unit !== "year") return wallMs + times * lengthMsOf(period);
  const date = dateOf(wallMs);
  return wallMsOf({ ...date, [unit]: date[unit] + times * period.count }) + (wallMs - startOfDay(wallMs));
}

/** `2026-11-17T12:47`: how a job writes down a wall time. */
export const renderWall = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 16);

/** RFC 3339, to the second: `2026-11-23T02:15:07Z`. */
export const renderUtc = (instantMs: number): string => `${new Date(instantMs).toISOString().slice(0, 19)}Z`;

/** The inverse of renderWall, in milliseconds. NaN for anything else. */
export function parseWall(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
}
