// What could come next on a command line that is still being typed, and the scripts by which a shell asks. Pure.
import {
  type CommandDescription,
  isNegatable,
  type Option,
  type Positional,
  type Syntax,
  type ValueKind,
} from "./command.ts";
import bash from "./completions/bash.txt" with { type: "text" };
import fish from "./completions/fish.txt" with { type: "text" };
import zsh from "./completions/zsh.txt" with { type: "text" };
import { escapeControls } from "./escape.ts";
import { splitCommandLine } from "./parse.ts";

export interface Suggestion {
  readonly word: string;
  /** What it means, in some words; empty where it speaks for itself. */
  readonly meaning: string;
}

/** The paths that were typed already. */
export interface TypedPaths {
  readonly sourcefile?: string;
  readonly destinationdirectory?: string;
}

export interface Completion {
  /** What fits: words, paths that the shell finds itself, or what only the folder with the revisions can tell. */
  readonly fitting: readonly Suggestion[] | "file" | "folder" | "revision" | "source";
  /** What of the last word is only in front of the value: `--compress=`, or nothing. */
  readonly prefix: string;
  readonly typed: TypedPaths;
}

/**
 * Reads an unfinished command line as far as it can be read; what is wrong in it is left for the strict check to say.
 * @param words after the program's name; the last one is being typed, and may be empty
 */
export function findCompletion(
  words: readonly string[],
  commands: readonly CommandDescription[],
): Completion {
  const [first = "", ...rest] = words;
  const command = commands.find(({ name }) => name === first);
  if (rest.length > 0 && command !== undefined) return completeCommand(rest, command);
  const names = commands.map(({ name, summary }) => ({ word: name, meaning: summary }));
  const isHelp = first === "help" && rest.length === 1;
  const fitting = rest.length === 0 ? [...names, ...others] : isHelp ? names : [];
  return { fitting, prefix: "", typed: {} };
}

const others: readonly Suggestion[] = [
  { word: "help", meaning: "all about one command" },
  { word: "--help", meaning: "list the commands" },
  { word: "--version", meaning: "print the version" },
];

function completeCommand(words: readonly string[], command: CommandDescription): Completion {
  const before = readBefore(words.slice(0, -1), command);
  const typed = readPaths(before.given);
  const complete = (fitting: Completion["fitting"], prefix = ""): Completion => ({ fitting, prefix, typed });
  if (before.awaiting) return complete(listValues(before.awaiting));
  if (before.areOptionsOver) return complete(listValues(before.place));
  const last = words.at(-1) ?? "";
  const [prefix = "", spelling = ""] = /^(--[^=]+)=/.exec(last) ?? [];
  const option = command.bySpelling.get(spelling);
  if (option) return complete(listValues(option), prefix);
  const isPlace = before.place !== undefined && !last.startsWith("-");
  return complete(isPlace ? listValues(before.place) : listOptions(command, before.given));
}

/** What was read of the words before the last one. */
interface Before {
  readonly given: ReadonlyMap<Option, string>;
  /** The option whose value comes next. */
  readonly awaiting: Option | undefined;
  /** What an argument would be that comes next. */
  readonly place: Positional | undefined;
  readonly areOptionsOver: boolean;
}

function readBefore(words: readonly string[], command: CommandDescription): Before {
  const { tokens } = splitCommandLine(words, command);
  const given = new Map<Option, string>();
  let awaiting: Option | undefined;
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = findOption(token.rawName, command);
    if (token.value === undefined && option && option.definition.type !== "boolean") awaiting = option;
    else if (option) given.set(option, token.value ?? "");
  }
  const { positionals } = command;
  const place =
    positionals[tokens.filter(({ kind }) => kind === "positional").length] ??
    positionals.find(({ definition }) => definition.variadic);
  return { given, awaiting, place, areOptionsOver: tokens.some(({ kind }) => kind === "option-terminator") };
}

function findOption(rawName: string, { bySpelling }: Syntax): Option | undefined {
  return bySpelling.get(rawName) ?? bySpelling.get(rawName.replace(/^--no-/, "--"));
}

function readPaths(given: ReadonlyMap<Option, string>): TypedPaths {
  const pathNames = ["sourcefile", "destinationdirectory"];
  return Object.fromEntries(
    [...given].filter(([{ name }]) => pathNames.includes(name)).map(([{ name }, value]) => [name, value]),
  );
}

function listOptions({ options }: Syntax, given: ReadonlyMap<Option, string>): readonly Suggestion[] {
  return options
    .filter((option) => !given.has(option))
    .map((option) => ({
      word: isNegatable(option) ? `--no-${option.name}` : `--${option.name}`,
      meaning: option.definition.description,
    }));
}

/** What may be typed as the value of an option, or at a place. */
function listValues(argument: Option | Positional | undefined): Completion["fitting"] {
  const definition = argument?.definition;
  if (definition === undefined || definition.type === "boolean") return [];
  return toFitting(definition.type === "enum" ? definition.options : definition.completes);
}

function toFitting(values: ValueKind = []): Completion["fitting"] {
  return typeof values === "string" ? values : values.map((word) => ({ word, meaning: "" }));
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
export function renderPathReply(fitting: Completion["fitting"]): string {
  return renderLines(fitting === "folder" ? "folders" : "files", []);
}

function join(word: string, mark: string, meaning: string): string {
  return meaning === "" ? word : `${word}${mark}${meaning}`;
}

function renderLines(kind: string, lines: readonly string[]): string {
  return [kind, ...lines].map((line) => `${line}\n`).join("");
}
