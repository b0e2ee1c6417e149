// The revisions in a folder, told by their names and by what both ends of each file say. Whose a file is decides what it
// counts for: a name proves nothing, for anybody can copy and rename.
import { join } from "node:path";
import { listNames, statOwner } from "../system/disk.ts";
import { attempt, describeError, errnoOf } from "../system/errno.ts";
import { baseNameOf } from "../system/paths.ts";
import { formatNamed, formatOfFile } from "./archive/formats.ts";
import { FormatError } from "./archive/frame.ts";
import { openArchive, readArchiveEnds } from "./archive/read.ts";
import { currentViewer, lookInto, type View } from "./owners.ts";
import { isRetention, type Retention } from "./retention-policy.ts";
import { markDamaged, type ProofLog } from "./proofs.ts";
import { readPythonRevision } from "./python-revision.ts";
import {
  type AnyRevision,
  type BrokenRevision,
  foldStem,
  type IntactRevision,
  isBroken,
  isClean,
  isMember,
  isNamed,
  type Member,
  nameOf,
  parseRevisionName,
  type Revision,
  type RevisionName,
  stemOf,
} from "./revision.ts";

/** Revisions to read before the process looks up again: for a signal, above all. */
const READ_AT_ONCE = 512;

/** A file that may be a revision; `name` is null where its name is not one of ours. */
interface Candidate {
  readonly file: string;
  readonly name: RevisionName | null;
}

/**
 * All revisions in a folder, newest first, those of other machines behind them, and those of the Python program last; with a
 * source, its own and the broken ones that may have been its. Every file with an extension of ours is looked into, since
 * one that was renamed may be a revision.
 */
export async function readRevisions(
  folder: string,
  source?: string,
  viewer = currentViewer(),
): Promise<AnyRevision[]> {
  const view = await lookInto(folder, viewer);
  const all = await listFiles(folder);
  const files = all.filter((file) => formatOfFile(file) !== undefined);
  const candidates = files.map((file) => ({ file, name: parseRevisionName(file) }));
  const own = (await Array.fromAsync(walk(view, candidates, source))).toSorted(newestFirst);
  const python = await Promise.all(all.map((file) => readPythonRevision(file, view, source)));
  const found = python.filter((revision) => revision !== null);
  return [...own, ...found.toSorted((one, other) => other.takenAtMs - one.takenAtMs)];
}

/** As `readRevisions`, of one source, without those that were renamed: nothing is opened that has not its name. */
export async function readSeries(folder: string, source: string): Promise<Revision[]> {
  return (await Array.fromAsync(walkSeries(folder, source))).toSorted(newestFirst);
}

/** The same by the numbers in their names, the highest first; each is read when it is asked for. */
export async function* walkSeries(
  folder: string,
  source: string,
  viewer = currentViewer(),
): AsyncGenerator<Revision, void, void> {
  yield* walk(await lookInto(folder, viewer), await listNamed(folder, source), source);
}

/** The revision that is at an absolute path; null where its name or its content is none of one. */
export async function readArchive(path: string): Promise<AnyRevision | null> {
  const file = baseNameOf(path);
  const view = await lookInto(path.slice(0, -file.length - 1) || "/", currentViewer());
  if (formatOfFile(file) === undefined) return readPythonRevision(file, view, undefined);
  return readRevision(view, { file, name: parseRevisionName(file) });
}

/** Whether a folder holds any revision of a source, of whatever name, machine or state. */
export async function hasRevisions(folder: string, source: string): Promise<boolean> {
  const first = await walkSeries(folder, source).next();
  return first.done === false || (await readRevisions(folder, source)).length > 0;
}

/** A higher step from one number to the next is none that a run ever made: whoever planted it moves no number. */
const MAX_LEAP = 1_000_000;

/**
 * One more than the highest number of a source. The broken ones that may have been its count too, as far as their numbers
 * can be believed; nobody else's do. The newest of thousands costs no more than the newest of two.
 */
export async function nextNumber(folder: string, source: string, viewer = currentViewer()): Promise<number> {
  let highest = 0;
  const unproven: number[] = [];
  for await (const revision of walkSeries(folder, source, viewer)) {
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

/** The sources that revisions of ours in a folder belong to, as far as nobody else says so. */
export function sourcesOf(revisions: readonly AnyRevision[]): string[] {
  const sources = revisions.map(
    ({ archive, state }) => state !== "foreign" && archive?.trailer && archive.file.source,
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
    const candidates = (await index).get(foldStem(stemOf(baseNameOf(source)))) ?? [];
    const view = await lookInto(folder, viewer);
    const broken: BrokenRevision[] = [];
    let newest: Member | null = null;
    let changed: Member | null = null;
    const wanted = candidates
      .values()
      .filter(({ file }) => newest === null || proofs.damageOf(join(folder, file)) !== null);
    for await (const revision of walk(view, wanted, source)) {
      const [known = revision] = markDamaged([revision], proofs);
      if (isClean(known)) newest ??= known;
      else if (isMember(known)) changed ??= known;
      if (isBroken(known)) broken.push(known);
    }
    return { newest: newest ?? changed, broken };
  };
}

/** By stem, since looking through all the names for each of many sources would take too long. */
async function indexNames(folder: string): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  return Map.groupBy(await listNamed(folder), ({ name }) => foldStem(name.stem));
}

/** The files with the name of a revision, highest number first; with a source, with a name that its may have. */
async function listNamed(folder: string, source?: string) {
  const stem = source === undefined ? undefined : foldStem(stemOf(baseNameOf(source)));
  const named = (await listFiles(folder)).flatMap((file) => {
    const name = parseRevisionName(file);
    return name && (stem === undefined || foldStem(name.stem) === stem) ? [{ file, name }] : [];
  });
  return named.toSorted((one, other) => other.name.number - one.name.number);
}

async function listFiles(folder: string): Promise<string[]> {
  return attempt(`cannot read the folder '${folder}'`, () => listNames(folder));
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

/** Reads candidates in their order. What is not asked for is not read. */
async function* walk(
  view: View,
  candidates: Iterable<Candidate>,
  source?: string,
): AsyncGenerator<Revision, void, void> {
  const stem = source === undefined ? undefined : foldStem(stemOf(baseNameOf(source)));
  let read = 0;
  for (const candidate of candidates) {
    const revision = readRevision(view, candidate);
    const isAsked =
      source === undefined ||
      (revision?.archive ? revision.source === source : foldStem(revision?.stem ?? "") === stem);
    if (revision && isAsked) yield revision;
    read += 1;
    if (read % READ_AT_ONCE === 0) await Bun.sleep(0);
  }
}

/** null if it is no archive of ours, no regular file, or went away while the folder was listed. */
function readRevision({ folder, machine, isStranger }: View, { file, name }: Candidate): Revision | null {
  const path = join(folder, file);
  let storedBytes = 0;
  let owner: number | undefined;
  const broken = (state: BrokenRevision["state"], reason: string): BrokenRevision | null => {
    if (!name) return null;
    owner ??= statOwner(path);
    // Where not even that is told, nothing speaks against it.
    const isForeign = owner !== undefined && isStranger(owner);
    return { ...name, file, path, storedBytes, state: isForeign ? "foreign" : state, reason, archive: null };
  };
  try {
    const ends = readArchiveEnds(path);
    if (!ends) return null;
    storedBytes = ends.sizeBytes;
    owner = ends.uid;
    const format = formatOfFile(file) ?? formatNamed("none");
    const archive = openArchive(path, format, ends);
    const { source, sizeBytes } = archive.file;
    const { host } = archive.trailer;
    const given = nameOf(archive, archive.trailer);
    const own = given.isChanged ? "changed" : "ok";
    const state = isStranger(owner) ? "foreign" : isNamed(file, given) ? own : "pinned";
    const otherHost = archive.trailer.machine === machine ? null : host;
    return { ...given, file, path, storedBytes, state, otherHost, source, sizeBytes, archive };
  } catch (error) {
    if (error instanceof FormatError) return broken("damaged", error.message);
    if (errnoOf(error) !== undefined) return broken("unreadable", describeError(error));
    throw error;
  }
}
