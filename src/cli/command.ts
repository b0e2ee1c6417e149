// What a command is: a plain citty command, whose `meta` and arguments carry what the help, the manual, the completions
// and the strict parse are made from as well, so that they can't disagree. And how it is found by its word.
import type { BooleanArgDef, CommandDef, EnumArgDef, PositionalArgDef, StringArgDef } from "citty";
import type { ExitCode } from "../errors.ts";

/** What to type, and what that does: the lines of the EXAMPLES section. */
type Examples = Readonly<Record<string, string>>;

declare module "citty" {
  // `description` is one sentence without a full stop.
  interface CommandMeta {
    /** Paragraphs for the command's own help, after the description. */
    details?: readonly string[];
    examples?: Examples;
    /** Which codes it can end with; 2 goes without saying. */
    exitCodes?: readonly ExitCode[];
  }
}

/** As `defineCommand` returns it, whatever its arguments. Its `run` gets the session as `data`, returns the exit code or
 * throws a Failure, and prints through the session only. */
// oxlint-disable-next-line typescript/no-explicit-any -- a command is what takes any arguments of its own
export type Command = CommandDef<any>;

/** What `run` gets as `args`: by the canonical names of all options and arguments; `_` holds what goes by its place. */
export type Values = Parameters<NonNullable<Command["run"]>>[0]["args"];

/** What a shell offers where a value is typed: paths that it finds itself, what only folders and schedules know, or these
 * words. A `source` is a file that has revisions or a schedule. */
export type ValueKind = "file" | "folder" | KnownKind | readonly string[];
type KnownKind = "revision" | "source" | "time" | "name";

/** One sentence without a full stop, shown by the help; `check` throws a UsageFailure for a value that is none. */
type Described = { description: string; check?: (value: string) => unknown };

/** `--name`. None has a default of true. */
export type FlagDefinition = BooleanArgDef &
  Described & {
    type: "boolean";
    default: false;
    /** It says all by itself: nothing else is required, and only these options may stand beside it. */
    alone?: readonly string[];
  };

/** `--name=VALUE`. */
export type TextDefinition = StringArgDef &
  Described & {
    type: "string";
    /** How the help names the value: `FILE`, `N`. */
    valueHint: string;
    completes?: ValueKind;
    /** A bare word is its value too, where it is not given otherwise. */
    isPlaced?: true;
    /** Bare words of this look are meant for it, and for no place. */
    fits?: RegExp;
    /** A command that is suggested has it, unless it has one of these. */
    suggestedUnless?: readonly string[];
  };

export const flag = (description: string): FlagDefinition => ({
  type: "boolean",
  default: false,
  description,
});

export function valued(
  valueHint: string,
  description: string,
  more: Partial<Omit<TextDefinition, "type" | "valueHint" | "description">> = {},
): TextDefinition {
  return { type: "string", valueHint, description, ...more };
}

/** `--name=ONE`, of the words in `options`. */
export type ChoiceDefinition<Word extends string = string> = EnumArgDef &
  Described & { type: "enum"; options: Word[]; default?: Word };

export type PositionalDefinition = PositionalArgDef &
  Described & {
    type: "positional";
    required: boolean;
    completes?: ValueKind;
    /** All that it can be. */
    fits?: RegExp;
    /** The last positional may take all that follow; they are in `args._`. */
    variadic?: true;
  };

export type OptionDefinition = FlagDefinition | TextDefinition | ChoiceDefinition;

/** A command's arguments by their canonical names, in the order in which the help shows them. At most one of an option's
 * aliases has one letter. */
export type Arguments = Record<string, OptionDefinition | PositionalDefinition>;

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

/** The arguments of a command, to be looked up; an option by a spelling as it is typed as well. */
export type Syntax = Readonly<ReturnType<typeof readSyntax>>;

export interface CommandDescription extends Syntax {
  /** The word that is typed, and further words for the same. */
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly summary: string;
  readonly details: readonly string[];
  readonly examples: Examples;
  readonly exitCodes: readonly ExitCode[];
}

/** Throws a TypeError for a command of which something can't be told before it runs. */
export function describeCommand({ meta, args }: Command): CommandDescription {
  if (typeof meta !== "object" || meta instanceof Promise || meta.name === undefined) {
    throw new TypeError("a command says who it is in plain data");
  }
  const { name, description: summary = "", details = [], examples = {}, exitCodes = [] } = meta;
  return { name, summary, details, examples, exitCodes, ...readSyntax(args) };
}

/** Every command answers to it, and none declares it. */
const help: Option = {
  name: "help",
  definition: { type: "boolean", description: "show this help", default: false },
  spellings: ["--help", "-h"],
};

export function readSyntax(args: Arguments) {
  const options: Option[] = [];
  const positionals: Positional[] = [];
  for (const [name, definition] of Object.entries(args)) {
    if (definition.type === "positional") {
      positionals.push({ name, definition });
    } else {
      const names = [name, ...[definition.alias ?? []].flat()];
      // One letter makes a short option.
      const spellings = names.map((each) => (each.length === 1 ? `-${each}` : `--${each}`));
      options.push({ name, definition, spellings });
    }
  }
  options.push(help);
  const bySpelling = new Map(
    options.flatMap((option) => option.spellings.map((spelling) => [spelling, option] as const)),
  );
  return { options, positionals, bySpelling };
}

export function isPlaced({ definition }: Option): boolean {
  return definition.type === "string" && definition.isPlaced === true;
}

export interface CommandEntry {
  readonly aliases?: readonly string[];
  /** Works, but no help or completion shows it. */
  readonly isHidden?: true;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** A Map, since a plain object would know commands named `constructor` and `__proto__`. In the order of the help. */
export type CommandTable = ReadonlyMap<string, CommandEntry>;

export function findCommand(table: CommandTable, word: string): CommandEntry | undefined {
  return table.get(word) ?? [...table.values()].find(({ aliases }) => aliases?.includes(word));
}

/** The words that a person may be told of. */
export function listCommandWords(table: CommandTable): readonly string[] {
  return [...table].flatMap(([name, { aliases, isHidden }]) => (isHidden ? [] : [name, ...(aliases ?? [])]));
}

/** Loads all commands that a person may be told of, in the table's order. */
export async function describeCommands(table: CommandTable): Promise<readonly CommandDescription[]> {
  const entries = [...table.values()].filter(({ isHidden }) => !isHidden);
  return Promise.all(
    entries.map(async ({ aliases, load }) => ({ ...describeCommand((await load()).command), aliases })),
  );
}
