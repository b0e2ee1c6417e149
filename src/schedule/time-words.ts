// The words of a time text. Debian's parsetime.l has them all but OpenBSD's short units (min, m, h, hr, d, w, mo, y).
import type { Unit } from "./time-specification.ts";

/** Each name whole, and its first three letters; `sept` and `tues` are no words to any at(1). */
function wordsOf(names: readonly string[], first: number): ReadonlyMap<string, number> {
  return new Map(
    names.flatMap((name, index) => [
      [name, index + first] as const,
      [name.slice(0, 3), index + first] as const,
    ]),
  );
}

export const weekdays = wordsOf(
  ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
  0,
);

export const months = wordsOf(
  [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
  ],
  1,
);

export const units: ReadonlyMap<string, Unit> = new Map([
  ...(["minute", "minutes", "min", "m"] as const).map((word) => [word, "minute"] as const),
  ...(["hour", "hours", "hr", "h"] as const).map((word) => [word, "hour"] as const),
  ...(["day", "days", "d"] as const).map((word) => [word, "day"] as const),
  ...(["week", "weeks", "w"] as const).map((word) => [word, "week"] as const),
  ...(["month", "months", "mo"] as const).map((word) => [word, "month"] as const),
  ...(["year", "years", "y"] as const).map((word) => [word, "year"] as const),
]);

/** Named hours; teatime is 16:00 on every system. */
export const namedHours: ReadonlyMap<string, number> = new Map([
  ["midnight", 0],
  ["noon", 12],
  ["teatime", 16],
]);
