// The revisions that a command line means: of one file in one folder, found even where the file or the folder was left
// out, if only one can be meant.
import { readRevisions, type readSeries, sourcesOf } from "../backup/catalog.ts";
import { brokenRevision, describeBroken, type IntactRevision, type Revision } from "../backup/revision.ts";
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
 * @param read what is looked into: everything, or only what has the names of one file's revisions
 */
export async function openRevisions(
  typed: Typed,
  read: typeof readRevisions | typeof readSeries = readRevisions,
): Promise<OpenRevisions> {
  const { source, folder } = await findPlace(typed);
  if (source !== undefined) {
    const revisions = await read(folder, source);
    if (revisions.length === 0) throw noneOf(source, folder, sourcesOf(await readRevisions(folder)));
    return { folder, source, isSourceNamed: true, revisions };
  }
  const all = await readNotEmpty(folder);
  const [only = null, ...others] = sourcesOf(all);
  if (only === null || others.length === 0) {
    const revisions = all.filter(({ archive }) => !archive || !only || archive.file.source === only);
    return { folder, source: only, isSourceNamed: false, revisions };
  }
  const sources = quoteAll([only, ...others]);
  throw new UsageFailure(`the folder '${folder}' holds revisions of ${others.length + 1} files: ${sources}`, {
    hint: "say which one with -f FILE",
  });
}

/** Reads all revisions in one folder, of whatever source. None at all is a Failure. */
export async function openFolder(typed: Typed): Promise<Revision[]> {
  return readNotEmpty((await findPlace(typed)).folder);
}

/**
 * The revision that is meant. Warns of the damaged ones before it; one that can't be read may be whole, and whoever asks
 * has to decide. @param done what is done with it
 */
export function chooseRevision(
  revisions: readonly Revision[],
  selector: RevisionSelector,
  done: "restored" | "compared",
  report: Pick<Report, "warn">,
  takesForeign: boolean,
): IntactRevision {
  const found = selectRevision(revisions, selector, takesForeign);
  if (!found.archive) throw brokenRevision(found, done);
  const before = passedOver(revisions, selector, found);
  const unreadable = before.find(({ state }) => state === "unreadable");
  if (unreadable) {
    const hint = `to take the one before it all the same: --revision ${found.number}`;
    throw new Failure(`a newer revision can't be read: ${describeBroken(unreadable)}`, { hint });
  }
  for (const broken of before)
    report.warn(`${describeBroken(broken)}; revision ${found.number}, before it, is ${done} instead`);
  if (found.otherHost !== null)
    report.warn(`revision ${found.number} was made by another machine, '${found.otherHost}'`);
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
