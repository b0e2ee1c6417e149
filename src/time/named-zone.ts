// The zone that the variable TZ names, as the C library reads it, and so date(1) and at(1).
import { UsageFailure } from "../errors.ts";
import { dayMs, hourMs, minuteMs, wallOf, weekdayOf } from "./wall-time.ts";
import { type Calendar, systemCalendar, utcCalendar, zoneCalendar } from "./zone.ts";

/** The calendar of an IANA name in its own spelling, or null: zone files are found by letter case. */
function namedCalendar(name: string): Calendar | null {
  if (!/^[A-Za-z]/.test(name)) return null;
  try {
    const resolved = new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
    const misspelt = resolved !== name && resolved.toLowerCase() === name.toLowerCase();
    return misspelt ? null : zoneCalendar(name);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The zone for a value of TZ; the system's own where it is not set, UTC where it is empty. A name, a name behind a
 * colon or as a path below a `zoneinfo` folder, or a POSIX rule.
 *
 * Throws UsageFailure for anything else: the C library takes that for UTC without a word.
 */
export function calendarOf(timeZone: string | undefined): Calendar {
  if (timeZone === undefined) return systemCalendar;
  if (timeZone === "") return utcCalendar;
  const name = timeZone
    .replace(/^:/, "")
    .replace(/^\/.*\/zoneinfo\//, "")
    .replace(/^posix\//, "");
  const calendar = namedCalendar(name) ?? posixCalendar(name);
  if (calendar !== null) return calendar;
  throw new UsageFailure(`the variable TZ names no time zone: '${timeZone}'`, {
    hint: "unset TZ, or set it to a name such as Europe/Berlin",
  });
}

/**
 * The user's own zone, undefined where TZ is not set. To the C library an empty one means UTC; the runtime lists it among
 * the names, and gives no value for it.
 */
export function readOwnZone(environment: Readonly<NodeJS.ProcessEnv> = process.env): string | undefined {
  return environment["TZ"] || (Object.keys(environment).includes("TZ") ? "UTC" : undefined);
}

/** A moment of every year, on the wall: midnight of a day by its year, and a time since. */
interface YearlyMoment {
  readonly dayOf: (year: number) => number;
  readonly timeMs: number;
}

const namePattern = String.raw`(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)`;
const timePattern = String.raw`[+-]?\d{1,3}(?::\d{2}(?::\d{2})?)?`;
const zonePattern = new RegExp(
  `^${namePattern}(?<standard>${timePattern})` +
    `(?:(?<summerName>${namePattern})(?<summer>${timePattern})?(?:,(?<start>[^,]+),(?<end>[^,]+))?)?$`,
);
const dayPattern =
  /^(?:M(?<month>0?[1-9]|1[0-2])\.(?<week>[1-5])\.(?<weekday>[0-6])|(?<julian>J?)(?<day>\d{1,3}))$/;

function parseTime(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  const size = hours * hourMs + minutes * minuteMs + seconds * 1000;
  return text.startsWith("-") ? -size : size;
}

/** The week-th such weekday of a month; the fifth is the last. */
function nthWeekday(year: number, month: number, week: number, weekday: number): number {
  const first = wallOf({ year, month, day: 1 });
  const found = first + (((weekday - weekdayOf(first) + 7) % 7) + (week - 1) * 7) * dayMs;
  return found < wallOf({ year, month: month + 1, day: 1 }) ? found : found - 7 * dayMs;
}

/** `J60` is 1 March in every year, `59` counts from zero and 29 February too. */
function nthDay(year: number, day: number, withoutLeapDay: boolean): number {
  const start = wallOf({ year, month: 1, day: 1 });
  if (!withoutLeapDay) return start + day * dayMs;
  const leap = wallOf({ year, month: 3, day: 1 }) - start === 60 * dayMs;
  return start + (day - 1 + (leap && day >= 60 ? 1 : 0)) * dayMs;
}

function parseMoment(text: string): YearlyMoment | null {
  const [day = "", time = "2"] = text.split("/");
  const groups = dayPattern.exec(day)?.groups;
  if (groups === undefined || !new RegExp(`^${timePattern}$`).test(time)) return null;
  const { month, week, weekday, julian } = groups;
  const dayOf =
    month === undefined
      ? (year: number) => nthDay(year, Number(groups["day"]), julian === "J")
      : (year: number) => nthWeekday(year, Number(month), Number(week), Number(weekday));
  return { dayOf, timeMs: parseTime(time) };
}

/** The zone that a POSIX rule describes, or null for a text that is no such rule. */
export function posixCalendar(rule: string): Calendar | null {
  const groups = zonePattern.exec(rule)?.groups;
  if (groups === undefined) return null;
  // The rule says how far UTC is ahead of the zone; a Calendar says the contrary.
  const standard = -parseTime(groups["standard"] ?? "");
  if (groups["summerName"] === undefined) return { offsetAt: () => standard };
  const summer = groups["summer"] === undefined ? standard + hourMs : -parseTime(groups["summer"]);
  // A rule without days is left to the system by POSIX; all take those of the United States, glibc at other hours.
  const start = parseMoment(groups["start"] ?? "M3.2.0");
  const end = parseMoment(groups["end"] ?? "M11.1.0");
  if (start === null || end === null) return null;
  return {
    offsetAt(instant) {
      const year = new Date(instant + standard).getUTCFullYear();
      const from = start.dayOf(year) + start.timeMs - standard;
      const until = end.dayOf(year) + end.timeMs - summer;
      const isSummer = from < until ? instant >= from && instant < until : instant >= from || instant < until;
      return isSummer ? summer : standard;
    },
  };
}
