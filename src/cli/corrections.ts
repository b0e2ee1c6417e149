// What was most likely meant by a word that is wrong where it stands. Pure, but for the home and the variables that the
// shell would have filled in.
import { extname } from "node:path";
import { findNearest } from "../nearest.ts";
import type { Option, OptionDefinition, PositionalDefinition, Syntax } from "./command.ts";
import { type CommandLine, retype, type Token } from "./command-line.ts";
import { foreignOptions } from "./foreign-words.ts";

export type Definition = OptionDefinition | PositionalDefinition;

const examples: Readonly<Record<string, string>> = {
  N: "14",
  COUNT: "5",
  DURATION: "26h",
  TIME: "2:00am",
  REVISION: "latest",
  MOMENT: "2026-11-23T02:15:00Z",
};

/** What can stand for a value that is not known: an example that is right, or the word that the help has for it. */
export function placeholderOf(definition: Definition): string {
  if (definition.type === "boolean") return "";
  if (definition.type === "enum") return definition.options[0] ?? "";
  const [example] = typeof definition.completes === "object" ? definition.completes : [];
  if (example !== undefined) return example;
  return definition.type === "string" ? (examples[definition.valueHint] ?? definition.valueHint) : "FILE";
}

/** The spelling of the option that is called so elsewhere, or is misspelled so; an exact one only by another program's word. */
export function findMeantOption(
  typed: string,
  { options, bySpelling }: Syntax,
  isExact = false,
): string | undefined {
  const isShort = !typed.startsWith("--");
  const swapped =
    isShort && [typed.toLowerCase(), typed.toUpperCase()].find((short) => bySpelling.has(short));
  if (swapped) return swapped;
  const foreign = foreignOptions.get(typed)?.find((name) => bySpelling.has(`--${name}`));
  if (foreign !== undefined) return `--${foreign}`;
  if (isShort || isExact) return undefined;
  // What turns a thing off is no spelling of the thing; of one option the shortest is what is abbreviated.
  const long = options.flatMap(({ spellings }: Option) =>
    spellings
      .filter((each) => each.startsWith("--") && each.startsWith("--no-") === typed.startsWith("--no-"))
      .toSorted((a, b) => a.length - b.length),
  );
  return findNearest(typed, long);
}

/** What a text has instead of a dash, a quote and a blank. */
export const copiedMark = /[‐-―−“”„‟‘’‚«»\u00A0\u200B\uFEFF\r]/u;
const dashes = /^-?[‐-―−][-‐-―−]*(?=\p{L})/u;

/** The words as they were before a word processor, a browser or Windows had them; what is behind `--` stays. */
export function replaceCopied(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words = argv.slice(0, end).flatMap((word) => {
    const clean = word.replace(/[\u200B\uFEFF]/gu, "").replace(/\r$/, "");
    const plain = clean.replace(dashes, /^.[‐-―−]*\p{L}(?:$|\s)/u.test(clean) ? "-" : "--");
    return plain.startsWith("-") ? plain.split("\u00A0") : plain;
  });
  return [...joinQuoted(words), ...argv.slice(end)];
}

/** `“my`, `notes.txt”` is one word to whoever typed it. */
function joinQuoted(words: readonly string[]): string[] {
  const joined: string[] = [];
  let open: string | undefined;
  for (const word of words) {
    open = open === undefined ? word : `${open} ${word}`;
    const [, before = "", quoted] = /^(-[^“„‘«]*)?[“„‘«](.*)[”“’»]$/su.exec(open) ?? [];
    if (quoted === undefined && /^(-[^“„‘«]*)?[“„‘«]/u.test(open)) continue;
    joined.push(quoted === undefined ? open : before + quoted);
    open = undefined;
  }
  return open === undefined ? joined : [...words];
}

/** A path as the shell would have handed it over, had it filled in what stands in front, and why it did not. */
export function expandPath(
  path: string,
  definition: Definition,
): { readonly meant: string; readonly why: string } {
  const isPath =
    "completes" in definition && ["file", "folder", "source"].includes(String(definition.completes));
  const [all = "", tilde, name = ""] = (isPath && /^(?:(~)|\$\{?(\w+)\}?)(?=\/|$)/.exec(path)) || [];
  const value = process.env[tilde ? "HOME" : name];
  if (all === "") return { meant: path, why: "" };
  const why = tilde
    ? "to a shell, '~' in quotes or behind '=' is no home"
    : `the shell left '${all}' as it is`;
  return { meant: value ? value + path.slice(all.length) : placeholderOf(definition), why };
}

/**
 * The words with one that is too many put where it belongs: to the value before it, whose quotes were forgotten; to the file
 * and the folder that are not given otherwise; or nowhere.
 */
export function resettle(line: CommandLine, surplus: Token): string[] {
  const { tokens, command } = line;
  const place = tokens.indexOf(surplus);
  const end = tokens.findIndex((token, index) => index > place && token.kind !== "positional");
  const words = tokens.slice(place, end === -1 ? undefined : end);
  const before = tokens[place - 1];
  const joined = [before, ...words].map((token) => (token && "value" in token ? token.value : "")).join(" ");
  if (before !== undefined && isUnquoted(before, joined, command)) {
    const value =
      before.kind === "option" ? [`--${command.bySpelling.get(before.rawName)?.name}=${joined}`] : [joined];
    return retype(line, (token) => (token === before ? value : words.includes(token) ? [] : undefined));
  }
  // In all there are no files to choose.
  const isAll = tokens.some((token) => token.kind === "positional" && token.value === "all");
  const names = isAll ? [] : listFree(tokens, command);
  const isFilter = (token: Token) =>
    command.positionals.some(
      ({ definition }) => token.kind === "positional" && definition.fits?.test(token.value),
    );
  const bare = tokens.filter(
    (token) => (token.kind === "positional" || token.isPlaced === true) && !isFilter(token),
  );
  const homes = assignHomes(
    bare.map((token) => ("value" in token ? (token.value ?? "") : "")),
    names.length > 1,
  );
  const placed = names.flatMap((name, index) => (homes[index] ? [`--${name}=${homes[index]}`] : []));
  return retype(line, (token) => {
    if (token === bare[0]) return placed;
    return bare.includes(token) && (names.length > 0 || words.includes(token)) ? [] : undefined;
  });
}

/** Those of the options for a file and a folder that are not given by themselves. */
function listFree(tokens: readonly Token[], { bySpelling }: Syntax): string[] {
  const given = tokens.flatMap((token) => (token.kind === "option" && !token.isPlaced ? token.rawName : []));
  return ["sourcefile", "destinationdirectory"].filter(
    (name) => bySpelling.get(`--${name}`)?.spellings.some((spelling) => given.includes(spelling)) === false,
  );
}

/** The file and the folder that some words stand for. Of several files the first; but one without quotes is one. */
function assignHomes(texts: readonly string[], mayBeFolder: boolean): readonly (string | undefined)[] {
  const [first = ""] = texts;
  const last = texts.at(-1) ?? "";
  // One that ends as the first does is no folder, but what a pattern became.
  const isAlike = extname(last) !== "" && extname(last) === extname(first);
  const hasFolder = mayBeFolder && texts.length > 1 && !isAlike;
  const files = texts.slice(0, hasFolder ? -1 : undefined);
  const isOne = files.slice(0, -1).every((text) => !/[./]/.test(text));
  return [isOne ? files.join(" ") : first, hasFolder ? last : undefined];
}

/** Whether words that follow a value are the rest of it: a file or a folder has an end that shows. */
function isUnquoted(before: Token, joined: string, { bySpelling, positionals }: Syntax): boolean {
  if (before.kind === "positional")
    return positionals.some(({ definition }) => definition.fits?.test(joined));
  if (before.kind !== "option" || before.value === undefined) return false;
  const isPath = ["sourcefile", "destinationdirectory"].includes(bySpelling.get(before.rawName)?.name ?? "");
  return !isPath || !/[./]/.test(before.value);
}
