// Option values as numbers, read strictly: what is not plainly one is refused. Pure.
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
