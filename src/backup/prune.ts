// Removes the revisions that a retention gives up, one name at a time, and makes that durable.
import { Failure } from "../errors.ts";
import { removeName, syncFolder } from "../system/disk.ts";
import { attempt, describeError, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { readRevisions } from "./catalog.ts";
import { planRetention, type Retention } from "./retention.ts";

/**
 * Removes what `retention` gives up of `source` in `folder`, oldest first.
 * @returns the files removed
 * Throws a Failure that names the first revision that could not be removed; the others were tried all the same.
 */
export async function pruneRevisions(
  folder: string,
  source: string,
  retention: Retention,
  monitor: Monitor,
): Promise<string[]> {
  const { remove } = planRetention(await readRevisions(folder, source), retention);
  const removed: string[] = [];
  const problems: Failure[] = [];
  for (const revision of remove.toReversed()) {
    monitor.signal.throwIfAborted();
    try {
      await removeName(revision.path);
      removed.push(revision.file);
      monitor.note(`removed the old revision '${revision.path}'`);
    } catch (cause) {
      // ENOENT: another run of the same schedule was quicker.
      if (isErrno(cause, "ENOENT")) continue;
      const message = `cannot remove the old revision '${revision.path}': ${describeError(cause)}`;
      problems.push(new Failure(message, { cause, hint: "check who may write in that folder with: ls -ld" }));
    }
  }
  if (removed.length > 0)
    await attempt(`cannot make the removal of old revisions durable in '${folder}'`, () =>
      syncFolder(folder),
    );
  if (problems[0]) throw problems[0];
  return removed;
}
