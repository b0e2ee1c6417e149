// Reads a day: `mon`, `nov 16`, `16 nov 2028`, `11/18`, `18.11.28`, `2026-11-18`, `111826`, `next week`.
import { blanks, months, shape, type TimeCursor, units, weekdays } from "./cursor.ts";
import { type Day, monthNames, type Period, shorten } from "./specification.ts";
import { dateOf, wallMsOf } from "./wall-time.ts";

/** A day, or a distance from today (`tomorrow`, `next week`). */
export type NamedDay = Day | Period;

export const anyNumber = shape(String.raw`\d+`);
export const oneOrTwoDigits = shape(String.raw`\d{1,2}`);
const yearDigits = shape(String.raw`\d{2}|\d{4}`);
const clockDigits = shape(String.raw`\d{1,2}(?:[:'h,.]|${blanks}[ap]\.?m)`);
const concatenated = shape(String.raw`\d{5,8}`);
const hyphenated = shape(String.raw`(?:\d{2}|\d{4})-\d{1,2}-\d{1,2}`);
const beforeSeparator = shape(String.raw`\d{1,2}${blanks}[/.]`);
const dayAndMonth = String.raw`\d{1,2}${blanks}(?:${[...months.keys()].join("|")})`;
const beforeMonth = shape(dayAndMonth);
const [comma, slash, dot] = [shape(","), shape("/"), shape(String.raw`\.`)];
const [today, tomorrow, next] = [shape("today"), shape("tomorrow"), shape("next")];

/** Where a date begins; only then are digits in front no time of day. */
export const dateBeginning = shape(
  String.raw`\d{5,8}|\d{1,2}\.\d{1,2}\.|(?:\d{2}|\d{4})-\d{1,2}-|\d{1,2}${blanks}/|${dayAndMonth}`,
);

/** The day that begins here, or null where none does. */
export function parseDay(cursor: TimeCursor): NamedDay | null {
  if (cursor.sees(anyNumber)) return parseNumericDay(cursor);
  const month = cursor.acceptWord(months);
  if (month !== undefined) return parseNamedMonth(cursor, month);
  const weekday = cursor.acceptWord(weekdays);
  if (weekday !== undefined) return { kind: "weekday", weekday, next: false };
  if (cursor.accept(today)) return { kind: "today" };
  if (cursor.accept(tomorrow)) return { count: 1, unit: "day" };
  return cursor.accept(next) ? parseNext(cursor) : null;
}

// Of every month in a leap year: 29 February is a day of some years.
const leapYear = 2024;

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
function dateFrom(cursor: TimeCursor, month: number, day: number, digits: number | null): NamedDay {
  if (month < 1 || month > 12) throw cursor.impossible(`there is no month ${month}`);
  const year = digits === null ? null : fullYear(cursor, digits);
  const date = dateOf(wallMsOf({ year: year ?? leapYear, month, day }));
  if (date.month !== month || date.day !== day) {
    const name = shorten(monthNames[month - 1]).replace(/^./, (initial) => initial.toUpperCase());
    throw cursor.impossible(`there is no ${day} ${name}${year === null ? "" : ` in ${year}`}`);
  }
  return year === null ? { kind: "month-day", month, day } : { kind: "date", year, month, day };
}

/** None where the digits begin a time of day. */
function optionalYear(cursor: TimeCursor): number | null {
  const digits = cursor.sees(clockDigits) ? undefined : cursor.accept(yearDigits);
  return digits === undefined ? null : Number(digits);
}

function parseNamedMonth(cursor: TimeCursor, month: number): NamedDay {
  const day = cursor.number(oneOrTwoDigits, "a day of the month");
  const year = cursor.accept(comma) ? cursor.number(yearDigits, "a year") : optionalYear(cursor);
  return dateFrom(cursor, month, day, year);
}

/** `month/day[/year]` and, the other way round, `day.month[.year]`. The BSDs let the year out, Debian does not. */
function parseSeparated(cursor: TimeCursor): NamedDay {
  const first = cursor.number(oneOrTwoDigits, "a day");
  const isAmerican = cursor.accept(slash) !== undefined;
  if (!isAmerican) cursor.accept(dot);
  const second = cursor.number(oneOrTwoDigits, isAmerican ? "a day of the month" : "a month");
  const hasYear = cursor.accept(isAmerican ? slash : dot) !== undefined;
  const year = hasYear ? cursor.number(yearDigits, "a year of two or four digits") : null;
  return isAmerican ? dateFrom(cursor, first, second, year) : dateFrom(cursor, second, first, year);
}

/** [M]MDD[CC]YY. */
function parseConcatenated(cursor: TimeCursor, digits: string): NamedDay {
  const monthLength = 2 - (digits.length % 2);
  const month = Number(digits.slice(0, monthLength));
  const day = Number(digits.slice(monthLength, monthLength + 2));
  return dateFrom(cursor, month, day, Number(digits.slice(monthLength + 2)));
}

function parseNumericDay(cursor: TimeCursor): NamedDay | null {
  const digits = cursor.accept(concatenated);
  if (digits !== undefined) return parseConcatenated(cursor, digits);
  const [year, month = 0, day = 0] = cursor.accept(hyphenated)?.split("-").map(Number) ?? [];
  if (year !== undefined) return dateFrom(cursor, month, day, year);
  if (cursor.sees(beforeSeparator)) return parseSeparated(cursor);
  if (!cursor.sees(beforeMonth)) return null;
  const dayOfMonth = cursor.number(oneOrTwoDigits, "a day of the month");
  return dateFrom(cursor, cursor.word(months, "a month"), dayOfMonth, optionalYear(cursor));
}

function parseNext(cursor: TimeCursor): NamedDay {
  const unit = cursor.acceptWord(units);
  if (unit !== undefined) return { count: 1, unit };
  const weekday = cursor.word(weekdays, "a weekday or a unit such as week");
  return { kind: "weekday", weekday, next: true };
}
