// The one promise that everything stands on: a revision that has its final name is whole and proven. The order of the
// steps in `publishRevision` is the design; each is safe to be the last one that happens.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { openFolder, syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { lockFile } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import type { FormatName } from "./archive/frame.ts";
import { baseNameOf } from "./archive/tar.ts";
import { readNewest } from "./catalog.ts";
import { type Copy, copyUnchanged, proveCopy } from "./copy.ts";
import {
  createPartial,
  discardPartial,
  leftoverWarnings,
  limitPermissions,
  type Partial,
  placeNew,
  removeAbandonedPartials,
} from "./partial.ts";
import { renderRevisionName, stemOf } from "./revision.ts";

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

export interface PublishedName {
  readonly number: number;
  readonly takenAtMs: number;
  readonly file: string;
  readonly path: string;
}

interface Naming {
  readonly folder: string;
  readonly source: string;
  readonly sha256: string;
  readonly takenAtMs: number;
  readonly format: FormatName;
}

/** How long a run waits for another one that is choosing its number: that takes milliseconds unless the disk hangs. */
const LOCK_PATIENCE_MS = 30_000;
const ATTEMPTS = 100;

/**
 * Publishes `partial` under the next number of `source`. Runs that name at the same time take turns, by a lock on the
 * folder; where the file system has no locks, two may get one number, and the time tells them apart. Replaces nothing.
 */
export async function nameRevision(
  naming: Naming,
  partial: Partial,
  { signal }: Monitor,
): Promise<PublishedName> {
  const lock = await attempt(`cannot open the folder '${naming.folder}'`, () => openFolder(naming.folder));
  try {
    await lockFile(lock.fd, LOCK_PATIENCE_MS, signal);
    let number = await nextNumber(naming);
    for (const last = number + ATTEMPTS; number < last; number++) {
      const file = renderRevisionName({
        ...naming,
        number,
        stem: stemOf(baseNameOf(naming.source)),
        digest: naming.sha256.slice(0, 12),
      });
      const path = join(naming.folder, file);
      if (await placeNew(partial, path, `cannot publish '${path}'`))
        return { number, takenAtMs: Math.floor(naming.takenAtMs / 1000) * 1000, file, path };
    }
    throw new Failure(
      `cannot name the new revision in '${naming.folder}': every name that was tried is taken`,
    );
  } finally {
    await lock.close();
  }
}

/** One more than the highest of that source, counting also the damaged ones that may have been its. */
export async function nextNumber({ folder, source }: Pick<Naming, "folder" | "source">): Promise<number> {
  return ((await readNewest(folder, source))?.number ?? 0) + 1;
}
