// The one promise that everything stands on: a revision that has its final name is whole and proven. The order of the
// steps in `publishRevision` is the design; each is safe to be the last one that happens.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { openFolder, syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { lockFile } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { baseNameOf } from "../system/paths.ts";
import { formatNamed } from "./archive/formats.ts";
import type { FormatName } from "./archive/frame.ts";
import { nextNumber } from "./catalog.ts";
import { type Copy, copyUnchanged, proveCopy } from "./copy.ts";
import { limitPermissions } from "./metadata.ts";
import {
  createPartial,
  discardPartial,
  giveName,
  leftoverWarnings,
  type Partial,
  removeAbandonedPartials,
} from "./partial.ts";
import { type IntactRevision, renderRevisionName, stemOf } from "./revision.ts";
import type { OpenSource } from "./source.ts";

export interface PublishRequest {
  /** Absolute, links resolved; it must exist. */
  readonly folder: string;
  readonly format: FormatName;
}

export interface Published {
  readonly revision: IntactRevision;
  /** What went differently from a plain success, in whole sentences. */
  readonly warnings: readonly string[];
}

/**
 * Saves one file as one new revision. When it returns, the revision is stored and would survive a power cut. When it
 * throws, there is no new revision, and no partial of ours is left (or, after SIGKILL, only one that a later run removes).
 * @param source its path absolute, links resolved; the caller closes it, and refuses an empty one
 */
export async function publishRevision(
  source: OpenSource,
  { folder, format }: PublishRequest,
  monitor: Monitor,
): Promise<Published> {
  await removeAbandonedPartials(folder, monitor);
  const partial = await createPartial(folder);
  let revision: IntactRevision;
  try {
    const copy = await copyUnchanged(source, formatNamed(format), partial, monitor);
    await proveCopy(partial, copy, monitor);
    await limitPermissions(partial, copy.archive.file);
    await attempt(`cannot make the new revision durable in '${folder}'`, () => partial.handle.sync());
    monitor.signal.throwIfAborted();
    revision = await nameRevision(folder, copy, partial, monitor.signal);
  } catch (error) {
    await discardPartial(partial);
    throw error;
  }
  const leftover = await discardPartial(partial);
  await attempt(`saved '${revision.path}', but cannot make its name durable`, () => syncFolder(folder));
  monitor.note(`published '${revision.path}'`);
  return { revision, warnings: leftoverWarnings(partial, leftover) };
}

/** How long a run waits for another one that is choosing its number: that takes milliseconds unless the disk hangs. */
const LOCK_PATIENCE_MS = 30_000;
const ATTEMPTS = 100;

/**
 * Publishes `partial` under the next number of its source. Runs that name at the same time take turns, by a lock on the
 * folder; where the file system has no locks, two may get one number, and the time tells them apart. Replaces nothing.
 */
async function nameRevision(
  folder: string,
  { archive, takenAtMs }: Copy,
  partial: Partial,
  signal: AbortSignal,
): Promise<IntactRevision> {
  const {
    file: { source, sizeBytes },
    storedBytes,
  } = archive;
  const name = {
    stem: stemOf(baseNameOf(source)),
    takenAtMs: Math.floor(takenAtMs / 1000) * 1000,
    digest: archive.trailer.sha256.slice(0, 12),
    format: archive.format.name,
  };
  const lock = await attempt(`cannot open the folder '${folder}'`, () => openFolder(folder));
  try {
    await lockFile(lock.fd, LOCK_PATIENCE_MS, signal);
    let number = await nextNumber(folder, source);
    for (const last = number + ATTEMPTS; number < last; number++) {
      const file = renderRevisionName({ ...name, number });
      const path = join(folder, file);
      if (await giveName(partial, path, `cannot publish '${path}'`))
        return { ...name, number, file, path, storedBytes, state: "ok", source, sizeBytes, archive };
    }
    throw new Failure(`cannot name the new revision in '${folder}': every name that was tried is taken`);
  } finally {
    await lock.close();
  }
}
