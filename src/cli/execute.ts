// One command from its arguments to its exit code: the strict check, help or work, and what a signal or a failure ends.
import { version } from "../../package.json" with { type: "json" };
import { ExitCode, Interruption } from "../errors.ts";
import { isSignalIgnored } from "../system/invocation.ts";
import { type Command, type CommandTable, describeCommand, type Values } from "./command.ts";
import { renderStack, toFailure } from "./failure-text.ts";
import { renderCommandHelp } from "./help.ts";
import { createOutput } from "./output.ts";
import { type CommandLine, hasFlag, splitCommandLine } from "./command-line.ts";
import { checkCommandLine } from "./parse.ts";
import { createSession } from "./session.ts";

/** How the program ends: by a code, or, after cleaning up, by the signal that it was sent. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly endedBy?: NodeJS.Signals | undefined;
}

/** What the program hands to every command. `emergency` aborts it from outside; its reason was told already. */
export interface Wiring {
  readonly commands: CommandTable;
  readonly emergency: AbortSignal;
}

/** Throws a UsageFailure where the command line is wrong. What the command throws the person is told of. */
export async function executeCommand(
  command: Command,
  argv: readonly string[],
  { commands, emergency }: Wiring,
): Promise<Outcome> {
  const description = describeCommand(command);
  const line = splitCommandLine(argv, description);
  if (hasFlag(line, "help")) {
    createOutput().write(renderCommandHelp(description));
    return { exitCode: ExitCode.done };
  }
  const args = await withHint(() => readValues(line), line, commands);
  const watch = watchSignals();
  const signal = AbortSignal.any([watch.signal, emergency]);
  const options = {
    isQuiet: hasFlag(line, "quiet"),
    isVerbose: hasFlag(line, "verbose"),
    isJson: hasFlag(line, "json"),
    debugFolder: hasFlag(line, "debug") ? "" : undefined,
  };
  const session = createSession(options, { commands, signal });
  const { report } = session;
  const typed = `${description.name} ${JSON.stringify(argv)}`;
  let exitCode: ExitCode;
  try {
    report.trace(`tinybackup ${version} ${typed} on ${process.platform}`);
    const run = (): unknown => command.run?.({ args, data: session, rawArgs: [...argv], cmd: command });
    const result = await withHint(run, line, commands);
    if (!isExitCode(result)) throw new TypeError("the command ended without an exit code");
    exitCode = result;
    report.trace(`exit code ${exitCode}`);
  } catch (error) {
    exitCode = toFailure(error).exitCode;
    if (emergency.aborted && error === emergency.reason) report.trace(renderStack(error));
    else report.error(toFailure(error));
  } finally {
    watch.stop();
    session.showStatus(null);
  }
  return { exitCode, endedBy: watch.received() };
}

/** What a text, the shell or another program's habit may have spoiled. */
const odd = /^-[a-z][a-z-]|[~$‐-―−“„‘«\u00A0\u200B\uFEFF\r]/u;

async function readValues(line: CommandLine): Promise<Values> {
  if (line.argv.some((word) => odd.test(word))) (await import("./spoiled.ts")).refuseSpoiled(line);
  return checkCommandLine(line);
}

/** Where `act` fails, the failure tells the whole command that was meant. */
async function withHint<T>(act: () => T | Promise<T>, line: CommandLine, table: CommandTable): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await (await import("./suggestion.ts")).completeHint(error, line, table);
    throw error;
  }
}

function isExitCode(value: unknown): value is ExitCode {
  return Object.values<unknown>(ExitCode).includes(value);
}

/**
 * Watches for the signals that end a program. The first one aborts `signal`, with an Interruption as the reason, so that
 * the command cleans up and ends; the second ends it at once. One that the caller wants ignored (nohup) stays ignored.
 */
function watchSignals() {
  const controller = new AbortController();
  const watched = (["SIGINT", "SIGTERM", "SIGHUP"] as const).filter((signal) => !isSignalIgnored(signal));
  let received: NodeJS.Signals | undefined;
  const stop = (): void => {
    for (const signal of watched) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals, value: number): void => {
    received = signal;
    // Without our handlers the next signal does what it does to any program.
    stop();
    controller.abort(new Interruption(signal, value));
  };
  for (const signal of watched) process.on(signal, onSignal);
  return { signal: controller.signal, received: () => received, stop };
}
