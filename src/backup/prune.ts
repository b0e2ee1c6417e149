// Removes the revisions that a retention gives up, one name at a time, and makes that durable.
import { Failure } from "../errors.ts";
import { removeName, syncFolder } from "../system/disk.ts";
import { asFailure, describeError, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { planRetention, type Retention, type RetentionPlan } from "./retention.ts";
import { isBroken, isMember, type Revision } from "./revision.ts";

export interface PruneRequest {
  readonly folder: string;
  /** Those of one source in that folder, newest first. Only its own count, and go. */
  readonly revisions: readonly Revision[];
  readonly retention: Retention;
  /** Remove nothing: the result then tells what would be removed. */
  readonly isDryRun: boolean;
}

export interface PruneResult {
  readonly keep: RetentionPlan<Revision>["keep"];
  /** Newest first. What another run has removed meanwhile is not in it. */
  readonly removed: readonly Revision[];
  /** Why not all of it was done; of several reasons the first. */
  readonly problem: Error | null;
}

/** Removes what a retention gives up, oldest first; where one can't be removed, the others are tried all the same. */
export async function pruneRevisions(request: PruneRequest, { signal, note }: Monitor): Promise<PruneResult> {
  const { folder, revisions, retention, isDryRun } = request;
  const series = revisions.filter((revision) => isMember(revision) || isBroken(revision));
  const { keep, remove } = planRetention(series, retention);
  if (isDryRun) return { keep, removed: remove, problem: null };
  const removed: Revision[] = [];
  const problems: Error[] = [];
  for (const revision of remove.toReversed()) {
    if (signal.aborted) break;
    try {
      await removeName(revision.path);
      removed.unshift(revision);
      note(`removed the old revision '${revision.path}'`);
    } catch (cause) {
      // ENOENT: another run of the same schedule was quicker.
      if (isErrno(cause, "ENOENT")) continue;
      const message = `cannot remove the old revision '${revision.path}': ${describeError(cause)}`;
      problems.push(new Failure(message, { cause, hint: "check who may write in that folder with: ls -ld" }));
    }
  }
  try {
    if (removed.length > 0) await syncFolder(folder);
  } catch (cause) {
    problems.unshift(asFailure(`cannot make the removal of old revisions durable in '${folder}'`, cause));
  }
  if (signal.aborted) problems.unshift(signal.reason);
  return { keep, removed, problem: problems[0] ?? null };
}
