// The whole command that was most likely meant: in our spelling, quoted for the shell, with every option that was given. Made
// in one way, whatever the mistake was; so each is a command that the strict check lets through.
import { Failure, type Instead, quoteWord, UsageFailure } from "../errors.ts";
import { findNearest } from "../nearest.ts";
import { type CommandTable, describeCommand, findCommand, listCommandWords } from "./command.ts";
import { type CommandLine, hasFlag, splitCommandLine } from "./command-line.ts";
import { placeholderOf, replaceCopied } from "./corrections.ts";
import { foreignCommands } from "./foreign-words.ts";
import { checkCommandLine, MistypedFailure } from "./parse.ts";

type Command = CommandLine["command"];

/** As many mistakes as a line may have. */
const mostRounds = 20;

/** Adds what was meant to the hint of a failure, where the failure says so. */
export async function completeHint(thrown: unknown, line: CommandLine, table: CommandTable): Promise<void> {
  if (!(thrown instanceof Failure)) return;
  const meant =
    thrown instanceof MistypedFailure
      ? suggest(thrown.retyped, line.command)
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
      const rawArgs = checkCommandLine(line);
      return render(isGuess ? addSuggested(rawArgs, command) : rawArgs, command);
    } catch (error) {
      if (!(error instanceof MistypedFailure)) throw error;
      argv = error.retyped;
    }
  }
  return `tinybackup ${command.name} --help`;
}

function addSuggested(rawArgs: readonly string[], { options, positionals }: Command): string[] {
  const hasArgument = positionals.length > 0 && rawArgs.at(-1) !== "--";
  const given = [...rawArgs.map((each) => each.split("=")[0]?.slice(2)), hasArgument && positionals[0]?.name];
  const added = options.flatMap(({ name, definition }) => {
    const unless = definition.type === "string" ? definition.suggestedUnless : undefined;
    const isAdded = unless && ![name, ...unless].some((each) => given.includes(each));
    return isAdded ? [`--${name}=${placeholderOf(definition)}`] : [];
  });
  return [...added, ...rawArgs];
}

function render(rawArgs: readonly string[], { name, options, positionals }: Command): string {
  const end = rawArgs.indexOf("--");
  const words = rawArgs.slice(end + 1).map((word) => quoteWord(word));
  const given = options.flatMap((option) => {
    const rawArg = rawArgs.slice(0, end).find((each) => each.split("=")[0] === `--${option.name}`);
    if (rawArg === undefined) return [];
    if (option.definition.type === "boolean") return [`--${option.name}`];
    const value = rawArg.slice(option.name.length + 3);
    const spelling = option.spellings.find((each) => each.length === 2) ?? `--${option.name}`;
    return /^-./.test(value) ? [`--${option.name}=${quoteWord(value)}`] : [spelling, quoteWord(value)];
  });
  const behind = words.some((word) => word.startsWith("-")) ? ["--", ...words] : words;
  // What chooses stands in front, what is chosen from it behind.
  const isFirst = typeof positionals[0]?.definition.completes === "object";
  return [
    "tinybackup",
    name,
    ...(isFirst && behind === words ? [...words, ...given] : [...given, ...behind]),
  ].join(" ");
}

async function readInstead({ instead }: Failure, line: CommandLine, table: CommandTable) {
  if (instead === undefined) return undefined;
  const { tinybackup: other, ...changes } = instead;
  const entry = other == null ? undefined : findCommand(table, other);
  const command = entry ? describeCommand((await entry.load()).command) : line.command;
  const rawArgs = checkCommandLine(line);
  const end = rawArgs.indexOf("--");
  const options = rawArgs.slice(0, end).filter((each) => command.bySpelling.has(each.split("=")[0] ?? ""));
  const words = entry ? [] : rawArgs.slice(end + 1);
  return suggest(change(options, words, changes), command, false);
}

function change(options: readonly string[], words: readonly string[], changes: Instead): string[] {
  const kept = options.flatMap((each) => {
    const [name = "", value = ""] = each.split(/=(.*)/s);
    if (Object.hasOwn(changes, name)) return [];
    const meant = Object.hasOwn(changes, value) ? changes[value] : value;
    return meant === null ? [] : [each === name ? name : `${name}=${meant}`];
  });
  const added = Object.entries(changes).flatMap(([name, value]) =>
    name.startsWith("--") && value !== null ? [value === "" ? name : `${name}=${value}`] : [],
  );
  const bare = words.flatMap((word) => (Object.hasOwn(changes, word) ? (changes[word] ?? []) : word));
  return [...kept, ...added, ...(bare.some((word) => word.startsWith("-")) ? ["--"] : []), ...bare];
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
