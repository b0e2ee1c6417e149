// Where our meaning departs from Debian's, and why: each departure has its name, and recognises its own cases only.
import type { TimeSpecification } from "../../../src/time/specification.ts";
import {
  dateOf,
  dayMs,
  floorToMinute,
  hourMs,
  isElapsed,
  minuteMs,
  startOfDay,
  weekdayOf,
} from "../../../src/time/wall-time.ts";
import { instantMsOf, wallMsAt } from "../../../src/time/zone.ts";
import type { Answer } from "./debian.ts";
import type { Moment } from "./moments.ts";

export interface Difference extends Moment {
  readonly text: string;
  readonly debian: Answer;
  /** Null where we refuse the text. */
  readonly specification: TimeSpecification | null;
  readonly refusal: string;
  /** Null where we refuse the text, or where what it names has passed. */
  readonly ours: number | null;
}

export interface Trap {
  readonly name: string;
  readonly explains: (difference: Difference) => boolean;
}

function instantOfDebian({ debian }: Difference): number {
  return debian.kind === "time" ? debian.instant : Number.NaN;
}

/** How much later than ours Debian's answer is; NaN where one of us gives none. */
function lateness(difference: Difference): number {
  return instantOfDebian(difference) - (difference.ours ?? Number.NaN);
}

function wallNow({ zone, nowMs }: Difference): number {
  return wallMsAt(zone, nowMs);
}

/** Whether the clocks change between two instants, or within an hour of them. */
function clocksChange({ zone }: Difference, from: number, to: number): boolean {
  const end = Math.max(from, to) + hourMs;
  for (let instant = Math.min(from, to) - hourMs; instant < end; instant += 30 * minuteMs) {
    if (zone.offsetMsAt(instant) !== zone.offsetMsAt(instant + 30 * minuteMs)) return true;
  }
  return false;
}

/** How many steps Debian adds, one after the other: each may be off by a change of the clocks. */
function stepCount({ specification }: Difference): number {
  if (specification === null) return 0;
  const { day, every, ahead, back } = specification;
  const steps = [every, ahead, back].filter((step) => step !== null).length;
  return steps + (day.kind === "weekday" ? 1 : 0);
}

/** Months are of several lengths: a week before them can be ten days behind them. */
function addsMonths({ specification }: Difference): boolean {
  const unit = specification?.every?.unit;
  return unit === "month" || unit === "year";
}

const monthNames = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";
const formsOfTheBsds = [
  /^[+-]/,
  /\d ?mo$/,
  // A bare hour: digits with neither minutes nor am nor pm behind them, and no date.
  new RegExp(String.raw`^\d{1,2}(?:$| (?! ?[ap]m|${monthNames}))`, "i"),
  /^\d{4} ?[ap]m/i,
  // A month and a day without a year.
  /(?:^| )\d{1,2}\/\d{1,2}(?: |$)/,
];

/** Which trap explains a difference is the first in this order. */
export const traps: readonly Trap[] = [
  {
    name: "the day in front of the time",
    // Debian takes it behind only; what is in front and read as a time by both is the same question turned around.
    explains: ({ debian, specification }) =>
      debian.kind === "garbled" &&
      specification !== null &&
      specification.clock !== null &&
      (specification.day.kind !== "unnamed" || specification.every !== null),
  },
  {
    // `+ 1 day`, `8`, `1030am`, `11/18` and `mo` are garbled to Debian, and understood elsewhere.
    name: "a form of the BSDs",
    explains: ({ debian, text, refusal }) =>
      debian.kind === "garbled" && refusal === "" && formsOfTheBsds.some((form) => form.test(text)),
  },
  {
    // `now`, `today`, `Nov 17` on that day: Debian runs it in the present minute; nothing of ours does.
    name: "at once",
    explains: (difference) => instantOfDebian(difference) === floorToMinute(difference.nowMs),
  },
  {
    name: "a day that the calendar lacks",
    explains: ({ refusal }) => /there is no \d+ [A-Z]/.test(refusal),
  },
  { name: "a year before 1970", explains: ({ refusal }) => /is before 1970/.test(refusal) },
  { name: "a period of nothing", explains: ({ refusal }) => /a period of nothing/.test(refusal) },
  { name: "more than a hundred years", explains: ({ refusal }) => /a hundred years/.test(refusal) },
  {
    // Debian takes the local date for one of UTC, and compares the hours of two zones.
    name: "utc",
    explains: (difference) =>
      difference.specification?.clock?.utc === true &&
      difference.zoneName !== "UTC" &&
      (difference.debian.kind === "past" ||
        difference.ours === null ||
        Math.abs(lateness(difference)) <= 2 * dayMs),
  },
  {
    // A step back moves every run of a recurring schedule; Debian applies it once, and takes what has passed for
    // a date of next year.
    name: "a step back",
    explains: ({ specification, refusal }) =>
      specification === null ? refusal.endsWith("it is in the past") : specification.back !== null,
  },
  {
    // Debian never means today by a weekday, ours does while the time is still to come.
    name: "a weekday on that day",
    explains: (difference) => {
      const day = difference.specification?.day;
      return (
        day?.kind === "weekday" &&
        !day.next &&
        day.weekday === weekdayOf(wallNow(difference)) &&
        Math.abs(lateness(difference) - 7 * dayMs) <= (addsMonths(difference) ? 3 * dayMs : hourMs)
      );
    },
  },
  {
    // Debian adds seconds, corrects by an hour (even on Lord Howe Island, where the clocks change by half of it), and
    // keeps a time that was moved out of the way of a skipped hour.
    name: "a step over a change of the clocks",
    explains: (difference) => {
      const { ours, nowMs, debian } = difference;
      if (ours === null) return false;
      // Where it was due now, the error alone makes it the future, or the past.
      const distances = [lateness(difference), instantOfDebian(difference) - nowMs].map(Math.abs);
      const off = debian.kind === "past" ? ours - nowMs : Math.min(...distances);
      return off <= stepCount(difference) * hourMs && clocksChange(difference, nowMs - dayMs, ours);
    },
  },
  {
    // A time that the clocks show twice is the first for us, also when it is asked for between the two; one that
    // they skip is still to come when the clocks were put forward over it.
    name: "a time that the clocks show twice, or never",
    explains: ({ specification, ours, nowMs, zone }) => {
      if (specification?.clock == null) return false;
      const minute = floorToMinute(nowMs);
      if (instantMsOf(zone, wallMsAt(zone, minute)) !== minute) return true;
      if (ours === null) return false;
      const shown = wallMsAt(zone, ours) - startOfDay(wallMsAt(zone, ours));
      return shown !== (specification.clock.hour * 60 + specification.clock.minute) * minuteMs;
    },
  },
  {
    // `10:00 Nov 17` on that day at noon, `10:00 next hour`: refused as past, although more runs follow.
    name: "a first run that has passed",
    explains: ({ debian, specification, ours }) => {
      if (debian.kind !== "past" || specification === null || ours === null) return false;
      const { day, every } = specification;
      return day.kind === "month-day" || every !== null;
    },
  },
  {
    // Debian moves a time of day on by a day where it falls on the same day of whichever month.
    name: "the same day of another month",
    explains: (difference) => {
      const { specification, zone, ours } = difference;
      if (specification?.day.kind !== "unnamed" || specification.every === null || ours === null)
        return false;
      const sameDay = dateOf(wallMsAt(zone, ours)).day === dateOf(wallNow(difference)).day;
      return isElapsed(specification.every) && sameDay && Math.abs(lateness(difference) - dayMs) <= hourMs;
    },
  },
  {
    // 24:30 is 0:30 of the next day to Debian, and so tomorrow even at 0:10; and it adds months before it goes
    // over to the next day.
    name: "an hour past midnight",
    explains: (difference) =>
      /^(?:24|23.?60)/.test(difference.text) && Math.abs(lateness(difference)) <= 3 * dayMs + hourMs,
  },
  {
    // 30 November and 3 months: Debian lets 30 February run over in the old year first, whether leap or not.
    name: "the end of a month over a new year",
    explains: (difference) => {
      const { specification, ours, zone } = difference;
      if (specification?.every?.unit !== "month" || ours === null) return false;
      const { month, day } = dateOf(wallMsAt(zone, ours));
      const endOfFebruary = (month === 2 && day === 29) || (month === 3 && day <= 3);
      return endOfFebruary && Math.abs(lateness(difference)) === dayMs;
    },
  },
  {
    // Debian adds first, and moves the sum to next year; we begin from next year's date. And 29 February is 1 March
    // for us before anything is added to it.
    name: "a period from a date that this year lacks, or has left behind",
    explains: (difference) => {
      const { specification } = difference;
      if (specification?.day.kind !== "month-day" || specification.every === null) return false;
      const { month, day } = specification.day;
      return (month === 2 && day === 29) || Math.abs(lateness(difference)) <= 3 * dayMs + hourMs;
    },
  },
];
