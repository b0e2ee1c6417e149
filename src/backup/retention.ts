// Which revisions stay and which go, with the reason for each. Pure: it sees numbers and states, and touches nothing.

/** How many of the newest revisions are kept. */
export interface Retention {
  /** At least 1; Infinity keeps all. */
  readonly newest: number;
}

export interface Candidate {
  readonly file: string;
  readonly number: number;
  readonly state: "ok" | "damaged";
}

interface Kept<T> {
  readonly revision: T;
  readonly reasons: readonly string[];
}

export interface RetentionPlan<T> {
  readonly keep: readonly Kept<T>[];
  readonly remove: readonly T[];
}

/**
 * Decides over the revisions of one source.
 * @param revisions newest first, by number: whatever the clock did, the number is the order
 * Damaged ones are neither counted nor removed: they may be all that is left of something.
 */
export function planRetention<T extends Candidate>(
  revisions: readonly T[],
  retention: Retention,
): RetentionPlan<T> {
  const keep: Kept<T>[] = [];
  const remove: T[] = [];
  let counted = 0;
  for (const revision of revisions) {
    if (revision.state === "damaged") {
      keep.push({ revision, reasons: ["damaged: not counted, not removed"] });
    } else if (retention.newest === Infinity) {
      keep.push({ revision, reasons: ["all are kept"] });
    } else if (counted < retention.newest) {
      counted += 1;
      keep.push({ revision, reasons: [`newest ${counted} of ${retention.newest}`] });
    } else {
      remove.push(revision);
    }
  }
  return { keep, remove };
}
