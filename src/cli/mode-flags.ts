// The mode flags of the Python program (`--install`, `--run`, `--uninstall FILTER`, `--statusof FILTER`, and their short
// forms), as subcommands. Pure: words in, words out. Nothing behind this knows that the flags exist.
import { quoteWord, UsageFailure } from "../errors.ts";

const letters = { i: "install", r: "run", u: "uninstall", s: "statusof" } as const;
type Mode = (typeof letters)[keyof typeof letters];
const modeOf: ReadonlyMap<string, Mode> = new Map(
  Object.entries(letters).flatMap(([letter, mode]) => [
    [letter, mode],
    [`--${mode}`, mode],
  ]),
);
const takesFilter = (mode: Mode | undefined): boolean => mode === "uninstall" || mode === "statusof";

interface Found {
  readonly mode: Mode;
  /** The filter that came with it; undefined for one that has none, or was given none. */
  readonly filter: string | undefined;
}

/**
 * `--install --run -f F ...` as `install --run -f F ...`. Words without a mode flag are returned as they are. Throws a
 * UsageFailure where modes contradict each other.
 */
export function translateModeFlags(argv: readonly string[]): readonly string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const found: Found[] = [];
  const rest: string[] = [];
  for (let place = 0; place < end; place++) {
    const { modes, remainder, value } = readWord(argv[place] ?? "");
    if (remainder !== null) rest.push(remainder);
    const next = argv[place + 1];
    // A word that begins with a dash is the next option: the filter was left out.
    const isFilterNext = takesFilter(modes.at(-1)) && value === undefined && next?.startsWith("-") === false;
    if (isFilterNext) place += 1;
    found.push(...modes.map((mode) => ({ mode, filter: isFilterNext ? next : value })));
  }
  const [first] = found.toSorted((one, other) => Number(one.mode === "run") - Number(other.mode === "run"));
  if (first === undefined || isRestic(argv)) return argv;
  return [...listWords(first, found, rest), ...argv.slice(end)];
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

/** Takes the modes out of one word: `--uninstall=all`, `-uall`, `-ir`, `-ik5`. What is left of it stays an option. */
function readWord(word: string): { modes: Mode[]; remainder: string | null; value: string | undefined } {
  const [, spelling = "", inline] = /^(--\w+)(?:=(.*))?$/s.exec(word) ?? [];
  const long = modeOf.get(spelling);
  if (long && (inline === undefined || takesFilter(long))) {
    return { modes: [long], remainder: null, value: inline };
  }
  const cluster = /^-([ir]*)(?:([us])(.+)?|([^-ir].*))?$/s.exec(word);
  if (!cluster || word === "-") return { modes: [], remainder: word, value: undefined };
  const [, flags = "", filtered = "", value, others] = cluster;
  const modes = [...flags.split(""), filtered].flatMap((letter) => modeOf.get(letter) ?? []);
  return { modes, remainder: others === undefined ? null : `-${others}`, value };
}

/** A backup was made every time, whether anything had changed or not. */
function listImplied({ mode, filter }: Found, rest: readonly string[]): string[] {
  if (takesFilter(mode)) return filter === undefined ? [] : [filter];
  return rest.includes("--always") || rest.includes("--all") ? [] : ["--always"];
}
