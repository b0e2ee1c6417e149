// A command, defined once: its help, manual, completions and strict parsing are all made from this definition.
// citty turns the arguments that passed the gate into values.
import { type ArgsDef, defineCommand as defineCittyCommand, runCommand } from "citty";
import { ExitCode } from "../errors.ts";
import type { Arguments, Values } from "./definition.ts";
import type { Session } from "./session.ts";

/** A line of the EXAMPLES section: what to type, and what that does. */
interface Example {
  readonly type: string;
  readonly does: string;
}

interface Definition<A extends Arguments> {
  /** The word that is typed. */
  readonly name: string;
  /** One sentence without a full stop, shown in the list of commands. */
  readonly summary: string;
  /** Paragraphs for the command's own help, after the summary. */
  readonly details?: readonly string[];
  readonly args: A;
  readonly examples: readonly Example[];
  /** Which codes it can end with; 2 goes without saying. */
  readonly exitCodes: readonly ExitCode[];
  /** Does the work. Throws a Failure, or returns the code; prints through `session` only. */
  readonly run: (args: Values<A>, session: Session) => Promise<ExitCode>;
}

/** A definition whose argument types were checked and may now be forgotten. */
export interface Command extends Omit<Definition<Arguments>, "run"> {
  /** Runs it on arguments that have passed the gate. */
  readonly execute: (rawArgs: readonly string[], session: Session) => Promise<ExitCode>;
}

export function defineCommand<const A extends Arguments>(definition: Definition<A>): Command {
  const { run, ...described } = definition;
  return {
    ...described,
    async execute(rawArgs, session) {
      let exitCode: ExitCode = ExitCode.failed;
      const citty = defineCittyCommand({
        meta: { name: definition.name, description: definition.summary },
        args: toCittyArguments(definition.args),
        run: async ({ args }) => {
          // What the gate let through has the types that the definitions say (parse.test.ts).
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion
          exitCode = await run(readValues(definition.args, args) as Values<A>, session);
        },
      });
      await runCommand(citty, { rawArgs: [...rawArgs] });
      return exitCode;
    },
  };
}

/** The same definitions in citty's own, mutable types. */
export function toCittyArguments(args: Arguments): ArgsDef {
  const citty: ArgsDef = {};
  for (const [name, definition] of Object.entries(args)) {
    if (definition.type === "positional") citty[name] = { ...definition };
    else if (definition.type === "enum") {
      citty[name] = { ...definition, alias: [...(definition.alias ?? [])], options: [...definition.options] };
    } else citty[name] = { ...definition, alias: [...(definition.alias ?? [])] };
  }
  return citty;
}

interface CittyValues {
  readonly [name: string]: unknown;
  readonly _: readonly string[];
}

/** Plain values without citty's aliases; a variadic positional takes all from its place on. */
function readValues(args: Arguments, parsed: CittyValues): Readonly<Record<string, unknown>> {
  let place = 0;
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(args)) {
    values[name] = parsed[name];
    if (definition.type !== "positional") continue;
    if (definition.variadic) values[name] = parsed._.slice(place);
    place += 1;
  }
  return values;
}
