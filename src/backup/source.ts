// The one file to be saved: opened without disturbing it, and checked for having stayed the same while it was read.
import { Failure } from "../errors.ts";
import * as disk from "../system/disk.ts";
import { attempt } from "../system/errno.ts";

export interface OpenSource {
  readonly path: string;
  readonly handle: disk.FileHandle;
  /** As they were before anything was read. */
  readonly facts: disk.FileFacts;
}

/** Opens a regular file for reading; refuses anything else before it is touched. The caller closes the handle. */
export async function openRegular(path: string, what = `cannot back up '${path}'`): Promise<OpenSource> {
  refuseOtherKinds(what, await attempt(what, () => disk.statPath(path)), path);
  await using opened = new AsyncDisposableStack();
  const handle = opened.use(await attempt(what, () => disk.openSource(path)));
  const facts = await attempt(what, () => disk.statHandle(handle));
  // Looked at again, now that it is open: the name may have been given to something else in between.
  refuseOtherKinds(what, facts, path);
  opened.move();
  return { path, handle, facts };
}

function refuseOtherKinds(what: string, { kind }: disk.FileFacts, path: string): void {
  if (kind === "file") return;
  const isFolder = kind === "folder";
  const hint = isFolder ? "its files are backed up one by one" : "save what it gives in a file first";
  const instead = { "--sourcefile": isFolder ? `${path}/FILE` : "FILE" };
  throw new Failure(`${what}: it is a ${kind}, not a regular file`, { hint, instead });
}

export type Change = "unchanged" | "only grew" | "moved" | "changed" | "cut short";

/** Compares an open source with the facts noted before it was read: on the descriptor, and on the path. */
export async function compareWithBefore({ path, handle, facts }: OpenSource): Promise<Change> {
  const what = `cannot back up '${path}'`;
  const after = await attempt(what, () => disk.statHandle(handle));
  if (disk.isUnwritten(facts, after)) return "unchanged";
  const sameContent = after.sizeBytes === facts.sizeBytes && after.mtimeNs === facts.mtimeNs;
  // Replaced by rename, or removed: that alone moves the change time, and the file that is read may be whole.
  const named = sameContent ? await attempt(what, () => disk.statEntry(path)) : facts;
  if (named?.device !== facts.device || named.inode !== facts.inode) return "moved";
  if (after.sizeBytes === facts.sizeBytes) return "changed";
  return after.sizeBytes > facts.sizeBytes ? "only grew" : "cut short";
}

/** Whether a write after `nowMs` could leave the file's times as they are, because the last one was a moment ago. */
export function mayHideWrite(facts: disk.FileFacts, nowMs: number): boolean {
  const newest = facts.ctimeNs > facts.mtimeNs ? facts.ctimeNs : facts.mtimeNs;
  return nowMs - Number(newest / 1_000_000n) < disk.measureStep(facts);
}
