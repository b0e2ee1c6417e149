// When a schedule runs: its first occurrence, and the one that follows another. Pure: the present and the zone are
// arguments.
import {
  firstAfter,
  midnightOf,
  type Moment,
  momentOf,
  movePeriod,
  type Present,
  recur,
  type Recurrence,
  timeOfDayMs,
} from "./recurrence.ts";
import { isNow, periodOf, type TimeSpecification } from "./specification.ts";
import { ceilToMinute, floorToMinute, minuteMs, parseWall, renderWall, startOfDay } from "./wall-time.ts";
import { utcZone, wallMsAt, type Zone } from "./zone.ts";

/** One run of a schedule, and what its job has to remember so that the recurrence does not drift. */
export interface Occurrence {
  /** The instant at which it is due, in milliseconds since 1970: what the next one is counted from. */
  readonly dueMs: number;
  /** The whole minute to give to at(1): `dueMs`, or later where that is less than a minute away. */
  readonly startsAtMs: number;
  /** Where the recurrence began, on the wall: `2026-11-17T12:47`, in UTC where the time text says so. */
  readonly anchor: string;
}

/**
 * The first run of a schedule that is installed now, or null where what was named has passed (`10:00 today` at
 * noon, a date of last year). `now` is due now, and so starts at the first whole minute that is a minute away.
 */
export function firstOccurrence(
  specification: TimeSpecification,
  { nowMs, zone: ownZone }: Present,
): Occurrence | null {
  const zone = zoneIn(specification, ownZone);
  const wallMs = wallMsAt(zone, floorToMinute(nowMs));
  if (isNow(specification)) return occurAt(floorToMinute(nowMs), renderWall(wallMs), nowMs);
  const { every, day } = specification;
  if (every !== null) return firstOfPeriods(specification, zone, nowMs);
  const days = recur(specification, { instantMs: nowMs, wallMs }, { nowMs, zone });
  const only = day.kind === "today" ? { ...days, periodMs: 0 } : days;
  return occurAt(firstAfter(only, nowMs, 0), renderWall(wallMs), nowMs);
}

/**
 * The run after one that was due, or null for what runs once. After downtime that is the next one of the old
 * recurrence, and those missed are not made up for.
 *
 * A clock that was set back by less than a period does not repeat the run that was due; one that was set back
 * further (it had been wrong) goes on from the present, and does not wait until the wrong time comes again.
 */
export function nextOccurrence(
  specification: TimeSpecification,
  { dueMs, anchor }: Pick<Occurrence, "dueMs" | "anchor">,
  { nowMs, zone: ownZone }: Present,
): Occurrence | null {
  if (periodOf(specification) === null) return null;
  const zone = zoneIn(specification, ownZone);
  const anchorMs = parseWall(anchor);
  // A schedule must not die of a damaged anchor: the due time is the next best.
  const wallMs = Number.isNaN(anchorMs) ? wallMsAt(zone, dueMs) : anchorMs;
  const recurrence = recur(specification, { instantMs: dueMs, wallMs }, { nowMs, zone });
  const coming = firstAfter(recurrence, nowMs);
  return occurAt(coming === dueMs ? firstAfter(recurrence, dueMs) : coming, anchor, nowMs);
}

/**
 * The first run of `+ N units` is one period after the beginning, which is on the named day, or now. Where a weekday is
 * over, or where of a date, or a time of day, that first run is (`12:00 + 5 minutes` at 12:47 is tomorrow 12:05, as Debian
 * has it), the next such day is the beginning. From a date with a year the recurrence is followed up to the present.
 */
function firstOfPeriods(specification: TimeSpecification, zone: Zone, nowMs: number) {
  const { day, clock, back } = specification;
  const recurFrom = (begin: Moment): Recurrence => {
    const origin = { ...begin, instantMs: movePeriod(zone, begin, back, -1).instantMs };
    return recur(specification, origin, { nowMs, zone });
  };
  const isMovable = day.kind === "month-day" || (day.kind === "unnamed" && clock !== null);
  const hasPassed = (begin: Moment): boolean =>
    day.kind === "weekday" ? begin.instantMs <= nowMs : isMovable && recurFrom(begin).instantMsAt(1) <= nowMs;
  const named = beginningOf(specification, zone, nowMs, 0);
  const begin = hasPassed(named) ? beginningOf(specification, zone, nowMs, 1) : named;
  return occurAt(firstAfter(recurFrom(begin), nowMs, 1), renderWall(begin.wallMs), nowMs);
}

/** Where `+ N units` is counted from: the `number`-th such day that is named. */
function beginningOf(specification: TimeSpecification, zone: Zone, nowMs: number, number: number): Moment {
  const { clock, day, ahead } = specification;
  const instantMs = floorToMinute(nowMs);
  const wallMs = wallMsAt(zone, instantMs);
  if (clock === null && day.kind === "unnamed") return movePeriod(zone, { instantMs, wallMs }, ahead, 1);
  const named = midnightOf(day, startOfDay(wallMs), number) + timeOfDayMs(specification, wallMs);
  return movePeriod(zone, momentOf(zone, named), ahead, 1);
}

/** The zone in which a specification's times are: UTC where it says so. */
function zoneIn({ clock }: TimeSpecification, zone: Zone): Zone {
  return clock?.utc === true ? utcZone : zone;
}

// at(1) has no later date: its -t takes four digits of year.
const endOfTimeMs = Date.UTC(10_000, 0, 1);

/**
 * A run that is due in less than a minute is put off to the first whole minute that is a minute away, and not left
 * out: at(1) runs at once a time that passes while it is called.
 */
function occurAt(dueMs: number | null, anchor: string, nowMs: number): Occurrence | null {
  if (dueMs === null || dueMs >= endOfTimeMs) return null;
  return { dueMs, startsAtMs: ceilToMinute(Math.max(dueMs, nowMs + minuteMs)), anchor };
}

/** At most `count` instants at which at(1) would be asked to start runs; none where the time has passed. */
export function previewTimes(specification: TimeSpecification, present: Present, count: number): number[] {
  const timesMs: number[] = [];
  let run = firstOccurrence(specification, present);
  while (run !== null && timesMs.length < count) {
    timesMs.push(run.startsAtMs);
    run = nextOccurrence(specification, run, { ...present, nowMs: run.startsAtMs });
  }
  return timesMs;
}
