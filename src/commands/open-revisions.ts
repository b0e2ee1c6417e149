// The revisions of one source in one folder, found even where the source is not named, if only one can be meant.
import { resolveFolder } from "../backup/back-up.ts";
import { readRevisions, type Revision, sourcesOf } from "../backup/catalog.ts";
import { resolvePossiblyMissing } from "../backup/source.ts";
import { Failure, UsageFailure } from "../errors.ts";

const MAKE_ONE = "make one with: tinybackup run -f FILE -d DIR";

export interface Series {
  readonly folder: string;
  /** null where the folder holds only damaged revisions, whose source nobody can tell. */
  readonly source: string | null;
  /** Newest first. */
  readonly revisions: readonly Revision[];
}

/**
 * Reads the revisions of `source` in `folder`, both as typed. Without a source, the folder must hold revisions of one
 * source only; otherwise a UsageFailure lists them. No revision at all is a Failure.
 */
export async function readSeries(folder: string, source: string | undefined): Promise<Series> {
  const resolved = await resolveFolder(folder, `cannot look into '${folder}'`);
  if (source !== undefined) {
    const path = await resolvePossiblyMissing(source, `cannot look for '${source}'`);
    const revisions = await readRevisions(resolved, path);
    if (revisions.length === 0) throw noneOf(path, resolved, sourcesOf(await readRevisions(resolved)));
    return { folder: resolved, source: path, revisions };
  }
  const found = { folder: resolved, revisions: await readRevisions(resolved) };
  const sources = sourcesOf(found.revisions);
  if (sources.length > 1) {
    throw new UsageFailure(
      `the folder '${found.folder}' holds revisions of ${sources.length} files: ${quoteAll(sources)}`,
      {
        hint: "say which one with -f FILE",
      },
    );
  }
  if (found.revisions.length === 0) throw emptyFolder(found.folder);
  return { ...found, source: sources[0] ?? null };
}

/** All revisions in a folder, of whatever source. None at all is a Failure. */
export async function readFolder(folder: string): Promise<Revision[]> {
  const resolved = await resolveFolder(folder, `cannot look into '${folder}'`);
  const revisions = await readRevisions(resolved);
  if (revisions.length === 0) throw emptyFolder(resolved);
  return revisions;
}

function emptyFolder(folder: string): Failure {
  return new Failure(`there is no revision in '${folder}'`, { hint: MAKE_ONE });
}

function noneOf(source: string, folder: string, sources: readonly string[]): Failure {
  const hint = sources.length > 0 ? `it holds revisions of: ${quoteAll(sources)}` : MAKE_ONE;
  return new Failure(`there is no revision of '${source}' in '${folder}'`, { hint });
}

function quoteAll(paths: readonly string[]): string {
  return paths.map((path) => `'${path}'`).join(", ");
}
