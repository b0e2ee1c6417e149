// The place that the reader of a time text has reached, the words it knows, and the sentence that says where it goes no
// further.
import { UsageFailure } from "../errors.ts";
import { monthNames, shorten, type Unit, weekdayNames } from "./specification.ts";

const hint =
  "say for example '2:00am', '14:30 mon', '3:00 1 jan', '2:00 2026-12-24', '+ 6 hours' or '3:00 + 2 days';" +
  " 'tinybackup preview -t TIME' shows what a time means";

/** A token's shape: `1-2` is a number of one or two digits; `word` any word; anything else is the text itself. */
type Shape = string;

function matches(token: Token | undefined, shape: Shape): boolean {
  if (token === undefined) return false;
  const digits = /^(\d)(?:-(\d))?$/.exec(shape);
  if (digits === null) return token.text === shape;
  const [, least, most = least] = digits;
  const length = token.text.length;
  return token.isNumber && length >= Number(least) && length <= Number(most);
}

export class TimeCursor {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** The token `ahead` places further on, without taking it. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#position + ahead];
  }

  take(): Token | undefined {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  /** Takes the next token where it has this text. */
  accept(text: string): boolean {
    if (this.peek()?.text !== text) return false;
    this.#position += 1;
    return true;
  }

  /** Whether tokens of these shapes stand here with no space between them. */
  sees(...shapes: Shape[]): boolean {
    return shapes.every((shape, ahead) => {
      const token = this.peek(ahead);
      return matches(token, shape) && (ahead === 0 || token?.glued === true);
    });
  }

  /** Whether the next token is a number of this shape, and the one after it a word of this vocabulary. */
  seesNumberThen(shape: Shape, words: ReadonlyMap<string, unknown>): boolean {
    return matches(this.peek(), shape) && words.has(this.peek(1)?.text ?? "");
  }

  /** Takes a number of this shape, or fails naming what was expected. */
  number(shape: Shape, expected: string): number {
    const token = this.peek();
    if (!matches(token, shape)) throw this.stopped(expected);
    this.#position += 1;
    return Number(token?.text);
  }

  /** Takes a word of this vocabulary, where one stands here. */
  acceptWord<Meaning>(words: ReadonlyMap<string, Meaning>): Meaning | undefined {
    const meaning = words.get(this.peek()?.text ?? "");
    if (meaning !== undefined) this.#position += 1;
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
    const understood = this.#quote(0, this.#tokens[this.#position - 1]?.end ?? 0);
    const next = this.peek();
    if (next === undefined) {
      const where = understood === "''" ? "the time is empty" : `the time ${understood} ends too early`;
      return new UsageFailure(`${where}: expected ${expected}`, { hint });
    }
    const rest = this.#quote(next.start, this.#text.length);
    const where =
      understood === "''"
        ? `cannot read the time ${rest}`
        : `cannot read the time ${this.#quote(0, this.#text.length)}: understood ${understood}, stopped at ${rest}`;
    return new UsageFailure(`${where}: expected ${expected}`, { hint });
  }

  /** The text was read, and means nothing that can be. */
  impossible(reason: string): UsageFailure {
    return new UsageFailure(`the time ${this.#quote(0, this.#text.length)} cannot be: ${reason}`, { hint });
  }

  #quote(start: number, end: number): string {
    return `'${this.#text.slice(start, end).trim().replaceAll(/\s+/g, " ")}'`;
  }
}

interface Token {
  readonly isNumber: boolean;
  /** Words in lower case: at(1) ignores case everywhere. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Follows its predecessor without a space. */
  readonly glued: boolean;
}

const tokenPattern = /[0-9]+|[A-Za-z]+|[^ \t\n]/gu;

/** Blanks are space, tab and newline, as in Debian's parsetime.l; anything else unknown becomes a mark of its own. */
function tokenize(text: string): Token[] {
  let previousEnd = -1;
  return Array.from(text.matchAll(tokenPattern), ({ 0: found, index: start }) => {
    const end = start + found.length;
    const glued = start === previousEnd;
    previousEnd = end;
    return { isNumber: /^[0-9]/.test(found), text: found.toLowerCase(), start, end, glued };
  });
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

/** Named hours; teatime is 16:00 on every system. */
export const namedHours: ReadonlyMap<string, number> = new Map([
  ["midnight", 0],
  ["noon", 12],
  ["teatime", 16],
]);
