// The mode flags of the Python program (`--install`, `--run`, `--uninstall FILTER`, `--statusof FILTER`, and their short
// forms), as subcommands. Pure: words in, words out. Nothing behind this knows that the flags exist.
import { UsageFailure } from "../errors.ts";

type Mode = "install" | "run" | "uninstall" | "statusof";

interface Found {
  readonly mode: Mode;
  /** The filter that came with it; undefined for one that has none, or was given none. */
  readonly filter: string | undefined;
}

const spelled: Readonly<Record<string, Mode>> = {
  "--install": "install",
  "-i": "install",
  "--run": "run",
  "-r": "run",
  "--uninstall": "uninstall",
  "-u": "uninstall",
  "--statusof": "statusof",
  "-s": "statusof",
};
const takesFilter = (mode: Mode): boolean => mode === "uninstall" || mode === "statusof";

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
  if (!takesFilter(first.mode)) return [first.mode, ...(second ? ["--run"] : []), ...rest];
  return [first.mode, ...listFilter(first, rest), ...rest];
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
    let filter = value;
    const next = argv[place + 1];
    // A word that begins with a dash is the next option: the filter was left out.
    if (
      last !== undefined &&
      takesFilter(last) &&
      filter === undefined &&
      next !== undefined &&
      !next.startsWith("-")
    ) {
      filter = next;
      place += 1;
    }
    for (const mode of modes) found.push({ mode, filter: mode === last ? filter : undefined });
  }
  return { found, rest };
}

/** Takes the modes out of one word: `--uninstall=all`, `-uall`, `-ir`, `-ik5`. What is left of it stays an option. */
function readWord(word: string): { modes: Mode[]; remainder: string | null; value?: string } {
  const mode = spelled[word];
  if (mode !== undefined) return { modes: [mode], remainder: null };
  const long = /^(--(?:uninstall|statusof))=(.*)$/s.exec(word);
  if (long) return { modes: modeOf(long[1]), remainder: null, value: long[2] ?? "" };
  const cluster = /^-([ir]*)(?:([us])(.+)?|([^-ir].*))?$/s.exec(word);
  if (!cluster || word === "-") return { modes: [], remainder: word };
  const [, flags = "", filtered, value, others] = cluster;
  const modes = [...flags.split(""), filtered ?? ""].flatMap((letter) => modeOf(`-${letter}`));
  const remainder = others === undefined ? null : `-${others}`;
  return { modes, remainder, ...(value === undefined ? {} : { value }) };
}

function modeOf(spelling: string | undefined): Mode[] {
  const mode = spelled[spelling ?? ""];
  return mode === undefined ? [] : [mode];
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
