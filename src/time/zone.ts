// Between instants and wall-clock times, by the rules of a time zone.
import { hourMs, minuteMs } from "./wall-time.ts";

/** A time zone: how far its clocks are ahead of UTC, in milliseconds, at an instant (milliseconds since 1970). */
export interface Calendar {
  offsetAt(instant: number): number;
}

export const utcCalendar: Calendar = { offsetAt: () => 0 };

/** The zone of this process: `TZ`, or else /etc/localtime. */
export const systemCalendar: Calendar = {
  offsetAt: (instant) => -new Date(instant).getTimezoneOffset() * minuteMs,
};

/** Zone rules change on quarters of an hour only, so one answer holds for a whole quarter. */
const quarterMs = 15 * minuteMs;

/** A zone by its IANA name, such as `Europe/Berlin`. Throws RangeError for an unknown name. */
export function zoneCalendar(name: string): Calendar {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const known = new Map<number, number>();
  const measure = (instant: number): number => {
    const [month, day, year, hour, minute] = format.format(instant).match(/\d+/g)?.map(Number) ?? [];
    return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute) - instant;
  };
  return {
    offsetAt(instant) {
      const quarter = Math.floor(instant / quarterMs);
      let offset = known.get(quarter);
      if (offset === undefined) {
        offset = measure(quarter * quarterMs);
        known.set(quarter, offset);
      }
      return offset;
    },
  };
}

/** What a clock on the wall shows at an instant. */
export function wallAt(calendar: Calendar, instant: number): number {
  return instant + calendar.offsetAt(instant);
}

// No zone is further from UTC than 14 hours, and none has changed its rules twice within a day and a half.
const reachMs = 15 * hourMs;

/**
 * The instant at which the clocks show a wall time. One that they show twice is the first; one that they never
 * show moves forward by the gap, as if the clocks had not been put forward.
 */
export function instantOf(calendar: Calendar, wall: number): number {
  const before = wall - calendar.offsetAt(wall - reachMs);
  const after = wall - calendar.offsetAt(wall + reachMs);
  const shown = [before, after].filter((instant) => wallAt(calendar, instant) === wall);
  return shown.length === 0 ? before : Math.min(...shown);
}
