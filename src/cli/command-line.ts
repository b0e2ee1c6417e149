// The words after a command's name, cut into options, values and arguments, right or wrong as they may be. Pure.
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import type { CommandDescription, Syntax } from "./command.ts";

type Cut = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
/** An option that goes by its place too, where it was typed so, is one with `isPlaced`. */
export type Token = Cut & { readonly isPlaced?: true };
export type OptionToken = Extract<Token, { kind: "option" }>;

export interface CommandLine {
  readonly command: Pick<CommandDescription, "name" | keyof Syntax>;
  readonly argv: readonly string[];
  readonly tokens: readonly Token[];
}

/** Splits without judging: `strict: false` so that the judging, and its words, are ours. */
export function splitCommandLine(argv: readonly string[], command: CommandLine["command"]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
    options: toParseArgsOptions(command),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  return { command, argv, tokens: placeWords(tokens, command) };
}

/** The options of `node:util` parseArgs, under which each long spelling is an option of its own. */
function toParseArgsOptions({ options }: Syntax): ParseArgsOptionsConfig {
  const config: ParseArgsOptionsConfig = {};
  for (const { name, definition, spellings } of options) {
    const type = definition.type === "boolean" ? "boolean" : "string";
    for (const spelling of spellings) {
      if (spelling.length === 2) config[name] = { type, short: spelling.slice(1) };
      else config[spelling.slice(2)] = { type };
    }
  }
  return config;
}

/** Bare words are what is not given otherwise of the options that go by their place, in their order; but for a word that
 * speaks for another option. */
function placeWords(tokens: readonly Cut[], command: Syntax): Token[] {
  const given = listGiven(tokens, command);
  const places = command.options.filter((option) => isPlaced(option) && !given.has(option.name));
  return tokens.map((token) => {
    if (token.kind !== "positional" || findFitting(token.value, command)) return token;
    if (command.positionals.some(({ definition }) => definition.fits?.test(token.value))) return token;
    const name = places.shift()?.name;
    if (name === undefined) return token;
    const option = { ...token, kind: "option", name, rawName: `--${name}` } as const;
    return { ...option, inlineValue: true, isPlaced: true };
  });
}

const isPlaced = ({ definition }: Syntax["options"][number]): boolean =>
  definition.type === "string" && definition.isPlaced === true;

/** The names of the options that are given. */
export function listGiven(tokens: readonly Token[], { bySpelling }: Syntax): ReadonlySet<string> {
  const options = tokens.map((token) => token.kind === "option" && bySpelling.get(token.rawName)?.name);
  return new Set(options.filter((name) => typeof name === "string"));
}

/** The option that a bare word speaks for. */
export function findFitting(word: string, { options }: Syntax) {
  return options.find(({ definition }) => definition.type === "string" && definition.fits?.test(word));
}

/** Whether the flag `name` stands among the options, right or wrong as the rest may be. */
export function hasFlag({ tokens }: CommandLine, name: string): boolean {
  return tokens.some((token) => token.kind === "option" && token.name === name && token.value === undefined);
}

/** The words of the line, with some tokens typed otherwise. */
export function retype(
  { tokens }: Pick<CommandLine, "tokens">,
  change: (token: Token) => readonly string[] | undefined,
): string[] {
  return tokens.flatMap((token) => change(token) ?? renderToken(token));
}

function renderToken(token: Token): string[] {
  if (token.kind === "option-terminator") return ["--"];
  const { value } = token;
  if (value === undefined) return [token.rawName];
  if (token.kind === "positional" || token.isPlaced) return [value];
  if (!token.inlineValue) return [token.rawName, value];
  return [`${token.rawName}${token.rawName.startsWith("--") ? "=" : ""}${value}`];
}
