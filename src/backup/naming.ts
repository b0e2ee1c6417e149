// Gives a proven file its final name: the next number, and never the name of anything that is there.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { openFolder } from "../system/disk.ts";
import { lockFile } from "../system/file-lock.ts";
import { attempt } from "./attempt.ts";
import { readNewest } from "./catalog.ts";
import type { FormatName } from "./frame.ts";
import type { Partial } from "./partial.ts";
import { placeNew } from "./place.ts";
import { renderRevisionName, stemOf } from "./revision-name.ts";
import { baseNameOf } from "./tar-header.ts";

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
export async function nameRevision(naming: Naming, partial: Partial): Promise<PublishedName> {
  const lock = await attempt(`cannot open the folder '${naming.folder}'`, () => openFolder(naming.folder));
  try {
    await lockFile(lock.fd, LOCK_PATIENCE_MS);
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
