// The strict check in front of citty, which by itself ignores what it does not know: nothing mistyped gets through, and
// what gets through is spelled so that citty can read it in one way only. Pure.
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { quoteWord, UsageFailure } from "../errors.ts";
import type { CommandDescription, Option, Positional, Syntax } from "./command.ts";
import { findNearest } from "../nearest.ts";

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;
type PositionalToken = Extract<Token, { kind: "positional" }>;

/** The words after the command's name, cut into options, values and arguments, right or wrong as they may be. */
export interface CommandLine {
  readonly command: Pick<CommandDescription, "name" | keyof Syntax>;
  readonly argv: readonly string[];
  readonly tokens: readonly Token[];
}

/** Splits without judging: `strict: false` so that the judging, and its words, are ours. */
export function splitCommandLine(argv: readonly string[], command: CommandLine["command"]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
    options: toParseArgsOptions(command),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  return { command, argv, tokens };
}

/** The options of `node:util` parseArgs, under which each long spelling is an option of its own. */
function toParseArgsOptions({ options }: Syntax): ParseArgsOptionsConfig {
  const config: ParseArgsOptionsConfig = {};
  for (const { name, definition, spellings } of options) {
    const type = definition.type === "boolean" ? "boolean" : "string";
    for (const spelling of spellings) {
      if (spelling.length === 2) config[name] = { type, short: spelling.slice(1) };
      else config[spelling.slice(2)] = { type };
    }
  }
  return config;
}

/** Whether the flag `name` stands among the options, right or wrong as the rest may be. */
export function hasFlag({ tokens }: CommandLine, name: string): boolean {
  return tokens.some((token) => token.kind === "option" && token.name === name && token.value === undefined);
}

/**
 * The line as citty is to read it: options in canonical form (`--name=value`, `--name`), each of them once,
 * then `--`, then the positionals. Throws a UsageFailure that names the first thing that is wrong.
 */
export function checkCommandLine(line: CommandLine): string[] {
  const { command, tokens } = line;
  const taken = new Map<Option, TakenOption>();
  const positionals: PositionalToken[] = [];
  for (const [place, token] of tokens.entries()) {
    if (token.kind === "option") takeOption(token, tokens[place - 1], taken, line);
    else if (token.kind === "positional") {
      positionals.push(token);
      takePositional(positionals, tokens, place, command);
    }
  }
  refuseMissing(taken, positionals.length, command);
  if (hasFlag(line, "quiet") && hasFlag(line, "verbose")) {
    throw new UsageFailure("options '--quiet' and '--verbose' exclude each other", {
      hint: "give one of them",
    });
  }
  const options = [...taken.values()].map(({ rawArg }) => rawArg);
  return [...options, "--", ...positionals.map(({ value }) => value)];
}

interface TakenOption {
  readonly spelling: string;
  readonly rawArg: string;
}

function takeOption(
  token: OptionToken,
  follows: Token | undefined,
  taken: Map<Option, TakenOption>,
  line: CommandLine,
): void {
  refuseSingleDash(token, line);
  const { bySpelling } = line.command;
  const option = bySpelling.get(token.rawName);
  if (option === undefined) throw describeUnknown(token, follows, line.command);
  const before = taken.get(option);
  if (before !== undefined) {
    const other = before.spelling === token.rawName ? "" : `, first as '${before.spelling}'`;
    throw new UsageFailure(`option '${token.rawName}' is given twice${other}`, { hint: "give it once" });
  }
  const isFlag = option.definition.type === "boolean";
  if (isFlag && token.value !== undefined) throw describeValueOnFlag(token.rawName);
  const rawArg = isFlag
    ? `--${option.definition.default === true ? "no-" : ""}${option.name}`
    : takeValue(token, option);
  taken.set(option, { spelling: token.rawName, rawArg });
}

/** `-destdir X` would be read as `-d estdir` and a stray X. */
function refuseSingleDash(token: OptionToken, { argv, command }: CommandLine): void {
  if (token.rawName.startsWith("--")) return;
  const typed = /^-([^=]+)/.exec(argv[token.index] ?? "")?.[1] ?? "";
  if (typed.length > 1 && command.bySpelling.has(`--${typed}`)) {
    throw new UsageFailure(`unknown option '-${typed}'`, { hint: `write --${typed}, with two dashes` });
  }
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
      hint: value.startsWith("=-")
        ? `write --${option.name}${value}`
        : `write ${rawName} ${value.slice(1) || "VALUE"}`,
    });
  }
  if (!token.inlineValue && value.length > 1 && value.startsWith("-")) {
    throw new UsageFailure(`option '${rawName}' needs a value, but '${value}' follows`, {
      hint: `if '${value}' is the value, write --${option.name}=${quoteWord(value)}`,
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

function describeUnknown(
  { rawName, index }: OptionToken,
  follows: Token | undefined,
  { name, options, bySpelling }: CommandLine["command"],
): UsageFailure {
  // `-q=no` is read as -q, -=, -n, -o.
  if (rawName === "-=" && follows?.kind === "option" && follows.index === index) {
    return describeValueOnFlag(follows.rawName);
  }
  const message = `unknown option '${rawName}'`;
  const plain = rawName.replace(/^--no-/, "--");
  if (plain !== rawName && bySpelling.has(plain)) {
    return new UsageFailure(message, { hint: `'${plain}' can't be negated; leave it out instead` });
  }
  const nearest = rawName.startsWith("--")
    ? findNearest(rawName, options.flatMap(listLongSpellings))
    : [rawName.toLowerCase(), rawName.toUpperCase()].find((short) => bySpelling.has(short));
  const help = `'tinybackup ${name} --help' lists the options`;
  return new UsageFailure(message, { hint: nearest === undefined ? help : `did you mean ${nearest}?` });
}

/** The shortest first: it is the one that a person who abbreviates wants to type. */
function listLongSpellings({ spellings }: Option): readonly string[] {
  const long = spellings.filter((spelling) => spelling.startsWith("--"));
  return long.toSorted((a, b) => a.length - b.length);
}

/** Refuses the last of `positionals`, the token at `place`, if it is empty, or one more than declared. */
function takePositional(
  positionals: readonly PositionalToken[],
  tokens: readonly Token[],
  place: number,
  command: CommandLine["command"],
): void {
  const value = positionals.at(-1)?.value ?? "";
  const declared: Positional | undefined =
    command.positionals[positionals.length - 1] ??
    command.positionals.findLast(({ definition }) => definition.variadic);
  if (declared === undefined) {
    throw new UsageFailure(`unexpected argument '${value}'`, {
      hint:
        describeExtra(positionals, tokens, place) ??
        `'tinybackup ${command.name} --help' shows what it takes`,
    });
  }
  if (value.trim() === "") {
    throw new UsageFailure(`argument ${declared.name.toUpperCase()} is empty`, {
      hint: "if it comes from a variable, the variable is empty",
    });
  }
}

/** `-t 2:00 am` is most likely one value whose quotes were forgotten. */
function describeExtra(
  positionals: readonly PositionalToken[],
  tokens: readonly Token[],
  place: number,
): string | undefined {
  const end = tokens.findIndex((token, index) => index > place && token.kind !== "positional");
  const words = tokens
    .slice(place, end === -1 ? undefined : end)
    .flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const follows = tokens[place - 1];
  if (follows?.kind === "option" && follows.value !== undefined) {
    const joint = follows.rawName.startsWith("--") && follows.inlineValue ? "=" : " ";
    const value = quoteWord([follows.value, ...words].join(" "));
    return `if it belongs to the value, quote it: ${follows.rawName}${joint}${value}`;
  }
  if (follows?.kind === "positional") {
    const before = positionals.slice(0, -1).map(({ value }) => value);
    return `if the words belong together, quote them: ${quoteWord([...before, ...words].join(" "))}`;
  }
  return undefined;
}

/** Names everything that is required and was not given, in one line. */
function refuseMissing(
  taken: ReadonlyMap<Option, TakenOption>,
  positionalCount: number,
  { name, options, positionals }: CommandLine["command"],
): void {
  const missing = [
    ...options.filter((option) => !taken.has(option)),
    ...positionals.slice(positionalCount),
  ].flatMap(({ name: place, definition }) => {
    if (!definition.required) return [];
    if (definition.type === "positional") return `${place.toUpperCase()} (${definition.description})`;
    return `--${place} ${definition.type === "string" ? definition.valueHint : "VALUE"}`;
  });
  if (missing.length === 0) return;
  throw new UsageFailure(`missing ${missing.join(" and ")}`, {
    hint: `'tinybackup ${name} --help' shows an example`,
  });
}
