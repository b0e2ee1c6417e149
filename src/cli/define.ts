// How a command is defined: as citty has it, with what all of them take and get.
import type { CommandMeta, ParsedArgs } from "citty";
import type { ExitCode } from "../errors.ts";
import { messages } from "./arguments.ts";
import type { Arguments, Command } from "./command.ts";
import type { Session } from "./session.ts";

/** A command whose `run` gets its session as `data`, and which takes the options of `messages` behind its own. */
export function defineCommand<const Own extends Arguments>(command: {
  readonly meta: CommandMeta;
  readonly args: Own;
  readonly run: (context: {
    readonly args: ParsedArgs<Own & typeof messages>;
    readonly data: Session;
  }) => ExitCode | Promise<ExitCode>;
}): Command {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- citty makes of each definition a value of its type
  return { ...command, args: { ...command.args, ...messages, ...command.args } } as Command;
}
