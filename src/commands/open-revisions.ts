// The revisions that a command line means: of one file in one folder, found even where the file or the folder was left
// out, if only one can be meant.
import { readRevisions, sourcesOf } from "../backup/catalog.ts";
import { damagedRevision, type IntactRevision, type Revision } from "../backup/revision.ts";
import { passedOver, type RevisionSelector, selectRevision } from "../backup/select.ts";
import type { Report } from "../cli/report.ts";
import { Failure, UsageFailure } from "../errors.ts";
import { inferTarget } from "../schedule/infer-target.ts";
import { resolveFolder, resolveGiven } from "../system/paths.ts";

const MAKE_ONE = "make one with: tinybackup run -f FILE -d DIR";

/** What was typed of `-f` and `-d`. */
interface Typed {
  readonly sourcefile: string | undefined;
  readonly destinationdirectory: string | undefined;
}

export interface OpenRevisions {
  readonly folder: string;
  /** null where the folder holds only damaged revisions, whose source nobody can tell. */
  readonly source: string | null;
  /** Whether the source was typed, or stands in a schedule; else the revisions alone name it. */
  readonly isSourceNamed: boolean;
  /** Newest first. */
  readonly revisions: readonly Revision[];
}

/**
 * Reads the revisions of one file in one folder. Throws a UsageFailure that lists what could be meant where that is more
 * than one, and a Failure where there is no revision at all.
 */
export async function openRevisions(typed: Typed): Promise<OpenRevisions> {
  const { source, folder } = await findPlace(typed);
  if (source !== undefined) {
    const revisions = await readRevisions(folder, source);
    if (revisions.length === 0) throw noneOf(source, folder, sourcesOf(await readRevisions(folder)));
    return { folder, source, isSourceNamed: true, revisions };
  }
  const revisions = await readNotEmpty(folder);
  const [only = null, ...others] = sourcesOf(revisions);
  if (only === null || others.length === 0) return { folder, source: only, isSourceNamed: false, revisions };
  const sources = quoteAll([only, ...others]);
  throw new UsageFailure(`the folder '${folder}' holds revisions of ${others.length + 1} files: ${sources}`, {
    hint: "say which one with -f FILE",
  });
}

/** Reads all revisions in one folder, of whatever source. None at all is a Failure. */
export async function openFolder(typed: Typed): Promise<Revision[]> {
  return readNotEmpty((await findPlace(typed)).folder);
}

/** The revision that is meant; warns of the damaged ones before it. @param done what is done with it */
export function chooseRevision(
  revisions: readonly Revision[],
  selector: RevisionSelector,
  done: "restored" | "compared",
  report: Pick<Report, "warn">,
): IntactRevision {
  const found = selectRevision(revisions, selector);
  if (found.state === "damaged") throw damagedRevision(found.path, found.reason, done);
  for (const { path, reason } of passedOver(revisions, selector, found)) {
    report.warn(`'${path}' is damaged: ${reason}; revision ${found.number}, before it, is ${done} instead`);
  }
  return found;
}

async function findPlace({ sourcefile, destinationdirectory }: Typed) {
  const given = { source: await resolveGiven(sourcefile), destination: destinationdirectory };
  const { source, destination } = await inferTarget(given);
  return { source, folder: await resolveFolder(destination, `cannot look into '${destination}'`) };
}

async function readNotEmpty(folder: string): Promise<Revision[]> {
  const revisions = await readRevisions(folder);
  if (revisions.length > 0) return revisions;
  throw new Failure(`there is no revision in '${folder}'`, { hint: MAKE_ONE });
}

function noneOf(source: string, folder: string, sources: readonly string[]): Failure {
  const hint = sources.length > 0 ? `it holds revisions of: ${quoteAll(sources)}` : MAKE_ONE;
  return new Failure(`there is no revision of '${source}' in '${folder}'`, { hint });
}

function quoteAll(paths: readonly string[]): string {
  return paths.map((path) => `'${path}'`).join(", ");
}
