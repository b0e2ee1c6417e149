// The rules of a policy that look at times, as restic's forget applies them (internal/data/snapshot_policy.go): each is
// asked newest first, and answers why it keeps a revision. Pure.
import { dayMs, hourMs } from "../time/wall-time.ts";
import type { Zone } from "../time/zone.ts";
import {
  type Duration,
  parseRetentionDuration,
  type Period,
  periods,
  type Retention,
} from "./retention-policy.ts";

export interface Moment {
  readonly takenAtMs: number;
  /** When it ceased to be the newest state. */
  readonly untilMs: number;
}

export interface PeriodRule {
  /** Why it keeps this one, or null. @param isOldest there is none behind it */
  keep(moment: Moment, isOldest: boolean): string | null;
  /** Whether it would keep this one behind all that it was asked for, if that were the oldest. */
  isOpen(moment: Moment): boolean;
}

/**
 * The rules by period, for one series.
 * @param latestMs what durations are counted back from; -Infinity where nothing was taken before now, and then everything
 * is within them
 */
export function makePeriodRules(
  policy: Retention,
  latestMs: number,
  offsetMsAt: Zone["offsetMsAt"],
): readonly PeriodRule[] {
  const windowOf = (text: string): Window =>
    latestMs === -Infinity
      ? always
      : { startMs: subtractDuration(latestMs, parseRetentionDuration(text), offsetMsAt), latestMs };
  const bucketAt = (period: Period) => (instantMs: number) =>
    bucketOf[period](instantMs + offsetMsAt(instantMs));
  const counted = periods.flatMap((period) => {
    const count = policy[`keep-${period}`];
    if (count === undefined) return [];
    const nameOf = (used: number) => `${period} ${used}${count === -1 ? "" : ` of ${count}`}`;
    return [makeRule(nameOf, bucketAt(period), count, always)];
  });
  const within = policy["keep-within"];
  const bucketed = periods.flatMap((period) => {
    const text = policy[`keep-within-${period}`];
    if (text === undefined) return [];
    return [makeRule(() => `${period} within ${text}`, bucketAt(period), -1, windowOf(text))];
  });
  // Each is a period of its own.
  const all = within === undefined ? [] : [makeRule(() => `within ${within}`, Symbol, -1, windowOf(within))];
  return [...counted, ...bucketed, ...all];
}

/** The period that a time on the wall belongs to, as any number that no other period has. */
const bucketOf: Readonly<Record<Period, (wallMs: number) => number>> = {
  hourly: (wallMs) => Math.floor(wallMs / hourMs),
  daily: (wallMs) => Math.floor(wallMs / dayMs),
  // A week of ISO 8601 begins on Monday, and 1970 began on a Thursday.
  weekly: (wallMs) => Math.floor((wallMs / dayMs + 3) / 7),
  monthly: (wallMs) => new Date(wallMs).getUTCFullYear() * 12 + new Date(wallMs).getUTCMonth(),
  yearly: (wallMs) => new Date(wallMs).getUTCFullYear(),
};

interface Window {
  readonly startMs: number;
  readonly latestMs: number;
}

const always: Window = { startMs: -Infinity, latestMs: Infinity };

/**
 * The newest of each of the last `count` periods that have one, -1 for all of them; the very oldest while that is not used
 * up. Of those alone that were the newest state after `startMs`: restic goes by when a state was taken; what was the live
 * state until yesterday would then be as old as its first hour.
 * @param nameOf what to call the rule where it keeps so many
 */
function makeRule(
  nameOf: (used: number) => string,
  bucketAt: (instantMs: number) => unknown,
  count: number,
  { startMs, latestMs }: Window,
): PeriodRule {
  let used = 0;
  let isPassed = false;
  let bucket: unknown;
  return {
    keep({ takenAtMs, untilMs }, isOldest) {
      isPassed ||= untilMs <= startMs;
      if (used === count || untilMs <= startMs) return null;
      const next = bucketAt(takenAtMs);
      const isNew = next !== bucket;
      if (!isNew && !isOldest) return null;
      bucket = next;
      return `${isNew ? "" : "oldest "}${nameOf(++used)}`;
    },
    isOpen: ({ takenAtMs, untilMs }) =>
      used !== count && (!isPassed || (untilMs > startMs && takenAtMs <= latestMs)),
  };
}

/**
 * Go's `AddDate(-years, -months, -days).Add(-hours)`: by the calendar on the wall, where a day that the month lacks runs
 * over (a month before 31 October is 1 October); hours are elapsed time. A time that the clocks skipped or showed twice
 * is the instant that Go's `time.Date` takes.
 */
export function subtractDuration(
  instantMs: number,
  { years, months, days, hours }: Duration,
  offsetMsAt: Zone["offsetMsAt"],
): number {
  const wall = new Date(instantMs + offsetMsAt(instantMs));
  // Not Date.UTC, to which the year 76 is 1976.
  wall.setUTCFullYear(wall.getUTCFullYear() - years, wall.getUTCMonth() - months, wall.getUTCDate() - days);
  const wallMs = wall.getTime();
  // No clock of ours shows a time before 1970, and no zone is asked about the Romans.
  if (wallMs < 0) return Number.NEGATIVE_INFINITY;
  return wallMs - offsetMsAt(wallMs - offsetMsAt(wallMs)) - hours * hourMs;
}
