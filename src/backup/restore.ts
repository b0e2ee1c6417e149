// A revision becomes a file again: written beside its place, proven, given its metadata, and only then its name.
import { dirname } from "node:path";
import { Failure } from "../errors.ts";
import { type FileFacts, renameOver, statEntry, syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { FileSink } from "../system/file-sink.ts";
import type { Monitor } from "../system/monitor.ts";
import { resolvePossiblyMissing } from "../system/paths.ts";
import { FormatError, releaseBlock } from "./archive/frame.ts";
import { readArchive } from "./archive/read.ts";
import { applyMetadata } from "./metadata.ts";
import {
  createPartial,
  discardPartial,
  giveName,
  leftoverWarnings,
  type Partial,
  removeAbandonedPartials,
} from "./partial.ts";
import { type Published, publishRevision } from "./publish.ts";
import { openAsItIs } from "./reading.ts";
import { damagedContent, type IntactRevision, type ReadableRevision } from "./revision.ts";

export interface RestoreRequest {
  readonly revision: ReadableRevision;
  /** Where the file is to be; relative to the current folder. Links are followed. */
  readonly target: string;
  /** Replace an existing file, after saving it as a revision in the folder of `revision`. */
  readonly force: boolean;
}

export interface RestoreResult {
  readonly target: string;
  /** The file that was replaced, as it was: null if there was none, or it was empty. */
  readonly safety: IntactRevision | null;
  /** What went differently from a plain success, in whole sentences. */
  readonly warnings: readonly string[];
}

/**
 * Restores one revision to one path. Until the last step, the target is as it was; a revision that is not whole never
 * gets there. No path that an archive names is used.
 */
export async function restoreRevision(request: RestoreRequest, monitor: Monitor): Promise<RestoreResult> {
  const what = `cannot restore to '${request.target}'`;
  const target = await resolvePossiblyMissing(request.target, what);
  const present = await inspectTarget(target, what, request.force);
  const folder = dirname(target);
  await removeAbandonedPartials(folder, monitor);
  const partial = await createPartial(folder);
  let saved: Published | null;
  try {
    await writeContent(request.revision, partial, monitor);
    await applyMetadata(partial, request.revision.archive.file);
    await attempt(what, () => partial.handle.sync());
    monitor.signal.throwIfAborted();
    saved = present && (await savePresent(request.revision, target, present, monitor));
    if (present) await replacePresent(partial, target, present, what);
    else if (!(await giveName(partial, target, what))) throw alreadyThere(target);
  } catch (error) {
    await discardPartial(partial);
    throw error;
  }
  const leftover = await discardPartial(partial);
  await attempt(`restored '${target}', but cannot make its name durable`, () => syncFolder(folder));
  const warnings = [...(saved?.warnings ?? []), ...leftoverWarnings(partial, leftover)];
  return { target, safety: saved && saved.revision, warnings };
}

/** Hands a revision's content over block by block, after reading it whole once to prove it. */
export async function streamRevision(
  revision: ReadableRevision,
  sink: (bytes: Uint8Array) => Promise<void>,
  monitor: Monitor,
): Promise<void> {
  await readProven(revision, async (block) => releaseBlock(block), monitor, "verifying");
  const passOn = async (block: Uint8Array) => {
    await sink(block);
    releaseBlock(block);
  };
  await readProven(revision, passOn, monitor, "restoring");
}

/** Facts of the file to be replaced, or null if there is none. Refuses what must not or cannot be replaced. */
async function inspectTarget(target: string, what: string, force: boolean): Promise<FileFacts | null> {
  const present = await attempt(what, () => statEntry(target));
  if (!present) return null;
  if (present.kind === "folder") {
    throw new Failure(`${what}: it is a folder`, {
      hint: `name the file to be written, as in: --to '${target}/FILE'`,
    });
  }
  if (present.kind !== "file")
    throw new Failure(`${what}: it is a ${present.kind}, not a regular file`, {
      hint: "choose another path with --to",
    });
  if (!force) throw alreadyThere(target);
  return present;
}

function alreadyThere(target: string): Failure {
  return new Failure(`'${target}' exists already, and was not touched`, {
    hint: "add --force to replace it (it is saved as a revision first), or write elsewhere with --to PATH",
  });
}

async function writeContent(revision: ReadableRevision, partial: Partial, monitor: Monitor): Promise<void> {
  const sink = new FileSink(partial.handle, partial.path);
  try {
    await readProven(revision, (block) => sink.write(block, () => releaseBlock(block)), monitor, "restoring");
    await sink.finish();
  } finally {
    await sink.settle();
  }
}

async function readProven(
  revision: ReadableRevision,
  take: (block: Uint8Array) => Promise<void>,
  monitor: Monitor,
  phase: "verifying" | "restoring",
): Promise<void> {
  const { path, archive, sizeBytes } = revision;
  try {
    let doneBytes = 0;
    for await (const block of readArchive(path, archive, monitor.signal)) {
      doneBytes += block.length;
      await take(block);
      monitor.progress(phase, doneBytes, sizeBytes ?? 0);
    }
  } catch (error) {
    throw error instanceof FormatError ? damagedContent(revision, error, "restored") : error;
  }
}

/** The file that will be replaced, as a revision beside the one that is restored. */
async function savePresent(
  { path, format }: ReadableRevision,
  target: string,
  present: FileFacts,
  monitor: Monitor,
): Promise<Published | null> {
  // There is nothing to lose in an empty file.
  if (present.sizeBytes === 0) return null;
  const source = await openAsItIs(target, undefined, monitor);
  if (!source) return null;
  try {
    // Which policy is in force the history tells; this one says nothing on it.
    const request = { folder: dirname(path), format, retention: {}, isRaw: true };
    return await publishRevision(source, null, request, monitor);
  } finally {
    await source.close();
  }
}

/** Replaces the present file, unless it is no longer the one that was saved. */
async function replacePresent(
  partial: Partial,
  target: string,
  present: FileFacts,
  what: string,
): Promise<void> {
  const now = await attempt(what, () => statEntry(target));
  const same =
    now?.inode === present.inode && now.sizeBytes === present.sizeBytes && now.mtimeNs === present.mtimeNs;
  if (!same) {
    throw new Failure(`${what}: it was changed at this very moment, and was not touched`, {
      hint: "close what writes to it, then try again",
    });
  }
  await attempt(what, () => renameOver(partial.path, target));
}
