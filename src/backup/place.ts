// Gives a finished file its final name, and never takes that name from anything that is there.
import { createExclusive, linkName, removeName, renameOver } from "../system/disk.ts";
import { isErrno } from "../system/errno.ts";
import { renameNew } from "../system/libc.ts";
import { asFailure, attempt } from "./attempt.ts";
import type { Partial } from "./partial.ts";

/** What file systems without hard links (FAT, exFAT, some network shares) answer to link(2). */
const NO_HARD_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"];

/**
 * Gives a finished partial its name, replacing nothing. Where hard links exist, the partial keeps its own name too.
 * @returns false if something has that name already
 * @param what for messages: `cannot publish '/x'`
 */
export async function placeNew(partial: Partial, path: string, what: string): Promise<boolean> {
  try {
    await linkName(partial.path, path);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (!isErrno(error, ...NO_HARD_LINKS)) throw asFailure(what, error);
  }
  return attempt(what, () => moveWithoutLink(path, partial));
}

/**
 * Without hard links: a rename that refuses to replace, and where even that is missing, an empty file that takes the name
 * (which fails if it is taken) and is then replaced.
 */
async function moveWithoutLink(path: string, partial: Partial): Promise<boolean> {
  const renamed = renameNew(partial.path, path);
  if (renamed !== "not supported") return renamed === "renamed";
  try {
    await (await createExclusive(path)).close();
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
  try {
    await renameOver(partial.path, path);
    return true;
  } catch (error) {
    await removeName(path).catch(() => undefined);
    throw error;
  }
}
