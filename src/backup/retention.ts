// Which revisions stay and which go, with the reason for each. Pure: it sees numbers and states, and touches nothing.
import type { Revision } from "./revision.ts";

export interface Retention {
  /** How many of the newest revisions are kept: at least 1, or -1 for all of them. */
  readonly keeprevisions: number;
}

export interface RetentionPlan<R> {
  readonly keep: readonly { readonly revision: R; readonly reasons: readonly string[] }[];
  readonly remove: readonly R[];
}

/**
 * Decides over the revisions of one source.
 * @param revisions newest first, by number: whatever the clock did, the number is the order
 * Damaged ones are neither counted nor removed: they may be all that is left of something.
 */
export function planRetention<R extends Pick<Revision, "state">>(
  revisions: readonly R[],
  { keeprevisions }: Retention,
): RetentionPlan<R> {
  const keep: RetentionPlan<R>["keep"][number][] = [];
  const remove: R[] = [];
  let counted = 0;
  for (const revision of revisions) {
    if (revision.state !== "ok") {
      keep.push({ revision, reasons: [`${revision.state}: not counted, not removed`] });
    } else if (keeprevisions === -1) {
      keep.push({ revision, reasons: ["all are kept"] });
    } else if (counted < keeprevisions) {
      counted += 1;
      keep.push({ revision, reasons: [`newest ${counted} of ${keeprevisions}`] });
    } else {
      remove.push(revision);
    }
  }
  return { keep, remove };
}
