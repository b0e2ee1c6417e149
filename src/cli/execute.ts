// One command from its arguments to its exit code: the strict check, help or work, and the report of a failure.
import { runCommand } from "citty";
import { version } from "../../package.json" with { type: "json" };
import { ExitCode } from "../errors.ts";
import { writeMessage } from "../system/streams.ts";
import { type Command, type CommandTable, describeCommand } from "./command.ts";
import { exitCodeOf, renderFailure, renderStack, toFailure } from "./failure-text.ts";
import { renderCommandHelp } from "./help.ts";
import { watchSignals } from "./interruption.ts";
import { createOutput } from "./output.ts";
import { checkCommandLine, type CommandLine, hasFlag, splitCommandLine } from "./parse.ts";
import { createSession, type SessionOptions } from "./session.ts";

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
  try {
    if (hasFlag(line, "help")) {
      createOutput().write(renderCommandHelp(description));
      return { exitCode: ExitCode.done };
    }
    return await perform(command, checkCommandLine(line), line, wiring);
  } catch (error) {
    writeMessage(renderFailure(error, hasFlag(line, "json")));
    return { exitCode: exitCodeOf(error) };
  }
}

async function perform(
  command: Command,
  rawArgs: string[],
  line: CommandLine,
  { commands, emergency }: Wiring,
): Promise<Outcome> {
  const watch = watchSignals();
  const signal = AbortSignal.any([watch.signal, emergency]);
  const session = createSession(readSessionOptions(line), { commands, signal });
  const { report } = session;
  const typed = `${line.command.name} ${JSON.stringify(line.argv)}`;
  let exitCode: ExitCode;
  try {
    report.trace(`tinybackup ${version} ${typed} on ${process.platform}`);
    const { result } = await runCommand(command, { rawArgs, data: session });
    if (!isExitCode(result)) throw new TypeError("the command ended without an exit code");
    exitCode = result;
    report.trace(`exit code ${exitCode}`);
  } catch (error) {
    exitCode = exitCodeOf(error);
    if (emergency.aborted && error === emergency.reason) report.trace(renderStack(error));
    else report.error(toFailure(error));
  } finally {
    watch.stop();
    session.showStatus(null);
  }
  const endedBy = watch.received();
  return endedBy === undefined ? { exitCode } : { exitCode, endedBy };
}

function readSessionOptions(line: CommandLine): SessionOptions {
  return {
    isQuiet: hasFlag(line, "quiet"),
    isVerbose: hasFlag(line, "verbose"),
    isJson: hasFlag(line, "json"),
    debugFolder: hasFlag(line, "debug") ? "" : undefined,
  };
}

function isExitCode(value: unknown): value is ExitCode {
  return Object.values<unknown>(ExitCode).includes(value);
}
