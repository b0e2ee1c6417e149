// What is read in the source's stead, so that it is of one moment: a clone of it, a database with what its log holds, what a
// file held that does not know its size; or, where none of these is to be had, the source itself.
import { join } from "node:path";
import { Failure } from "../errors.ts";
import { cloneFile, copyFile, mayClone } from "../system/clone.ts";
import * as disk from "../system/disk.ts";
import { asFailure, attempt, describeError, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { copyDatabase, isDatabaseAtRest, lookAtHead, UnusableDatabase } from "../system/sqlite.ts";
import { createPartial, discardPartial } from "./partial.ts";
import type { Settled } from "./settle.ts";
import type { OpenSource } from "./source.ts";

/** The source's metadata; the handle and the size (`facts.sizeBytes`, `facts.allocatedBytes`) are those of what is read. */
export interface Snapshot extends OpenSource, AsyncDisposable {
  /** Nobody can change it any more: what is read of it needs no second look. */
  readonly isStill: boolean;
  /**
   * What a person should hear of how it was made, a whole sentence; null where there is nothing to say. Of what is not still,
   * that it is less than a person would expect.
   */
  readonly remark: string | null;
  /** After it was read: false where a log beside the source says that the file alone is no state of a database. */
  readonly isAtRest: () => Promise<boolean>;
  /** Closes what it opened; the source itself stays open. Never throws. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface SnapshotRequest {
  /** Where the private files go for the time it takes: the folder of the revisions; null where nothing is to be written. */
  readonly folder: string | null;
  readonly isRaw: boolean;
  /** An earlier reading of the source saw it change. */
  readonly isBusy?: boolean;
}

/** Never creates, removes or changes anything beside the source. */
export async function takeSnapshot(
  source: Settled,
  { folder, isRaw, isBusy }: SnapshotRequest,
  monitor: Monitor,
): Promise<Snapshot> {
  const { path, handle, isOfDatabase } = source;
  const isAtRest = async () => isRaw || isDatabaseAtRest(path);
  const hasStayed = async () => disk.isUnwritten(source.facts, await disk.statHandle(handle));
  const itself = {
    ...source,
    isStill: false,
    remark: null,
    isAtRest,
    [Symbol.asyncDispose]: async () => undefined,
  };
  if (isRaw || folder === null) return itself;
  const [rests, isWrong] = await attempt(`cannot back up '${path}'`, async () => [
    await isAtRest(),
    await isSizeWrong(source),
  ]);
  if (!rests || (isOfDatabase && isBusy)) return saveDatabase(itself, folder, monitor);
  if (isWrong) {
    const drained = await saveIn(folder, itself, monitor, (copy) => copyFile(handle, copy, monitor.signal));
    return (await hasStayed()) ? drained : abandon(drained, itself);
  }
  if (!mayClone(folder)) return itself;
  const clone = await saveIn(folder, itself, monitor, (copy) => cloneFile(handle, copy));
  // Of one moment; but of a database that may be one within a transaction.
  if (!isOfDatabase || ((await isAtRest()) && (await hasStayed()))) return clone;
  return saveDatabase(await abandon(clone, itself), folder, monitor);
}

/** Whether an open file ends elsewhere than it says: those of /proc say that they are empty. */
async function isSizeWrong({ handle, facts: { sizeBytes } }: OpenSource): Promise<boolean> {
  const last = await disk.readAt(handle, Buffer.alloc(1), Math.max(0, sizeBytes - 1));
  return last !== Math.min(1, sizeBytes);
}

async function abandon(snapshot: Snapshot, itself: Snapshot): Promise<Snapshot> {
  await snapshot[Symbol.asyncDispose]();
  return itself;
}

/** The database with what its log holds; the source itself where it changed meanwhile, or there is none to be read. */
async function saveDatabase(itself: Snapshot, folder: string, monitor: Monitor): Promise<Snapshot> {
  const { path, handle, facts } = itself;
  try {
    if (!(await lookAtHead(handle)).isOfDatabase) throw new UnusableDatabase("it may be encrypted");
    const log = await disk.statEntry(`${path}-wal`);
    const mtimeNs = log && log.mtimeNs > facts.mtimeNs ? log.mtimeNs : facts.mtimeNs;
    const sizeBytes = facts.sizeBytes + (log?.sizeBytes ?? 0);
    const both = { ...itself, facts: { ...facts, sizeBytes, mtimeNs } };
    const database = await saveIn(folder, both, monitor, async (copy) =>
      (await copyDatabase(path, handle, copy, monitor.signal)) ? disk.openExisting(copy, "read") : null,
    );
    if (!database.isStill) return itself;
    const remark = `'${path}' is an SQLite database in use: saved as of one moment, by way of a copy that took ${renderMib(database.facts.sizeBytes)} in '${folder}' meanwhile`;
    return { ...database, remark };
  } catch (error) {
    if (!(error instanceof UnusableDatabase)) throw error;
    const remark = `'${path}' was saved without what the log beside it holds: it can't be read (${error.message})`;
    return { ...itself, remark, isAtRest: async () => true };
  }
}

/** What `make` gives for a path in a folder of its own, which is gone with the snapshot; else the source itself. */
async function saveIn(
  folder: string,
  itself: Snapshot,
  { note }: Monitor,
  make: (path: string) => Promise<disk.FileHandle | null>,
): Promise<Snapshot> {
  const place = await createPartial(folder, disk.createFolder);
  await using opened = new AsyncDisposableStack();
  opened.defer(async () => {
    const problem = await discardPartial(place);
    if (problem !== undefined) note(`left '${place.path}' for now: ${describeError(problem)}`);
  });
  try {
    const copy = await make(join(place.path, "tinybackup-copy"));
    if (copy === null) return itself;
    opened.defer(() => copy.close().catch(() => undefined));
    const { sizeBytes, allocatedBytes } = await disk.statHandle(copy);
    const facts = { ...itself.facts, sizeBytes, allocatedBytes };
    const kept = opened.move();
    const close = () => kept.disposeAsync();
    return { ...itself, handle: copy, facts, isStill: true, [Symbol.asyncDispose]: close };
  } catch (error) {
    if (!isErrno(error, "ENOSPC", "EDQUOT")) throw asFailure(`cannot back up '${itself.path}'`, error);
    throw new Failure(`cannot back up '${itself.path}': no room in '${folder}' for a copy of it`, {
      cause: error,
      hint: `it needs ${renderMib(itself.facts.sizeBytes)} there for a moment, and then room for the revision; old revisions can go: see tinybackup prune --help`,
    });
  }
}

/** For people: in whole MiB, and more rather than less. */
export const renderMib = (bytes: number): string => `${Math.ceil(bytes / (1 << 20))} MiB`;
