// What whoever reads a stream can see: colour, how wide a line may be, more than ASCII. Decided here and nowhere else. Colour
// never says anything alone.
import { isTerminal, readColumns } from "../system/streams.ts";

const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const;
export type Tint = keyof typeof codes;

export interface Screen {
  /** Somebody may be looking. */
  readonly isTerminal: boolean;
  /** How many characters fit into a line; Infinity where nobody looks. */
  readonly columns: number;
  /** Block characters can be shown. */
  readonly isUnicode: boolean;
  /** The text in a colour, where there is any. It must be one line, and escaped. */
  readonly paint: (tint: Tint | undefined, text: string) => string;
}

/** Of standard output or standard error. */
export function readScreen(descriptor: number, environment: NodeJS.ProcessEnv = process.env): Screen {
  const isSeen = isTerminal(descriptor);
  const isColoured = wantsColour(isSeen, environment);
  return {
    isTerminal: isSeen,
    get columns() {
      return isSeen ? readColumns(descriptor) : Number.POSITIVE_INFINITY;
    },
    isUnicode: isUtf8(environment),
    paint: (tint, text) =>
      isColoured && tint !== undefined && text !== "" ? `\u001b[${codes[tint]}m${text}\u001b[0m` : text,
  };
}

/** What no-color.org and bixense.com/clicolors say. A job has no terminal, and none of these variables. */
export function wantsColour(isSeen: boolean, environment: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR = "", CLICOLOR_FORCE = "0", CLICOLOR = "" } = environment;
  if (NO_COLOR !== "") return false;
  if (!["", "0"].includes(CLICOLOR_FORCE)) return true;
  return isSeen && CLICOLOR !== "0" && !isDumb(environment);
}

/** Whether a terminal knows no more than letters: no colour, and nothing that was written can be taken back. */
export function isDumb({ TERM = "" }: NodeJS.ProcessEnv = process.env): boolean {
  return ["", "dumb"].includes(TERM);
}

/** By the first of these variables that says anything, as POSIX has it. */
export function isUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}

/** Messages, one to a line, with the words that say what kind each is of in colour. */
export function paintMessages(text: string, { paint }: Screen): string {
  return text.replaceAll(/^(?:tinybackup: (warning: )?|hint: )/gm, (head, warning?: string) =>
    paint(head === "hint: " ? "cyan" : warning === undefined ? "red" : "yellow", head),
  );
}
