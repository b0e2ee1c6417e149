// The options that say which revisions stay: how they are typed, and the policy that they make together.
import {
  defaultRetention,
  type Duration,
  parseRetentionDuration,
  renderRetentionDuration,
  type Retention,
} from "../backup/retention-policy.ts";
import { valued, type TextDefinition } from "../cli/command.ts";
import { guessDuration, parseCount } from "../cli/values.ts";
import { UsageFailure } from "../errors.ts";

type Rule = keyof Retention;

/** For `run`, `install` and `prune`. None has a default: what is not typed, the series' own policy says. */
export const retentionArguments = {
  keeprevisions: valued("N", "keep the newest N revisions; all, or -1, is no limit", { alias: ["k"] }),
  "keep-hourly": valued("N", "keep the last of each of N hours"),
  "keep-daily": valued("N", "keep the last of each of N days"),
  "keep-weekly": valued("N", "keep the last of each of N weeks"),
  "keep-monthly": valued("N", "keep the last of each of N months"),
  "keep-yearly": valued("N", "keep the last of each of N years"),
  "keep-within": valued("DURATION", "keep all of the last DURATION, as in 2d12h or 1y6m"),
  "keep-within-hourly": valued("DURATION", "keep the last of each hour of the last DURATION"),
  "keep-within-daily": valued("DURATION", "keep the last of each day of the last DURATION"),
  "keep-within-weekly": valued("DURATION", "keep the last of each week of the last DURATION"),
  "keep-within-monthly": valued("DURATION", "keep the last of each month of the last DURATION"),
  "keep-within-yearly": valued("DURATION", "keep the last of each year of the last DURATION"),
} satisfies Record<Rule, TextDefinition>;

export const retentionDetails =
  "What is kept: whatever any of the --keep options keeps. Without one, the policy of the newest revision holds; where there is none, " +
  `the newest ${defaultRetention.keeprevisions} are kept.`;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as `satisfies` has shown
export const retentionNames = Object.keys(retentionArguments) as readonly Rule[];

/** The policy that was typed; undefined where none was. Throws a UsageFailure for a value that is none. */
export function readRetention(args: { readonly [Name in Rule]?: string | undefined }): Retention | undefined {
  const rules = retentionNames.flatMap((name) => {
    const text = args[name];
    return text === undefined ? [] : [[name, parseRule(name, text)] as const];
  });
  return rules.length === 0 ? undefined : Object.fromEntries(rules);
}

/** A count from 1 on, or -1 for no limit; a duration as it is written everywhere. */
function parseRule(name: Rule, text: string): number | string {
  const option = `--${name}`;
  if (retentionArguments[name].valueHint === "DURATION")
    return renderRetentionDuration(parseDuration(option, text));
  if (text === "all" || text === "-1") return -1;
  if (name === "keeprevisions" && /^\d+[ymdh]$/.test(text))
    throw new UsageFailure(`'${option}' needs a number of revisions, not '${text}'`, {
      instead: { [option]: null, "--keep-within": text },
    });
  return parseCount(text, { name: option, min: 1, example: "14" });
}

function parseDuration(option: string, text: string): Duration {
  try {
    return parseRetentionDuration(text);
  } catch (cause) {
    if (!(cause instanceof UsageFailure)) throw cause;
    const instead = { [option]: guessDuration(text, "d", ["d", "h"]) };
    throw new UsageFailure(`'${option}': ${cause.message}`, { hint: cause.hint, instead, cause });
  }
}
