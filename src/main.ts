// The entry point: routes the command line, and is the one place that sets the exit code.
import type { CommandTable } from "./cli/command-table.ts";
import { exitCodeOf, renderFailure, toFailure } from "./cli/failure-text.ts";
import { type Outcome, route } from "./cli/router.ts";
import { commands } from "./commands/table.ts";
import { ExitCode } from "./errors.ts";
import { writeMessage } from "./system/streams.ts";

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
  route(argv, table, emergency.signal)
    .then((outcome) => finish(outcome, emergency.signal.aborted))
    .catch((error: unknown) => {
      tell(error, argv);
      process.exitCode = exitCodeOf(error);
    })
    .finally(() => {
      hasEnded = true;
    });
}

function tell(error: unknown, argv: readonly string[]): void {
  writeMessage(renderFailure(toFailure(error), exitCodeOf(error), argv.includes("--json")));
}

function finish({ exitCode, endedBy }: Outcome, hasStrayed: boolean): void {
  // The handlers are gone by now, so that the parent sees what it would see of any program: ended by the signal.
  if (endedBy !== undefined) process.kill(process.pid, endedBy);
  process.exitCode = hasStrayed ? ExitCode.failed : exitCode;
}

if (import.meta.main) start(commands);
