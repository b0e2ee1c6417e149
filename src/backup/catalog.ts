// The revisions in a folder, told by their names and by what both ends of each file say.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { listNames, readEnds, statPath } from "../system/disk.ts";
import { attempt, describeError, errnoOf } from "../system/errno.ts";
import { formatNamed } from "./archive/formats.ts";
import { type Format, FormatError, MAX_FRAME_BYTES } from "./archive/frame.ts";
import { type Archive, HEAD_BYTES, openArchive } from "./archive/read.ts";
import { baseNameOf } from "./archive/tar.ts";
import { TAIL_BYTES } from "./archive/trailer.ts";
import { foldStem, parseRevisionName, type RevisionName, sameStem, stemOf } from "./revision.ts";

interface Entry extends RevisionName {
  readonly file: string;
  readonly path: string;
  readonly storedBytes: number;
}

/** A revision whose two ends are as they were written. What lies between is proven by reading it: see verify. */
export interface IntactRevision extends Entry {
  readonly state: "ok";
  readonly source: string;
  readonly sizeBytes: number;
  readonly archive: Archive;
}

/** A file that has a revision's name and is not, or no longer, one. Never pruned, never counted. */
interface DamagedRevision extends Entry {
  readonly state: "damaged";
  /** Completes "it is damaged: …". */
  readonly reason: string;
}

export type Revision = IntactRevision | DamagedRevision;

/** Revisions to read before the process looks up again: for a signal, above all. */
const READ_AT_ONCE = 64;

/**
 * Reads a folder's revisions, newest first: by number, and by time where two have the same number. What is not asked for
 * is not read: the newest of thousands costs no more than the newest of two.
 * @param source only the revisions of this absolute path, and the damaged ones that may have been its
 */
async function* walkRevisions(folder: string, source?: string): AsyncGenerator<Revision, void, void> {
  const names = await listRevisionNames(folder);
  const stem = source === undefined ? undefined : stemOf(baseNameOf(source));
  let read = 0;
  for (const name of names) {
    if (stem !== undefined && !mayHaveStem(name, stem)) continue;
    const revision = readRevision(folder, name);
    if (revision && (source === undefined || revision.state === "damaged" || revision.source === source)) {
      yield revision;
    }
    read += 1;
    if (read % READ_AT_ONCE === 0) await Bun.sleep(0);
  }
}

/** All that `walkRevisions` finds. */
export async function readRevisions(folder: string, source?: string): Promise<Revision[]> {
  return Array.fromAsync(walkRevisions(folder, source));
}

/** The newest revision of a source; with `"ok"`, the newest one whose ends are intact. */
export async function readNewest(folder: string, source: string): Promise<Revision | undefined>;
export async function readNewest(
  folder: string,
  source: string,
  state: "ok",
): Promise<IntactRevision | undefined>;
export async function readNewest(
  folder: string,
  source: string,
  state?: "ok",
): Promise<Revision | undefined> {
  for await (const revision of walkRevisions(folder, source)) {
    if (state === undefined || revision.state === state) return revision;
  }
  return undefined;
}

/** Only those whose ends are intact. */
export function intactOnly(revisions: readonly Revision[]): IntactRevision[] {
  return revisions.filter((revision) => revision.state === "ok");
}

/** The sources that a folder's intact revisions belong to. */
export function sourcesOf(revisions: readonly Revision[]): string[] {
  return [...new Set(intactOnly(revisions).map(({ source }) => source))].toSorted();
}

/** A stem is cut further where a number has more digits: then it is a beginning of the usual one. */
function mayHaveStem(name: RevisionName, stem: string): boolean {
  return (
    sameStem(name.stem, stem) ||
    (name.number > 999_999 && sameStem(name.stem, stem.slice(0, name.stem.length)))
  );
}

export interface NamedFile extends RevisionName {
  readonly file: string;
}

/** The names of revisions in a folder, newest first; what they hold is not looked at. */
export async function listRevisionNames(folder: string): Promise<NamedFile[]> {
  const files = await attempt(`cannot read the folder '${folder}'`, () => listNames(folder));
  const names: NamedFile[] = [];
  for (const file of files) {
    const name = parseRevisionName(file);
    if (name) names.push({ ...name, file });
  }
  return names.toSorted(newestFirst);
}

/** The newest intact revision of a source among some of the names in a folder, newest first. */
export function findNewest(
  folder: string,
  names: readonly NamedFile[],
  source: string,
): IntactRevision | null {
  for (const name of names) {
    const revision = readRevision(folder, name);
    if (revision?.state === "ok" && revision.source === source) return revision;
  }
  return null;
}

function newestFirst(one: NamedFile, other: NamedFile): number {
  return other.number - one.number || other.takenAtMs - one.takenAtMs || (one.file < other.file ? 1 : -1);
}

/** null if it is not a regular file, went away while the folder was listed, or has the stem of another source. */
function readRevision(folder: string, name: NamedFile): Revision | null {
  const path = join(folder, name.file);
  let storedBytes = 0;
  const damaged = (reason: string): DamagedRevision => ({
    ...name,
    path,
    storedBytes,
    state: "damaged",
    reason,
  });
  try {
    const ends = readEnds(path, HEAD_BYTES, TAIL_BYTES);
    if (!ends) return null;
    storedBytes = ends.sizeBytes;
    const archive = openArchiveAt(path, formatNamed(name.format), ends);
    const { source, sizeBytes } = archive.file;
    // Renamed by hand, so that it is kept: it is none of ours any more.
    if (!mayHaveStem(name, stemOf(baseNameOf(source)))) return null;
    if (!archive.seal.sha256.startsWith(name.digest))
      return damaged("its name gives another digest than its content has");
    return { ...name, path, storedBytes, state: "ok", source, sizeBytes, archive };
  } catch (error) {
    if (error instanceof FormatError) return damaged(error.message);
    if (errnoOf(error) !== undefined) return damaged(`it cannot be read: ${describeError(error)}`);
    throw error;
  }
}

/** Opens an archive by its two ends, read again with a longer head where the header does not fit the first reading. */
function openArchiveAt(
  path: string,
  format: Format,
  ends: NonNullable<ReturnType<typeof readEnds>>,
): Archive {
  const archive = openArchive(format, ends);
  if (archive) return archive;
  const longer = readEnds(path, MAX_FRAME_BYTES, TAIL_BYTES);
  const reopened = longer ? openArchive(format, longer) : undefined;
  if (!reopened) throw new FormatError("its header does not end");
  return reopened;
}

/** Reads one archive by its path, whatever its name, as long as its extension tells the format. */
export async function readArchive(path: string, format: Format): Promise<Archive> {
  const ends = await attempt(`cannot read '${path}'`, () => readEnds(path, HEAD_BYTES, TAIL_BYTES));
  if (!ends) {
    const { kind } = await attempt(`cannot read '${path}'`, () => statPath(path));
    throw new Failure(`cannot read '${path}': it is a ${kind}, not a regular file`, {
      hint: "name a revision's own file",
    });
  }
  return openArchiveAt(path, format, ends);
}

export interface NewestRevision {
  readonly file: string;
  readonly takenAtMs: number;
}

type Index = ReadonlyMap<string, readonly NamedFile[]>;

/** Makes a function that finds the newest good revision of a source in a folder, or null. Each folder is listed once. */
export function newestFinder(): (source: string, folder: string) => Promise<NewestRevision | null> {
  const indexes = new Map<string, Promise<Index>>();
  return async (source, folder) => {
    const index = indexes.get(folder) ?? indexNames(folder);
    indexes.set(folder, index);
    const candidates = (await index).get(foldStem(stemOf(baseNameOf(source)))) ?? [];
    const revision = findNewest(folder, candidates, source);
    return revision && { file: revision.file, takenAtMs: revision.takenAtMs };
  };
}

async function indexNames(folder: string): Promise<Index> {
  return Map.groupBy(await listRevisionNames(folder), ({ stem }) => foldStem(stem));
}
