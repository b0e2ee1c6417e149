// What could come next on a command line that is still being typed. Pure.

import type { Command } from "./command.ts";
import type { Completion, OptionDefinition, PositionalDefinition } from "./definition.ts";
import { type Option, type Syntax, isNegatable, readSyntax } from "./syntax.ts";

export interface Candidate {
  readonly word: string;
  /** What it means, in some words; empty where it speaks for itself. */
  readonly meaning: string;
}

/** What fits: words, a path that the shell finds itself, or what only the folder with the revisions can tell. */
export type Wanted =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "file" | "folder" }
  | { readonly kind: "revision"; readonly given: Given }
  | { readonly kind: "source"; readonly given: Given };

/** The paths that were typed already. */
export interface Given {
  readonly sourcefile?: string;
  readonly destinationdirectory?: string;
}

export interface Completing {
  readonly wanted: Wanted;
  /** What of the last word is only in front of the value: `--compress=`, or nothing. */
  readonly prefix: string;
}

const nothing: Wanted = { kind: "words", candidates: [] };

/**
 * Reads an unfinished command line as far as it can be read; what is wrong in it is left for the gate to say.
 * @param words after the program's name; the last one is being typed, and may be empty
 */
export function findWanted(words: readonly string[], commands: readonly Command[]): Completing {
  const [first = "", ...rest] = words;
  if (rest.length === 0) return { wanted: offerCommands(commands), prefix: "" };
  if (first === "help") return { wanted: rest.length === 1 ? listCommands(commands) : nothing, prefix: "" };
  const command = commands.find(({ name }) => name === first);
  return command === undefined ? { wanted: nothing, prefix: "" } : findInCommand(rest, command);
}

function listCommands(commands: readonly Command[]): Wanted {
  return {
    kind: "words",
    candidates: commands.map(({ name, summary }) => ({ word: name, meaning: summary })),
  };
}

function offerCommands(commands: readonly Command[]): Wanted {
  const candidates = [
    ...commands.map(({ name, summary }) => ({ word: name, meaning: summary })),
    { word: "help", meaning: "all about one command" },
    { word: "--help", meaning: "list the commands" },
    { word: "--version", meaning: "print the version" },
  ];
  return { kind: "words", candidates };
}

/** What was read of the words before the last one. */
interface Before {
  /** The option whose value comes next. */
  awaiting: Option | undefined;
  positionals: number;
  areOptionsOver: boolean;
  readonly given: Map<Option, string>;
}

function findInCommand(words: readonly string[], command: Command): Completing {
  const syntax = readSyntax(command.args);
  const before: Before = { awaiting: undefined, positionals: 0, areOptionsOver: false, given: new Map() };
  for (const word of words.slice(0, -1)) readWord(word, syntax, before);
  const last = words.at(-1) ?? "";
  const given = readGiven(before.given);
  if (before.awaiting) return { wanted: offerValue(before.awaiting.definition, given), prefix: "" };
  if (before.areOptionsOver) return { wanted: offerPlace(before, syntax, given), prefix: "" };
  const [prefix = "", spelling = ""] = /^(--[^=]+)=/.exec(last) ?? [];
  const option = syntax.bySpelling.get(spelling);
  if (option) return { wanted: offerValue(option.definition, given), prefix };
  const isPlace = !last.startsWith("-") && findPlace(before, syntax) !== undefined;
  return {
    wanted: isPlace ? offerPlace(before, syntax, given) : offerOptions(syntax, before.given),
    prefix: "",
  };
}

function findPlace({ positionals }: Before, syntax: Syntax): PositionalDefinition | undefined {
  const place =
    syntax.positionals[positionals] ?? syntax.positionals.find(({ definition }) => definition.variadic);
  return place?.definition;
}

function readWord(word: string, syntax: Syntax, before: Before): void {
  if (before.awaiting) {
    before.given.set(before.awaiting, word);
    before.awaiting = undefined;
  } else if (before.areOptionsOver || !word.startsWith("-") || word === "-") before.positionals += 1;
  else if (word === "--") before.areOptionsOver = true;
  else readOption(word, syntax, before);
}

function readOption(word: string, syntax: Syntax, before: Before): void {
  const [, spelling = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
  const option = syntax.bySpelling.get(spelling) ?? syntax.bySpelling.get(spelling.replace(/^--no-/, "--"));
  if (option === undefined) return;
  if (value === undefined && option.definition.type !== "boolean") before.awaiting = option;
  else before.given.set(option, value ?? "");
}

function readGiven(given: ReadonlyMap<Option, string>): Given {
  const pathNames = ["sourcefile", "destinationdirectory"];
  return Object.fromEntries(
    [...given].filter(([{ name }]) => pathNames.includes(name)).map(([{ name }, value]) => [name, value]),
  );
}

function offerOptions(syntax: Syntax, given: ReadonlyMap<Option, string>): Wanted {
  const candidates = syntax.options
    .filter((option) => !given.has(option))
    .map((option) => ({
      word: isNegatable(option) ? `--no-${option.name}` : `--${option.name}`,
      meaning: option.definition.description,
    }));
  return { kind: "words", candidates };
}

function offerPlace(before: Before, syntax: Syntax, given: Given): Wanted {
  return offer(findPlace(before, syntax)?.completes, given);
}

function offerValue(definition: OptionDefinition, given: Given): Wanted {
  if (definition.type === "boolean") return nothing;
  return offer(definition.type === "enum" ? definition.options : definition.completes, given);
}

function offer(completes: Completion | undefined, given: Given): Wanted {
  switch (completes) {
    case undefined:
      return nothing;
    case "file":
    case "folder":
      return { kind: completes };
    case "revision":
    case "source":
      return { kind: completes, given };
    default:
      return { kind: "words", candidates: completes.map((word) => ({ word, meaning: "" })) };
  }
}
