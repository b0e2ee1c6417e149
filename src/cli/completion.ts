// What could come next on a command line that is still being typed, and the scripts by which a shell asks. Pure.
import {
  type CommandDescription,
  isNegatable,
  type Option,
  type OptionDefinition,
  type PositionalDefinition,
  type Syntax,
  type ValueKind,
} from "./command.ts";
import bash from "./completions/bash.txt" with { type: "text" };
import fish from "./completions/fish.txt" with { type: "text" };
import zsh from "./completions/zsh.txt" with { type: "text" };
import { escapeControls } from "./escape.ts";

export interface Suggestion {
  readonly word: string;
  /** What it means, in some words; empty where it speaks for itself. */
  readonly meaning: string;
}

/** What fits: words, a path that the shell finds itself, or what only the folder with the revisions can tell. */
export type Suggestions =
  | { readonly kind: "words"; readonly words: readonly Suggestion[] }
  | { readonly kind: "file" | "folder" }
  | { readonly kind: "revision"; readonly given: TypedPaths }
  | { readonly kind: "source"; readonly given: TypedPaths };

/** The paths that were typed already. */
export interface TypedPaths {
  readonly sourcefile?: string;
  readonly destinationdirectory?: string;
}

export interface Completion {
  readonly suggestions: Suggestions;
  /** What of the last word is only in front of the value: `--compress=`, or nothing. */
  readonly prefix: string;
}

const nothing: Suggestions = { kind: "words", words: [] };

/**
 * Reads an unfinished command line as far as it can be read; what is wrong in it is left for the gate to say.
 * @param words after the program's name; the last one is being typed, and may be empty
 */
export function findCompletion(
  words: readonly string[],
  commands: readonly CommandDescription[],
): Completion {
  const [first = "", ...rest] = words;
  if (rest.length === 0) return { suggestions: offerCommands(commands), prefix: "" };
  if (first === "help")
    return { suggestions: rest.length === 1 ? listCommands(commands) : nothing, prefix: "" };
  const command = commands.find(({ name }) => name === first);
  return command === undefined ? { suggestions: nothing, prefix: "" } : findInCommand(rest, command);
}

function listCommands(commands: readonly CommandDescription[]): Suggestions {
  return {
    kind: "words",
    words: commands.map(({ name, summary }) => ({ word: name, meaning: summary })),
  };
}

function offerCommands(commands: readonly CommandDescription[]): Suggestions {
  const words = [
    ...commands.map(({ name, summary }) => ({ word: name, meaning: summary })),
    { word: "help", meaning: "all about one command" },
    { word: "--help", meaning: "list the commands" },
    { word: "--version", meaning: "print the version" },
  ];
  return { kind: "words", words };
}

/** What was read of the words before the last one. */
interface Before {
  /** The option whose value comes next. */
  awaiting: Option | undefined;
  positionals: number;
  areOptionsOver: boolean;
  readonly given: Map<Option, string>;
}

function findInCommand(words: readonly string[], syntax: Syntax): Completion {
  const before: Before = { awaiting: undefined, positionals: 0, areOptionsOver: false, given: new Map() };
  for (const word of words.slice(0, -1)) readWord(word, syntax, before);
  const last = words.at(-1) ?? "";
  const given = readGiven(before.given);
  if (before.awaiting) return { suggestions: offerValue(before.awaiting.definition, given), prefix: "" };
  if (before.areOptionsOver) return { suggestions: offerPlace(before, syntax, given), prefix: "" };
  const [prefix = "", spelling = ""] = /^(--[^=]+)=/.exec(last) ?? [];
  const option = syntax.bySpelling.get(spelling);
  if (option) return { suggestions: offerValue(option.definition, given), prefix };
  const isPlace = !last.startsWith("-") && findPlace(before, syntax) !== undefined;
  return {
    suggestions: isPlace ? offerPlace(before, syntax, given) : offerOptions(syntax, before.given),
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

function readGiven(given: ReadonlyMap<Option, string>): TypedPaths {
  const pathNames = ["sourcefile", "destinationdirectory"];
  return Object.fromEntries(
    [...given].filter(([{ name }]) => pathNames.includes(name)).map(([{ name }, value]) => [name, value]),
  );
}

function offerOptions(syntax: Syntax, given: ReadonlyMap<Option, string>): Suggestions {
  const words = syntax.options
    .filter((option) => !given.has(option))
    .map((option) => ({
      word: isNegatable(option) ? `--no-${option.name}` : `--${option.name}`,
      meaning: option.definition.description,
    }));
  return { kind: "words", words };
}

function offerPlace(before: Before, syntax: Syntax, given: TypedPaths): Suggestions {
  return offer(findPlace(before, syntax)?.completes, given);
}

function offerValue(definition: OptionDefinition, given: TypedPaths): Suggestions {
  if (definition.type === "boolean") return nothing;
  return offer(definition.type === "enum" ? definition.options : definition.completes, given);
}

function offer(completes: ValueKind | undefined, given: TypedPaths): Suggestions {
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
      return { kind: "words", words: completes.map((word) => ({ word, meaning: "" })) };
  }
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What teaches a shell to complete our command lines. They know nothing of the commands: each asks the program that is
 * being typed, so that it and its completions are always of one version. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

/** The words as the program would get them, and what of the last one the shell does not replace. */
export interface Typed {
  readonly words: readonly string[];
  readonly kept: string;
}

/**
 * Reads the words that a script hands over: each behind an `=`, since one may be empty or begin with a dash. bash hands
 * them over with their quotes, and cut at every `=` and `:`.
 */
export function readTyped(shell: Shell, marked: readonly string[]): Typed {
  const words = marked.map((word) => word.slice(1));
  if (shell !== "bash") return { words, kept: "" };
  const joined: string[] = [];
  let kept = "";
  for (const [place, word] of words.entries()) {
    const isMark = word === "=" || word === ":";
    const isBehindMark = place > 0 && (words[place - 1] === "=" || words[place - 1] === ":");
    kept = isMark || isBehindMark ? (joined.pop() ?? "") : "";
    joined.push(kept + word);
    // The mark itself is not being replaced either.
    if (isMark) kept += word;
  }
  return { words: joined.map(unquote), kept: unquote(kept) };
}

/** What sh makes of one word, as far as quotes and backslashes go; nothing else is expanded. */
export function unquote(word: string): string {
  return word.replaceAll(/\\(.)|'([^']*)'?|"((?:\\.|[^"\\])*)"?/gs, (_, escaped, single, double) => {
    if (typeof escaped === "string") return escaped;
    if (typeof single === "string") return single;
    return typeof double === "string" ? double.replaceAll(/\\([\\"$`])/g, "$1") : "";
  });
}

/**
 * The answer: the first line says what follows, `files` and `folders` that the shell is to find them itself. Then a
 * candidate a line; zsh and fish get what it means as well.
 * @param prefix what of the last word stands in front of the value: `--compress=`
 */
export function renderReply(
  shell: Shell,
  suggestions: readonly Suggestion[],
  { words, kept }: Typed,
  prefix: string,
): string {
  const shown = suggestions.filter(({ word }) => escapeControls(word) === word);
  const last = words.at(-1) ?? "";
  switch (shell) {
    case "bash": {
      const fitting = shown.map(({ word }) => prefix + word).filter((word) => word.startsWith(last));
      const isPlain = fitting.every((word) => /^[-\w./=:]*$/.test(word));
      return renderLines(
        isPlain ? "words" : "names",
        fitting.map((word) => word.slice(kept.length)),
      );
    }
    case "zsh":
      return renderLines(
        "words",
        shown.map(({ word, meaning }) => join(word.replaceAll(/[\\:]/g, String.raw`\$&`), ":", meaning)),
      );
    case "fish":
      return renderLines(
        "words",
        shown.map(({ word, meaning }) => join(prefix + word, "\t", meaning)),
      );
  }
}

/** The answer where the shell is to look for paths. */
export function renderPathReply(kind: Suggestions["kind"]): string {
  return renderLines(kind === "folder" ? "folders" : "files", []);
}

function join(word: string, mark: string, meaning: string): string {
  return meaning === "" ? word : `${word}${mark}${meaning}`;
}

function renderLines(kind: string, lines: readonly string[]): string {
  return [kind, ...lines].map((line) => `${line}\n`).join("");
}
