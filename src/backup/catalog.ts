// The revisions in a folder, told by their names and by what both ends of each file say.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { listNames, readEnds } from "../system/disk.ts";
import { describeError, errnoOf } from "../system/errno.ts";
import { HEAD_BYTES, openArchive, type Archive } from "./archive-reader.ts";
import { attempt } from "./attempt.ts";
import { formatNamed } from "./format.ts";
import { FormatError, MAX_FRAME_BYTES, type Format } from "./frame.ts";
import { parseRevisionName, sameStem, stemOf, type RevisionName } from "./revision-name.ts";
import { TAIL_BYTES } from "./seal.ts";
import { baseNameOf } from "./tar-header.ts";

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

/**
 * Lists a folder's revisions, newest first: by number, and by time where two have the same number.
 * @param source only the revisions of this absolute path, and the damaged ones that may have been its
 */
export async function readRevisions(folder: string, source?: string): Promise<Revision[]> {
  return Array.fromAsync(walkRevisions(folder, source));
}

/** The newest revision of a source that is not damaged, as `readRevisions` orders them. */
export async function readNewestIntact(folder: string, source: string): Promise<IntactRevision | undefined> {
  for await (const revision of walkRevisions(folder, source)) if (revision.state === "ok") return revision;
  return undefined;
}

/** As `readRevisions`, one by one: no more files are opened than the caller looks at. */
export async function* walkRevisions(folder: string, source?: string): AsyncGenerator<Revision, void, void> {
  const names = await attempt(`cannot read the folder '${folder}'`, () => listNames(folder));
  const stem = source === undefined ? undefined : stemOf(baseNameOf(source));
  const candidates = names.flatMap((file) => {
    const name = parseRevisionName(file);
    return !name || (stem !== undefined && !mayHaveStem(name, stem)) ? [] : [{ ...name, file }];
  });
  for (const { file, ...name } of candidates.toSorted(newestFirst)) {
    const revision = await readRevision(folder, file, name);
    if (revision && (source === undefined || revision.state === "damaged" || revision.source === source)) {
      yield revision;
    }
  }
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

type Named = Pick<Revision, "number" | "takenAtMs" | "file">;

function newestFirst(one: Named, other: Named): number {
  return other.number - one.number || other.takenAtMs - one.takenAtMs || (one.file < other.file ? 1 : -1);
}

/** null if it is not a regular file, went away while the folder was listed, or has the stem of another source. */
async function readRevision(folder: string, file: string, name: RevisionName): Promise<Revision | null> {
  const path = join(folder, file);
  let storedBytes = 0;
  const damaged = (reason: string): DamagedRevision => ({
    ...name,
    file,
    path,
    storedBytes,
    state: "damaged",
    reason,
  });
  try {
    const ends = readEnds(path, HEAD_BYTES, TAIL_BYTES);
    if (!ends) return null;
    storedBytes = ends.sizeBytes;
    const archive = await openArchiveAt(path, formatNamed(name.format), ends);
    const { source, sizeBytes } = archive.file;
    // Renamed by hand, so that it is kept: it is none of ours any more.
    if (!mayHaveStem(name, stemOf(baseNameOf(source)))) return null;
    if (!archive.seal.sha256.startsWith(name.digest))
      return damaged("its name gives another digest than its content has");
    return { ...name, file, path, storedBytes, state: "ok", source, sizeBytes, archive };
  } catch (error) {
    if (error instanceof FormatError) return damaged(error.message);
    if (errnoOf(error) !== undefined) return damaged(`it cannot be read: ${describeError(error)}`);
    throw error;
  }
}

/** Opens an archive by its two ends, read again with a longer head where the header does not fit the first reading. */
async function openArchiveAt(
  path: string,
  format: Format,
  ends: NonNullable<ReturnType<typeof readEnds>>,
): Promise<Archive> {
  const archive = await openArchive(format, ends);
  if (archive) return archive;
  const longer = readEnds(path, MAX_FRAME_BYTES, TAIL_BYTES);
  const reopened = longer ? await openArchive(format, longer) : undefined;
  if (!reopened) throw new FormatError("its header does not end");
  return reopened;
}

/** Reads one archive by its path, whatever its name, as long as its extension tells the format. */
export async function readArchive(path: string, format: Format): Promise<Archive> {
  const ends = await attempt(`cannot read '${path}'`, () => readEnds(path, HEAD_BYTES, TAIL_BYTES));
  if (!ends) throw new Failure(`cannot read '${path}': it is not there, or not a regular file`);
  return openArchiveAt(path, format, ends);
}
