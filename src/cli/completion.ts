// What could come next on a command line that is still being typed, and the scripts by which a shell asks. Pure.
import type { CommandDescription, Option, Positional, Syntax, ValueKind } from "./command.ts";
import bash from "./completions/bash.txt" with { type: "text" };
import fish from "./completions/fish.txt" with { type: "text" };
import zsh from "./completions/zsh.txt" with { type: "text" };
import { escapeControls } from "./escape.ts";
import { type CommandLine, splitCommandLine } from "./command-line.ts";

export interface Suggestion {
  readonly word: string;
  /** What it means, in some words; empty where it speaks for itself. */
  readonly meaning: string;
}

export interface Completion {
  readonly fitting: readonly Suggestion[] | Exclude<ValueKind, readonly string[]>;
  /** What of the last word is only in front of the value: `--compress=`, or nothing. */
  readonly prefix: string;
  /** The paths that were typed already. */
  readonly typed: {
    readonly sourcefile?: string | undefined;
    readonly destinationdirectory?: string | undefined;
  };
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
  const command = commands.find(({ name, aliases }) => name === first || aliases?.includes(first));
  if (rest.length > 0 && command !== undefined) return completeCommand(rest, command);
  const names = commands.map(({ name, summary }) => ({ word: name, meaning: summary }));
  const isHelp = first === "help" && rest.length === 1;
  const fitting = rest.length === 0 ? [...names, ...besides] : isHelp ? names : [];
  return { fitting, prefix: "", typed: {} };
}

const besides: readonly Suggestion[] = [
  { word: "help", meaning: "all about one command" },
  { word: "--help", meaning: "list the commands" },
  { word: "--version", meaning: "print the version" },
];

function completeCommand(words: readonly string[], command: CommandDescription): Completion {
  const { tokens } = splitCommandLine(words.slice(0, -1), command);
  const given = tokens.flatMap((token) => {
    const option = token.kind === "option" ? command.bySpelling.get(token.rawName) : undefined;
    return token.kind === "option" && option ? [{ option, value: token.value }] : [];
  });
  const valueOf = (wanted: string) => given.find(({ option }) => option.name === wanted)?.value;
  const typed = { sourcefile: valueOf("sourcefile"), destinationdirectory: valueOf("destinationdirectory") };
  const awaiting = given.find(
    ({ option, value }) => value === undefined && option.definition.type !== "boolean",
  )?.option;
  const place = findPlace(tokens, command);
  if (awaiting || tokens.some(({ kind }) => kind === "option-terminator")) {
    return { fitting: listValues(awaiting ?? place), prefix: "", typed };
  }
  const last = words.at(-1) ?? "";
  const [prefix = "", spelling = ""] = /^(--[^=]+)=/.exec(last) ?? [];
  const option = command.bySpelling.get(spelling);
  if (option) return { fitting: listValues(option), prefix, typed };
  const others = command.options.filter((each) => !given.some((before) => before.option === each));
  const fitting = place === undefined || last.startsWith("-") ? others.map(suggest) : listValues(place);
  return { fitting, prefix: "", typed };
}

/** What an argument would be that comes next. */
function findPlace(tokens: CommandLine["tokens"], { positionals }: Syntax): Positional | undefined {
  const count = tokens.filter(({ kind }) => kind === "positional").length;
  return positionals[count] ?? positionals.find(({ definition }) => definition.variadic);
}

function suggest({ name, definition }: Option): Suggestion {
  return { word: `--${name}`, meaning: definition.description };
}

/** What may be typed as the value of an option, or at a place. */
function listValues(argument: Option | Positional | undefined): Completion["fitting"] {
  const definition = argument?.definition;
  if (definition === undefined || definition.type === "boolean") return [];
  const values = (definition.type === "enum" ? definition.options : definition.completes) ?? [];
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
  const cut = /\0(?=[=:](?:\0|$))|(?<=\0[=:])\0/g;
  const joined = words.join("\0").replaceAll(cut, "").split("\0");
  // A mark that is typed last is not being replaced either.
  const replaced = (words.at(-1) ?? "").replace(/^[=:]$/, "");
  const kept = (joined.at(-1) ?? "").slice(0, replaced === "" ? undefined : -replaced.length);
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
  offered: readonly Suggestion[] | "file" | "folder",
  { words, kept }: Typed,
  prefix: string,
): string {
  if (typeof offered === "string") return renderLines(`${offered}s`, []);
  const shown = offered.filter(({ word }) => escapeControls(word) === word);
  if (shell === "bash") {
    const last = words.at(-1) ?? "";
    const fitting = shown.map(({ word }) => prefix + word).filter((word) => word.startsWith(last));
    const isPlain = fitting.every((word) => /^[-\w./=:]*$/.test(word));
    return renderLines(
      isPlain ? "words" : "names",
      fitting.map((word) => word.slice(kept.length)),
    );
  }
  const lines = shown.map(({ word, meaning }) => {
    const isZsh = shell === "zsh";
    const name = isZsh ? word.replaceAll(/[\\:]/g, String.raw`\$&`) : prefix + word;
    return meaning === "" ? name : `${name}${isZsh ? ":" : "\t"}${meaning}`;
  });
  return renderLines("words", lines);
}

function renderLines(kind: string, lines: readonly string[]): string {
  return [kind, ...lines].map((line) => `${line}\n`).join("");
}
