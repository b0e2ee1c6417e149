// The strict reading of a command line: nothing mistyped gets through, and what gets through becomes values. Pure. What was
// meant instead is only worked out, and the files that can tell only loaded, where something is wrong.
import { UsageFailure } from "../errors.ts";
import type { Option, Positional, Syntax, Values } from "./command.ts";
import {
  type CommandLine,
  findFitting,
  hasFlag,
  isGiven,
  type OptionToken,
  type PositionalToken,
  retype,
} from "./command-line.ts";
import type { Corrections } from "./corrections.ts";

const EMPTY = "if it comes from a variable, that is empty";

type Retyped = readonly string[] | null;
type Retype = (by: Corrections) => Retyped;

/** The line is wrong, and this is what to type instead behind the command's name, if that can be told: it may be wrong in
 * another way still. */
export class MistypedFailure extends UsageFailure {
  readonly retype: Retype;

  constructor(message: string, retyped: Retype | Retyped, hint?: string) {
    super(message, { hint });
    this.retype = typeof retyped === "function" ? retyped : () => retyped;
  }
}

/** The values of the line, as a command takes them. Throws a MistypedFailure that names the first thing that is wrong. */
export function checkCommandLine(line: CommandLine): Values {
  const { command, tokens } = line;
  const words: string[] = [];
  for (const [place, token] of tokens.entries()) {
    if (token.kind === "option") checkOption(token, place, line);
    else if (token.kind === "positional") {
      checkPositional(token, words.length, line);
      words.push(token.value);
    }
  }
  refuseMissing(words, line);
  // What the values mean comes last: what stands behind one may be the rest of it.
  for (const token of tokens) if (token.kind === "option") checkMeaning(token, line);
  if (hasFlag(line, "quiet") && hasFlag(line, "verbose")) {
    const verbose = tokens.filter((token) => token.kind === "option" && token.name === "verbose");
    const message = "options '--quiet' and '--verbose' exclude each other";
    throw new MistypedFailure(message, retype(line, verbose));
  }
  const values = Object.fromEntries([
    ...command.options.map(({ name, definition }) => [name, definition.default]),
    ...command.positionals.map(({ name }, place) => [name, words[place]]),
    ...tokens.flatMap((token) => (token.kind === "option" ? [readOption(token, line)] : [])),
  ]);
  return { ...values, _: words };
}

function readOption({ name = "", rawName, value }: OptionToken, { command }: CommandLine) {
  const definition = command.bySpelling.get(rawName)?.definition;
  return [name, definition?.type === "boolean" ? !definition.default : value] as const;
}

function checkOption(token: OptionToken, place: number, line: CommandLine): void {
  const { rawName, value } = token;
  const option = line.command.bySpelling.get(rawName);
  if (option === undefined) throw describeUnknown(token, place, line);
  if (isGiven(option, line.tokens.slice(0, place)))
    throw new MistypedFailure(`option '${rawName}' is given twice`, retype(line, [token]));
  if (option.definition.type === "boolean") {
    if (value === undefined) return;
    throw new MistypedFailure(`option '${rawName}' takes no value`, retype(line, [token], rawName));
  }
  const fault = findAbsence(token, option, line) ?? findFault(value ?? "", option, `option '${rawName}'`);
  if (fault) throw describeFault(fault, token, option, line);
}

interface Fault {
  readonly what: string;
  /** What was meant, where that is plain; else it is guessed, from this. */
  readonly meant?: string | undefined;
  readonly typed?: string;
  readonly hint?: string | undefined;
  /** What was taken for the value, and stands behind it. */
  readonly behind?: string;
}

function describeFault(
  { what, meant, typed = "", hint, behind }: Fault,
  token: OptionToken | PositionalToken,
  { name, definition }: Option | Positional,
  line: CommandLine,
): MistypedFailure {
  const prefix = token.kind === "option" ? `--${name}=` : "";
  return new MistypedFailure(
    what,
    ({ guessValue }) => {
      const value = prefix + (meant ?? guessValue(typed, definition));
      return retype(line, [token], ...(behind === undefined ? [value] : [value, behind]));
    },
    hint,
  );
}

function findAbsence(token: OptionToken, option: Option, { command }: CommandLine): Fault | null {
  const { rawName, value, inlineValue } = token;
  if (value === undefined) return { what: `option '${rawName}' needs a value` };
  if (value.trim() === "") return { what: `option '${rawName}' has an empty value`, hint: EMPTY };
  if (!inlineValue) return findSwallowed(token, value, option, command);
  if (rawName.startsWith("--") || !value.startsWith("=")) return null;
  return { what: `option '${rawName}' is followed by '='`, meant: value.slice(1) || undefined };
}

/** An option that was taken for the value of the one before it. */
function findSwallowed(
  { rawName }: OptionToken,
  value: string,
  option: Option,
  { bySpelling }: Syntax,
): Fault | null {
  if (!/^-./.test(value) || isNegative(value, option)) return null;
  const what = `option '${rawName}' needs a value, but '${value}' follows`;
  const [spelling = ""] = /^(?:--[^=]+|-.)/.exec(value) ?? [];
  return { what, ...(value === "--" || bySpelling.has(spelling) ? { behind: value } : { meant: value }) };
}

/** `-k -1` */
function isNegative(value: string, { definition }: Option): boolean {
  return definition.type === "string" && definition.valueHint === "N" && /^-\d+$/.test(value);
}

function checkMeaning(token: OptionToken, line: CommandLine): void {
  const option = line.command.bySpelling.get(token.rawName);
  const fault = option && findMeaningless(token.value ?? "", option);
  if (fault) throw describeFault(fault, token, option, line);
}

/** What the definition itself has against a value. */
function findMeaningless(typed: string, { definition }: Option | Positional): Fault | null {
  try {
    definition.check?.(typed);
    return null;
  } catch (error) {
    if (!(error instanceof UsageFailure)) throw error;
    const [meant] = Object.values(error.instead ?? {});
    return { what: error.message, meant: meant ?? undefined, typed, hint: error.hint };
  }
}

function findFault(typed: string, { name, definition }: Option | Positional, what: string): Fault | null {
  if (typed.trim() === "") return { what: `${what} is empty`, hint: EMPTY };
  if (definition.type === "enum" && !definition.options.includes(typed))
    return { what: `${what} can't be '${typed}', only ${definition.options.join(", ")}`, typed };
  if (name === "sourcefile" && /^(?:-|\/dev\/(?:stdin|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(typed))
    return { what: `${what} can't be a stream`, hint: "save what it gives in a file first" };
  if (name === "destinationdirectory" && /^\/[/.]*$/.test(typed))
    return {
      what: `${what} is the root of the file system`,
      hint: "if a variable stands in front of the /, that is empty",
    };
  return null;
}

function describeUnknown(token: OptionToken, place: number, line: CommandLine): MistypedFailure {
  const { rawName, value, index } = token;
  const before = line.tokens[place - 1];
  // `-q=no` is read as -q, -=, -n, -o.
  if (rawName === "-=" && before?.kind === "option" && before.index === index) {
    const rest = line.tokens.filter(
      (each) => each.kind === "option" && each.index === index && each !== before,
    );
    return new MistypedFailure(`option '${before.rawName}' takes no value`, retype(line, rest));
  }
  const message = `unknown option '${rawName}'`;
  if (rawName.startsWith("--no-") && line.command.bySpelling.has(rawName.replace("--no-", "--")))
    return new MistypedFailure(`${message}: no option is negated, only left out`, retype(line, [token]));
  return new MistypedFailure(message, ({ findMeantOption }) => {
    const meant = findMeantOption(rawName, line.command);
    if (meant === undefined) return null;
    return retype(line, [token], value === undefined ? meant : `${meant}=${value}`);
  });
}

/** Refuses a word that belongs to an option, one more than declared, and what is none of what was declared. */
function checkPositional(token: PositionalToken, count: number, line: CommandLine): void {
  const { value } = token;
  const { command, tokens } = line;
  const message = `unexpected argument '${value}'`;
  const fitting = findFitting(value, command);
  if (fitting && !isGiven(fitting, tokens))
    throw new MistypedFailure(message, retype(line, [token], `--${fitting.name}=${value}`));
  const declared =
    command.positionals[count] ?? command.positionals.find(({ definition }) => definition.variadic);
  if (!declared) throw new MistypedFailure(message, ({ resettle }) => resettle(line, token));
  const { name, definition } = declared;
  const fault = findFault(value, declared, `argument ${name.toUpperCase()}`);
  if (!fault && definition.fits?.test(value) === false) {
    const choices = typeof definition.completes === "object" ? definition.completes : [];
    const known = choices.length === 0 ? "" : `: ${name.toUpperCase()} is one of ${choices.join(", ")}`;
    throw new MistypedFailure(message + known, ({ resettle }) => resettle(line, token, choices));
  }
  const wrong = fault ?? findMeaningless(value, declared);
  if (wrong) throw describeFault(wrong, token, declared, line);
}

/** Refuses what is more than a flag that says all by itself: either goes, that or the flag. */
function refuseBeside(flag: Option, beside: readonly string[], line: CommandLine): void {
  const { tokens, command } = line;
  const others = tokens.filter((token) =>
    token.kind === "option"
      ? ![flag.name, ...beside].includes(token.name ?? "")
      : token.kind === "positional",
  );
  const [other] = others;
  if (other === undefined || other.kind === "option-terminator") return;
  const [spelling = ""] = flag.spellings;
  const typed = other.kind === "option" && other.isPlaced === undefined ? other.rawName : other.value;
  const isComplete = command.options.every((each) => !each.definition.required || isGiven(each, tokens));
  const gone = isComplete
    ? tokens.filter((token) => token.kind === "option" && token.name === flag.name)
    : others;
  throw new MistypedFailure(`'${typed}' can't stand beside '${spelling}'`, retype(line, gone));
}

/** Names everything that is required and was not given, in one line. */
function refuseMissing(words: readonly string[], line: CommandLine): void {
  const { command, argv, tokens } = line;
  const { options, positionals } = command;
  for (const option of options) {
    const alone = option.definition.type === "boolean" ? option.definition.alone : undefined;
    if (alone && isGiven(option, tokens)) return refuseBeside(option, alone, line);
  }
  const missing = [
    ...options.filter((option) => option.definition.required && !isGiven(option, tokens)),
    ...positionals.slice(words.length).filter(({ definition }) => definition.required),
  ];
  if (missing.length === 0) return;
  const named = missing.map(({ name, definition }) => {
    if (definition.type === "positional") return `${name.toUpperCase()} (${definition.description})`;
    return `--${name} ${definition.type === "string" ? definition.valueHint : "VALUE"}`;
  });
  throw new MistypedFailure(`missing ${named.join(" and ")}`, ({ placeholderOf }) => {
    const flag = `--${argv[0]}`;
    if (argv.length === 1 && command.bySpelling.get(flag)?.definition.type === "boolean") return [flag];
    const added = missing.map(({ name, definition }) => {
      const value = placeholderOf(definition);
      return definition.type === "positional" ? value : `--${name}=${value}`;
    });
    return [...added, ...argv];
  });
}
