// Removes the revisions that a retention gives up, one name at a time, and makes that durable; but first proves that what
// stays is not damaged where it matters most.
import { Failure, quoteWord } from "../errors.ts";
import { removeName, statOwner, syncFolder } from "../system/disk.ts";
import { asFailure, describeError, isErrno } from "../system/errno.ts";
import { localOffsetMs } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { markDamaged, type ProofLog } from "./proofs.ts";
import type { Retention } from "./retention-policy.ts";
import { planRetention, type RetainedRevision, type RetentionPlan } from "./retention.ts";
import { describeBroken, isBroken, isMember, type Revision } from "./revision.ts";
import { proveIfThere } from "./verify.ts";

export interface PruneRequest {
  readonly folder: string;
  /** Those of one source in that folder, newest first. Only its own count, and go. */
  readonly revisions: readonly Revision[];
  readonly retention: Retention;
  /** Remove nothing, and prove nothing: the result then tells what would be removed. */
  readonly isDryRun: boolean;
  /** A person asks, who sees what goes: a drop in size divides nothing. */
  readonly asOne: boolean;
  readonly proofs: ProofLog;
  /** The path of the one that was read whole in this very run; null where none was. */
  readonly provenPath?: string | null;
}

type Plan = RetentionPlan<Revision>;

export interface PruneResult extends Omit<Plan, "remove"> {
  /** Newest first. What another run has removed meanwhile is not in it. */
  readonly removed: Plan["remove"];
  /** Why not all of it was done; of several reasons the first. */
  readonly problem: Error | null;
}

/**
 * What is to stay and to go, of a series as it is known now, in local time. Those of a file that kept changing are judged
 * by themselves, by the same policy: so none of them pushes out one that holds a state, and such a file has a history too.
 * @param upcoming one that will be there as well, and stays
 */
export function planPruning(
  { revisions, retention, asOne, proofs }: Omit<PruneRequest, "folder" | "isDryRun">,
  upcoming: Omit<RetainedRevision, "isGood"> | null = null,
): Plan {
  const series = markDamaged(revisions, proofs).filter(
    (revision) => isMember(revision) || isBroken(revision),
  );
  const view = { nowMs: Date.now(), offsetMsAt: localOffsetMs, asOne };
  const judge = (isChanged: boolean, more: readonly ReturnType<typeof retained>[]) => {
    const all = [...more, ...series.filter((each) => each.isChanged === isChanged).map(retained)];
    const { keep, remove, warnings } = planRetention(all, retention, view);
    const of = isChanged ? ", of those that kept changing" : "";
    return {
      keep: keep.flatMap(({ revision: { revision }, reasons }) =>
        revision ? [{ revision, reasons: reasons.map((reason) => reason + of) }] : [],
      ),
      remove: remove.flatMap(({ revision: { revision }, reason }) =>
        revision ? [{ revision, reason: reason + of }] : [],
      ),
      warnings,
    };
  };
  const clean = judge(false, upcoming ? [{ ...upcoming, isGood: true, revision: null }] : []);
  const plans = [clean, judge(true, [])];
  return {
    keep: plans.flatMap(({ keep }) => keep).toSorted(newestFirst),
    remove: plans.flatMap(({ remove }) => remove).toSorted(newestFirst),
    warnings: plans.flatMap(({ warnings }) => warnings),
  };
}

type Judged = { readonly revision: Revision };

function newestFirst({ revision: one }: Judged, { revision: other }: Judged): number {
  return other.number - one.number;
}

function retained(revision: Revision): RetainedRevision & { readonly revision: Revision | null } {
  const { number, takenAtMs, digest, archive } = revision;
  const { sha256, sizeBytes } = archive?.trailer ?? { sha256: digest, sizeBytes: 0 };
  return { number, takenAtMs, sha256, sizeBytes, isGood: archive !== null, revision };
}

/**
 * Removes what a retention gives up, oldest first; where one can't be removed, the others are tried all the same. Before
 * that the newest that stays is read whole: where it is not good it does not count, and an older one stays in its place.
 * @param planned what `planPruning` says of that request
 */
export async function pruneRevisions(
  request: PruneRequest,
  monitor: Monitor,
  planned = planPruning(request),
): Promise<PruneResult> {
  const { remove: removed, ...first } = planned;
  if (request.isDryRun || removed.length === 0) return { ...first, removed, problem: null };
  const found: string[] = [];
  try {
    const { remove, ...plan } = await proveNewest(request, planned, monitor, (sentence) =>
      found.push(sentence),
    );
    const done = await removeAll(request.folder, remove, monitor);
    return { ...plan, warnings: [...plan.warnings, ...found], ...done };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!monitor.signal.aborted && !(error instanceof Failure)) throw error;
    return { ...first, warnings: [...first.warnings, ...found], removed: [], problem: error };
  }
}

/**
 * The plan whose newest good revision was read whole in this run: that of the clean ones where a clean one goes, and so of
 * the others. @param tell is told of each that is not good
 */
async function proveNewest(
  request: PruneRequest,
  planned: Plan,
  monitor: Monitor,
  tell: (sentence: string) => void,
): Promise<Plan> {
  let { revisions } = request;
  const whole = new Set([request.provenPath]);
  for (let plan = planned; ; plan = planPruning({ ...request, revisions })) {
    const good = plan.keep.map(({ revision }) => revision).filter(({ archive }) => archive !== null);
    const newest = [false, true]
      .filter((isChanged) => plan.remove.some(({ revision }) => revision.isChanged === isChanged))
      .map((isChanged) => good.find((revision) => revision.isChanged === isChanged))
      .find((revision) => revision !== undefined && !whole.has(revision.path));
    if (!newest) return plan;
    const proven = await proveIfThere(newest, request.proofs, monitor);
    whole.add(newest.path);
    if (proven && isBroken(proven)) tell(describeBroken(proven));
    // Where it is gone, another run gave it up.
    revisions = revisions.flatMap((each) => (each.path === newest.path ? (proven ?? []) : each));
  }
}

async function removeAll(
  folder: string,
  remove: Plan["remove"],
  { signal, note }: Monitor,
): Promise<Pick<PruneResult, "removed" | "problem">> {
  const removed: PruneResult["removed"][number][] = [];
  const problems: Error[] = [];
  for (const removal of remove.toReversed()) {
    if (signal.aborted) break;
    const { path } = removal.revision;
    try {
      await removeName(path);
      removed.unshift(removal);
      note(`removed the old revision '${path}'`);
    } catch (cause) {
      // ENOENT: another run of the same schedule was quicker.
      if (isErrno(cause, "ENOENT")) continue;
      problems.push(refusedRemoval(path, folder, cause));
    }
  }
  try {
    if (removed.length > 0) await syncFolder(folder);
  } catch (cause) {
    problems.unshift(asFailure(`cannot make the removal of old revisions durable in '${folder}'`, cause));
  }
  if (signal.aborted) problems.unshift(signal.reason);
  return { removed, problem: problems[0] ?? null };
}

function refusedRemoval(path: string, folder: string, cause: unknown): Failure {
  const owner = statOwner(path);
  const isOthers = isErrno(cause, "EPERM") && owner !== undefined && owner !== process.geteuid?.();
  const hint = isOthers
    ? `in that folder, only its owner may remove it: sudo rm ${quoteWord(path)}`
    : `check who may write there with: ls -ld ${quoteWord(folder)}`;
  return new Failure(`cannot remove the old revision '${path}': ${describeError(cause)}`, { cause, hint });
}
