// Between instants and wall time, by the rules of a time zone.
import { hourMs, minuteMs } from "./wall-time.ts";

/** A time zone: how far its clocks are ahead of UTC, in milliseconds, at an instant (milliseconds since 1970). */
export interface Zone {
  offsetMsAt(instantMs: number): number;
}

export const utcZone: Zone = { offsetMsAt: () => 0 };

/** The zone of this process: `TZ`, or else /etc/localtime. */
export const systemZone: Zone = {
  offsetMsAt: (instantMs) => -new Date(instantMs).getTimezoneOffset() * minuteMs,
};

/** Zone rules change on quarters of an hour only, so one answer holds for a whole quarter. */
const quarterMs = 15 * minuteMs;

/** A zone by its IANA name, such as `Europe/Berlin`. Throws RangeError for an unknown name. */
export function ianaZone(name: string): Zone {
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
  const measureMs = (instantMs: number): number => {
    const [month, day, year, hour, minute] = format.format(instantMs).match(/\d+/g)?.map(Number) ?? [];
    return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute) - instantMs;
  };
  return {
    offsetMsAt(instantMs) {
      const quarter = Math.floor(instantMs / quarterMs);
      let offsetMs = known.get(quarter);
      if (offsetMs === undefined) {
        offsetMs = measureMs(quarter * quarterMs);
        known.set(quarter, offsetMs);
      }
      return offsetMs;
    },
  };
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
