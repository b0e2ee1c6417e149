// Time zones: between instants and wall time by their rules, and the zone that a value of the variable TZ names, as the C
// library reads it, and so date(1) and at(1).
import { UsageFailure } from "../errors.ts";
import { dayMs, hourMs, minuteMs, wallMsOf, weekdayOf } from "./wall-time.ts";

/** A time zone: how far its clocks are ahead of UTC, in milliseconds, at an instant (milliseconds since 1970). */
export interface Zone {
  offsetMsAt(instantMs: number): number;
}

export const utcZone: Zone = { offsetMsAt: () => 0 };

/** The zone of this process: `TZ`, or else /etc/localtime. */
export const systemZone: Zone = {
  offsetMsAt: (instantMs) => -new Date(instantMs).getTimezoneOffset() * minuteMs,
};

/** A zone by its IANA name, such as `Europe/Berlin`. Throws RangeError for an unknown name. */
export function ianaZone(name: string): Zone {
  const offsetMsAt = (instantMs: number): number => {
    const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(instantMs));
    return instant.toZonedDateTimeISO(name).offsetNanoseconds / 1e6;
  };
  offsetMsAt(0);
  return { offsetMsAt };
}

/** What a clock on the wall shows at an instant. */
export function wallMsAt(zone: Zone, instantMs: number): number {
  return instantMs + zone.offsetMsAt(instantMs);
}

// No zone is further from UTC than 14 hours, and none has changed its rules twice within a day and a half.
const reachMs = 15 * hourMs;

/**
 * The instant at which the clocks show a wall time. One that they show twice is the first; one that they never
 * show moves forward by the gap, as if the clocks had not been put forward.
 */
export function instantMsOf(zone: Zone, wallMs: number): number {
  const before = wallMs - zone.offsetMsAt(wallMs - reachMs);
  const after = wallMs - zone.offsetMsAt(wallMs + reachMs);
  const shown = [before, after].filter((instantMs) => wallMsAt(zone, instantMs) === wallMs);
  return shown.length === 0 ? before : Math.min(...shown);
}

/**
 * The zone for a value of TZ; the system's own where it is not set, UTC where it is empty. A name, a name behind a
 * colon or as a path below a `zoneinfo` folder, or a POSIX rule.
 *
 * Throws UsageFailure for anything else: the C library takes that for UTC without a word.
 */
export function zoneOf(timeZone: string | undefined): Zone {
  if (timeZone === undefined) return systemZone;
  if (timeZone === "") return utcZone;
  const name = timeZone
    .replace(/^:/, "")
    .replace(/^\/.*\/zoneinfo\//, "")
    .replace(/^posix\//, "");
  const zone = namedZone(name) ?? posixZone(name);
  if (zone !== null) return zone;
  throw new UsageFailure(`the variable TZ names no time zone: '${timeZone}'`, {
    hint: "unset TZ, or set it to a name such as Europe/Berlin",
  });
}

/** The zone of an IANA name in its own spelling, or null: zone files are found by letter case. */
function namedZone(name: string): Zone | null {
  try {
    const { timeZoneId } = new Temporal.ZonedDateTime(0n, name);
    return /^[A-Za-z]/.test(name) && timeZoneId === name ? ianaZone(name) : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const namePattern = String.raw`(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)`;
const timePattern = String.raw`[+-]?\d{1,3}(?::\d{2}(?::\d{2})?)?`;
const rulePattern = new RegExp(
  `^${namePattern}(?<standard>${timePattern})` +
    `(?:(?<summerName>${namePattern})(?<summer>${timePattern})?(?:,(?<start>[^,]+),(?<end>[^,]+))?)?$`,
);

/** The zone that a POSIX rule describes, or null for a text that is no such rule. */
export function posixZone(rule: string): Zone | null {
  const groups = rulePattern.exec(rule)?.groups;
  if (groups === undefined) return null;
  // The rule says how far UTC is ahead of the zone; a Zone says the contrary.
  const standardMs = -parseTimeMs(groups["standard"] ?? "");
  if (groups["summerName"] === undefined) return { offsetMsAt: () => standardMs };
  const summerMs = groups["summer"] === undefined ? standardMs + hourMs : -parseTimeMs(groups["summer"]);
  // A rule without days is left to the system by POSIX; all take those of the United States, glibc at other hours.
  const startOf = parseChange(groups["start"] ?? "M3.2.0");
  const endOf = parseChange(groups["end"] ?? "M11.1.0");
  if (startOf === null || endOf === null) return null;
  return {
    offsetMsAt(instantMs) {
      const year = new Date(instantMs + standardMs).getUTCFullYear();
      const from = startOf(year) - standardMs;
      const until = endOf(year) - summerMs;
      const isAfterStart = instantMs >= from;
      const isBeforeEnd = instantMs < until;
      const isSummer = from < until ? isAfterStart && isBeforeEnd : isAfterStart || isBeforeEnd;
      return isSummer ? summerMs : standardMs;
    },
  };
}

const dayPattern =
  /^(?:M(?<month>0?[1-9]|1[0-2])\.(?<week>[1-5])\.(?<weekday>[0-6])|(?<julian>J?)(?<day>\d{1,3}))$/;

/** When the clocks change in a year, as wall time. `M3.5.0/3`: a day by one of its three names, and a time on it, or since. */
function parseChange(text: string): ((year: number) => number) | null {
  const [dayText = "", time = "2"] = text.split("/");
  const groups = dayPattern.exec(dayText)?.groups;
  if (groups === undefined || !new RegExp(`^${timePattern}$`).test(time)) return null;
  const timeMs = parseTimeMs(time);
  const [month, week, weekday, day] = ["month", "week", "weekday", "day"].map((name) => Number(groups[name]));
  if (groups["month"] === undefined) return (year) => nthDay(year, day, groups["julian"] === "J") + timeMs;
  return (year) => nthWeekday(year, month, week, weekday) + timeMs;
}

function parseTimeMs(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  const sizeMs = hours * hourMs + minutes * minuteMs + seconds * 1000;
  return text.startsWith("-") ? -sizeMs : sizeMs;
}

/** The week-th such weekday of a month; the fifth is the last. */
function nthWeekday(year: number, month = 0, week = 0, weekday = 0): number {
  const first = wallMsOf({ year, month, day: 1 });
  const found = first + (((weekday - weekdayOf(first) + 7) % 7) + (week - 1) * 7) * dayMs;
  return found < wallMsOf({ year, month: month + 1, day: 1 }) ? found : found - 7 * dayMs;
}

/** `J60` is 1 March in every year, `59` counts from zero and 29 February too. */
function nthDay(year: number, day = 0, withoutLeapDay: boolean): number {
  const start = wallMsOf({ year, month: 1, day: 1 });
  if (!withoutLeapDay) return start + day * dayMs;
  const isLeap = wallMsOf({ year, month: 3, day: 1 }) - start === 60 * dayMs;
  return start + (day - 1 + (isLeap && day >= 60 ? 1 : 0)) * dayMs;
}
