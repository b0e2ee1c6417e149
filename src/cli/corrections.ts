// What was most likely meant by a word that is wrong where it stands. Pure.
import { extname } from "node:path";
import { findNearest } from "../nearest.ts";
import type { Option, OptionDefinition, PositionalDefinition, Syntax } from "./command.ts";
import { type CommandLine, isOwn, retype, type Token } from "./command-line.ts";
import { foreignOptions } from "./foreign-words.ts";
import { guessTimes } from "./guess-time.ts";

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
  const [example] = listChoices(definition);
  if (example !== undefined) return example;
  return definition.type === "string" ? (examples[definition.valueHint] ?? definition.valueHint) : "FILE";
}

function listChoices(definition: Definition): readonly string[] {
  if (definition.type === "enum") return definition.options;
  return "completes" in definition && typeof definition.completes === "object" ? definition.completes : [];
}

function guessValue(typed: string, definition: Definition): string {
  const isTime = definition.type === "string" && definition.valueHint === "TIME";
  const guess = isTime
    ? guessTimes(typed).find((text) => isTaken(text, definition))
    : findNearest(typed, listChoices(definition));
  return guess ?? placeholderOf(definition);
}

function isTaken(text: string, { check }: Definition): boolean {
  try {
    check?.(text);
    return check !== undefined;
  } catch {
    // A UsageFailure: no text that means anything.
    return false;
  }
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

/**
 * The words with one that is too many made the nearest of some, or put where it belongs: to the value before it, whose quotes
 * were forgotten; to the file and the folder that are not given otherwise; or nowhere.
 */
function resettle(line: CommandLine, surplus: Token, choices: readonly string[] = []): string[] {
  const { tokens, command } = line;
  const nearest = findNearest(textOf(surplus), choices);
  if (nearest !== undefined) return retype(line, [surplus], nearest);
  const place = tokens.indexOf(surplus);
  const end = tokens.findIndex((token, index) => index > place && token.kind !== "positional");
  const words = tokens.slice(place, end === -1 ? undefined : end);
  const before = tokens[place - 1];
  const joined = [before, ...words].map(textOf).join(" ");
  if (before !== undefined && isUnquoted(before, joined, command)) {
    const value = before.kind === "option" ? `--${before.name}=${joined}` : joined;
    return retype(line, [before, ...words], value);
  }
  // In all there are no files to choose.
  const isAll = tokens.some((token) => token.kind === "positional" && token.value === "all");
  const names = isAll ? [] : listFree(line);
  const bare = tokens.filter((token) =>
    token.kind === "positional" ? !isOwn(token.value, command) : token.kind === "option" && token.isPlaced,
  );
  const homes = assignHomes(bare.map(textOf), names.length > 1);
  const placed = names.flatMap((name, index) => (homes[index] ? [`--${name}=${homes[index]}`] : []));
  // With no home for any of them, only the surplus goes.
  const [first] = bare;
  const gone = bare.filter((token) => token === first || names.length > 0 || words.includes(token));
  return retype(line, gone, ...placed);
}

const textOf = (token: Token | undefined): string => (token && "value" in token && token.value) || "";

/** Those of the options for a file and a folder that are not given by themselves. */
function listFree({ tokens, command }: CommandLine): string[] {
  const given = tokens.flatMap((token) => (token.kind === "option" && !token.isPlaced ? token.name : []));
  return ["sourcefile", "destinationdirectory"].filter(
    (name) => command.bySpelling.has(`--${name}`) && !given.includes(name),
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
function isUnquoted(before: Token, joined: string, command: Syntax): boolean {
  if (before.kind === "positional") return isOwn(joined, command);
  if (before.kind !== "option" || before.value === undefined) return false;
  return !/^(?:sourcefile|destinationdirectory)$/.test(before.name ?? "") || !/[./]/.test(before.value);
}

export const corrections = { placeholderOf, guessValue, findMeantOption, resettle };
export type Corrections = typeof corrections;
