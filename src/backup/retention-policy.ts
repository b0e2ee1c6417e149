// Which revisions stay, as a policy: what restic's `forget` calls --keep-*, as the plain JSON that travels in jobs and
// in revisions, and as a sentence. Pure.
import { UsageFailure } from "../errors.ts";
import { isInteger, isRecord, isText } from "../system/json.ts";

export const periods = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
export type Period = (typeof periods)[number];

/** Of the newest, or the newest of each of so many hours that have a revision: a count from 1 on, or -1 for all of them. */
type CountRule = "keeprevisions" | `keep-${Period}`;
/** All that are younger than this, counted from the newest, or of each hour the newest: as renderRetentionDuration writes it. */
type DurationRule = "keep-within" | `keep-within-${Period}`;

/** The keys are the names of the options. A revision stays where any of them says so; there is at least one. */
export type Retention = { readonly [Rule in CountRule]?: number } & {
  readonly [Rule in DurationRule]?: string;
};

export const defaultRetention: Retention = { keeprevisions: 14 };

/** By the calendar, so not a number of milliseconds. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

/**
 * Reads a duration as restic does: `1y6m`, `2d12h`, in any order; `m` is months.
 *
 * Throws UsageFailure for what restic lets pass: a negative one, one of nothing, a unit named twice. Five digits each,
 * so that every sum of them is a time that a Date can hold.
 */
export function parseRetentionDuration(text: string): Duration {
  const refuse = (reason: string): never => {
    throw new UsageFailure(`cannot read the duration '${text}': ${reason}`, {
      hint: "write years, months, days and hours, as in 1y6m, 30d or 2d12h; m is months, and a week is 7d",
    });
  };
  if (!/^(?:\d+[ymdh])+$/.test(text))
    return refuse("it is not made of numbers, each with y, m, d or h behind it");
  const found = new Map<string, number>();
  for (const [, digits = "", unit = ""] of text.matchAll(/(\d+)([ymdh])/g)) {
    if (found.has(unit)) return refuse(`it names ${unit} twice`);
    if (digits.length > 5) return refuse(`${digits}${unit} is too long`);
    found.set(unit, Number(digits));
  }
  const [years = 0, months = 0, days = 0, hours = 0] = ["y", "m", "d", "h"].map((unit) => found.get(unit));
  if (years + months + days + hours === 0) return refuse("it is no time at all");
  return { years, months, days, hours };
}

/** What `renderRetentionDuration` writes, and the empty text. */
const WRITTEN = /^(?:[1-9]\d{0,4}y)?(?:[1-9]\d{0,4}m)?(?:[1-9]\d{0,4}d)?(?:[1-9]\d{0,4}h)?$/;

/** `1y6m2d12h`: the largest first, and no unit of which there is nothing. */
export function renderRetentionDuration({ years, months, days, hours }: Duration): string {
  const amounts = [`${years}y`, `${months}m`, `${days}d`, `${hours}h`];
  return amounts.filter((amount) => !amount.startsWith("0")).join("");
}

const COUNT_RULE = new RegExp(`^(keeprevisions|keep-(${periods.join("|")}))$`);
const DURATION_RULE = new RegExp(`^keep-within(-(${periods.join("|")}))?$`);

/** Whether JSON from outside is a policy: no key is unknown, no count or duration odd, and it would keep something. */
export function isRetention(value: unknown): value is Retention {
  if (!isRecord(value)) return false;
  const rules = Object.entries(value);
  return rules.length > 0 && rules.every(isRule);
}

function isRule([key, rule]: readonly [string, unknown]): boolean {
  if (COUNT_RULE.test(key)) return isInteger(rule) && (rule >= 1 || rule === -1);
  return DURATION_RULE.test(key) && isText(rule) && WRITTEN.test(rule);
}

/** How many revisions the rules count at most; Infinity where one of them has no count. */
export function countLimit(policy: Retention): number {
  const counts = Object.values(policy).map((rule) =>
    typeof rule === "number" && rule > 0 ? rule : Infinity,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

export function hasPeriodRule(policy: Retention): boolean {
  return Object.keys(policy).some((key) => key !== "keeprevisions");
}

const unitOf: Readonly<Record<Period, string>> = {
  hourly: "hour",
  daily: "day",
  weekly: "week",
  monthly: "month",
  yearly: "year",
};

/** What is kept, to follow "keeps": `the newest 14 revisions, the last of each of 7 days, and all of the last 1y6m`. */
export function describeRetention(policy: Retention): string {
  const { keeprevisions: newest, "keep-within": within } = policy;
  const many = newest === -1 ? "all revisions" : `the newest ${newest} revisions`;
  const parts = [
    newest === 1 ? "the newest revision" : newest && many,
    ...periods.map((period) => {
      const [count, unit] = [policy[`keep-${period}`], unitOf[period]];
      if (count === -1) return `the last of every ${unit}`;
      return count && `the last of each of ${count} ${unit}${count === 1 ? "" : "s"}`;
    }),
    ...periods.map((period) => {
      const duration = policy[`keep-within-${period}`];
      return duration && `the last of each ${unitOf[period]} of the last ${duration}`;
    }),
    within && `all of the last ${within}`,
  ].filter((part) => typeof part === "string");
  const last = parts.pop() ?? "";
  return parts.length > 0 ? `${parts.join(", ")}, and ${last}` : last;
}
