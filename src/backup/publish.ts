// The one promise that everything stands on: a revision that has its final name is whole and proven. The order of the
// steps in `publishRevision` is the design; each is safe to be the last one that happens.
import { syncFolder } from "../system/disk.ts";
import { attempt } from "./attempt.ts";
import { copyUnchanged, proveCopy, type Copy } from "./copy.ts";
import type { FormatName } from "./frame.ts";
import type { Monitor } from "./monitor.ts";
import { nameRevision, type PublishedName } from "./naming.ts";
import {
  createPartial,
  discardPartial,
  leftoverWarnings,
  limitPermissions,
  removeAbandonedPartials,
} from "./partial.ts";

export interface PublishRequest {
  /** Absolute, links resolved. */
  readonly source: string;
  /** Absolute, links resolved; it must exist. */
  readonly folder: string;
  readonly format: FormatName;
  /** Read back and compare before the revision gets its name. */
  readonly verify: boolean;
  readonly toolVersion: string;
}

export interface PublishedRevision extends PublishedName {
  readonly source: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly storedBytes: number;
  readonly format: FormatName;
  /** What went differently from a plain success, in whole sentences. */
  readonly warnings: readonly string[];
}

/**
 * Saves one file as one new revision. When it returns, the revision is stored and would survive a power cut. When it
 * throws, there is no new revision, and no partial of ours is left (or, after SIGKILL, only one that a later run removes).
 * An empty source is the caller's to refuse.
 */
export async function publishRevision(request: PublishRequest, monitor: Monitor): Promise<PublishedRevision> {
  const { folder, source } = request;
  await removeAbandonedPartials(folder, monitor);
  const partial = await createPartial(folder);
  let result: { name: PublishedName; copy: Copy };
  try {
    const copy = await copyUnchanged(request, partial, monitor);
    if (request.verify) await proveCopy(partial, copy, monitor);
    await limitPermissions(partial, copy.facts);
    await attempt(`cannot make the new revision durable in '${folder}'`, () => partial.handle.sync());
    monitor.signal.throwIfAborted();
    const { sha256 } = copy.seal;
    const name = await nameRevision(
      { folder, source, sha256, takenAtMs: copy.takenAtMs, format: request.format },
      partial,
      monitor,
    );
    result = { name, copy };
  } catch (error) {
    await discardPartial(partial);
    throw error;
  }
  const leftover = await discardPartial(partial);
  await attempt(`saved '${result.name.path}', but cannot make its name durable`, () => syncFolder(folder));
  const { seal, storedBytes } = result.copy;
  monitor.note(`published '${result.name.path}'`);
  return {
    ...result.name,
    source,
    sha256: seal.sha256,
    sizeBytes: seal.sizeBytes,
    storedBytes,
    format: request.format,
    warnings: leftoverWarnings(partial, leftover),
  };
}
