// What is read in the source's stead, so that it is of one moment: a clone of it, SQLite's own copy of a database, what a
// file held that does not know its size; or, where none of these is to be had, the source itself.
import type { Monitor } from "../system/monitor.ts";
import type { OpenSource } from "./source.ts";

/** The source's metadata; the handle and the size (`facts.sizeBytes`, `facts.allocatedBytes`) are those of what is read. */
export interface Snapshot extends OpenSource {
  /** Nobody can change it any more: what is read of it needs no second look. */
  readonly isStill: boolean;
  /** What a person should hear of how it was made, a whole sentence; null where there is nothing to say. */
  readonly remark: string | null;
  /** Closes what it opened; the source itself stays open. */
  readonly close: () => Promise<void>;
}

export interface SnapshotRequest {
  /** Where the private files go for the time it takes: the folder of the revisions. */
  readonly folder: string;
  /** Read the file as it is, whatever it holds. */
  readonly isRaw: boolean;
}

/** Never creates, removes or changes anything beside the source. */
export async function takeSnapshot(
  source: OpenSource,
  _request: SnapshotRequest,
  _monitor: Monitor,
): Promise<Snapshot> {
  return asItIs(source);
}

/** The source itself. */
export function asItIs(source: OpenSource): Snapshot {
  return { ...source, isStill: false, remark: null, close: async () => undefined };
}
