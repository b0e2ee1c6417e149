// The mode flags of the Python program (`--install`, `--run`, `--uninstall FILTER`, `--statusof FILTER`, and their short
// forms), as subcommands. Pure: words in, words out. Nothing behind this knows that the flags exist.
import { UsageFailure } from "../errors.ts";

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
 * UsageFailure where modes contradict each other, or a filter is missing that can't be told from the other options.
 */
export function translateModeFlags(argv: readonly string[]): readonly string[] {
  const { found, rest } = takeModes(argv);
  const [first, second] = found.toSorted(
    (one, other) => Number(one.mode === "run") - Number(other.mode === "run"),
  );
  if (first === undefined) return argv;
  const twice = found.find(({ mode }, place) => found.findIndex((other) => other.mode === mode) !== place);
  if (twice) throw new UsageFailure(`the mode '--${twice.mode}' is given twice`, { hint: "give it once" });
  if (second !== undefined && !(first.mode === "install" && second.mode === "run" && found.length === 2)) {
    throw new UsageFailure(`the modes '--${first.mode}' and '--${second.mode}' exclude each other`, {
      hint: "give one of --run, --install, --uninstall FILTER, --statusof FILTER; --run may stand beside --install",
    });
  }
  // It saved every time, whether anything had changed or not.
  const always = listBefore(rest, "--").includes("--always") ? [] : ["--always"];
  if (!takesFilter(first.mode)) return [first.mode, ...(second ? ["--run"] : []), ...always, ...rest];
  return [first.mode, ...listFilter(first, rest), ...rest];
}

function listBefore(words: readonly string[], word: string): readonly string[] {
  const place = words.indexOf(word);
  return place === -1 ? words : words.slice(0, place);
}

function takeModes(argv: readonly string[]): { found: Found[]; rest: string[] } {
  const found: Found[] = [];
  const rest: string[] = [];
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? "";
    if (word === "--") {
      rest.push(...argv.slice(place));
      break;
    }
    const { modes, remainder, value } = readWord(word);
    if (remainder !== null) rest.push(remainder);
    const last = modes.at(-1);
    const next = argv[place + 1];
    // A word that begins with a dash is the next option: the filter was left out.
    const isNextFilter = takesFilter(last) && value === undefined && next?.startsWith("-") === false;
    if (isNextFilter) place += 1;
    const filter = isNextFilter ? next : value;
    for (const mode of modes) found.push({ mode, filter: mode === last ? filter : undefined });
  }
  return { found, rest };
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

/** The README of the Python program leaves the filter out where a time makes clear which schedule is meant. */
function listFilter({ mode, filter }: Found, rest: readonly string[]): string[] {
  if (filter !== undefined) return [filter];
  if (rest.some((word) => /^(--time(=|$)|-t)/.test(word))) return ["this"];
  if (mode === "statusof") return [];
  throw new UsageFailure("the mode '--uninstall' needs a filter: which schedules are to end", {
    hint: "write --uninstall files for all of this file and folder, --uninstall this with -t TIME for one, --uninstall all for all",
  });
}
