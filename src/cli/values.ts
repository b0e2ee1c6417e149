// Option values as numbers, of what or of seconds, read strictly: what is not plainly one is refused. Pure.
import { UsageFailure } from "../errors.ts";

/** What `parseCount` must know: the option as typed, and the least number that makes sense. */
export interface CountRule {
  readonly name: string;
  readonly min: number;
  readonly max?: number;
  /** What to type instead; the nearest number that may be, unless said. */
  readonly example?: string;
}

/** A whole number in plain digits, at least `min`. Throws UsageFailure on anything else: "1e3", "5.5", "0x10", "+5", "９". */
export function parseCount(
  text: string,
  { name, min, max = Number.MAX_SAFE_INTEGER, example }: CountRule,
): number {
  const count = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  const refuse = (what: string, meant: number): never => {
    throw new UsageFailure(`'${name}' ${what}, not ${Number.isNaN(count) ? `'${text}'` : text}`, {
      instead: { [name]: example ?? String(meant) },
    });
  };
  if (Number.isNaN(count)) return refuse("needs a whole number", Math.max(min, 1));
  if (count < min) return refuse(`must be at least ${min}`, min);
  return count > max ? refuse(`must be at most ${max}`, max) : count;
}

const unitMinutes: Readonly<Record<string, number>> = { min: 1, h: 60, d: 1440, w: 10_080 };

/**
 * A DURATION in seconds: `30min`, `26h`, `2d`, `1w`, or several of them joined, each unit once. Throws UsageFailure on anything
 * else. @param name the option as typed
 */
export function parseDuration(text: string, name: string): number {
  const parts = [...text.matchAll(/(\d{1,5})(min|[hdw])/g)];
  const units = new Set(parts.map(([, , unit]) => unit));
  const minutes = parts.map(([, count, unit = ""]) => Number(count) * (unitMinutes[unit] ?? 0));
  const seconds = minutes.reduce((sum, each) => sum + each, 0) * 60;
  const isWhole = parts.map(([part]) => part).join("") === text && units.size === parts.length;
  if (isWhole && seconds > 0) return seconds;
  const why = /\dm\b/.test(text) ? ": m is minutes to at, and months to restic" : "";
  const what = `'${name}' needs a duration such as 30min, 26h, 2d, 1w or 1d12h, not '${text}'${why}`;
  throw new UsageFailure(what, { instead: { [name]: guessDuration(text) } });
}

const foreignMinutes: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, mo: 43_200, y: 525_600 };

/**
 * `1 day`, `90m`, `2 hours 30 minutes`, `1.5h`, `3 months`, `PT1H`.
 * @param bare the unit of a number alone
 * @param units those that may be said, the largest first
 */
export function guessDuration(
  text: string,
  bare = "h",
  units: readonly string[] = ["d", "h", "min"],
): string {
  const parts = [...text.toLowerCase().matchAll(/(\d{1,4}(?:\.\d+)?)\s*(mo|[smhdwy])?/g)];
  const each = parts.map(
    ([, count, unit = bare]) => Number(count) * (unitMinutes[unit] ?? foreignMinutes[unit] ?? 0),
  );
  const minutes = Math.ceil(each.reduce((sum, part) => sum + part, 0));
  const unit = units.find((name) => minutes % (unitMinutes[name] ?? 1) === 0) ?? units.at(-1) ?? "";
  const count = Math.ceil(minutes / (unitMinutes[unit] ?? 1));
  return count > 0 && count < 100_000 ? `${count}${unit}` : "26h";
}
