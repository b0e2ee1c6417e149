// One command from its arguments to its exit code: the strict check, help or work, and the report of a failure.
import { runCommand } from "citty";
import { version } from "../../package.json" with { type: "json" };
import { ExitCode } from "../errors.ts";
import { writeMessage } from "../system/streams.ts";
import { type Command, type CommandDescription, type CommandTable, describeCommand } from "./command.ts";
import { exitCodeOf, renderFailure, renderStack } from "./failure-text.ts";
import { renderCommandHelp } from "./help.ts";
import { watchSignals } from "./interruption.ts";
import { createOutput } from "./output.ts";
import { checkCommandLine, type CommandLine, hasFlag, splitCommandLine } from "./parse.ts";
import { createSession, type Session, type SessionOptions } from "./session.ts";

/** How the program ends: by a code, or, after cleaning up, by the signal that it was sent. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly endedBy?: NodeJS.Signals;
}

/** What the program hands to every command. `emergency` aborts it from outside; its reason was told already. */
export interface Wiring {
  readonly commands: CommandTable;
  readonly emergency: AbortSignal;
}

/** Never throws what a command throws: the person is told of it. */
export async function executeCommand(
  command: Command,
  argv: readonly string[],
  wiring: Wiring,
): Promise<Outcome> {
  const description = describeCommand(command);
  const line = splitCommandLine(argv, description);
  const options = readSessionOptions(line);
  try {
    if (hasFlag(line, "help")) return showHelp(description);
    const rawArgs = checkCommandLine(line);
    return await perform(command, rawArgs, options, wiring, [version, description.name, ...argv]);
  } catch (error) {
    writeMessage(renderFailure(error, options.isJson));
    return { exitCode: exitCodeOf(error) };
  }
}

function readSessionOptions(line: CommandLine): SessionOptions {
  return {
    isQuiet: hasFlag(line, "quiet"),
    isVerbose: hasFlag(line, "verbose"),
    isJson: hasFlag(line, "json"),
    debugFolder: hasFlag(line, "debug") ? "" : undefined,
  };
}

function showHelp(description: CommandDescription): Outcome {
  createOutput().write(renderCommandHelp(description));
  return { exitCode: ExitCode.done };
}

async function perform(
  command: Command,
  rawArgs: string[],
  options: SessionOptions,
  { commands, emergency }: Wiring,
  typed: readonly string[],
): Promise<Outcome> {
  const watch = watchSignals();
  const session = createSession(options, {
    commands,
    signal: AbortSignal.any([watch.signal, emergency]),
  });
  session.report.debug(`tinybackup ${JSON.stringify(typed)} on ${process.platform}`);
  const exitCode = await runToCode(command, rawArgs, session, emergency);
  watch.stop();
  session.showStatus(null);
  const endedBy = watch.received();
  return endedBy === undefined ? { exitCode } : { exitCode, endedBy };
}

async function runToCode(
  command: Command,
  rawArgs: string[],
  session: Session,
  emergency: AbortSignal,
): Promise<ExitCode> {
  const { report } = session;
  try {
    const { result } = await runCommand(command, { rawArgs, data: session });
    if (!isExitCode(result)) throw new TypeError("the command ended without an exit code");
    report.debug(`exit code ${result}`);
    return result;
  } catch (error) {
    if (emergency.aborted && error === emergency.reason) report.debug(renderStack(error));
    else report.failure(error);
    return exitCodeOf(error);
  }
}

function isExitCode(value: unknown): value is ExitCode {
  return Object.values<unknown>(ExitCode).includes(value);
}
