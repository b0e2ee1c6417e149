// Cuts a time text into numbers, words and single marks, the way both families of at(1) do, and remembers
// where each stood: `2.30` and `2 . 30` are told apart, and an error can point at the place.

export interface Token {
  readonly kind: "number" | "word" | "mark";
  /** Words in lower case: at(1) ignores case everywhere. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Follows its predecessor without a space. */
  readonly glued: boolean;
}

const tokenPattern = /(?<number>[0-9]+)|(?<word>[A-Za-z]+)|[^ \t\n]/gu;

/** Blanks are space, tab and newline, as in Debian's parsetime.l; anything else unknown becomes a mark of its own. */
export function tokenize(text: string): Token[] {
  let previousEnd = -1;
  return Array.from(text.matchAll(tokenPattern), (match) => {
    const start = match.index;
    const end = start + match[0].length;
    const kind = match.groups?.["number"] ? "number" : match.groups?.["word"] ? "word" : "mark";
    const token: Token = { kind, text: match[0].toLowerCase(), start, end, glued: start === previousEnd };
    previousEnd = end;
    return token;
  });
}
