// Reads a time text: every form of Debian's at(1) 3.2 (/usr/share/doc/at/timespec) and of the at(1) of the BSDs
// and macOS (parsetime.c). Where both read a text differently, Debian's reading holds: `8 nov 16` is a date.
import { adverbs, blanks, namedHours, shape, TimeCursor, units } from "./cursor.ts";
import { anyNumber, dateBeginning, type NamedDay, oneOrTwoDigits, parseDay } from "./day-grammar.ts";
import {
  type Clock,
  type Day,
  isNow,
  type Period,
  type TimeSpecification,
  type Unit,
} from "./specification.ts";
import { isElapsed, lengthMsOf } from "./wall-time.ts";

const unitNames = "minutes, hours, days, weeks, months or years";
const longestMs = lengthMsOf({ count: 100, unit: "year" });
const unnamed: Day = { kind: "unnamed" };

const [nowWord, sign] = [shape("now"), shape("[+-]")];
const [half, utcWord] = [shape(String.raw`[ap](?:m|\.m\.?)`), shape("utc")];
const everyWord = shape("every");
/** As in `14h`, beyond at(1). */
const hourMark = shape("h", true);
const fourDigits = shape(String.raw`\d{4}`);
const twoDigits = shape(String.raw`\d{2}`);
// Debian's parsetime.l: [012]?[0-9][:'h,.][0-9]{2}
const separator = shape(String.raw`[:'h,.](?=${blanks}\d)`, true);

/**
 * The meaning of a time text. Throws UsageFailure with one line that says what was understood and where the
 * reading stopped, and a hint with examples.
 *
 * `now` alone is a specification (see isNow) that only a job that runs once can use.
 */
export function parseTimeSpecification(text: string): TimeSpecification {
  const cursor = new TimeCursor(text);
  const now = cursor.accept(nowWord) !== undefined;
  const [clock, named] = now ? [null, null] : parseMoment(cursor);
  const begun = now || clock !== null || named !== null;
  const step = parseStep(cursor) ?? (begun ? null : parseEvery(cursor));
  if (!(begun || step !== null) || !cursor.isAtEnd())
    throw cursor.stopped(expectedNext(now, clock, named, step));
  const specification = assemble(clock, named, step);
  if (isNow(specification) && specification.back !== null) throw cursor.impossible("it is in the past");
  return specification;
}

/** A time of day, a day, or both; beyond at(1) the day may stand in front. */
function parseMoment(cursor: TimeCursor): [Clock | null, NamedDay | null] {
  const clock = parseClock(cursor);
  const named = parseDay(cursor);
  return [clock ?? (named && parseClock(cursor)), named];
}

function expectedNext(now: boolean, clock: Clock | null, named: NamedDay | null, step: Step | null): string {
  if (step !== null) return "nothing more";
  if (now) return "+ and a period, or nothing more";
  if (clock === null && named === null) return "a time of day, a day, or + and a period";
  if (clock === null) return "a time of day, + and a period, or nothing more";
  return named === null ? "a day, + and a period, or nothing more" : "+ and a period, or nothing more";
}

/** `+ N units`, or `- N units`. */
interface Step {
  readonly isBack: boolean;
  readonly period: Period;
}

/** Beyond at(1): `hourly`, `every 2 hours`, `every day`. */
function parseEvery(cursor: TimeCursor): Step | null {
  const unit = cursor.acceptWord(adverbs);
  if (unit !== undefined) return { isBack: false, period: { count: 1, unit } };
  if (cursor.accept(everyWord) === undefined) return null;
  if (cursor.sees(anyNumber)) return readStep(cursor, false);
  return {
    isBack: false,
    period: { count: 1, unit: cursor.word(units, `a number, or one of ${unitNames}`) },
  };
}

/** In the largest unit that says exactly the same, so that equal periods look equal. */
function normalizePeriod(count: number, unit: Unit): Period {
  if (unit === "minute" && count % 60 === 0) return normalizePeriod(count / 60, "hour");
  if (unit === "day" && count % 7 === 0) return { count: count / 7, unit: "week" };
  if (unit === "month" && count % 12 === 0) return { count: count / 12, unit: "year" };
  return { count, unit };
}

function parseStep(cursor: TimeCursor): Step | null {
  const typed = cursor.accept(sign);
  return typed === undefined ? null : readStep(cursor, typed === "-");
}

function readStep(cursor: TimeCursor, isBack: boolean): Step {
  const count = cursor.number(anyNumber, `a number of ${unitNames}`);
  const unit = cursor.word(units, unitNames);
  if (count === 0) throw cursor.impossible("a period of nothing would be at once, again and again");
  if (lengthMsOf({ count, unit }) > longestMs) throw cursor.impossible("that is more than a hundred years");
  return { isBack, period: normalizePeriod(count, unit) };
}

/** Alone on its day, 24:30 is 0:30 of the next: every day has it. */
function withinDay(clock: Clock): Clock {
  const minutes = clock.hour * 60 + clock.minute;
  return { hour: Math.floor(minutes / 60) % 24, minute: minutes % 60, utc: clock.utc };
}

/** `today` without a time is `now`; before a step of whole days it says nothing. */
function saysNothing(day: Day, clock: Clock | null, every: Period | null): boolean {
  return day.kind === "today" && (clock === null || (every !== null && !isElapsed(every)));
}

/** The day, or that none is named, and the distance from today. */
function splitDay(named: NamedDay | null): [Day, Period | null] {
  return named !== null && "unit" in named ? [unnamed, named] : [named ?? unnamed, null];
}

function assemble(clock: Clock | null, named: NamedDay | null, step: Step | null): TimeSpecification {
  const [namedDay, distance] = splitDay(named);
  const [added, back] = step?.isBack === true ? [null, step.period] : [step?.period ?? null, null];
  const every = added ?? distance;
  const ahead = added === null ? null : distance;
  const day = saysNothing(namedDay, clock, every) ? unnamed : namedDay;
  const alone = day.kind === "unnamed" && every === null && back === null;
  return { clock: clock !== null && alone ? withinDay(clock) : clock, day, ahead, every, back };
}

function readDigits(cursor: TimeCursor): { hour: number; minute: number } {
  const digits = cursor.accept(fourDigits);
  if (digits !== undefined) return { hour: Number(digits.slice(0, 2)), minute: Number(digits.slice(2)) };
  const hour = cursor.number(oneOrTwoDigits, "an hour, as in '2:00am', '0200' or '14'");
  if (cursor.accept(separator) === undefined) {
    cursor.accept(hourMark);
    return { hour, minute: 0 };
  }
  return { hour, minute: cursor.number(twoDigits, "two digits of minutes") };
}

function applyHalf(cursor: TimeCursor, hour: number): number {
  const typed = cursor.accept(half);
  if (typed === undefined) return hour;
  if (hour > 12) throw cursor.impossible(`${hour} is too large an hour for ${typed}`);
  return (hour % 12) + (typed.startsWith("p") ? 12 : 0);
}

/**
 * The time of day that begins here, or null where a day begins instead. Debian's oddities hold: minute 60 and
 * hour 24 exist; the BSDs' too: a bare hour, and am or pm behind four digits.
 */
function parseClock(cursor: TimeCursor): Clock | null {
  const named = cursor.acceptWord(namedHours);
  if (named !== undefined) return { hour: named, minute: 0, utc: cursor.accept(utcWord) !== undefined };
  if (!cursor.sees(anyNumber) || cursor.sees(dateBeginning)) return null;
  const digits = readDigits(cursor);
  if (digits.hour > 24) throw cursor.impossible(`there is no hour ${digits.hour}`);
  if (digits.minute > 60) throw cursor.impossible(`there is no minute ${digits.minute}`);
  const hour = applyHalf(cursor, digits.hour);
  const utc = cursor.accept(utcWord) !== undefined;
  return digits.minute === 60 && hour < 24
    ? { hour: hour + 1, minute: 0, utc }
    : { hour, minute: digits.minute, utc };
}
