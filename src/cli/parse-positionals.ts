// The gate's rules on arguments that go by their place, and on what must not be left out. Pure.
import type { parseArgs } from "node:util";
import { UsageFailure } from "../errors.ts";
import { quoteForShell } from "./quote.ts";
import { isRequired, type Option, type Positional, type Syntax } from "./syntax.ts";

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

export interface PositionalToken {
  readonly value: string;
  /** The token in front of it. */
  readonly follows: Token | undefined;
}

/** Refuses the last of `positionals` if it is empty, or one more than declared. `rest` begins with it. */
export function refuseExtraPositional(
  positionals: readonly PositionalToken[],
  declared: readonly Positional[],
  rest: readonly Token[],
  commandName: string,
): void {
  const last = positionals.at(-1);
  if (last === undefined) return;
  const place =
    declared[positionals.length - 1] ?? declared.findLast(({ definition }) => definition.variadic);
  if (place === undefined) {
    throw new UsageFailure(`unexpected argument '${last.value}'`, {
      hint: describeExtra(positionals, rest) ?? `'tinybackup ${commandName} --help' shows what it takes`,
    });
  }
  if (last.value.trim() === "") {
    throw new UsageFailure(`argument ${place.name.toUpperCase()} is empty`, {
      hint: "if it comes from a variable, the variable is empty",
    });
  }
}

/** `-t 2:00 am` is most likely one value whose quotes were forgotten. */
function describeExtra(positionals: readonly PositionalToken[], rest: readonly Token[]): string | undefined {
  const follows = positionals.at(-1)?.follows;
  const end = rest.findIndex((token) => token.kind !== "positional");
  const words = rest
    .slice(0, end === -1 ? undefined : end)
    .flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  if (follows?.kind === "option" && follows.value !== undefined) {
    const joint = follows.rawName.startsWith("--") && follows.inlineValue ? "=" : " ";
    const value = quoteForShell([follows.value, ...words].join(" "));
    return `if it belongs to the value, quote it: ${follows.rawName}${joint}${value}`;
  }
  if (follows?.kind === "positional") {
    const before = positionals.slice(0, -1).map(({ value }) => value);
    return `if the words belong together, quote them: ${quoteForShell([...before, ...words].join(" "))}`;
  }
  return undefined;
}

/** Names everything that is required and was not given, in one line. */
export function refuseMissing(
  given: ReadonlySet<Option>,
  positionalCount: number,
  syntax: Syntax,
  commandName: string,
): void {
  const options = syntax.options
    .filter(({ definition }) => isRequired(definition))
    .filter((option) => !given.has(option))
    .map(describeOption);
  const positionals = syntax.positionals
    .slice(positionalCount)
    .filter(({ definition }) => definition.required)
    .map(({ name, definition }) => `${name.toUpperCase()} (${definition.description})`);
  const missing = [...options, ...positionals];
  if (missing.length === 0) return;
  throw new UsageFailure(`missing ${missing.join(" and ")}`, {
    hint: `'tinybackup ${commandName} --help' shows an example`,
  });
}

function describeOption({ name, definition }: Option): string {
  const value = definition.type === "string" ? definition.valueHint : "VALUE";
  return `--${name} ${value}`;
}
