// What is remembered of revisions from one run to the next: when each was last read whole, and which were found damaged.
// It can be lost at any time: then proofs begin anew, and no revision is worse for it.
import { dayMs, startOfDay } from "../time/wall-time.ts";
import { type AnyRevision, type BrokenRevision, isMember, type Revision } from "./revision.ts";

/** How what is remembered of one begins that the disk did not give. */
export const UNREADABLE = "unreadable: ";

/** What reading a revision whole has shown; `damage` is null where it was good, else it completes "it is damaged: …", or says that
 * it was unreadable. */
interface Finding {
  readonly path: string;
  readonly damage: string | null;
}

/** The history of one source in one folder, both absolute with links resolved. */
export interface Series {
  readonly folder: string;
  readonly source: string;
}

/** Revisions are known by their absolute paths. Nothing here throws, and what is of the future counts for nothing. */
export interface ProofLog {
  /** When it was last read whole, and was good, milliseconds since 1970; null where nobody knows. */
  provenMs(path: string): number | null;
  /** What was wrong with it, if that was the last that was found. */
  damageOf(path: string): string | null;
  /** When the source was last found to hold just what it holds, so that no new one was made; null where nobody knows. */
  equalMs(path: string): number | null;
  /** Keeps that in mind, as `record` does. */
  recordEqual(path: string): Promise<boolean>;
  /** Keeps in mind what was found, and says whether the next run will know. In this one, it is known in any case. */
  record(findings: readonly Finding[]): Promise<boolean>;
  /**
   * Whether an old revision of the series is to be read whole now: none was on this day (of UTC), and that one
   * is could be written down.
   */
  beginDaily(series: Series): Promise<boolean>;
}

/**
 * The same revisions; one that was found damaged is damaged, however well its ends look, until it is gone or was read well
 * again. What does not count anyway stays what it is.
 */
export function markDamaged<Any extends AnyRevision>(
  revisions: readonly Any[],
  proofs: Pick<ProofLog, "damageOf">,
): (Any | BrokenRevision)[] {
  return revisions.map((revision) => {
    const reason = isMember(revision) ? proofs.damageOf(revision.path) : null;
    if (reason === null) return revision;
    if (!reason.startsWith(UNREADABLE)) return { ...revision, state: "damaged", reason, archive: null };
    return { ...revision, state: "unreadable", reason: reason.slice(UNREADABLE.length), archive: null };
  });
}

/** The same to who is about to read: what the disk did not give once, it may give now. */
export const askedAgain = (proofs: ProofLog): ProofLog => ({
  ...proofs,
  damageOf(path) {
    const damage = proofs.damageOf(path);
    return damage?.startsWith(UNREADABLE) === true ? null : damage;
  },
});

/** When a revision was last known to be whole: published, or read. Null where only the future says so. */
export function lastProofMs(
  { path, takenAtMs }: Pick<Revision, "path" | "takenAtMs">,
  proofs: Pick<ProofLog, "provenMs">,
  nowMs: number,
): number | null {
  const known = [takenAtMs, proofs.provenMs(path) ?? Infinity].filter((momentMs) => momentMs <= nowMs);
  return known.length === 0 ? null : Math.max(...known);
}

/** Whether a revision is to be read whole again: its last proof is older than a day. */
export function isProofDue(revision: Revision, proofs: Pick<ProofLog, "provenMs">): boolean {
  const nowMs = Date.now();
  return nowMs - (lastProofMs(revision, proofs, nowMs) ?? -Infinity) > dayMs;
}

/** By the days of UTC: to ask for the local calendar takes longer than all else that a small run does with old revisions. */
export function isSameDay(oneMs: number, otherMs: number): boolean {
  return startOfDay(oneMs) === startOfDay(otherMs);
}
