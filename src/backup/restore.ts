// A revision becomes a file again: written beside its place, proven, given its metadata, and only then its name.
import { dirname } from "node:path";
import { Failure } from "../errors.ts";
import { statEntry, syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { FileSink } from "../system/file-sink.ts";
import type { Monitor } from "../system/monitor.ts";
import { resolvePossiblyMissing } from "../system/paths.ts";
import { FormatError, releaseBlock } from "./archive/frame.ts";
import { readArchive, readPieces } from "./archive/read.ts";
import { type Moved, nameRestored } from "./aside.ts";
import { applyMetadata } from "./metadata.ts";
import { type Partial, removeAbandonedPartials, withPartial } from "./partial.ts";
import { damagedContent, type ReadableRevision } from "./revision.ts";

export interface RestoreRequest {
  readonly revision: ReadableRevision;
  /** Where the file is to be; relative to the current folder. Links are followed. */
  readonly target: string;
  /** Replace an existing file, which keeps a second name beside it. */
  readonly force: boolean;
}

export interface RestoreResult {
  readonly target: string;
  /** Where what was in the way is now: the file that was there, and what SQLite kept beside it. */
  readonly moved: readonly Pick<Moved, "from" | "to">[];
  /** What the file had and the restored one has not, each a noun: it can't be given here, or must not. */
  readonly leftOut: readonly string[];
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
  await inspectTarget(target, what, request.force);
  const folder = dirname(target);
  await removeAbandonedPartials(folder, monitor);
  const fill = async (partial: Partial) => {
    await writeContent(request.revision, partial, monitor);
    const leftOut = await applyMetadata(partial, request.revision.archive.file);
    await partial.handle.sync();
    monitor.signal.throwIfAborted();
    const moved = await nameRestored(partial, target, { mayReplace: request.force, what });
    if (!moved) throw alreadyThere(target);
    return { leftOut, moved };
  };
  const { made, warnings } = await attempt(what, () => withPartial(folder, fill));
  await attempt(`restored '${target}', but cannot make its name durable`, () => syncFolder(folder));
  return { target, ...made, warnings };
}

/**
 * Hands a revision's content over block by block, after reading it whole once to prove it.
 * @returns false where `sink` did, as a sign that it wants no more
 */
export async function streamRevision(
  revision: ReadableRevision,
  sink: (bytes: Uint8Array) => Promise<boolean>,
  monitor: Monitor,
): Promise<boolean> {
  const { path, archive } = revision;
  const showVerified = showProgress(revision, "verifying", monitor);
  await readProven(revision, readPieces(path, archive, monitor.signal), async ({ at, bytes }) => {
    showVerified(at + bytes.length);
    releaseBlock(bytes);
    return true;
  });
  const showRestored = showProgress(revision, "restoring", monitor);
  let doneBytes = 0;
  return readProven(revision, readArchive(path, archive, monitor.signal), async (block) => {
    const goesOn = await sink(block);
    showRestored((doneBytes += block.length));
    releaseBlock(block);
    return goesOn;
  });
}

/** Refuses what must not or cannot be replaced. */
async function inspectTarget(target: string, what: string, force: boolean): Promise<void> {
  const present = await attempt(what, () => statEntry(target));
  if (!present) return;
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
}

function alreadyThere(target: string): Failure {
  return new Failure(`'${target}' exists already, and was not touched`, {
    hint: "add --force to replace it (it stays beside it, under another name), or write elsewhere with --to PATH",
  });
}

/** What the file had as holes it gets as holes. */
async function writeContent(revision: ReadableRevision, partial: Partial, monitor: Monitor): Promise<void> {
  const { path, archive } = revision;
  const show = showProgress(revision, "restoring", monitor);
  const sink = new FileSink(partial.handle, partial.path);
  try {
    await readProven(revision, readPieces(path, archive, monitor.signal), async ({ at, bytes }) => {
      sink.position = at;
      await sink.write(bytes, () => releaseBlock(bytes));
      show(sink.position);
      return true;
    });
    await sink.finish();
  } finally {
    await sink.settle();
  }
  const { extents, sizeBytes } = archive.file;
  if (!extents) return;
  await attempt(`cannot write to '${partial.path}'`, () => partial.handle.truncate(sizeBytes));
}

/** Has `take` have part after part, until there is none, or it returns false. */
async function readProven<Part>(
  revision: ReadableRevision,
  parts: AsyncIterable<Part>,
  take: (part: Part) => Promise<boolean>,
): Promise<boolean> {
  try {
    for await (const part of parts) if (!(await take(part))) return false;
    return true;
  } catch (error) {
    throw error instanceof FormatError ? damagedContent(revision, error, "restored") : error;
  }
}

function showProgress(
  { sizeBytes }: ReadableRevision,
  phase: "verifying" | "restoring",
  monitor: Monitor,
): (doneBytes: number) => void {
  return (doneBytes) => monitor.progress(phase, doneBytes, sizeBytes ?? 0);
}
