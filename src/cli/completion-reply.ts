// How a shell hands over the words that were typed, and how it wants the answer. Pure.

import type { Candidate, Wanted } from "./completion.ts";
import { escapeControls } from "./escape.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

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
  candidates: readonly Candidate[],
  { words, kept }: Typed,
  prefix: string,
): string {
  const shown = candidates.filter(({ word }) => escapeControls(word) === word);
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
export function renderPathReply(kind: Wanted["kind"]): string {
  return renderLines(kind === "folder" ? "folders" : "files", []);
}

function join(word: string, mark: string, meaning: string): string {
  return meaning === "" ? word : `${word}${mark}${meaning}`;
}

function renderLines(kind: string, lines: readonly string[]): string {
  return [kind, ...lines].map((line) => `${line}\n`).join("");
}
