// A command's definitions turned into look-up tables for the strict gate. Pure.

import type { ParseArgsOptionsConfig } from "node:util";
import type { ArgumentDefinition, Arguments, OptionDefinition, PositionalDefinition } from "./definition.ts";

export interface Option {
  readonly name: string;
  readonly definition: OptionDefinition;
  /** Every spelling as it is typed: `--destinationdirectory`, `--destdir`, `-d`. */
  readonly spellings: readonly string[];
}

export interface Positional {
  readonly name: string;
  readonly definition: PositionalDefinition;
}

export interface Syntax {
  readonly options: readonly Option[];
  readonly positionals: readonly Positional[];
  /** An option by a spelling as it is typed. */
  readonly bySpelling: ReadonlyMap<string, Option>;
}

/** Every command answers to it, and none declares it. */
const help: Option = {
  name: "help",
  definition: { type: "boolean", description: "show this help", default: false, alias: ["h"] },
  spellings: ["--help", "-h"],
};

/** A name as it is typed: one letter makes a short option. */
function spell(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

export function readSyntax(args: Arguments): Syntax {
  const options: Option[] = [];
  const positionals: Positional[] = [];
  for (const [name, definition] of Object.entries(args)) {
    if (definition.type === "positional") positionals.push({ name, definition });
    else options.push({ name, definition, spellings: [name, ...(definition.alias ?? [])].map(spell) });
  }
  options.push(help);
  const bySpelling = new Map(
    options.flatMap((option) => option.spellings.map((spelling) => [spelling, option] as const)),
  );
  return { options, positionals, bySpelling };
}

/** The options of `node:util` parseArgs, under which each long spelling is an option of its own. */
export function toParseArgsOptions(syntax: Syntax): ParseArgsOptionsConfig {
  const config: ParseArgsOptionsConfig = {};
  for (const option of syntax.options) {
    const type = option.definition.type === "boolean" ? "boolean" : "string";
    const short = option.spellings.find((spelling) => spelling.length === 2)?.slice(1);
    for (const spelling of option.spellings.filter((each) => each.length > 2)) {
      config[spelling.slice(2)] = { type };
    }
    if (short !== undefined) config[option.name] = { type, short };
  }
  return config;
}

/** Whether `--no-NAME` means something: only where leaving the option out means yes. */
export function isNegatable(option: Option): boolean {
  return option.definition.type === "boolean" && option.definition.default;
}

/** Whether the argument must be given. */
export function isRequired(definition: ArgumentDefinition): boolean {
  return definition.type !== "boolean" && (definition.required ?? false);
}
