// Removes the revisions that a retention gives up, one name at a time, and makes that durable; but first proves that what
// stays is not damaged where it matters most.
import { Failure } from "../errors.ts";
import { removeName, syncFolder } from "../system/disk.ts";
import { asFailure, describeError, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { markDamaged, type ProofLog } from "./proofs.ts";
import type { Retention } from "./retention-policy.ts";
import { planRetention, type RetainedRevision } from "./retention.ts";
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

export interface PruneResult {
  readonly keep: readonly { readonly revision: Revision; readonly reasons: readonly string[] }[];
  /** Newest first. What another run has removed meanwhile is not in it. */
  readonly removed: readonly { readonly revision: Revision; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** Why not all of it was done; of several reasons the first. */
  readonly problem: Error | null;
}

type Plan = Omit<PruneResult, "removed" | "problem"> & { readonly remove: PruneResult["removed"] };

/** Of local time. */
function offsetMsAt(instantMs: number): number {
  return -60_000 * new Date(instantMs).getTimezoneOffset();
}

/**
 * What is to stay and to go, of a series as it is known now, in local time.
 * @param upcoming one that will be there as well, and stays
 */
export function planPruning(
  { revisions, retention, asOne, proofs }: Omit<PruneRequest, "folder" | "isDryRun">,
  upcoming: Omit<RetainedRevision, "isGood"> | null = null,
): Plan {
  const series = markDamaged(revisions, proofs).filter(
    (revision) => isMember(revision) || isBroken(revision),
  );
  const all = [...(upcoming ? [{ ...upcoming, isGood: true, revision: null }] : []), ...series.map(retained)];
  const plan = planRetention(all, retention, { nowMs: Date.now(), offsetMsAt, asOne });
  return {
    keep: plan.keep.flatMap(({ revision: { revision }, reasons }) =>
      revision ? [{ revision, reasons }] : [],
    ),
    remove: plan.remove.flatMap(({ revision: { revision }, reason }) =>
      revision ? [{ revision, reason }] : [],
    ),
    warnings: plan.warnings,
  };
}

function retained(revision: Revision): RetainedRevision & { readonly revision: Revision | null } {
  const { number, takenAtMs, digest, archive } = revision;
  const { sha256, sizeBytes } = archive?.trailer ?? { sha256: digest, sizeBytes: 0 };
  return { number, takenAtMs, sha256, sizeBytes, isGood: archive !== null, revision };
}

/**
 * Removes what a retention gives up, oldest first; where one can't be removed, the others are tried all the same. Before
 * that the newest that stays is read whole: where it is not good it does not count, and an older one stays in its place.
 */
export async function pruneRevisions(request: PruneRequest, monitor: Monitor): Promise<PruneResult> {
  const { remove: removed, ...first } = planPruning(request);
  if (request.isDryRun || removed.length === 0) return { ...first, removed, problem: null };
  const found: string[] = [];
  try {
    const { remove, ...plan } = await proveNewest(request, monitor, (sentence) => found.push(sentence));
    const done = await removeAll(request.folder, remove, monitor);
    return { ...plan, warnings: [...plan.warnings, ...found], ...done };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!monitor.signal.aborted && !(error instanceof Failure)) throw error;
    return { ...first, warnings: [...first.warnings, ...found], removed: [], problem: error };
  }
}

/** The plan whose newest good revision was read whole in this run. @param tell is told of each that is not good */
async function proveNewest(
  request: PruneRequest,
  monitor: Monitor,
  tell: (sentence: string) => void,
): Promise<Plan> {
  let { revisions } = request;
  for (;;) {
    const plan = planPruning({ ...request, revisions });
    const newest = plan.keep.find(({ revision }) => revision.archive !== null)?.revision;
    if (!newest || plan.remove.length === 0 || newest.path === request.provenPath) return plan;
    const proven = await proveIfThere(newest, request.proofs, monitor);
    if (proven?.archive) return plan;
    if (proven) tell(describeBroken(proven));
    // Where it is gone, another run gave it up.
    revisions = revisions.flatMap((each) => (each.path === newest.path ? (proven ?? []) : each));
  }
}

async function removeAll(
  folder: string,
  remove: PruneResult["removed"],
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
      const message = `cannot remove the old revision '${path}': ${describeError(cause)}`;
      problems.push(new Failure(message, { cause, hint: "check who may write in that folder with: ls -ld" }));
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
