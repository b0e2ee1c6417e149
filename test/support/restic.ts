// What restic's forget keeps: internal/data/snapshot_policy.go told again, as a judge of our own rules. Nothing of it is
// shared with them: periods are texts of a calendar here, and the week is that of its Thursday.
import type { Retention } from "../../src/backup/retention-policy.ts";
import { wallMsAt, type Zone } from "../../src/time/zone.ts";

const labelOf: Readonly<Record<string, (wall: Date) => string>> = {
  hourly: (wall) => wall.toISOString().slice(0, 13),
  daily: (wall) => wall.toISOString().slice(0, 10),
  weekly(wall) {
    const thursday = new Date(wall);
    thursday.setUTCDate(wall.getUTCDate() + 4 - (wall.getUTCDay() || 7));
    const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
    return `${thursday.getUTCFullYear()} week ${Math.ceil(((thursday.getTime() - newYear) / 86_400_000 + 1) / 7)}`;
  },
  monthly: (wall) => wall.toISOString().slice(0, 7),
  yearly: (wall) => wall.toISOString().slice(0, 4),
};

interface Rule {
  readonly label: (index: number) => string;
  readonly startMs: number;
  left: number;
  last: string;
}

function startOf(text: string, latestMs: number, zone: Zone): number {
  const amount = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
  const wall = new Date(wallMsAt(zone, latestMs));
  const moved = Date.UTC(
    wall.getUTCFullYear() - amount("y"),
    wall.getUTCMonth() - amount("m"),
    wall.getUTCDate() - amount("d"),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
    wall.getUTCMilliseconds(),
  );
  // As Go's time.Date: the offset of that time if it were UTC, or of the instant that this gives.
  const guess = moved - zone.offsetMsAt(moved);
  return moved - zone.offsetMsAt(guess) - amount("h") * 3_600_000;
}

/**
 * The indices of the times, newest first, that restic keeps.
 * @param ageOf the time that durations compare; restic's is that of the snapshot itself
 */
export function selectAsRestic(
  times: readonly number[],
  policy: Retention,
  {
    nowMs,
    zone,
    ageOf = (index) => times[index] ?? 0,
  }: { nowMs: number; zone: Zone; ageOf?: (index: number) => number },
): number[] {
  const latest = Math.max(...times.filter((time) => time < nowMs));
  const rules: Rule[] = [];
  const entries: [string, number | string][] = Object.entries(policy);
  for (const [key, value] of entries) {
    // keeprevisions and keep-within name no period: each snapshot is one of its own.
    const labelAt = labelOf[key.slice(key.lastIndexOf("-") + 1)];
    rules.push({
      label: (index) => labelAt?.(new Date(wallMsAt(zone, times[index] ?? 0))) ?? String(index),
      startMs: typeof value === "string" && latest > -Infinity ? startOf(value, latest, zone) : -Infinity,
      left: typeof value === "number" ? value : -1,
      last: "",
    });
  }
  return times.flatMap((_, index) => {
    let isKept = false;
    for (const rule of rules) {
      if (rule.left === 0 || ageOf(index) <= rule.startMs) continue;
      const label = rule.label(index);
      if (label === rule.last && index !== times.length - 1) continue;
      rule.last = label;
      if (rule.left > 0) rule.left -= 1;
      isKept = true;
    }
    return isKept ? [index] : [];
  });
}
