// What must be true of a folder and a source whatever happened, judged by tar and zstd and not by the program's own reader.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contentOf, describeFile } from "../support/tools.ts";

/** A revision's final name, as README has it: NAME-NUMBER-TIME-HASH.tar.zst. */
const finalName = /-\d{6,}-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[^/]*\.tar(\.zst|\.gz)?$/;

export interface Expectation {
  readonly folder: string;
  /** All contents that the source ever had. */
  readonly contents: readonly Uint8Array[];
  /** Good revisions that must still be there, by name. */
  readonly kept?: readonly string[];
  /** Names in the folder that are somebody else's, or damaged on purpose: not judged. */
  readonly ignored?: readonly string[];
}

/** Names of all files that are called as a revision is, sorted: by number, where they are of one source. */
export function listRevisions(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => finalName.test(name))
    .toSorted();
}

export function listPartials(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".partial"));
}

/**
 * Throws unless every file with a final name is whole and holds one of the contents that the source had, and none is missing
 * that must be there. Returns the revisions with what they hold.
 */
export function judgeFolder({ folder, contents, kept = [], ignored = [] }: Expectation): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const known = new Set(contents.map((content) => Bun.hash(content)));
  for (const name of listRevisions(folder).filter((each) => !ignored.includes(each))) {
    const content = readJudged(join(folder, name));
    if (!known.has(Bun.hash(content))) throw new Error(`${name} holds what the source never held`);
    found.set(name, content);
  }
  const missing = kept.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`a good revision is lost: ${missing.join(", ")}`);
  return found;
}

const judged = new Map<string, Buffer>();

/** What tar and zstd find in a revision; asked once for the same bytes. */
function readJudged(path: string): Buffer {
  const bytes = readFileSync(path);
  const key = `${bytes.length} ${Bun.hash(bytes)} ${Bun.hash.xxHash64(bytes)}`;
  const content = judged.get(key) ?? contentOf(path);
  if (bytes.length < 1 << 20) judged.set(key, content);
  return content;
}

/** Throws unless exit 0 was true: the newest revision holds this content. */
export function judgeDone(found: ReadonlyMap<string, Buffer>, source: Uint8Array): void {
  const newest = [...found.keys()].at(-1);
  const content = newest === undefined ? undefined : found.get(newest);
  if (!content?.equals(source)) throw new Error(`it said done, and ${newest} is not the source's content`);
}

/** Throws where a partial is left that no writer is at work on. */
export function judgeTidy(folder: string): void {
  const partials = listPartials(folder);
  if (partials.length > 0) throw new Error(`left behind: ${partials.join(", ")}`);
}

/** Watches that a source stays as it is; what is returned throws where it does not. */
export function guardSource(source: string): () => void {
  const before = JSON.stringify(describeFile(source));
  return () => {
    const after = JSON.stringify(describeFile(source));
    if (after !== before) throw new Error(`the source was touched: ${before} became ${after}`);
  };
}
