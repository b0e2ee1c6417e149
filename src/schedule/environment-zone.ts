// The zone that the variable TZ names, as the C library reads it, and so date(1) and at(1).
import { UsageFailure } from "../errors.ts";
import { systemCalendar, utcCalendar, zoneCalendar, type Calendar } from "./calendar.ts";
import { posixCalendar } from "./posix-zone.ts";

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
