// The strict gate in front of citty, which by itself ignores what it does not know: nothing mistyped gets
// through, and what gets through is spelled so that citty can read it in one way only. Pure.
import { parseArgs } from "node:util";
import { UsageFailure } from "../errors.ts";
import type { Arguments } from "./definition.ts";
import { findNearest } from "./nearest.ts";
import { type PositionalToken, refuseExtraPositional, refuseMissing } from "./parse-positionals.ts";
import { quoteForShell } from "./quote.ts";
import { isNegatable, type Option, readSyntax, type Syntax, toParseArgsOptions } from "./syntax.ts";

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

/** What a command line asks for: help, or a run. Options are in canonical form (`--name=value`, `--name`,
 * `--no-name`), each of them once; citty is to read them, then `--`, then the positionals. */
export type CommandLine =
  | { readonly asks: "help" }
  | { readonly asks: "run"; readonly options: readonly string[]; readonly positionals: readonly string[] };

interface Given {
  readonly spelling: string;
  readonly rawArg: string;
}

/** Splits without judging: `strict: false` so that the judging, and its words, are ours. */
function tokenize(argv: readonly string[], syntax: Syntax): readonly Token[] {
  return parseArgs({
    args: [...argv],
    options: toParseArgsOptions(syntax),
    strict: false,
    tokens: true,
    allowPositionals: true,
  }).tokens;
}

/** Whether the flag `name` stands among the options, right or wrong as the rest may be. */
export function hasFlag(argv: readonly string[], args: Arguments, name: string): boolean {
  const syntax = readSyntax(args);
  return tokenize(argv, syntax).some(
    (token) => token.kind === "option" && token.name === name && token.value === undefined,
  );
}

/** Reads the arguments that follow the command's name. Throws UsageFailure, naming the first thing that is wrong. */
export function parseCommandLine(argv: readonly string[], args: Arguments, commandName: string): CommandLine {
  if (hasFlag(argv, args, "help")) return { asks: "help" };
  const syntax = readSyntax(args);
  const tokens = tokenize(argv, syntax);
  const given = new Map<Option, Given>();
  const positionals: PositionalToken[] = [];
  for (const [place, token] of tokens.entries()) {
    if (token.kind === "option") {
      takeOption(token, { argv, syntax, given, commandName, follows: tokens[place - 1] });
    } else if (token.kind === "positional") {
      positionals.push({ value: token.value, follows: tokens[place - 1] });
      refuseExtraPositional(positionals, syntax.positionals, tokens.slice(place), commandName);
    }
  }
  refuseMissing(new Set(given.keys()), positionals.length, syntax, commandName);
  return {
    asks: "run",
    options: [...given.values()].map(({ rawArg }) => rawArg),
    positionals: positionals.map(({ value }) => value),
  };
}

interface Reading {
  readonly argv: readonly string[];
  readonly syntax: Syntax;
  readonly given: Map<Option, Given>;
  readonly commandName: string;
  readonly follows: Token | undefined;
}

function takeOption(token: OptionToken, reading: Reading): void {
  const { given, syntax } = reading;
  refuseSingleDash(token, reading);
  const negated = findNegated(token.rawName, syntax);
  const option = syntax.bySpelling.get(token.rawName) ?? negated;
  if (option === undefined) throw describeUnknown(token, reading);
  const before = given.get(option);
  if (before !== undefined) {
    const other = before.spelling === token.rawName ? "" : `, first as '${before.spelling}'`;
    throw new UsageFailure(`option '${token.rawName}' is given twice${other}`, { hint: "give it once" });
  }
  const rawArg =
    option.definition.type === "boolean"
      ? takeFlag(token, option, negated !== undefined)
      : takeValue(token, option);
  given.set(option, { spelling: token.rawName, rawArg });
}

function findNegated(rawName: string, syntax: Syntax): Option | undefined {
  if (!rawName.startsWith("--no-")) return undefined;
  const option = syntax.bySpelling.get(`--${rawName.slice("--no-".length)}`);
  return option !== undefined && isNegatable(option) ? option : undefined;
}

/** `-destdir X` would be read as `-d estdir` and a stray X. */
function refuseSingleDash(token: OptionToken, { argv, syntax }: Reading): void {
  if (token.rawName.startsWith("--")) return;
  const typed = /^-([^=]+)/.exec(argv[token.index] ?? "")?.[1] ?? "";
  if (typed.length > 1 && syntax.bySpelling.has(`--${typed}`)) {
    throw new UsageFailure(`unknown option '-${typed}'`, { hint: `write --${typed}, with two dashes` });
  }
}

function takeFlag(token: OptionToken, option: Option, isNegated: boolean): string {
  if (token.value !== undefined) throw describeValueOnFlag(token.rawName);
  return isNegated ? `--no-${option.name}` : `--${option.name}`;
}

function describeValueOnFlag(spelling: string): UsageFailure {
  return new UsageFailure(`option '${spelling}' takes no value`, {
    hint: `write ${spelling} alone, or leave it out`,
  });
}

function takeValue(token: OptionToken, option: Option): string {
  const { rawName, value } = token;
  const isShort = !rawName.startsWith("--");
  const example = isShort ? `${rawName} VALUE` : `${rawName}=VALUE`;
  if (value === undefined) {
    throw new UsageFailure(`option '${rawName}' needs a value`, { hint: `write ${example}` });
  }
  if (value.trim() === "") {
    throw new UsageFailure(`option '${rawName}' has an empty value`, {
      hint: `write ${example}; if the value comes from a variable, the variable is empty`,
    });
  }
  if (isShort && token.inlineValue && value.startsWith("=")) {
    throw new UsageFailure(`option '${rawName}' is followed by '='`, {
      hint: `write ${rawName} ${value.slice(1) || "VALUE"}`,
    });
  }
  if (!token.inlineValue && value.length > 1 && value.startsWith("-")) {
    const written = /^[-\w.:/]+$/.test(value) ? value : quoteForShell(value);
    throw new UsageFailure(`option '${rawName}' needs a value, but '${value}' follows`, {
      hint: `if '${value}' is the value, write --${option.name}=${written}`,
    });
  }
  refuseUnknownChoice(value, rawName, option);
  return `--${option.name}=${value}`;
}

function refuseUnknownChoice(value: string, spelling: string, { definition }: Option): void {
  if (definition.type !== "enum" || definition.options.includes(value)) return;
  const nearest = findNearest(value, definition.options);
  throw new UsageFailure(`option '${spelling}' can't be '${value}'`, {
    hint: `${nearest === undefined ? "" : `did you mean ${nearest}? `}it is one of: ${definition.options.join(", ")}`,
  });
}

function describeUnknown(token: OptionToken, { syntax, commandName, follows }: Reading): UsageFailure {
  const { rawName } = token;
  // `-q=no` is read as -q, -=, -n, -o.
  if (rawName === "-=" && follows?.kind === "option" && follows.index === token.index) {
    return describeValueOnFlag(follows.rawName);
  }
  const message = `unknown option '${rawName}'`;
  const plain = rawName.replace(/^--no-/, "--");
  if (plain !== rawName && syntax.bySpelling.has(plain)) {
    return new UsageFailure(message, { hint: `'${plain}' can't be negated; leave it out instead` });
  }
  const nearest = findNearestOption(rawName, syntax);
  const help = `'tinybackup ${commandName} --help' lists the options`;
  return new UsageFailure(message, { hint: nearest === undefined ? help : `did you mean ${nearest}?` });
}

function findNearestOption(rawName: string, syntax: Syntax): string | undefined {
  if (!rawName.startsWith("--")) {
    return [rawName.toLowerCase(), rawName.toUpperCase()].find((short) => syntax.bySpelling.has(short));
  }
  const long = syntax.options.flatMap((option) => {
    const spellings = option.spellings.filter((spelling) => spelling.startsWith("--"));
    const negated = isNegatable(option) ? [`--no-${option.name}`] : [];
    // The shortest first: it is the one that a person who abbreviates wants to type.
    return [...spellings.toSorted((a, b) => a.length - b.length), ...negated];
  });
  return findNearest(rawName, long);
}
