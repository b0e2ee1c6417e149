// Words that came to us otherwise than they were meant: copied from a text, left as they were by the shell, or with the one
// dash that other programs have. Pure, but for the home and the variables that the shell should have filled in.
import { type CommandLine, type OptionToken, type PositionalToken, retype } from "./command-line.ts";
import { type Definition, findMeantOption, placeholderOf } from "./corrections.ts";
import { MistypedFailure } from "./parse.ts";

/** Throws a MistypedFailure that names the first of them. */
export function refuseSpoiled(line: CommandLine): void {
  refuseCopied(line);
  for (const token of line.tokens) {
    if (token.kind === "option") refuseSingleDash(token, line);
    if (token.kind !== "option-terminator") refuseUnexpanded(token, line);
  }
}

function refuseCopied({ argv }: CommandLine): void {
  const plain = replaceCopied(argv);
  const place = argv.findIndex((word, index) => word !== plain[index]);
  if (place === -1 && plain.length === argv.length) return;
  const word = argv[place] ?? "";
  const [mark = " "] = /[‐-―−“„‘«\u00A0\u200B\uFEFF\r]/u.exec(word) ?? [];
  const code = mark.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  throw new MistypedFailure(
    `'${word}' was copied from a text: U+${code} in it means nothing to a shell`,
    plain,
  );
}

/** `-destdir X` would be read as `-d estdir` and a stray X. */
function refuseSingleDash({ rawName, index, isPlaced }: OptionToken, { argv, command }: CommandLine): void {
  if (rawName.startsWith("--") || isPlaced) return;
  const [, word = "", value = ""] = /^-([a-z][a-z-]+)(=.*)?$/s.exec(argv[index] ?? "") ?? [];
  const long = `--${word}`;
  const meant = command.bySpelling.has(long) ? long : findMeantOption(long, command, true);
  if (word === "" || meant === undefined) return;
  throw new MistypedFailure(`unknown option '-${word}': it has two dashes`, argv.with(index, meant + value));
}

/** A path whose beginning the shell would have filled in, had it not been in quotes, or behind `=`. */
function refuseUnexpanded(token: OptionToken | PositionalToken, line: CommandLine): void {
  const { value = "" } = token;
  const { bySpelling, positionals } = line.command;
  const isOption = token.kind === "option";
  const definition = (isOption ? bySpelling.get(token.rawName) : positionals[0])?.definition;
  const [all, tilde, name = "HOME"] = /^(?:(~)|\$\{?(\w+)\}?)(?=\/|$)/.exec(value) ?? [];
  if (all === undefined || !definition || !takesPath(definition)) return;
  const why = tilde ? "to a shell, '~' in quotes or behind '=' is no home" : "a shell left it as it is";
  const begins = process.env[name];
  const meant = begins ? begins + value.slice(all.length) : placeholderOf(definition);
  const word = isOption ? `--${token.name}=${meant}` : meant;
  throw new MistypedFailure(`the path '${value}' is not filled in: ${why}`, retype(line, [token], word));
}

function takesPath(definition: Definition): boolean {
  const kind = "completes" in definition ? definition.completes : undefined;
  return kind === "file" || kind === "folder" || kind === "source";
}

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
