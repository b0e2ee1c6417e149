// The program: its commands, the way from the command line to one of them, and the one place that sets the exit code.
// Whatever is not needed for the answer is not loaded: `--version` and a mistyped command cost no more than starting.
import { version } from "../package.json" with { type: "json" };
import { type CommandEntry, type CommandTable, describeCommands, findCommand } from "./cli/command.ts";
import type { Outcome, Wiring } from "./cli/execute.ts";
import { renderFailure, toFailure } from "./cli/failure-text.ts";
import { createOutput } from "./cli/output.ts";
import { ExitCode, UsageFailure } from "./errors.ts";
import { standardError, writeMessage } from "./system/streams.ts";

/** The commands, in the order in which the help lists them. Each is loaded when it is asked for. */
export const commands: CommandTable = new Map<string, CommandEntry>([
  ["install", { load: () => import("./commands/install.ts") }],
  ["statusof", { aliases: ["status"], load: () => import("./commands/statusof.ts") }],
  ["uninstall", { load: () => import("./commands/uninstall.ts") }],
  ["preview", { load: () => import("./commands/preview.ts") }],
  ["run", { aliases: ["backup"], load: () => import("./commands/run.ts") }],
  ["list", { aliases: ["ls"], load: () => import("./commands/list.ts") }],
  ["restore", { load: () => import("./commands/restore.ts") }],
  ["diff", { load: () => import("./commands/diff.ts") }],
  ["verify", { load: () => import("./commands/verify.ts") }],
  ["prune", { load: () => import("./commands/prune.ts") }],
  ["doctor", { load: () => import("./commands/doctor.ts") }],
  ["completions", { load: () => import("./commands/completions.ts") }],
  ["complete", { isHidden: true, load: () => import("./commands/complete.ts") }],
  ["job", { isHidden: true, load: () => import("./commands/job.ts") }],
]);

/** Runs the program. It returns at once; the process ends when the work has, with the documented exit code. */
export function start(table: CommandTable, argv: readonly string[] = process.argv.slice(2)): void {
  // Should the work never end, with nothing left to wait for, that is no success.
  process.exitCode = ExitCode.failed;
  let hasEnded = false;
  process.on("beforeExit", () => {
    if (!hasEnded) tell(new Error("the command never ended"), argv);
    hasEnded = true;
  });
  const emergency = new AbortController();
  const onStray = (error: unknown): void => {
    const failure = toFailure(error);
    tell(failure, argv);
    emergency.abort(failure);
  };
  process.on("uncaughtException", onStray);
  process.on("unhandledRejection", onStray);
  route(argv, { commands: table, emergency: emergency.signal })
    .then((outcome) => finish(outcome, emergency.signal.aborted))
    .catch(async (error: unknown) => {
      const { paintMessages, readScreen } = await import("./cli/screen.ts");
      tell(error, argv, (text) => paintMessages(text, readScreen(standardError)));
      process.exitCode = toFailure(error).exitCode;
    })
    .finally(() => {
      hasEnded = true;
    });
}

/** What follows `--` is no option. */
function tell(error: unknown, argv: readonly string[], paint = (text: string) => text): void {
  const place = argv.indexOf("--json");
  writeMessage(paint(renderFailure(error, place !== -1 && !argv.slice(0, place).includes("--"))));
}

function finish({ exitCode, endedBy }: Outcome, hasStrayed: boolean): void {
  // The handlers are gone by now, so that the parent sees what it would see of any program: ended by the signal.
  if (endedBy !== undefined) process.kill(process.pid, endedBy);
  process.exitCode = hasStrayed ? ExitCode.failed : exitCode;
}

const rootOptions = ["--version", "-V", "--help", "-h"];
const done: Outcome = { exitCode: ExitCode.done };

/** Runs what `argv`, the words after the program's name, asks for. Throws a UsageFailure if that is nothing we know. */
async function route(argv: readonly string[], wiring: Wiring): Promise<Outcome> {
  if (argv.some((argument) => argument.includes("\u{FFFD}")))
    (await import("./system/invocation.ts")).refuseLossyArgument(argv);
  const [word, ...rest] = await withoutModeFlags(argv);
  switch (word) {
    case undefined:
      // To a person, so not on standard output; and nothing was done, which a script whose variable is empty must notice.
      writeMessage((await import("./cli/help.ts")).renderFirstWords());
      return { exitCode: ExitCode.usage };
    case "version":
    case "-V":
    case "--version":
      if (rest.join(" ") === "--json") {
        createOutput().writeJson({ version });
        return done;
      }
      refuseMore(word, rest);
      createOutput().write(`tinybackup ${version}\n`);
      return done;
    case "--help":
    case "-h":
    case "help":
      return showHelp(rest, wiring);
    default:
      return execute(word, rest, wiring);
  }
}

/** Only words that begin with an option can be those of the Python program. */
async function withoutModeFlags(argv: readonly string[]): Promise<readonly string[]> {
  const [word] = argv;
  if (word === undefined || !word.startsWith("-") || rootOptions.includes(word)) return argv;
  const { translateModeFlags } = await import("./cli/mode-flags.ts");
  return translateModeFlags(argv);
}

function refuseMore(word: string, [extra]: readonly string[]): void {
  if (extra === undefined) return;
  throw new UsageFailure(`unexpected argument '${extra}' after '${word}'`, {
    hint: `tinybackup ${word}`,
  });
}

async function execute(word: string, argv: readonly string[], wiring: Wiring): Promise<Outcome> {
  const { load } =
    findCommand(wiring.commands, word) ??
    (await (await import("./cli/suggestion.ts")).refuseCommand([word, ...argv], wiring.commands));
  const [{ command }, { executeCommand }] = await Promise.all([load(), import("./cli/execute.ts")]);
  return executeCommand(command, argv, wiring);
}

async function showProgramHelp({ commands: table }: Wiring): Promise<Outcome> {
  const { renderProgramHelp } = await import("./cli/help.ts");
  createOutput().write(renderProgramHelp(await describeCommands(table)));
  return done;
}

async function showHelp([word, ...rest]: readonly string[], wiring: Wiring): Promise<Outcome> {
  if (word === undefined) return showProgramHelp(wiring);
  refuseMore(`help ${word}`, rest);
  return execute(word, ["--help"], wiring);
}

if (import.meta.main) start(commands);
