// Option values as numbers, read strictly: what is not plainly one is refused. Pure.
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
