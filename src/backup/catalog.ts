// The revisions in a folder, told by their names and by what both ends of each file say. Whose a file is decides what it
// counts for: a name proves nothing, for anybody can copy and rename.
import { join } from "node:path";
import { baseNameOf } from "../system/paths.ts";
import { measureTaken, type Taken } from "../system/taken.ts";
import { formatOfFile } from "./archive/formats.ts";
import { type Candidate, indexNames, listFiles, listNamed, listOwn, listRenamed } from "./names.ts";
import { isRetention, type Retention } from "./retention-policy.ts";
import { markDamaged, type ProofLog } from "./proofs.ts";
import { readPythonRevisions } from "./python-revision.ts";
import {
  type AnyRevision,
  type BrokenRevision,
  foldStem,
  type IntactRevision,
  isBroken,
  isClean,
  isMember,
  type Member,
  parseRevisionName,
  type Revision,
  stemOf,
} from "./revision.ts";
import { currentViewer, lookInto, readRevision, type Viewer, walk } from "./walk.ts";

/** Revisions to read before the process looks up again: for a signal, above all. */
const READ_AT_ONCE = 512;
/** So many files with names of their own are looked into for one source: of 100,000 archives of others, names decide. */
const MOST_RENAMED = 2000;

export interface Holding {
  /** Newest first, those of other machines behind them, and those of the Python program last. */
  readonly revisions: AnyRevision[];
  /** How many archives were not looked into that may be renamed revisions: there are too many of them. */
  readonly unread: number;
}

/**
 * All revisions in a folder; with a source, its own and the broken ones that may have been its. One that was renamed is
 * found as well: a file with an extension of ours is looked into, unless its name is that of a revision of another file.
 * @param wanted names of files that are looked into in any case
 */
export async function readFolder(
  folder: string,
  source?: string,
  wanted: readonly (string | undefined)[] = [],
  viewer = currentViewer(),
): Promise<Holding> {
  const view = lookInto(folder, viewer);
  const all = listFiles(folder);
  const named = listNamed(all, source);
  const renamed = listRenamed(all, named, source, wanted);
  const looked = source === undefined ? renamed : renamed.slice(0, MOST_RENAMED);
  const more = looked.map((file) => ({ file, name: parseRevisionName(file) }));
  const own = (await readAll(walk(view, [...named, ...more], source, [], true))).toSorted(newestFirst);
  const python = await readPythonRevisions(all, view, source);
  return { revisions: [...own, ...python], unread: renamed.length - looked.length };
}

/** As `readFolder`, without a word on what was not looked into. */
export async function readRevisions(
  folder: string,
  source?: string,
  viewer?: Viewer,
): Promise<AnyRevision[]> {
  return (await readFolder(folder, source, [], viewer)).revisions;
}

/**
 * As `readRevisions`, of one source, without those that were renamed: nothing is opened that has not its name.
 * @param known those that were read just now, and are not read again
 * @param names a listing that was made just now
 */
export async function readSeries(
  folder: string,
  source: string,
  known: readonly Revision[] = [],
  names: readonly Candidate[] = listOwn(folder, source),
): Promise<Revision[]> {
  const view = lookInto(folder, currentViewer());
  return (await readAll(walk(view, names, source, known, true))).toSorted(newestFirst);
}

/** The same by the numbers in their names, the highest first; each is read when it is asked for. */
export function* walkSeries(
  folder: string,
  source: string,
  names: readonly Candidate[] = listOwn(folder, source),
): Generator<Revision, void, void> {
  for (const revision of walk(lookInto(folder, currentViewer()), names, source)) if (revision) yield revision;
}

/** The sources that the newest revisions in a folder name, one of each stem: what a listing of names can tell of thousands. */
export async function readSources(folder: string): Promise<string[]> {
  const newest = [...indexNames(folder).values()].flatMap(([first]) => first ?? []);
  return sourcesOf(await readAll(walk(lookInto(folder, currentViewer()), newest)));
}

/** The revision that is at an absolute path; null where its name or its content is none of one. */
export async function readArchive(path: string): Promise<AnyRevision | null> {
  const file = baseNameOf(path);
  const view = lookInto(path.slice(0, -file.length - 1) || "/", currentViewer());
  if (formatOfFile(file) !== undefined) return readRevision(view, { file, name: parseRevisionName(file) });
  const [python = null] = await readPythonRevisions([file], view, undefined);
  return python;
}

/** Whether a folder holds any revision of a source, of whatever name, machine or state. */
export async function hasRevisions(folder: string, source: string): Promise<boolean> {
  return walkSeries(folder, source).next().done === false || (await readRevisions(folder, source)).length > 0;
}

/** A higher step from one number to the next is none that a run ever made: whoever planted it moves no number. */
const MAX_LEAP = 1_000_000;

/**
 * One more than the highest number of a source. The broken ones that may have been its count too, as far as their numbers
 * can be believed; nobody else's do. The newest of thousands costs no more than the newest of two.
 * @param known those that were read just now, and are not read again
 * @param names a listing that was made under the folder's lock
 */
export function nextNumber(
  folder: string,
  source: string,
  known: readonly Revision[] = [],
  names: readonly Candidate[] = listOwn(folder, source),
  viewer = currentViewer(),
): number {
  let highest = 0;
  const unproven: number[] = [];
  for (const revision of walk(lookInto(folder, viewer), names, source, known)) {
    if (!revision) continue;
    if (isMember(revision)) {
      highest = revision.number;
      break;
    }
    if (isBroken(revision)) unproven.unshift(revision.number);
  }
  for (const number of unproven) if (number - highest <= MAX_LEAP) highest = Math.max(highest, number);
  return highest + 1;
}

/**
 * The policy of a series, and which of its revisions says so: the newest that says anything; null where none does.
 * @param revisions newest first
 */
export function findPolicy(
  revisions: readonly Revision[],
): { readonly retention: Retention; readonly saidBy: Member } | null {
  for (const revision of revisions) {
    if (!isMember(revision)) continue;
    const { retention } = revision.archive.trailer;
    if (isRetention(retention)) return { retention, saidBy: revision };
  }
  return null;
}

/** What revisions in one folder take of its disk together; null where they can't share, or the system can't tell. */
export function measureRevisions(folder: string, revisions: readonly AnyRevision[]): Taken | null {
  const paths = revisions.map(({ path }) => path);
  return measureTaken(folder, paths);
}

/** The sources that revisions of ours in a folder belong to, as far as nobody else says so. */
export function sourcesOf(revisions: readonly AnyRevision[]): string[] {
  const sources = revisions.map(
    (revision) => revision.state !== "foreign" && revision.archive?.trailer && revision.source,
  );
  return [...new Set(sources.filter((source) => typeof source === "string"))].toSorted();
}

interface Standing {
  /** One of a file that kept changing only where there is no other; null where there is no good one. */
  readonly newest: Pick<IntactRevision, "file" | "path" | "takenAtMs"> | null;
  /** Those that are newer, and those of which is remembered that they are damaged. */
  readonly broken: readonly BrokenRevision[];
}

/** Makes a function that tells how a source stands in a folder. Each folder is listed once, and few files are opened. */
export function standingReader(
  proofs: Pick<ProofLog, "damageOf">,
): (source: string, folder: string) => Promise<Standing> {
  const viewer = currentViewer();
  const indexes = new Map<string, ReturnType<typeof indexNames>>();
  return async (source, folder) => {
    const index = indexes.get(folder) ?? indexNames(folder);
    indexes.set(folder, index);
    const candidates = index.get(foldStem(stemOf(baseNameOf(source)))) ?? [];
    const view = lookInto(folder, viewer);
    const broken: BrokenRevision[] = [];
    let newest: Member | null = null;
    let changed: Member | null = null;
    const wanted = candidates
      .values()
      .filter(({ file }) => newest === null || proofs.damageOf(join(folder, file)) !== null);
    for (const revision of walk(view, wanted, source)) {
      if (!revision) continue;
      const [known = revision] = markDamaged([revision], proofs);
      if (isClean(known)) newest ??= known;
      else if (isMember(known)) changed ??= known;
      if (isBroken(known)) broken.push(known);
    }
    return { newest: newest ?? changed, broken };
  };
}

function newestFirst(one: Revision, other: Revision): number {
  const [host, otherHost] = [hostOf(one), hostOf(other)];
  if (host !== otherHost) return host < otherHost ? -1 : 1;
  return other.number - one.number || other.takenAtMs - one.takenAtMs || (one.file < other.file ? 1 : -1);
}

/** Empty for this machine, which therefore comes first. */
function hostOf(revision: Revision): string {
  return (revision.archive && revision.otherHost) ?? "";
}

async function readAll(walked: Iterable<Revision | null>): Promise<Revision[]> {
  const revisions: Revision[] = [];
  let read = 0;
  for (const revision of walked) {
    if (revision) revisions.push(revision);
    if (++read % READ_AT_ONCE === 0) await Bun.sleep(0);
  }
  return revisions;
}
