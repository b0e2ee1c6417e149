// The strict reading of a command line: nothing mistyped gets through, and what gets through becomes values. Pure.
import { quoteWord, UsageFailure } from "../errors.ts";
import type { CommandDescription, Option, Positional, Syntax, Values } from "./command.ts";
import { findNearest } from "../nearest.ts";

interface OptionToken {
  readonly kind: "option";
  /** Its canonical name; undefined where there is no such option. */
  readonly name: string | undefined;
  /** As it is typed: `--destdir`, `-d`. */
  readonly rawName: string;
  /** Which word it is in. */
  readonly index: number;
  /** Of the same word, or else the next one; undefined where there is none. */
  readonly value: string | undefined;
  readonly inlineValue: boolean;
}
interface PositionalToken {
  readonly kind: "positional";
  readonly value: string;
}
type Token = OptionToken | PositionalToken | { readonly kind: "option-terminator" };

/** The words after the command's name, cut into options, values and arguments, right or wrong as they may be. */
export interface CommandLine {
  readonly command: Pick<CommandDescription, "name" | keyof Syntax>;
  readonly argv: readonly string[];
  readonly tokens: readonly Token[];
}

/** Splits without judging, as parseArgs of node:util does, which takes a millisecond to load. */
export function splitCommandLine(argv: readonly string[], command: CommandLine["command"]): CommandLine {
  const tokens: Token[] = [];
  for (let next = 0; next < argv.length;) {
    const index = next++;
    const word = argv[index] ?? "";
    if (word === "--") {
      const rest = argv.slice(next).map((value) => ({ kind: "positional", value }) as const);
      tokens.push({ kind: "option-terminator" }, ...rest);
      break;
    }
    const pieces = word.length > 1 && word.startsWith("-") ? cutWord(word, command) : [];
    if (pieces.length === 0) tokens.push({ kind: "positional", value: word });
    for (const [rawName, inline] of pieces) {
      const option = command.bySpelling.get(rawName);
      const value = inline === undefined && takesValue(option) ? argv[next++] : inline;
      const [name, inlineValue] = [option?.name, inline !== undefined];
      tokens.push({ kind: "option", name, rawName, index, value, inlineValue });
    }
  }
  return { command, argv, tokens };
}

function takesValue(option: Option | undefined): boolean {
  return option !== undefined && option.definition.type !== "boolean";
}

/** A word that begins with a dash: the options in it as they are typed, and the value that follows one in the same word. */
function cutWord(word: string, { bySpelling }: Syntax): (readonly [string, string | undefined])[] {
  if (word.startsWith("--")) {
    const end = word.indexOf("=", 3);
    return [end === -1 ? [word, undefined] : [word.slice(0, end), word.slice(end + 1)]];
  }
  const pieces: [string, string | undefined][] = [];
  for (let rest = word.slice(1); rest !== "";) {
    const [letter = ""] = rest;
    rest = rest.slice(letter.length);
    const takesRest = rest !== "" && takesValue(bySpelling.get(`-${letter}`));
    pieces.push([`-${letter}`, takesRest ? rest : undefined]);
    if (takesRest) break;
  }
  return pieces;
}

/** Whether the flag `name` stands among the options, right or wrong as the rest may be. */
export function hasFlag({ tokens }: CommandLine, name: string): boolean {
  return tokens.some((token) => token.kind === "option" && token.name === name && token.value === undefined);
}

/** The values of the line, as a command takes them. Throws a UsageFailure that names the first thing that is wrong. */
export function checkCommandLine(line: CommandLine): Values {
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
  const words = positionals.map(({ value }) => value);
  const values = Object.fromEntries([
    ...command.options.map((option) => [option.name, taken.get(option)?.value ?? option.definition.default]),
    ...command.positionals.map(({ name, definition }, place) => [name, words[place] ?? definition.default]),
  ]);
  return { ...values, _: words };
}

interface TakenOption {
  readonly spelling: string;
  readonly value: string | true;
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
  const value = isFlag || takeValue(token, option);
  taken.set(option, { spelling: token.rawName, value });
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
  return value;
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
