// The nearest right spelling of a mistyped word. Pure.

import { distance } from "fastest-levenshtein";

/** Case, dashes, underscores and dots are what people get wrong first. */
const simplify = (text: string): string => text.toLowerCase().replaceAll(/[-_.\s]/g, "");

const sortLetters = (text: string): string => text.split("").toSorted().join("");

/** One letter wrong, too many or too few, in an abbreviation, and not the first: `test` is no `restore`. */
function isMistypedBeginning(typed: string, candidate: string): boolean {
  return (
    typed.charAt(0) === candidate.charAt(0) &&
    [-1, 0, 1].some((more) => distance(typed, candidate.slice(0, typed.length + more)) <= 1)
  );
}

/** How a typed word may be meant, the likeliest reading first. */
const readings: readonly ((typed: string, candidate: string) => boolean)[] = [
  (typed, candidate) => candidate === typed,
  (typed, candidate) => typed.length >= 2 && candidate.startsWith(typed),
  (typed, candidate) => typed.length >= 4 && candidate.includes(typed),
  (typed, candidate) => sortLetters(typed) === sortLetters(candidate),
  (typed, candidate) => distance(typed, candidate) <= 0.2 * candidate.length,
  (typed, candidate) => distance(typed, candidate) <= 0.4 * Math.max(typed.length, candidate.length),
  (typed, candidate) => typed.length >= 4 && isMistypedBeginning(typed, candidate),
];

/** The candidate that `typed` most likely stands for: one that it begins, else one that it is a part of, else one
 * with a few letters wrong. Of two that are equally likely the earlier one. Undefined if none is near. */
export function findNearest(typed: string, candidates: readonly string[]): string | undefined {
  const wanted = simplify(typed);
  if (wanted === "") return undefined;
  for (const isMeant of readings) {
    const found = candidates.find((candidate) => isMeant(wanted, simplify(candidate)));
    if (found !== undefined) return found;
  }
  return undefined;
}
