// The mode flags of the Python program (`--install`, `--run`, `--uninstall FILTER`, `--statusof FILTER`, and their short
// forms), as subcommands. Pure: words in, words out. Nothing behind this knows that the flags exist.
import { quoteWord, UsageFailure } from "../errors.ts";

const MODE = /^--(?:(install|run)|(uninstall|statusof)(?:=(.*))?)$/s;

interface Found {
  readonly mode: string;
  /** The filter that came with it; undefined for one that has none, or was given none. */
  readonly filter: string | undefined;
}

/**
 * `--install --run -f F ...` as `install --run -f F ...`. Words without a mode flag are returned as they are. Throws a
 * UsageFailure where modes contradict each other.
 */
export function translateModeFlags(argv: readonly string[]): readonly string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words = argv.slice(0, end).flatMap(spellOut);
  const found: Found[] = [];
  const rest: string[] = [];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, plain, filtered, value] = MODE.exec(word) ?? [];
    const mode = plain ?? filtered;
    // A word that begins with a dash is the next option: the filter was left out.
    const isNext = filtered !== undefined && value === undefined && words[0]?.startsWith("-") === false;
    if (mode === undefined) rest.push(word);
    else found.push({ mode, filter: isNext ? words.shift() : value });
  }
  const [first] = found.toSorted((one, other) => Number(one.mode === "run") - Number(other.mode === "run"));
  if (first === undefined || isRestic(argv)) return argv;
  return [...listWords(first, found, rest), ...argv.slice(end)];
}

/** The modes in a word of short options, each as a word: `-ir`, `-uall`, `-ik5`. What is left of it stays one. */
function spellOut(word: string): string[] {
  const [, flags, filtered, value, others] = /^-(?=.)([ir]*)(?:([us])(.+)?|([^-ir].*))?$/s.exec(word) ?? [];
  if (flags === undefined) return [word];
  const modes = Array.from(flags, (flag): string => (flag === "i" ? "--install" : "--run"));
  if (filtered !== undefined)
    modes.push((filtered === "u" ? "--uninstall" : "--statusof") + (value === undefined ? "" : `=${value}`));
  return others === undefined ? modes : [...modes, `-${others}`];
}

/** `-r REPOSITORY backup FILE` */
const isRestic = ([word, ...others]: readonly string[]): boolean =>
  word === "-r" && others.length > 2 && !others.slice(0, 3).some((other) => other.startsWith("-"));

function listWords(first: Found, found: readonly Found[], rest: readonly string[]): string[] {
  const modes = new Set([first, ...found].map(({ mode }) => mode));
  const run = first.mode === "install" && modes.delete("run") ? ["--run"] : [];
  const words = [first.mode, ...run, ...listImplied(first, rest), ...rest];
  if (modes.size > 1) {
    const hint = `only --run may stand beside --install; see: tinybackup ${first.mode} --help`;
    throw new UsageFailure(`the modes '--${[...modes].join("' and '--")}' exclude each other`, { hint });
  }
  const twice = found.find(({ mode }, place) => found.findIndex((other) => other.mode === mode) !== place);
  if (!twice) return words;
  const hint = `tinybackup ${words.map((word) => quoteWord(word)).join(" ")}`;
  throw new UsageFailure(`the mode '--${twice.mode}' is given twice`, { hint });
}

/** A backup was made every time, whether anything had changed or not. */
function listImplied({ mode, filter }: Found, rest: readonly string[]): string[] {
  if (mode === "uninstall" || mode === "statusof") return filter === undefined ? [] : [filter];
  return rest.includes("--always") || rest.includes("--all") ? [] : ["--always"];
}
