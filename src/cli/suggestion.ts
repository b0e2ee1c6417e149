// The whole command that was most likely meant: in our spelling, quoted for the shell, with every option that was given. Made
// in one way, whatever the mistake was; so each is a command that the strict check lets through.
import { Failure, quoteWord, UsageFailure } from "../errors.ts";
import { findNearest } from "../nearest.ts";
import { type CommandTable, describeCommand, findCommand, listCommandWords, type Option } from "./command.ts";
import { type CommandLine, hasFlag, type OptionToken, splitCommandLine, type Token } from "./command-line.ts";
import { corrections } from "./corrections.ts";
import { foreignCommands } from "./foreign-words.ts";
import { checkCommandLine, MistypedFailure } from "./parse.ts";
import { refuseSpoiled, replaceCopied } from "./spoiled.ts";

type Command = CommandLine["command"];

/** As many mistakes as a line may have. */
const mostRounds = 20;

/** Adds what was meant to the hint of a failure, where the failure says so. */
export async function completeHint(thrown: unknown, line: CommandLine, table: CommandTable): Promise<void> {
  if (!(thrown instanceof Failure)) return;
  const meant =
    thrown instanceof MistypedFailure
      ? suggest(thrown.retype(corrections), line.command)
      : await readInstead(thrown, line, table);
  if (meant !== undefined) thrown.hint = thrown.hint === undefined ? meant : `${thrown.hint}: ${meant}`;
}

/** The command with these words, each further mistake in them put right too; its help where that can't be told. */
export function suggest(words: readonly string[] | null, command: Command, isGuess = true): string {
  let argv = words;
  for (let round = 0; round < mostRounds && argv !== null; round++) {
    const line = splitCommandLine(argv, command);
    if (hasFlag(line, "help")) break;
    try {
      refuseSpoiled(line);
      checkCommandLine(line);
      return render(line, isGuess);
    } catch (error) {
      if (!(error instanceof MistypedFailure)) throw error;
      argv = error.retype(corrections);
    }
  }
  return `tinybackup ${command.name} --help`;
}

function render({ tokens, command }: CommandLine, isGuess: boolean): string {
  const { name, options, positionals } = command;
  const words = listWords(tokens).map((word) => quoteWord(word));
  const given = options.flatMap((option) => {
    const token = findOption(tokens, option.name);
    if (token !== undefined) return renderOption(option, token.value ?? "");
    const isMissing = isGuess && isAdded(option, tokens, command);
    return isMissing ? renderOption(option, corrections.placeholderOf(option.definition)) : [];
  });
  const behind = words.some((word) => word.startsWith("-")) ? ["--", ...words] : words;
  // What chooses stands in front, what is chosen from it behind.
  const isFirst = typeof positionals[0]?.definition.completes === "object" && behind === words;
  return ["tinybackup", name, ...(isFirst ? words : given), ...(isFirst ? given : behind)].join(" ");
}
function findOption(tokens: readonly Token[], name: string): OptionToken | undefined {
  return tokens.find((token): token is OptionToken => token.kind === "option" && token.name === name);
}

/** Whether a suggested command has the option besides, so that it says enough. */
function isAdded({ definition }: Option, tokens: readonly Token[], { positionals }: Command): boolean {
  const unless = definition.type === "string" ? definition.suggestedUnless : undefined;
  const given = tokens.map((token) => (token.kind === "option" ? token.name : positionals[0]?.name));
  return unless?.some((each) => given.includes(each)) === false;
}

function renderOption({ name, definition, spellings }: Option, value: string): string[] {
  const [first = ""] = spellings;
  if (definition.type === "boolean") return [first];
  if (/^-./.test(value)) return [`--${name}=${quoteWord(value)}`];
  return [spellings.find((each) => each.length === 2) ?? first, quoteWord(value)];
}

const listWords = (tokens: readonly Token[]): string[] =>
  tokens.flatMap((token) => (token.kind === "positional" ? token.value : []));

async function readInstead({ instead }: Failure, { tokens, command }: CommandLine, table: CommandTable) {
  if (instead === undefined) return undefined;
  const { "": other, ...changes } = instead;
  const entry = other == null ? undefined : findCommand(table, other);
  const meant = entry ? describeCommand((await entry.load()).command) : command;
  const change = (value: string) => (Object.hasOwn(changes, value) ? (changes[value] ?? []) : value);
  const kept = meant.options.flatMap(({ name, spellings: [flag = ""] }) => {
    const token = findOption(tokens, name);
    if (token === undefined || Object.hasOwn(changes, `--${name}`)) return [];
    return token.value === undefined
      ? flag
      : [change(token.value)].flat().map((value) => `--${name}=${value}`);
  });
  const added = Object.entries(changes).flatMap(([name, value]) =>
    name.startsWith("--") && value !== null ? (value === "" ? name : `${name}=${value}`) : [],
  );
  const words = entry ? [] : listWords(tokens).flatMap(change);
  return suggest([...kept, ...added, "--", ...words], meant, false);
}

/** That the line begins with no command of ours, and which one was meant. */
export async function refuseCommand(typed: readonly string[], table: CommandTable): Promise<never> {
  const [word = ""] = typed;
  const isOption = word.startsWith("-");
  const what = isOption ? `unknown option '${word}' in front of the command` : `unknown command '${word}'`;
  const lines = findMeant(replaceCopied(typed), table);
  const meant = lines.map(async ([name = "", ...rest]) => {
    const entry = findCommand(table, name);
    return entry ? suggest(rest, describeCommand((await entry.load()).command)) : "tinybackup --help";
  });
  throw new UsageFailure(word === "" ? "the command is empty" : what, {
    hint: (await Promise.all(meant)).join("; or "),
  });
}

/** The lines that may have been meant; each begins with a command of ours. */
function findMeant(argv: readonly string[], table: CommandTable): readonly (readonly string[])[] {
  const names = argv.map((word) =>
    findCommand(table, word) ? [word] : (foreignCommands.get(word.toLowerCase()) ?? []),
  );
  const place = names.findIndex((each) => each.length > 0);
  const [word = "", ...rest] = argv;
  const others = argv.toSpliced(place, 1);
  if (place === 0 || (place > 0 && word.startsWith("-")))
    return (names[place] ?? []).map((name) => [...name.split(" "), ...others]);
  if (word.startsWith("-")) {
    const isTimed = argv.some((each) => /^(-t|--time)/.test(each));
    return argv.some((each) => /^(-[fd]|--(source|dest))/.test(each))
      ? [[isTimed ? "install" : "run", ...argv]]
      : [[]];
  }
  const nearest = findNearest(word, listCommandWords(table));
  if (nearest !== undefined) return [[nearest, ...rest]];
  return /[./]/.test(word) ? [["run", ...argv]] : [[]];
}
