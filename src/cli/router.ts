// From the command line to the command. Whatever is not needed for the answer is not loaded: `--version` and a
// mistyped command cost no more than starting at all.
import { ExitCode, UsageFailure } from "../errors.ts";
import { writeMessage } from "../system/streams.ts";
import { version } from "../version.ts";
import {
  type CommandEntry,
  type CommandTable,
  findCommand,
  listCommandWords,
  loadCommands,
} from "./command-table.ts";
import { createOutput } from "./output.ts";

/** How the program ends: by a code, or, after cleaning up, by the signal that it was sent. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly endedBy?: NodeJS.Signals;
}

const usage = "tinybackup COMMAND [OPTIONS]";
const done: Outcome = { exitCode: ExitCode.done };

/** Runs what `argv`, the words after the program's name, asks for. Throws a UsageFailure if that is nothing we know. */
export async function route(
  argv: readonly string[],
  table: CommandTable,
  emergency: AbortSignal,
): Promise<Outcome> {
  await refuseLossyArguments(argv);
  const [word, ...rest] = await withoutModeFlags(argv);
  switch (word) {
    case undefined:
      return sayFirstWords();
    case "--version":
      refuseMore(word, rest);
      createOutput().write(`tinybackup ${version}\n`);
      return done;
    case "--help":
    case "-h":
      refuseMore(word, rest);
      return showProgramHelp(table);
    case "help":
      return showHelp(rest, table, emergency);
    default:
      return execute(await findEntry(word, table), rest, table, emergency);
  }
}

/** To a person, so not on standard output; and nothing was done, which a script whose variable is empty must notice. */
async function sayFirstWords(): Promise<Outcome> {
  const { renderFirstWords } = await import("./help.ts");
  writeMessage(renderFirstWords());
  return { exitCode: ExitCode.usage };
}

const rootOptions = ["--version", "--help", "-h"];

/** Only words that begin with an option can be those of the Python program. */
async function withoutModeFlags(argv: readonly string[]): Promise<readonly string[]> {
  const [word] = argv;
  if (word === undefined || !word.startsWith("-") || rootOptions.includes(word)) return argv;
  const { translateModeFlags } = await import("./mode-flags.ts");
  return translateModeFlags(argv);
}

async function refuseLossyArguments(argv: readonly string[]): Promise<void> {
  if (!argv.some((argument) => argument.includes("\u{FFFD}"))) return;
  const { refuseLossyArgument } = await import("./lossy-arguments.ts");
  refuseLossyArgument(argv);
}

function refuseMore(word: string, [extra]: readonly string[]): void {
  if (extra === undefined) return;
  throw new UsageFailure(`unexpected argument '${extra}' after '${word}'`, {
    hint: `write tinybackup ${word} alone`,
  });
}

async function execute(
  { load }: CommandEntry,
  argv: readonly string[],
  table: CommandTable,
  emergency: AbortSignal,
): Promise<Outcome> {
  const [{ command }, { executeCommand }] = await Promise.all([load(), import("./execute.ts")]);
  return executeCommand(command, argv, table, emergency);
}

async function showProgramHelp(table: CommandTable): Promise<Outcome> {
  const { renderProgramHelp } = await import("./help.ts");
  createOutput().write(renderProgramHelp(await loadCommands(table)));
  return done;
}

async function showHelp(
  words: readonly string[],
  table: CommandTable,
  emergency: AbortSignal,
): Promise<Outcome> {
  const [word, ...rest] = words;
  if (word === undefined) return showProgramHelp(table);
  refuseMore(`help ${word}`, rest);
  return execute(await findEntry(word, table), ["--help"], table, emergency);
}

async function findEntry(word: string, table: CommandTable): Promise<CommandEntry> {
  const entry = findCommand(table, word);
  if (entry !== undefined) return entry;
  if (word.startsWith("-")) {
    throw new UsageFailure(`unknown option '${word}' in front of the command`, {
      hint: `the command comes first: ${usage}; or say what to do with --run, --install, --uninstall or --statusof`,
    });
  }
  const { findNearest } = await import("./nearest.ts");
  const nearest = findNearest(word, listCommandWords(table));
  throw new UsageFailure(word === "" ? "the command is empty" : `unknown command '${word}'`, {
    hint: nearest === undefined ? "'tinybackup --help' lists the commands" : `did you mean ${nearest}?`,
  });
}
