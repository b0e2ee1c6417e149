// The revisions in a folder, told by their names and by what both ends of each file say.
import { join } from "node:path";
import { listNames } from "../system/disk.ts";
import { attempt, describeError, errnoOf } from "../system/errno.ts";
import { baseNameOf } from "../system/paths.ts";
import { formatNamed } from "./archive/formats.ts";
import { FormatError } from "./archive/frame.ts";
import { openArchive, readArchiveEnds } from "./archive/read.ts";
import {
  type DamagedRevision,
  foldStem,
  type IntactRevision,
  type NamedFile,
  parseRevisionName,
  type Revision,
  type RevisionName,
  sameStem,
  stemOf,
} from "./revision.ts";

/** Revisions to read before the process looks up again: for a signal, above all. */
const READ_AT_ONCE = 64;

/**
 * Reads a folder's revisions, newest first: by number, and by time where two have the same number. What is not asked for
 * is not read: the newest of thousands costs no more than the newest of two.
 * @param source only the revisions of this absolute path, and the damaged ones that may have been its
 */
async function* walkRevisions(folder: string, source?: string): AsyncGenerator<Revision, void, void> {
  const stem = source === undefined ? undefined : stemOf(baseNameOf(source));
  let read = 0;
  for (const name of await listRevisionNames(folder)) {
    if (stem !== undefined && !mayHaveStem(name, stem)) continue;
    const revision = readRevision(folder, name);
    if (revision && (source === undefined || revision.state === "damaged" || revision.source === source)) {
      yield revision;
    }
    read += 1;
    if (read % READ_AT_ONCE === 0) await Bun.sleep(0);
  }
}

/** All revisions in a folder, newest first; with a source, its own and the damaged ones that may have been its. */
export async function readRevisions(folder: string, source?: string): Promise<Revision[]> {
  return Array.fromAsync(walkRevisions(folder, source));
}

/** One more than the highest number of a source, counting also the damaged ones that may have been its. */
export async function nextNumber(folder: string, source: string): Promise<number> {
  const { value: newest } = await walkRevisions(folder, source).next();
  return newest ? newest.number + 1 : 1;
}

/** Only those whose ends are intact. */
export function intactOnly(revisions: readonly Revision[]): IntactRevision[] {
  return revisions.filter((revision) => revision.state === "ok");
}

/** The sources that a folder's intact revisions belong to. */
export function sourcesOf(revisions: readonly Revision[]): string[] {
  return [...new Set(intactOnly(revisions).map(({ source }) => source))].toSorted();
}

export type NewestRevision = Pick<IntactRevision, "file" | "takenAtMs">;

/** Makes a function that finds the newest good revision of a source in a folder, or null. Each folder is listed once. */
export function newestFinder(): (source: string, folder: string) => Promise<NewestRevision | null> {
  const indexes = new Map<string, ReturnType<typeof indexNames>>();
  return async (source, folder) => {
    const index = indexes.get(folder) ?? indexNames(folder);
    indexes.set(folder, index);
    for (const name of (await index).get(foldStem(stemOf(baseNameOf(source)))) ?? []) {
      const revision = readRevision(folder, name);
      if (revision?.state !== "ok" || revision.source !== source) continue;
      return { file: revision.file, takenAtMs: revision.takenAtMs };
    }
    return null;
  };
}

/** By stem, since looking through all the names for each of many sources would take too long. */
async function indexNames(folder: string): Promise<ReadonlyMap<string, readonly NamedFile[]>> {
  return Map.groupBy(await listRevisionNames(folder), ({ stem }) => foldStem(stem));
}

/** The names of revisions in a folder, newest first; what they hold is not looked at. */
async function listRevisionNames(folder: string): Promise<NamedFile[]> {
  const files = await attempt(`cannot read the folder '${folder}'`, () => listNames(folder));
  const names: NamedFile[] = [];
  for (const file of files) {
    const name = parseRevisionName(file);
    if (name) names.push({ ...name, file });
  }
  return names.toSorted(newestFirst);
}

function newestFirst(one: NamedFile, other: NamedFile): number {
  return other.number - one.number || other.takenAtMs - one.takenAtMs || (one.file < other.file ? 1 : -1);
}

/** A stem is cut further where a number has more digits: then it is a beginning of the usual one. */
function mayHaveStem(name: RevisionName, stem: string): boolean {
  return (
    sameStem(name.stem, stem) ||
    (name.number > 999_999 && sameStem(name.stem, stem.slice(0, name.stem.length)))
  );
}

/** null if it is not a regular file, went away while the folder was listed, or has the stem of another source. */
function readRevision(folder: string, name: NamedFile): Revision | null {
  const path = join(folder, name.file);
  let storedBytes = 0;
  const damaged = (reason: string): DamagedRevision => {
    return { ...name, path, storedBytes, state: "damaged", reason };
  };
  try {
    const ends = readArchiveEnds(path);
    if (!ends) return null;
    storedBytes = ends.sizeBytes;
    const archive = openArchive(path, formatNamed(name.format), ends);
    const { source, sizeBytes } = archive.file;
    // Renamed by hand, so that it is kept: it is none of ours any more.
    if (!mayHaveStem(name, stemOf(baseNameOf(source)))) return null;
    if (!archive.trailer.sha256.startsWith(name.digest)) return damaged(OTHER_DIGEST);
    return { ...name, path, storedBytes, state: "ok", source, sizeBytes, archive };
  } catch (error) {
    if (error instanceof FormatError) return damaged(error.message);
    if (errnoOf(error) !== undefined) return damaged(`it cannot be read: ${describeError(error)}`);
    throw error;
  }
}

/** Of a file that has the name of another revision; completes "it is damaged: …". */
export const OTHER_DIGEST = "its name gives another digest than its content has";
