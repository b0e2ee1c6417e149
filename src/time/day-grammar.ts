// Reads a day: `mon`, `nov 16`, `16 nov 2028`, `11/18`, `18.11.28`, `2026-11-18`, `111826`, `next week`.
import { months, type TimeCursor, units, weekdays } from "./cursor.ts";
import { type Day, monthNames, type Period, shorten } from "./specification.ts";
import { dateOf, wallMsOf } from "./wall-time.ts";

/** A day, or a distance from today (`tomorrow`, `next week`). */
export type NamedDay = Day | Period;

/** The day that begins here, or null where none does. */
export function parseDay(cursor: TimeCursor): NamedDay | null {
  const next = cursor.peek();
  if (next?.isNumber) return parseNumericDay(cursor);
  if (months.has(next?.text ?? "")) return parseNamedMonth(cursor);
  const weekday = cursor.acceptWord(weekdays);
  if (weekday !== undefined) return { kind: "weekday", weekday, next: false };
  if (cursor.accept("today")) return { kind: "today" };
  if (cursor.accept("tomorrow")) return { count: 1, unit: "day" };
  return cursor.accept("next") ? parseNext(cursor) : null;
}

// Of every month in a leap year: 29 February is a day of some years.
const leapYear = 2024;

function exists(year: number, month: number, day: number): boolean {
  const date = dateOf(wallMsOf({ year, month, day }));
  return date.month === month && date.day === day;
}

/**
 * Two digits are a year from 1970 to 2069, as in Debian's parsetime.y. Years before 1970 are refused there in
 * odd ways (1066 is 2966, for tm_year counts from 1900) and here plainly.
 */
function fullYear(cursor: TimeCursor, digits: number): number {
  const year = digits < 70 ? 2000 + digits : digits < 100 ? 1900 + digits : digits;
  if (year < 1970) throw cursor.impossible(`${year} is before 1970`);
  return year;
}

/**
 * A date that no year has, or that this year lacks, is refused. Debian lets `Feb 30` run over into March;
 * who typed it meant something else.
 */
function dateFrom(cursor: TimeCursor, month: number, day: number, yearDigits: number | null): NamedDay {
  if (month < 1 || month > 12) throw cursor.impossible(`there is no month ${month}`);
  const year = yearDigits === null ? null : fullYear(cursor, yearDigits);
  if (!exists(year ?? leapYear, month, day)) {
    const name = shorten(monthNames[month - 1]).replace(/^./, (initial) => initial.toUpperCase());
    throw cursor.impossible(`there is no ${day} ${name}${year === null ? "" : ` in ${year}`}`);
  }
  return year === null ? { kind: "month-day", month, day } : { kind: "date", year, month, day };
}

function optionalYear(cursor: TimeCursor): number | null {
  if (!cursor.sees("2") && !cursor.sees("4")) return null;
  return cursor.number("2-4", "a year");
}

function parseNamedMonth(cursor: TimeCursor): NamedDay {
  const month = cursor.word(months, "a month");
  const day = cursor.number("1-2", "a day of the month");
  const comma = cursor.accept(",");
  const year = optionalYear(cursor);
  if (comma && year === null) throw cursor.stopped("a year");
  return dateFrom(cursor, month, day, year);
}

/** `month/day[/year]` and, the other way round, `day.month[.year]`. The BSDs let the year out, Debian does not. */
function parseSeparated(cursor: TimeCursor, separator: "/" | "."): NamedDay {
  const first = cursor.number("1-2", "a day");
  cursor.take();
  const second = cursor.number("1-2", separator === "/" ? "a day of the month" : "a month");
  const year = cursor.accept(separator) ? yearAfter(cursor) : null;
  return separator === "/" ? dateFrom(cursor, first, second, year) : dateFrom(cursor, second, first, year);
}

function yearAfter(cursor: TimeCursor): number {
  const year = optionalYear(cursor);
  if (year === null) throw cursor.stopped("a year of two or four digits");
  return year;
}

function parseHyphenated(cursor: TimeCursor): NamedDay {
  const year = yearAfter(cursor);
  cursor.take();
  const month = cursor.number("1-2", "a month");
  cursor.take();
  return dateFrom(cursor, month, cursor.number("1-2", "a day of the month"), year);
}

/** [M]MDD[CC]YY. */
function parseConcatenated(cursor: TimeCursor): NamedDay {
  const digits = cursor.take()?.text ?? "";
  const monthLength = 2 - (digits.length % 2);
  const month = Number(digits.slice(0, monthLength));
  const day = Number(digits.slice(monthLength, monthLength + 2));
  return dateFrom(cursor, month, day, Number(digits.slice(monthLength + 2)));
}

function parseNumericDay(cursor: TimeCursor): NamedDay | null {
  if (cursor.sees("5-8")) return parseConcatenated(cursor);
  if (cursor.sees("2", "-", "1-2", "-", "1-2") || cursor.sees("4", "-", "1-2", "-", "1-2")) {
    return parseHyphenated(cursor);
  }
  if (cursor.seesNumberThen("1-2", months)) {
    const day = cursor.number("1-2", "a day of the month");
    return dateFrom(cursor, cursor.word(months, "a month"), day, optionalYear(cursor));
  }
  const separator = cursor.peek(1)?.text;
  if (cursor.sees("1-2") && (separator === "/" || separator === "."))
    return parseSeparated(cursor, separator);
  return null;
}

function parseNext(cursor: TimeCursor): NamedDay {
  const unit = cursor.acceptWord(units);
  if (unit !== undefined) return { count: 1, unit };
  const weekday = cursor.word(weekdays, "a weekday or a unit such as week");
  return { kind: "weekday", weekday, next: true };
}
