// The strict check in front of citty, which by itself ignores what it does not know: nothing mistyped gets through, and
// what gets through is spelled so that citty can read it in one way only. Pure.
import { UsageFailure } from "../errors.ts";
import { findNearest } from "../nearest.ts";
import type { Option, Positional, Syntax } from "./command.ts";
import {
  type CommandLine,
  findFitting,
  hasFlag,
  listGiven,
  type OptionToken,
  retype,
  type Token,
} from "./command-line.ts";
import {
  copiedMark,
  type Definition,
  expandPath,
  findMeantOption,
  placeholderOf,
  replaceCopied,
  resettle,
} from "./corrections.ts";

const EMPTY = "if it comes from a variable, that is empty";

/** The line is wrong, and this is what to type instead behind the command's name, if that can be told: it may be wrong in
 * another way still. */
export class MistypedFailure extends UsageFailure {
  readonly retyped: readonly string[] | null;

  constructor(message: string, retyped: readonly string[] | null, hint?: string) {
    super(message, { hint });
    this.retyped = retyped;
  }
}

/**
 * The line as citty is to read it: options in canonical form (`--name=value`, `--name`), each of them once,
 * then `--`, then the positionals. Throws a MistypedFailure that names the first thing that is wrong.
 */
export function checkCommandLine(line: CommandLine): string[] {
  refuseCopied(line);
  for (const token of line.tokens) if (token.kind === "option") refuseSingleDash(token, line);
  const taken = new Map<Option, string>();
  const positionals: string[] = [];
  for (const token of line.tokens) {
    if (token.kind === "option") takeOption(token, taken, line);
    else if (token.kind === "positional") {
      takePositional(token, positionals.length, line);
      positionals.push(token.value);
    }
  }
  refuseMissing(taken, positionals, line);
  checkValues(line);
  if (hasFlag(line, "quiet") && hasFlag(line, "verbose")) {
    const retyped = retype(line, (token) => (isNamed(token, "verbose") ? [] : undefined));
    throw new MistypedFailure("options '--quiet' and '--verbose' exclude each other", retyped);
  }
  return [...taken.values(), "--", ...positionals];
}

const isNamed = (token: Token, name: string): boolean => token.kind === "option" && token.name === name;

function refuseCopied({ argv }: CommandLine): void {
  const plain = replaceCopied(argv);
  const place = argv.findIndex((word, index) => word !== plain[index]);
  if (place === -1 && plain.length === argv.length) return;
  const word = argv[place] ?? "";
  const [mark = " "] = copiedMark.exec(word) ?? [];
  const code = mark.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  throw new MistypedFailure(
    `'${word}' was copied from a text: U+${code} in it means nothing to a shell`,
    plain,
  );
}

function takeOption(token: OptionToken, taken: Map<Option, string>, line: CommandLine): void {
  const instead = (...words: string[]) => retype(line, (each) => (each === token ? words : undefined));
  const { rawName, value } = token;
  const option = line.command.bySpelling.get(rawName);
  if (option === undefined) throw describeUnknown(token, line, instead);
  const { name, definition } = option;
  if (taken.has(option)) throw new MistypedFailure(`option '${rawName}' is given twice`, instead());
  if (definition.type !== "boolean") {
    taken.set(option, `--${name}=${takeValue(token, option, line, instead)}`);
    return;
  }
  if (value !== undefined) throw new MistypedFailure(`option '${rawName}' takes no value`, instead(rawName));
  taken.set(option, `--${name}`);
}

type Retype = (...words: string[]) => string[];

/** `-destdir X` would be read as `-d estdir` and a stray X. */
function refuseSingleDash({ rawName, index }: OptionToken, { argv, command }: CommandLine): void {
  if (rawName.startsWith("--")) return;
  const typed = /^-([a-z][a-z-]+)(=.*)?$/s.exec(argv[index] ?? "");
  const [, word = "", value = ""] = typed ?? [];
  const meant = command.bySpelling.has(`--${word}`)
    ? `--${word}`
    : findMeantOption(`--${word}`, command, true);
  if (word !== "" && meant !== undefined)
    throw new MistypedFailure(
      `unknown option '-${word}': it has two dashes`,
      argv.with(index, meant + value),
    );
}

/** What is wrong with a value: completes "option '-k' …". */
interface Fault {
  readonly what: string;
  /** It needs nothing in front. */
  readonly isWhole?: true;
  /** It belongs elsewhere on the line. */
  readonly isHomeless?: boolean;
  /** The value that was meant, where that can be told. */
  readonly meant?: string | undefined;
  readonly hint?: string | undefined;
  /** What was taken for the value, and stands behind it. */
  readonly behind?: string;
}

function takeValue(token: OptionToken, option: Option, { command }: CommandLine, instead: Retype): string {
  const { rawName, value = "" } = token;
  const fault = findAbsence(token, option, command) ?? findFault(value, option);
  if (!fault) return value;
  const { what, meant = placeholderOf(option.definition), hint, behind } = fault;
  const words = [`--${option.name}=${meant}`, behind].filter((word) => word !== undefined);
  throw new MistypedFailure(`option '${rawName}' ${what}`, instead(...words), hint);
}

function findAbsence(token: OptionToken, option: Option, syntax: Syntax): Fault | null {
  const { rawName, value, inlineValue } = token;
  if (value === undefined) return { what: "needs a value" };
  if (value.trim() === "") return { what: "has an empty value", hint: EMPTY };
  if (!inlineValue) return findSwallowed(value, option, syntax);
  if (rawName.startsWith("--") || !value.startsWith("=")) return null;
  return { what: "is followed by '='", meant: value.slice(1) || undefined };
}

/** An option that was taken for the value of the one before it. */
function findSwallowed(value: string, option: Option, { bySpelling }: Syntax): Fault | null {
  if (!/^-./.test(value) || isNegative(value, option)) return null;
  const what = `needs a value, but '${value}' follows`;
  const [spelling = ""] = /^(?:--[^=]+|-.)/.exec(value) ?? [];
  return { what, ...(value === "--" || bySpelling.has(spelling) ? { behind: value } : { meant: value }) };
}

/** `-k -1` */
function isNegative(value: string, { definition }: Option): boolean {
  return definition.type === "string" && definition.valueHint === "N" && /^-\d+$/.test(value);
}

/** What the values mean comes last: what stands behind one may be the rest of it. */
function checkValues(line: CommandLine): void {
  for (const token of line.tokens) {
    const option = token.kind === "option" ? line.command.bySpelling.get(token.rawName) : undefined;
    if (!option || !("value" in token)) continue;
    const fault = checkValue(token.value ?? "", option.definition);
    if (!fault) continue;
    const word = `--${option.name}=${fault.meant ?? placeholderOf(option.definition)}`;
    throw new MistypedFailure(
      fault.what,
      retype(line, (each) => (each === token ? [word] : undefined)),
      fault.hint,
    );
  }
}

/** What the definition itself has against a value. */
function checkValue(value: string, { check }: Definition): Fault | null {
  try {
    check?.(value);
    return null;
  } catch (error) {
    if (!(error instanceof UsageFailure)) throw error;
    const [meant] = Object.values(error.instead ?? {});
    return { what: error.message, isWhole: true, meant: meant ?? undefined, hint: error.hint };
  }
}

function findFault(value: string, { name, definition }: Option | Positional): Fault | null {
  if (value.trim() === "") return { what: "is empty", hint: EMPTY };
  if (definition.type === "enum" && !definition.options.includes(value)) {
    const what = `can't be '${value}', only ${definition.options.join(", ")}`;
    return { what, meant: findNearest(value, definition.options) };
  }
  if (name === "sourcefile" && /^(?:-|\/dev\/(?:stdin|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(value))
    return { what: "can't be a stream", hint: "save what it gives in a file first" };
  if (name === "destinationdirectory" && /^\/[/.]*$/.test(value))
    return {
      what: "is the root of the file system",
      hint: "if a variable stands in front of the /, that is empty",
    };
  const { meant, why } = expandPath(value, definition);
  return meant === value ? null : { what: `is '${value}': ${why}`, meant };
}

function describeUnknown(token: OptionToken, line: CommandLine, instead: Retype): MistypedFailure {
  const { rawName, value, index } = token;
  const { bySpelling } = line.command;
  const before = line.tokens[line.tokens.indexOf(token) - 1];
  // `-q=no` is read as -q, -=, -n, -o.
  if (rawName === "-=" && before?.kind === "option" && before.index === index) {
    const words = retype(line, (each) => (each.index === index && each !== before ? [] : undefined));
    return new MistypedFailure(`option '${before.rawName}' takes no value`, words);
  }
  const message = `unknown option '${rawName}'`;
  if (rawName.startsWith("--no-") && bySpelling.has(rawName.replace("--no-", "--")))
    return new MistypedFailure(`${message}: no option is negated, only left out`, instead());
  const meant = findMeantOption(rawName, line.command);
  if (meant === undefined) return new MistypedFailure(message, null);
  return new MistypedFailure(message, instead(value === undefined ? meant : `${meant}=${value}`));
}

/** Refuses a word that belongs to an option, one more than declared, and what is none of what was declared. */
function takePositional(
  token: Extract<Token, { kind: "positional" }>,
  count: number,
  line: CommandLine,
): void {
  const { value } = token;
  const { command, tokens } = line;
  const instead = (word: string) => retype(line, (each) => (each === token ? [word] : undefined));
  const fitting = findFitting(value, command);
  if (fitting && !listGiven(tokens, command).has(fitting.name))
    throw new MistypedFailure(`unexpected argument '${value}'`, instead(`--${fitting.name}=${value}`));
  const declared =
    command.positionals[count] ?? command.positionals.find(({ definition }) => definition.variadic);
  if (!declared) throw new MistypedFailure(`unexpected argument '${value}'`, resettle(line, token));
  const { definition } = declared;
  const fault = findFault(value, declared) ?? findUnfit(value, declared) ?? checkValue(value, definition);
  if (!fault) return;
  const { what, meant = placeholderOf(definition), isHomeless, isWhole, hint } = fault;
  const words = isHomeless ? resettle(line, token) : instead(meant);
  throw new MistypedFailure(isWhole ? what : `argument ${declared.name.toUpperCase()} ${what}`, words, hint);
}

function findUnfit(value: string, { name, definition }: Positional): Fault | null {
  if (definition.fits?.test(value) !== false) return null;
  const choices = typeof definition.completes === "object" ? definition.completes : [];
  const meant = findNearest(value, choices);
  const known = choices.length === 0 ? "" : `: ${name.toUpperCase()} is one of ${choices.join(", ")}`;
  return {
    what: `unexpected argument '${value}'${known}`,
    isWhole: true,
    meant,
    isHomeless: meant === undefined,
  };
}

/** Names everything that is required and was not given, in one line. */
function refuseMissing(
  taken: ReadonlyMap<Option, string>,
  words: readonly string[],
  line: CommandLine,
): void {
  const { options, positionals } = line.command;
  const missing = [
    ...options.filter((option) => !taken.has(option)),
    ...positionals.slice(words.length),
  ].filter(({ definition }) => definition.required);
  if (missing.length === 0) return;
  const named = missing.map(({ name, definition }) => {
    if (definition.type === "positional") return `${name.toUpperCase()} (${definition.description})`;
    return `--${name} ${definition.type === "string" ? definition.valueHint : "VALUE"}`;
  });
  const added = missing.map(({ name, definition }) => {
    const value = placeholderOf(definition);
    return definition.type === "positional" ? value : `--${name}=${value}`;
  });
  const isHelp =
    taken.size + words.length === 1 && [...taken.values(), ...words].some((word) => /(^|=)help$/.test(word));
  const retyped = isHelp ? ["--help"] : [...added, ...line.argv];
  throw new MistypedFailure(`missing ${named.join(" and ")}`, retyped);
}
