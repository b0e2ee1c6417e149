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
  const [first, second] = found.toSorted(
    (one, other) => Number(one.mode === "run") - Number(other.mode === "run"),
  );
  if (first === undefined) return argv;
  refuseClash(found, first.mode, second?.mode);
  const run = second ? ["--run"] : [];
  return [first.mode, ...run, ...listImplied(first, rest), ...rest, ...argv.slice(end)];
}

function refuseClash(found: readonly Found[], first: Mode, second: Mode | undefined): void {
  const twice = found.find(({ mode }, place) => found.findIndex((other) => other.mode === mode) !== place);
  if (twice) throw new UsageFailure(`the mode '--${twice.mode}' is given twice`, { hint: "give it once" });
  if (second !== undefined && !(first === "install" && second === "run" && found.length === 2)) {
    throw new UsageFailure(`the modes '--${first}' and '--${second}' exclude each other`, {
      hint: "give one of --run, --install, --uninstall FILTER, --statusof FILTER; --run may stand beside --install",
    });
  }
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

/** A backup was made every time, whether anything had changed or not; and the README of the Python program leaves the filter
 * out where a time makes clear which schedule is meant. */
function listImplied({ mode, filter }: Found, rest: readonly string[]): string[] {
  if (!takesFilter(mode)) return rest.includes("--always") ? [] : ["--always"];
  if (filter !== undefined) return [filter];
  if (rest.some((word) => /^(--time(=|$)|-t)/.test(word))) return ["this"];
  if (mode === "statusof") return [];
  throw new UsageFailure("the mode '--uninstall' needs a filter: which schedules are to end", {
    hint: "write --uninstall files for all of this file and folder, --uninstall this with -t TIME for one, --uninstall all for all",
  });
}
