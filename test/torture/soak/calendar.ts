// When schedules are due, reckoned anew for the soak: by Temporal and by counting one occurrence after the other, with
// nothing of the program's own reckoning.
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A time of day on the wall. */
interface Clock {
  readonly hour: number;
  readonly minute: number;
}

/** What the time text of a schedule means. */
export type Rhythm =
  | ({ readonly kind: "daily" } & Clock)
  /** Monday is 1, as ISO 8601 has it. */
  | ({ readonly kind: "weekly"; readonly weekday: number } & Clock)
  | ({ readonly kind: "yearly"; readonly month: number; readonly day: number } & Clock)
  /** Elapsed time. */
  | { readonly kind: "hours"; readonly count: number }
  /** By the calendar, at the time of day at which it was installed. */
  | { readonly kind: "days" | "months"; readonly count: number };

/** Where a rhythm is: when it is due, and the wall time at which it was installed. */
export interface Due {
  readonly dueMs: number;
  readonly installed: Temporal.PlainDateTime;
}

const wallAt = (instantMs: number, zone: string): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone).toPlainDateTime();

/** A wall time that the clocks skip is later by the gap; of one that they show twice it is the first. */
const instantOf = (wall: Temporal.PlainDateTime, zone: string): number =>
  wall.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;

/** Where a schedule begins that is installed now. */
export function begin(rhythm: Rhythm, nowMs: number, zone: string): Due {
  const minuteNowMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const installed = wallAt(minuteNowMs, zone);
  return { installed, dueMs: first(rhythm, { installed, dueMs: minuteNowMs }, nowMs, zone) };
}

/** The run after one that was due: in the future, and never the same again, though the clock was set back. */
export function advance(rhythm: Rhythm, due: Due, nowMs: number, zone: string): Due {
  const next = first(rhythm, due, nowMs, zone);
  return { ...due, dueMs: next === due.dueMs ? first(rhythm, due, next, zone) : next };
}

/** When a job starts that is due then: at a whole minute that is a minute away. */
export const startOf = (dueMs: number, nowMs: number): number =>
  Math.ceil(Math.max(dueMs, nowMs + minuteMs) / minuteMs) * minuteMs;

/** About how far apart two runs are. */
export function periodMs(rhythm: Rhythm): number {
  if (rhythm.kind === "hours") return rhythm.count * hourMs;
  if (rhythm.kind === "months") return (rhythm.count * 365.2425 * dayMs) / 12;
  if (rhythm.kind === "yearly") return 365.2425 * dayMs;
  if (rhythm.kind === "weekly") return 7 * dayMs;
  return (rhythm.kind === "days" ? rhythm.count : 1) * dayMs;
}

/** The first occurrence after an instant. */
function first(rhythm: Rhythm, due: Due, afterMs: number, zone: string): number {
  for (const instantMs of occurrences(rhythm, due, afterMs, zone)) if (instantMs > afterMs) return instantMs;
  throw new Error("a rhythm ended");
}

/** From a little before an instant on, in their order. */
function* occurrences(rhythm: Rhythm, due: Due, aroundMs: number, zone: string): Iterable<number> {
  if (!("hour" in rhythm)) return yield* periods(rhythm, due, aroundMs, zone);
  const { hour, minute } = rhythm;
  const from = wallAt(aroundMs, zone).toPlainDate().subtract({ days: 2 });
  for (let date = from; ; date = date.add({ days: 1 }))
    if (falls(rhythm, date)) yield instantOf(date.toPlainDateTime({ hour, minute }), zone);
}

function* periods(
  rhythm: Exclude<Rhythm, Clock>,
  due: Due,
  aroundMs: number,
  zone: string,
): Iterable<number> {
  if (rhythm.kind === "hours") {
    const stepMs = rhythm.count * hourMs;
    const behind = Math.max(0, Math.ceil((due.dueMs - aroundMs) / stepMs) + 1);
    for (let at = due.dueMs - behind * stepMs; ; at += stepMs) yield at;
  }
  for (let number = 1; ; number += 1)
    yield instantOf(due.installed.add({ [rhythm.kind]: number * rhythm.count }), zone);
}

/** Whether a date is one of a rhythm that names days. */
function falls(rhythm: Rhythm, date: Temporal.PlainDate): boolean {
  if (rhythm.kind === "weekly") return date.dayOfWeek === rhythm.weekday;
  if (rhythm.kind === "yearly") return date.month === rhythm.month && date.day === rhythm.day;
  return true;
}
