// What follows once a file is safe: an old revision is read whole, others go, and the person hears of what is not good.
import { Failure, typePlaces } from "../errors.ts";
import type { Monitor } from "../system/monitor.ts";
import { readSeries } from "./catalog.ts";
import type { Candidate } from "./names.ts";
import { markDamaged, type ProofLog, type Series } from "./proofs.ts";
import { planPruning, pruneRevisions } from "./prune.ts";
import type { Retention } from "./retention-policy.ts";
import {
  describeBroken,
  type IntactRevision,
  isBroken,
  isClean,
  isMember,
  isSound,
  type Revision,
} from "./revision.ts";
import { proveIfThere, proveOldest } from "./verify.ts";

export interface FollowUp {
  /** Files of old revisions that were removed, oldest first. */
  readonly pruned: readonly string[];
  readonly warnings: readonly string[];
  readonly problem: Error | null;
  /** What else is there, in whole sentences: revisions of the same file that do not count. */
  readonly others: readonly string[];
  /** The file of the old revision whose turn it was to be read whole today, if it was good. */
  readonly provenOld: string | null;
}

export const nothingDone: FollowUp = { pruned: [], warnings: [], problem: null, others: [], provenOld: null };

/** How a run has gone so far. */
export interface Outcome {
  readonly proofs: ProofLog;
  readonly retention: Retention;
  /** The newest revision as it was before, where a part of it was not as it should be: it has to be read whole. */
  readonly suspect: Revision | null;
  /** What it was found to be, where it was read whole, or holds the file's present state. */
  readonly found: Revision | null;
  /** The path of the one that it read whole; null where none was. */
  readonly provenPath: string | null;
  readonly saved: IntactRevision | null;
  /** The names of the series, that one's among them. */
  readonly names: readonly Candidate[];
}

/** Nothing that fails here is a failed backup. */
export async function followUp(
  place: Series,
  { proofs, retention, suspect, provenPath, saved, names, ...outcome }: Outcome,
  monitor: Monitor,
): Promise<FollowUp> {
  const { folder, source } = place;
  let done = nothingDone;
  try {
    // Who is ended before it was read whole leaves that to the next.
    if (suspect) await proofs.record([{ path: suspect.path, damage: "a part of it is not what it was" }]);
    const found = suspect ? await proveIfThere(suspect, proofs, monitor) : outcome.found;
    const known = [saved, found].filter((each) => each !== null);
    let series = markDamaged(await readSeries(folder, source, known, names), proofs);
    const drop = saved === null ? [] : describeDrop(saved, series);
    done = { ...done, others: countOthers(series), warnings: [...drop, ...tellBroken(series, place)] };
    const request = { folder, retention, isDryRun: false, asOne: false, proofs, provenPath };
    const plan = planPruning({ ...request, revisions: series });
    const good = plan.keep.map(({ revision }) => revision).filter(({ archive }) => archive !== null);
    const newestGood = good.find(isClean);
    const older = good.filter((each) => each !== newestGood);
    const old = await proveOldest(older, place, proofs, monitor);
    series = series.map((each) => (each.path === old?.path ? old : each));
    const provenOld = old?.archive ? old.file : null;
    done = { ...done, warnings: [...drop, ...tellBroken(series, place)], provenOld };
    const pruning = { ...request, revisions: series };
    const { removed, problem, warnings } = await pruneRevisions(pruning, monitor, old ? undefined : plan);
    const pruned = removed.map(({ revision: { file } }) => file).toReversed();
    return { ...done, pruned, problem, warnings: [...done.warnings, ...warnings] };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!(error instanceof Failure) && !monitor.signal.aborted) throw error;
    return { ...done, problem: error };
  }
}

/** More than that nobody reads in every run; `list` names them all. */
const MOST_BROKEN = 5;

/** One line of each that is damaged or unreadable, as far as somebody reads them. */
export function tellBroken(revisions: readonly Revision[], { source, folder }: Series): string[] {
  const sentences = revisions.filter(isBroken).map(describeBroken);
  const more = sentences.length - MOST_BROKEN;
  if (more <= 0) return sentences;
  const list = `tinybackup list ${typePlaces(source, folder)}`;
  return [...sentences.slice(0, MOST_BROKEN), `and ${more} more: ${list}`];
}

/** Says once of each kind how many revisions of the file are there that its history is not made of. */
function countOthers(revisions: readonly Revision[]): string[] {
  const kinds = Map.groupBy(
    revisions.filter((revision) => !isMember(revision) && !isBroken(revision)),
    nameKind,
  );
  return Array.from(kinds, ([kind, { length }]) => `not counted: ${length} ${kind}`);
}

function nameKind(revision: Revision): string {
  if (!isSound(revision)) return `${revision.state} there`;
  return `of the machine '${revision.otherHost}'`;
}

/** A file that fell below this part of its last size may have lost its content: see the chapters of the retention. */
const DROP = 10;

/** @param revisions of the series, newest first */
export function describeDrop(
  saved: Pick<IntactRevision, "number" | "sizeBytes">,
  revisions: readonly Revision[],
): string[] {
  const previous = revisions.filter(isClean).find(({ number }) => number < saved.number);
  if (!previous || saved.sizeBytes * DROP >= previous.sizeBytes) return [];
  return [
    `it shrank from ${previous.sizeBytes} to ${saved.sizeBytes} bytes: it is saved, and what was before that is kept by itself, by the same policy, not pushed out by what comes now; check that nothing is missing`,
  ];
}
