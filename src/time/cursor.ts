// The place that the reader of a time text has reached, the words it knows, and the sentence that says where it goes no
// further.
import { UsageFailure } from "../errors.ts";
import { monthNames, shorten, type Unit, weekdayNames } from "./specification.ts";

const examples =
  "such as '2:00am', 'mon 14:30', '3:00 1 jan', '2026-12-24 2:00', 'every 6 hours' or '3:00 + 2 days'";
const several = "a schedule has one time, and a file may have several schedules";

/** Space, tab and newline, as in Debian's parsetime.l. */
export const blanks = String.raw`[ \t\n]*`;

/** What a piece of the text looks like, as a regular expression in any letter case; never a part of a number or a word.
 * Unless it is glued to what stands before it, there may be blanks between. */
export function shape(source: string, isGlued = false): RegExp {
  const isWhole = String.raw`(?!(?<=\d)\d|(?<=[a-z])[a-z])`;
  return new RegExp(`${isGlued ? "" : blanks}(${source})${isWhole}`, "iy");
}

const anyWord = shape("[a-z]+");
const textEnd = shape("$");

export class TimeCursor {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a piece of this shape stands here. */
  sees(piece: RegExp): boolean {
    piece.lastIndex = this.#position;
    return piece.test(this.#text);
  }

  isAtEnd(): boolean {
    return this.sees(textEnd);
  }

  /** Takes a piece of this shape, in lower case, where one stands here. */
  accept(piece: RegExp): string | undefined {
    piece.lastIndex = this.#position;
    const found = piece.exec(this.#text)?.[1];
    if (found !== undefined) this.#position = piece.lastIndex;
    return found?.toLowerCase();
  }

  /** Takes a number of this shape, or fails naming what was expected. */
  number(piece: RegExp, expected: string): number {
    const digits = this.accept(piece);
    if (digits === undefined) throw this.stopped(expected);
    return Number(digits);
  }

  /** Takes a word of this vocabulary, where one stands here. */
  acceptWord<Meaning>(words: ReadonlyMap<string, Meaning>): Meaning | undefined {
    const before = this.#position;
    const meaning = words.get(this.accept(anyWord) ?? "");
    if (meaning === undefined) this.#position = before;
    return meaning;
  }

  /** Takes a word of this vocabulary, or fails naming what was expected. */
  word<Meaning>(words: ReadonlyMap<string, Meaning>, expected: string): Meaning {
    const meaning = this.acceptWord(words);
    if (meaning === undefined) throw this.stopped(expected);
    return meaning;
  }

  /** The text went on, or ended, where something else was expected. */
  stopped(expected: string): UsageFailure {
    const [understood, rest] = [this.#quote(0, this.#position), this.#quote(this.#position)];
    const end = this.#position === 0 ? "the time is empty" : `the time ${understood} ends too early`;
    const stop =
      this.#position === 0
        ? `cannot read the time ${rest}`
        : `cannot read the time ${this.#quote(0)}: understood ${understood}, stopped at ${rest}`;
    return new UsageFailure(`${this.isAtEnd() ? end : stop}: expected ${expected}`, {
      hint: /,|\band\b/i.test(this.#text) ? several : examples,
    });
  }

  /** The text was read, and means nothing that can be. */
  impossible(reason: string): UsageFailure {
    return new UsageFailure(`the time ${this.#quote(0)} cannot be: ${reason}`, { hint: examples });
  }

  #quote(from: number, to?: number): string {
    return `'${this.#text.slice(from, to).trim().replaceAll(/\s+/g, " ")}'`;
  }
}

/** Each name whole, and its first three letters; `sept` and `tues` are no words to any at(1). */
function wordsOf(names: readonly string[], first: number): ReadonlyMap<string, number> {
  return new Map(
    names.flatMap((name, index) => [name, shorten(name)].map((word) => [word, index + first] as const)),
  );
}

export const weekdays = wordsOf(weekdayNames, 0);
export const months = wordsOf(monthNames, 1);

const unitWords: readonly (readonly [Unit, string])[] = [
  ["minute", "minute minutes min m"],
  ["hour", "hour hours hr h"],
  ["day", "day days d"],
  ["week", "week weeks w"],
  ["month", "month months mo"],
  ["year", "year years y"],
];
export const units: ReadonlyMap<string, Unit> = new Map(
  unitWords.flatMap(([unit, words]) => words.split(" ").map((word) => [word, unit] as const)),
);

/** `hourly` and so on. */
export const adverbs: ReadonlyMap<string, Unit> = new Map(
  unitWords.flatMap(([unit]) =>
    unit === "minute" ? [] : [[unit === "day" ? "daily" : `${unit}ly`, unit] as const],
  ),
);

/** Named hours; teatime is 16:00 on every system. */
export const namedHours: ReadonlyMap<string, number> = new Map([
  ["midnight", 0],
  ["noon", 12],
  ["teatime", 16],
]);
