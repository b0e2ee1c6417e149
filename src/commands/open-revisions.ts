// The revisions that a command line means: of one file in one folder, found even where the file or the folder was left
// out, if only one can be meant.
import { dirname } from "node:path";
import {
  readArchive,
  readFolder,
  readRevisions,
  readSeries,
  readSources,
  sourcesOf,
} from "../backup/catalog.ts";
import { markDamaged, type ProofLog } from "../backup/proofs.ts";
import {
  type AnyRevision,
  brokenRevision,
  type BrokenRevision,
  describeBroken,
  foldStem,
  handleOf,
  isPython,
  type ReadableRevision,
  type Revision,
  stemOf,
  titleOf,
} from "../backup/revision.ts";
import { findLeftOut, passedOver, type RevisionSelector, selectRevision } from "../backup/select.ts";
import { Failure, UsageFailure } from "../errors.ts";
import { findNearest } from "../nearest.ts";
import { inferTarget, listTargets } from "../schedule/infer-target.ts";
import { baseNameOf, findReal, isFolder, resolveFolder, resolveGiven } from "../system/paths.ts";

/** As the person would make the first one. */
const makeOne = { hint: "make one with", instead: { "": "run" } };

/** What was typed of `-f` and `-d`, and which revisions are wanted. */
interface Typed {
  readonly sourcefile: string | undefined;
  readonly destinationdirectory: string | undefined;
  readonly revision?: string | undefined;
  readonly against?: string | undefined;
}

export interface OpenRevisions {
  readonly folder: string;
  /** null where nobody can tell: the folder holds only damaged revisions, or those of the Python program. */
  readonly source: string | null;
  /** Whether the source was typed, or stands in a schedule; else the revisions alone name it. */
  readonly isSourceNamed: boolean;
  /** Newest first. What is remembered to be damaged is. */
  readonly revisions: readonly AnyRevision[];
  /** How many archives there were not looked into. */
  readonly unread: number;
}

/**
 * Reads the revisions of one file in one folder. Throws a UsageFailure that lists what could be meant where that is more
 * than one, and a Failure where there is no revision at all.
 */
export async function openRevisions(typed: Typed, proofs: ProofLog): Promise<OpenRevisions> {
  const [first, ...others] = await openHoldings(typed, proofs);
  if (others.length === 0) return first;
  const files = [first, ...others].map(({ source }) => source ?? "");
  throw new UsageFailure(
    `the folder '${first.folder}' holds revisions of ${files.length} files: ${quoteAll(files)}`,
    { instead: { "--sourcefile": files[0] ?? "" } },
  );
}

/** As `openRevisions`, of each file that could be meant in the folder that is. */
async function openHoldings(
  typed: Typed,
  proofs: ProofLog,
): Promise<readonly [OpenRevisions, ...OpenRevisions[]]> {
  const { source, folder } = await findPlace(typed);
  if (source !== undefined) {
    const { revisions, unread } = await readFolder(folder, source, [typed.revision, typed.against]);
    if (revisions.length === 0) throw await noneOf(source, folder);
    return [{ folder, source, isSourceNamed: true, revisions: markDamaged(revisions, proofs), unread }];
  }
  const all = markDamaged(await readNotEmpty(folder), proofs);
  const sources = sourcesOf(all);
  const names = all.filter(isPython).map((revision) => revision.source);
  const unknown = names.filter((name) => !sources.some((each) => baseNameOf(each) === name));
  const [first, ...others] = [...sources, ...new Set(unknown)];
  if (first === undefined || others.length === 0) {
    const isMeant = ({ archive }: AnyRevision) =>
      !archive?.trailer || first === undefined || archive.file.source === first;
    return [holding(folder, sources[0] ?? null, all.filter(isMeant))];
  }
  return [holdingOf(folder, first, all), ...others.map((each) => holdingOf(folder, each, all))];
}

/** As `openRevisions`, of each file that could be meant: in one folder, or, where nothing is said, of every schedule. */
export async function openAll(typed: Typed, proofs: ProofLog): Promise<readonly OpenRevisions[]> {
  const isSaid = (typed.sourcefile ?? typed.destinationdirectory) !== undefined;
  const targets = isSaid ? [] : await listTargets();
  if (targets.length < 2) return openHoldings(typed, proofs);
  const folders = new Map<string, readonly AnyRevision[]>();
  for (const { destination } of targets)
    if (!folders.has(destination) && isFolder(destination))
      folders.set(destination, markDamaged(await readRevisions(destination), proofs));
  return targets.map(({ source = "", destination }) =>
    holdingOf(destination, source, folders.get(destination) ?? []),
  );
}

function holding(folder: string, source: string | null, revisions: readonly AnyRevision[]): OpenRevisions {
  return { folder, source, isSourceNamed: false, revisions, unread: 0 };
}

/** What is this file's, or can't be told from it. */
function holdingOf(folder: string, source: string, all: readonly AnyRevision[]): OpenRevisions {
  const name = baseNameOf(source);
  const stem = foldStem(stemOf(name));
  const isOf = (revision: AnyRevision) =>
    revision.archive ? [source, name].includes(revision.source) : foldStem(revision.stem) === stem;
  return holding(folder, source, all.filter(isOf));
}

/** The one revision that is named as the file to work on, beside the folder or in it; null where the file is none. */
export async function openArchive({ sourcefile = "", destinationdirectory = "" }: Typed) {
  const paths = [sourcefile, `${destinationdirectory}/${sourcefile}`].map(findReal);
  for (const path of paths.filter((each) => each !== undefined)) {
    const revision = await readArchive(path);
    // A file that only has such a name may be one that is backed up.
    if (!revision || (!revision.archive && destinationdirectory !== "")) continue;
    const opened = { folder: dirname(path), source: revision.archive ? revision.source : null };
    const selector = { by: "file", file: revision.file } as const;
    return { ...opened, isSourceNamed: false, revisions: [revision], unread: 0, selector };
  }
  return null;
}

/** As `openRevisions`, without what can't count anyway: nothing is opened that has not the name of one of its revisions. */
export async function openSeries(typed: Typed) {
  const { source, folder } = await findPlace(typed);
  const revisions: Revision[] = source === undefined ? [] : await readSeries(folder, source);
  if (revisions.length === 0) throw await noneOf(source ?? "", folder);
  return { folder, revisions };
}

/** Reads all revisions in one folder, of whatever source. None at all is a Failure. */
export async function openFolder(typed: Typed): Promise<AnyRevision[]> {
  return readNotEmpty((await findPlace(typed)).folder);
}

export interface Chosen {
  readonly revision: ReadableRevision;
  /** The damaged ones that would have been meant before it. */
  readonly passed: readonly BrokenRevision[];
  /** A newer one of a file that kept changing while it was read. */
  readonly leftOut: AnyRevision | undefined;
}

/**
 * The revision that is meant. One that can't be read may be whole: it is not passed over, whoever asks has to decide.
 * @param undone what does not come of it otherwise
 */
export function chooseRevision(
  revisions: readonly AnyRevision[],
  selector: RevisionSelector,
  undone: "restored" | "compared",
  takesForeign: boolean,
): Chosen {
  const found = selectRevision(revisions, selector, takesForeign);
  if (!found.archive) throw brokenRevision(found, undone);
  const passed = passedOver(revisions, selector, found);
  const unreadable = passed.find(({ state }) => state === "unreadable");
  if (unreadable) {
    const instead = { "--revision": handleOf(found) };
    const hint = "to take the one before it all the same";
    throw new Failure(`a newer revision can't be read: ${describeBroken(unreadable)}`, { hint, instead });
  }
  return { revision: found, passed, leftOut: findLeftOut(revisions, selector, found) };
}

/** Warns of what is not plainly the revision that one would expect. */
export function tellChosen(
  { revision, passed, leftOut }: Chosen,
  done: string,
  report: { readonly warn: (message: string, hint?: string) => void },
): void {
  for (const broken of passed)
    report.warn(`${describeBroken(broken)}; ${titleOf(revision)}, before it, is ${done} instead`);
  if (leftOut)
    report.warn(
      `${titleOf(leftOut)} is newer, of a file that kept changing while it was read; ${titleOf(revision)} is ${done} instead`,
      `to take it all the same: --revision ${handleOf(leftOut)}`,
    );
  if (revision.archive.trailer?.isChanged === true)
    report.warn(
      `${titleOf(revision)} is of a file that kept changing while it was read: it may be half of one state and half of another`,
    );
  if (revision.otherHost !== null)
    report.warn(`${titleOf(revision)} was made by another machine, '${revision.otherHost}'`);
  if (isPython(revision)) report.warn(`${titleOf(revision)} was made by the Python program`);
}

async function findPlace({ sourcefile, destinationdirectory }: Typed) {
  if (sourcefile !== undefined && destinationdirectory === undefined && isFolder(sourcefile)) {
    const instead = { "--sourcefile": null, "--destinationdirectory": sourcefile };
    throw new UsageFailure(`'${sourcefile}' is a folder, not a file`, { instead });
  }
  const given = { source: await resolveGiven(sourcefile), destination: destinationdirectory };
  const { source, destination } = await inferTarget(given);
  return { source, folder: await resolveFolder(destination, `cannot look into '${destination}'`) };
}

async function readNotEmpty(folder: string): Promise<AnyRevision[]> {
  const revisions = await readRevisions(folder);
  if (revisions.length > 0) return revisions;
  throw new Failure(`there is no revision in '${folder}'`, makeOne);
}

async function noneOf(source: string, folder: string): Promise<Failure> {
  const sources = await readSources(folder);
  const message = `there is no revision of '${source}' in '${folder}'`;
  if (sources.length === 0) return new Failure(message, makeOne);
  // The one that is called so, or nearly.
  const name = findNearest(baseNameOf(source), sources.map(baseNameOf));
  const likest = sources.find((each) => baseNameOf(each) === name) ?? sources[0] ?? "";
  const hint = `it holds revisions of ${quoteAll(sources)}`;
  return new Failure(message, { hint, instead: { "--sourcefile": likest } });
}

function quoteAll(paths: readonly string[]): string {
  return paths.map((path) => `'${path}'`).join(", ");
}
