// Which files in a folder may be revisions of a source, by their names alone: of 100,000 of others none is opened.
import { listNamesNow } from "../system/disk.ts";
import { attemptNow } from "../system/errno.ts";
import { baseNameOf } from "../system/paths.ts";
import { formatOfFile } from "./archive/formats.ts";
import { foldStem, hasRevisionName, parseRevisionName, type RevisionName, stemOf } from "./revision.ts";

/** A file that may be a revision; `name` is null where its name is not one of ours. */
export interface Candidate {
  readonly file: string;
  readonly name: RevisionName | null;
}

/** By stem, since looking through all the names for each of many sources would take too long. */
export function indexNames(folder: string): ReadonlyMap<string, readonly Named[]> {
  return Map.groupBy(listNamed(listFiles(folder)), ({ name }) => foldStem(name.stem));
}

export type Named = Candidate & { readonly name: RevisionName };

/** Those with the name of a revision, highest number first; with a source, with a name that its may have. */
export function listNamed(files: readonly string[], source?: string): Named[] {
  const stem = foldedStemOf(source);
  const named: Named[] = [];
  for (const file of files) {
    // Of most names a look at their beginning is enough.
    if (stem !== undefined && !foldStem(file).startsWith(`${stem}-`)) continue;
    const name = parseRevisionName(file);
    if (name && (stem === undefined || foldStem(name.stem) === stem)) named.push({ file, name });
  }
  return named.toSorted((one, other) => other.name.number - one.name.number);
}

/** The archives that may be revisions under other names; first those that are wanted, or that have its own name in theirs. */
export function listRenamed(
  files: readonly string[],
  named: readonly Named[],
  source: string | undefined,
  wanted: readonly (string | undefined)[],
): string[] {
  const stem = foldedStemOf(source);
  const taken = new Set(named.map(({ file }) => file));
  const likely: string[] = [];
  const others: string[] = [];
  for (const file of files) {
    if (taken.has(file) || formatOfFile(file) === undefined) continue;
    if (wanted.includes(file)) likely.unshift(file);
    else if (stem !== undefined && foldStem(file).includes(stem)) likely.push(file);
    else if (stem === undefined || !hasRevisionName(file)) others.push(file);
  }
  return [...likely, ...others];
}

export function foldedStemOf(source: string | undefined): string | undefined {
  return source === undefined ? undefined : foldStem(stemOf(baseNameOf(source)));
}

export function listFiles(folder: string): string[] {
  return attemptNow(`cannot read the folder '${folder}'`, () => listNamesNow(folder));
}

/** Those of a source in a folder, listed afresh. */
export function listOwn(folder: string, source: string): Named[] {
  return listNamed(listFiles(folder), source);
}
