// The words after a command's name, cut into options, values and arguments, right or wrong as they may be. Pure.
import { type CommandDescription, isPlaced, type Option, type Syntax } from "./command.ts";

export interface OptionToken {
  readonly kind: "option";
  /** Its canonical name; undefined where there is no such option. */
  readonly name: string | undefined;
  /** As it is typed: `--destdir`, `-d`. */
  readonly rawName: string;
  /** Which word it is in. */
  readonly index: number;
  /** Of the same word, or else the next one; undefined where there is none. */
  readonly value: string | undefined;
  readonly inlineValue: boolean;
  /** It is a bare word, of an option that goes by its place too. */
  readonly isPlaced?: true;
}
export interface PositionalToken {
  readonly kind: "positional";
  readonly index: number;
  readonly value: string;
}
export type Token = OptionToken | PositionalToken | { readonly kind: "option-terminator" };

export interface CommandLine {
  readonly command: Pick<CommandDescription, "name" | keyof Syntax>;
  readonly argv: readonly string[];
  readonly tokens: readonly Token[];
}

/** Splits without judging, as parseArgs of node:util does, which takes a millisecond to load; then bare words get their
 * places. */
export function splitCommandLine(argv: readonly string[], command: CommandLine["command"]): CommandLine {
  const tokens: Token[] = [];
  for (let next = 0; next < argv.length;) {
    const index = next++;
    const word = argv[index] ?? "";
    if (word === "--") {
      const rest = argv.slice(next).map((value, more) => takeBare(value, next + more));
      tokens.push({ kind: "option-terminator" }, ...rest);
      break;
    }
    const pieces = word.length > 1 && word.startsWith("-") ? cutWord(word, command) : [];
    if (pieces.length === 0) tokens.push(takeBare(word, index));
    for (const [rawName, inline] of pieces) {
      const option = command.bySpelling.get(rawName);
      const value = inline === undefined && takesValue(option) ? argv[next++] : inline;
      const [name, inlineValue] = [option?.name, inline !== undefined];
      tokens.push({ kind: "option", name, rawName, index, value, inlineValue });
    }
  }
  return { command, argv, tokens: placeWords(tokens, command) };
}

const takeBare = (value: string, index: number): PositionalToken => ({ kind: "positional", index, value });

function takesValue(option: Option | undefined): boolean {
  return option !== undefined && option.definition.type !== "boolean";
}

/** A word that begins with a dash: the options in it as they are typed, and the value that follows one in the same word. */
function cutWord(word: string, { bySpelling }: Syntax): (readonly [string, string | undefined])[] {
  if (word.startsWith("--")) {
    const end = word.indexOf("=", 3);
    return [end === -1 ? [word, undefined] : [word.slice(0, end), word.slice(end + 1)]];
  }
  const pieces: [string, string | undefined][] = [];
  for (let rest = word.slice(1); rest !== "";) {
    const [letter = ""] = rest;
    rest = rest.slice(letter.length);
    const takesRest = rest !== "" && takesValue(bySpelling.get(`-${letter}`));
    pieces.push([`-${letter}`, takesRest ? rest : undefined]);
    if (takesRest) break;
  }
  return pieces;
}

/** Bare words are what is not given otherwise of the options that go by their place, in their order; but for a word that
 * speaks for another option, or for an argument. */
function placeWords(tokens: readonly Token[], command: Syntax): readonly Token[] {
  const places = command.options.filter((option) => isPlaced(option) && !isGiven(option, tokens));
  return tokens.map((token) => {
    if (token.kind !== "positional" || findFitting(token.value, command) || isOwn(token.value, command))
      return token;
    const name = places.shift()?.name;
    if (name === undefined) return token;
    return { ...token, kind: "option", name, rawName: `--${name}`, inlineValue: true, isPlaced: true };
  });
}

export function isGiven({ name }: Option, tokens: readonly Token[]): boolean {
  return tokens.some((token) => token.kind === "option" && token.name === name);
}

/** The option that a bare word speaks for. */
export function findFitting(word: string, { options }: Syntax): Option | undefined {
  return options.find(({ definition }) => definition.type === "string" && definition.fits?.test(word));
}

/** Whether a word looks like one of those that the command's arguments can be. */
export function isOwn(word: string, { positionals }: Syntax): boolean {
  return positionals.some(({ definition }) => definition.fits?.test(word));
}

/** Whether the flag `name` stands among the options, right or wrong as the rest may be. */
export function hasFlag({ tokens }: CommandLine, name: string): boolean {
  return tokens.some((token) => token.kind === "option" && token.name === name && token.value === undefined);
}

/** The words of the line, with others in place of some. */
export function retype(
  { tokens }: CommandLine,
  some: readonly Token[],
  ...words: readonly string[]
): string[] {
  return tokens.flatMap((token) =>
    token === some[0] ? words : some.includes(token) ? [] : renderToken(token),
  );
}

function renderToken(token: Token): string[] {
  if (token.kind === "option-terminator") return ["--"];
  if (token.kind === "positional") return [token.value];
  const { rawName, value, inlineValue, isPlaced: isBare } = token;
  if (value === undefined) return [rawName];
  if (isBare) return [value];
  return inlineValue ? [`${rawName}${rawName.startsWith("--") ? "=" : ""}${value}`] : [rawName, value];
}
