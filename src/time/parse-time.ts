// Reads a time text: every form of Debian's at(1) 3.2 (/usr/share/doc/at/timespec) and of the at(1) of the BSDs
// and macOS (parsetime.c). Where both read a text differently, Debian's reading holds: `8 nov 16` is a date.
import { months, namedHours, TimeCursor, units } from "./cursor.ts";
import { type NamedDay, parseDay } from "./day-grammar.ts";
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

/**
 * The meaning of a time text. Throws UsageFailure with one line that says what was understood and where the
 * reading stopped, and a hint with examples.
 *
 * `now` alone is a specification (see isNow) that only a job that runs once can use.
 */
export function parseTimeSpecification(text: string): TimeSpecification {
  const cursor = new TimeCursor(text);
  const { now, clock, named } = readBeginning(cursor);
  const step = parseStep(cursor);
  const empty = !now && clock === null && named === null && step === null;
  if (empty || cursor.peek() !== undefined) throw cursor.stopped(expectedNext(now, clock, named, step));
  const specification = assemble(clock, named, step);
  if (isNow(specification) && specification.back !== null) throw cursor.impossible("it is in the past");
  return specification;
}

function readBeginning(cursor: TimeCursor): { now: boolean; clock: Clock | null; named: NamedDay | null } {
  if (cursor.accept("now")) return { now: true, clock: null, named: null };
  return { now: false, clock: parseClock(cursor), named: parseDay(cursor) };
}

function expectedNext(now: boolean, clock: Clock | null, named: NamedDay | null, step: Step | null): string {
  if (step !== null) return "nothing more";
  if (now) return "+ and a period, or nothing more";
  if (clock === null && named === null) return "a time of day, a day, or + and a period";
  if (clock === null) return "+ and a period, or nothing more; the time of day comes before the day";
  return named === null ? "a day, + and a period, or nothing more" : "+ and a period, or nothing more";
}

/** `+ N units`, or `- N units`. */
interface Step {
  readonly sign: "+" | "-";
  readonly period: Period;
}

/** In the largest unit that says exactly the same, so that equal periods look equal. */
function normalizePeriod(count: number, unit: Unit): Period {
  if (unit === "minute" && count % 60 === 0) return normalizePeriod(count / 60, "hour");
  if (unit === "day" && count % 7 === 0) return { count: count / 7, unit: "week" };
  if (unit === "month" && count % 12 === 0) return { count: count / 12, unit: "year" };
  return { count, unit };
}

function parseStep(cursor: TimeCursor): Step | null {
  const sign = cursor.peek()?.text;
  if (sign !== "+" && sign !== "-") return null;
  cursor.take();
  if (!cursor.peek()?.isNumber) throw cursor.stopped("a number of " + unitNames);
  const count = Number(cursor.take()?.text);
  const unit = cursor.word(units, unitNames);
  if (count === 0) throw cursor.impossible("a period of nothing would be at once, again and again");
  if (lengthMsOf({ count, unit }) > longestMs) throw cursor.impossible("that is more than a hundred years");
  return { sign, period: normalizePeriod(count, unit) };
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
  const added = step?.sign === "+" ? step.period : null;
  const back = step?.sign === "-" ? step.period : null;
  const every = added ?? distance;
  const ahead = added === null ? null : distance;
  const day = saysNothing(namedDay, clock, every) ? unnamed : namedDay;
  const alone = day.kind === "unnamed" && every === null && back === null;
  return { clock: clock !== null && alone ? withinDay(clock) : clock, day, ahead, every, back };
}

// Debian's parsetime.l: [012]?[0-9][:'h,.][0-9]{2}
const separators = [":", "'", "h", ",", "."];

/** Whether a date begins here; only then are digits in front no time of day. */
function seesDate(cursor: TimeCursor): boolean {
  return (
    cursor.sees("5-8") ||
    cursor.sees("1-2", ".", "1-2", ".") ||
    cursor.sees("2", "-", "1-2", "-") ||
    cursor.sees("4", "-", "1-2", "-") ||
    (cursor.sees("1-2") && cursor.peek(1)?.text === "/") ||
    cursor.seesNumberThen("1-2", months)
  );
}

function readDigits(cursor: TimeCursor): { hour: number; minute: number } {
  if (cursor.sees("4")) {
    const digits = cursor.number("4", "a time of day");
    return { hour: Math.floor(digits / 100), minute: digits % 100 };
  }
  const hour = cursor.number("1-2", "an hour, as in '2:00am', '0200' or '14'");
  const separated = separators.some((separator) => {
    const next = cursor.peek();
    return next?.text === separator && next.glued && cursor.peek(1)?.isNumber;
  });
  if (!separated) return { hour, minute: 0 };
  cursor.take();
  return { hour, minute: cursor.number("2", "two digits of minutes") };
}

function applyHalf(cursor: TimeCursor, hour: number): number {
  const half = cursor.peek()?.text;
  if (half !== "am" && half !== "pm") return hour;
  cursor.take();
  if (hour > 12) throw cursor.impossible(`${hour} is too large an hour for ${half}`);
  return (hour % 12) + (half === "pm" ? 12 : 0);
}

/**
 * The time of day that begins here, or null where a day begins instead. Debian's oddities hold: minute 60 and
 * hour 24 exist; the BSDs' too: a bare hour, and am or pm behind four digits.
 */
function parseClock(cursor: TimeCursor): Clock | null {
  const named = cursor.acceptWord(namedHours);
  if (named !== undefined) return { hour: named, minute: 0, utc: cursor.accept("utc") };
  if (!cursor.peek()?.isNumber || seesDate(cursor)) return null;
  const digits = readDigits(cursor);
  if (digits.hour > 24) throw cursor.impossible(`there is no hour ${digits.hour}`);
  if (digits.minute > 60) throw cursor.impossible(`there is no minute ${digits.minute}`);
  const hour = applyHalf(cursor, digits.hour);
  const utc = cursor.accept("utc");
  return digits.minute === 60 && hour < 24
    ? { hour: hour + 1, minute: 0, utc }
    : { hour, minute: digits.minute, utc };
}
