// What could come next on a command line that is still being typed, as a shell asks for it. Pure.
import type { CommandDescription, Option, Positional, Syntax, ValueKind } from "./command.ts";
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
  if (awaiting || tokens.some(({ kind }) => kind === "option-terminator"))
    return { fitting: listValues(awaiting ?? place), prefix: "", typed };
  const last = words.at(-1) ?? "";
  const [prefix = "", spelling = ""] = /^(--[^=]+)=/.exec(last) ?? [];
  const option = command.bySpelling.get(spelling);
  if (option) return { fitting: listValues(option), prefix, typed };
  const others = command.options.filter((each) => !given.some((before) => before.option === each));
  const isOption = place === undefined || last.startsWith("-");
  const named = others.map(({ name, definition }) => ({
    word: `--${name}`,
    meaning: definition.description,
  }));
  const fitting = isOption ? named : listValues(place);
  return { fitting, prefix: "", typed };
}

/** What an argument would be that comes next. */
function findPlace(tokens: CommandLine["tokens"], { positionals }: Syntax): Positional | undefined {
  const count = tokens.filter(({ kind }) => kind === "positional").length;
  return positionals[count] ?? positionals.find(({ definition }) => definition.variadic);
}

/** What may be typed as the value of an option, or at a place. */
function listValues(argument: Option | Positional | undefined): Completion["fitting"] {
  const definition = argument?.definition;
  if (definition === undefined || definition.type === "boolean") return [];
  const values = (definition.type === "enum" ? definition.options : definition.completes) ?? [];
  return typeof values === "string" ? values : values.map((word) => ({ word, meaning: "" }));
}

const PIECE = /\\(.)|'([^']*)'?|"((?:\\.|[^"\\])*)"?|\s+|[^\s'"\\]+/gs;

/** The words of an unfinished line, as a shell reads them as far as quotes and backslashes go; nothing else is expanded. */
export function splitTyped(line: string): string[] {
  const words = [""];
  for (const [piece, escaped, single, double] of line.trimStart().matchAll(PIECE)) {
    const text = escaped ?? single ?? double?.replaceAll(/\\([\\"$`])/g, "$1");
    if (text === undefined && /^\s/.test(piece)) words.push("");
    else words.push(`${words.pop()}${text ?? piece}`);
  }
  return words;
}

/**
 * The answer: the first line says what follows, `files` and `folders` that the shell is to find them itself, and `names` that
 * they need quotes. Then a candidate a line, and behind a tab what it means.
 * @param prefix what of the last word stands in front of the value: `--compress=`
 * @param replaced what of it a shell replaces that ends words at every `=` and `:`, and does not look for what fits: bash
 */
export function renderReply(
  offered: readonly Suggestion[] | "file" | "folder",
  prefix: string,
  last: string,
  replaced?: string,
): string {
  if (typeof offered === "string") return `${offered}s\n`;
  // A mark that is typed last is not being replaced either.
  const keptLength = replaced === undefined ? 0 : last.length - replaced.replace(/^[=:]$/, "").length;
  const fitting = offered
    .map(({ word, meaning }) => ({ word: prefix + word, meaning }))
    .filter(({ word }) => escapeControls(word) === word && (replaced === undefined || word.startsWith(last)));
  const isPlain = fitting.every(({ word }) => /^[-\w./=:]*$/.test(word));
  const lines = fitting.map(
    ({ word, meaning }) => word.slice(Math.max(0, keptLength)) + (meaning === "" ? "" : `\t${meaning}`),
  );
  return [isPlain ? "words" : "names", ...lines, ""].join("\n");
}
