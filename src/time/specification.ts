// What a text such as `2:00am`, `14:30 mon` or `+ 7 minutes` means, as plain data, and that meaning written back as a
// text. parse-time.ts reads the text, occurrences.ts turns the meaning into instants.

/** Sunday first, as a weekday of 0 is. */
export const weekdayNames = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
export const monthNames =
  "january february march april may june july august september october november december".split(" ");

export type Unit = "minute" | "hour" | "day" | "week" | "month" | "year";

/** A whole number of units, at least one, in the largest unit that says the same: 14 days are 2 weeks. */
export interface Period {
  readonly count: number;
  readonly unit: Unit;
}

/** A time of day. Beside a named day it may be `24:00` to `24:60`, as at(1) allows: then it falls on the next day. */
export interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly utc: boolean;
}

/** The day that the text names. Sunday is 0, January is 1. `next` excludes the present day. */
export type Day =
  | { readonly kind: "unnamed" }
  | { readonly kind: "today" }
  | { readonly kind: "weekday"; readonly weekday: number; readonly next: boolean }
  | { readonly kind: "month-day"; readonly month: number; readonly day: number }
  | { readonly kind: "date"; readonly year: number; readonly month: number; readonly day: number };

/**
 * The meaning of a time text. Two texts that mean the same give equal objects.
 *
 * `clock` and `day` say where the recurrence begins (neither: at this moment). `every` is the period, from
 * `+ N units`, `next unit` or `tomorrow`; the first run is one period after the beginning. `ahead` moves
 * the beginning (`next week + 2 days`); `back`, from `- N units`, moves every run.
 */
export interface TimeSpecification {
  readonly clock: Clock | null;
  readonly day: Day;
  readonly ahead: Period | null;
  readonly every: Period | null;
  readonly back: Period | null;
}

/** `now` alone, and what says the same: a job that runs once, soon. A recurring job refuses it. */
export function isNow(specification: TimeSpecification): boolean {
  const { clock, day, every } = specification;
  return clock === null && day.kind === "unnamed" && every === null;
}

const periodOfDay: Readonly<Record<Day["kind"], Period | null>> = {
  unnamed: { count: 1, unit: "day" },
  today: { count: 1, unit: "day" },
  weekday: { count: 1, unit: "week" },
  "month-day": { count: 1, unit: "year" },
  date: null,
};

/** The period at which runs follow each other; null for what runs once (`now`, a date with a year). */
export function periodOf(specification: TimeSpecification): Period | null {
  if (isNow(specification)) return null;
  return specification.every ?? periodOfDay[specification.day.kind];
}

/** For people: `daily`, `weekly`, `every 7 minutes`, `once`. */
export function describeRecurrence(specification: TimeSpecification): string {
  const period = periodOf(specification);
  if (period === null) return "once";
  const { count, unit } = period;
  if (count > 1) return `every ${count} ${unit}s`;
  // A run is armed at least a minute ahead, so a period of one minute can't be kept to the letter.
  if (unit === "minute") return "every minute or two";
  return unit === "day" ? "daily" : `${unit}ly`;
}

/** `jan`, `wed`: what every at(1) takes for the whole name. */
export const shorten = (name = ""): string => name.slice(0, 3);

const pad = (number: number, length = 2): string => String(number).padStart(length, "0");

function renderClock({ hour, minute, utc }: Clock): string {
  return `${pad(hour)}:${pad(minute)}${utc ? " utc" : ""}`;
}

function renderDay(day: Day): string {
  if (day.kind === "today") return "today";
  if (day.kind === "weekday") return `${day.next ? "next " : ""}${shorten(weekdayNames[day.weekday])}`;
  if (day.kind === "month-day") return `${shorten(monthNames[day.month - 1])} ${day.day}`;
  if (day.kind === "date") return `${pad(day.year, 4)}-${pad(day.month)}-${pad(day.day)}`;
  return "";
}

function renderStep(sign: "+" | "-", { count, unit }: Period): string {
  return `${sign} ${count} ${unit}${count === 1 ? "" : "s"}`;
}

/**
 * The canonical text, which parses back to an equal specification. `2:00am` and `0200` are both `02:00`;
 * `+1day`, `now + 1 day`, `tomorrow` and `next day` are all `now + 1 day`.
 */
export function renderCanonical({ clock, day, ahead, every, back }: TimeSpecification): string {
  // A period and a step back stand together only in `next week - 2 days`, where the period has no number.
  const next = ahead ?? (back === null ? null : every);
  const beginning = [clock && renderClock(clock), renderDay(day), next && `next ${next.unit}`].filter(
    Boolean,
  );
  const steps = [every && next !== every && renderStep("+", every), back && renderStep("-", back)].filter(
    Boolean,
  );
  return [...(beginning.length === 0 ? ["now"] : beginning), ...steps].join(" ");
}
