// One command from its arguments to its exit code: gate, help or work, and the report of a failure.
import { ExitCode } from "../errors.ts";
import { version } from "../version.ts";
import type { CommandTable } from "./command-table.ts";
import type { Command } from "./command.ts";
import { exitCodeOf, renderStack } from "./failure-text.ts";
import { renderCommandHelp } from "./help.ts";
import { watchSignals } from "./interruption.ts";
import { createOutput } from "./output.ts";
import { hasFlag, parseCommandLine } from "./parse.ts";
import type { Outcome } from "./router.ts";
import { createSession } from "./session.ts";

/** Never throws: whatever the command throws is told to the person. `emergency` aborts it from outside; its reason
 * was told already. */
export async function executeCommand(
  command: Command,
  argv: readonly string[],
  table: CommandTable,
  emergency: AbortSignal,
): Promise<Outcome> {
  const watch = watchSignals();
  const signal = AbortSignal.any([watch.signal, emergency]);
  const isJson = hasFlag(argv, command.args, "json");
  let { report } = createSession(isJson ? ["--json"] : [], table, signal);
  let exitCode: ExitCode;
  try {
    const line = parseCommandLine(argv, command.args, command.name);
    if (line.asks === "help") {
      createOutput().write(renderCommandHelp(command));
      exitCode = ExitCode.done;
    } else {
      const session = createSession(line.options, table, signal);
      ({ report } = session);
      report.debug(`tinybackup ${version} ${command.name} ${JSON.stringify(argv)} on ${process.platform}`);
      exitCode = await command.execute([...line.options, "--", ...line.positionals], session);
      report.debug(`exit code ${exitCode}`);
    }
  } catch (error) {
    exitCode = exitCodeOf(error);
    if (emergency.aborted && error === emergency.reason) report.debug(renderStack(error));
    else report.failure(error);
  } finally {
    watch.stop();
  }
  const endedBy = watch.received();
  return endedBy === undefined ? { exitCode } : { exitCode, endedBy };
}
