// Option values as numbers and words, read strictly: what is not plainly one is refused. Pure.
import { UsageFailure } from "../errors.ts";

/** What `parseCount` must know: the option as typed, and the least number that makes sense. */
export interface CountRule {
  readonly name: string;
  readonly min: number;
  readonly max?: number;
  /** What to type instead, said when the number is too small. */
  readonly hint?: string;
}

/** A whole number in plain digits, at least `min`. Throws UsageFailure on anything else: "1e3", "5.5", "0x10", "+5", "９". */
export function parseCount(
  text: string,
  { name, min, max = Number.MAX_SAFE_INTEGER, hint }: CountRule,
): number {
  const count = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) {
    throw new UsageFailure(`'${name}' needs a whole number, not '${text}'`, {
      hint: hint ?? `write ${name}=${Math.max(min, 1)}`,
    });
  }
  if (count < min) {
    throw new UsageFailure(`'${name}' must be at least ${min}, not ${text}`, {
      hint: hint ?? `write ${name}=${min}`,
    });
  }
  if (count > max) throw new UsageFailure(`'${name}' must be at most ${max}, not ${text}`);
  return count;
}

const durationUnits: Readonly<Record<string, number>> = {
  y: 365 * 86_400,
  m: 30 * 86_400,
  d: 86_400,
  h: 3600,
};

/** A duration such as `26h`, `2d12h` or `1y6m` in seconds, as restic writes it: `m` is months. Throws UsageFailure. */
export function parseDuration(text: string, name: string): number {
  if (!/^(?:\d{1,6}[ymdh])+$/.test(text)) {
    throw new UsageFailure(`'${name}' needs a duration, not '${text}'`, {
      hint: `write it in years, months, days and hours, as in ${name}=26h or ${name}=2d12h`,
    });
  }
  const parts = [...text.matchAll(/(\d+)([ymdh])/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (durationUnits[unit] ?? 0), 0);
}
