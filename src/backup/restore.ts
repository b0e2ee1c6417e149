// A revision becomes a file again: written beside its place, proven, given its metadata, and only then its name.
import { dirname, join } from "node:path";
import { Failure } from "../errors.ts";
import { isWhere, statEntry, syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { FileSink } from "../system/file-sink.ts";
import { reserveRoom } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { baseNameOf, resolvePossiblyMissing } from "../system/paths.ts";
import { FormatError, releaseBlock } from "./archive/frame.ts";
import { fillHoles, type Piece, readPieces } from "./archive/pieces.ts";
import { updateCrc } from "./archive/trailer.ts";
import { type Moved, nameRestored } from "./aside.ts";
import { applyMetadata } from "./metadata.ts";
import { listFiles } from "./names.ts";
import { listPartials, type Partial, removeAbandonedPartials, withPartial } from "./partial.ts";
import { orDamaged, type ReadableRevision } from "./revision.ts";

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
  readonly warnings: readonly string[];
}

/**
 * Restores one revision to one path. Until the last step, the target is as it was; a revision that is not whole never
 * gets there. No path that an archive names is used.
 */
export async function restoreRevision(request: RestoreRequest, monitor: Monitor): Promise<RestoreResult> {
  const what = `cannot restore to '${request.target}'`;
  const target = await resolvePossiblyMissing(request.target, what);
  await inspectTarget(target, what, request);
  const folder = dirname(target);
  const partials = listPartials(listFiles(folder));
  await removeAbandonedPartials(folder, partials, monitor);
  const fill = async (partial: Partial) => {
    await writeContent(request.revision, partial, monitor).catch(orDamaged(request.revision, "restored"));
    const leftOut = await applyMetadata(partial, request.revision.archive.file);
    await partial.handle.sync();
    monitor.signal.throwIfAborted();
    const moved = await nameRestored(partial, target, request.force, what);
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
  try {
    const { file } = revision.archive;
    let doneBytes = 0;
    for await (const block of fillHoles(readTwice(revision, monitor), file)) {
      if (!(await sink(block))) return false;
      monitor.progress("restoring", (doneBytes += block.length), file.sizeBytes);
      releaseBlock(block);
    }
    return true;
  } catch (error) {
    return orDamaged(revision, "restored")(error);
  }
}

/** So many pieces, of BLOCK_BYTES at most, are kept in memory, and a revision of no more is read only once. */
const MOST_KEPT = 16;

/** Reads the content to its end, and only then yields it: read again, each piece as it was, where it is too large to be kept. */
async function* readTwice({ path, archive }: ReadableRevision, { signal, progress }: Monitor) {
  const kept: Piece[] = [];
  const checks: number[] = [];
  for await (const piece of readPieces(path, archive, signal)) {
    progress("verifying", piece.at + piece.bytes.length, archive.file.sizeBytes);
    if (checks.push(updateCrc(piece.bytes)) <= MOST_KEPT) kept.push(piece);
    else releaseBlock(piece.bytes);
  }
  if (checks.length <= MOST_KEPT) return yield* kept;
  kept.length = 0;
  for await (const piece of readPieces(path, archive, signal, true)) {
    if (updateCrc(piece.bytes) !== checks.shift()) throw new FormatError("it changed while it was restored");
    yield piece;
  }
}

async function inspectTarget(target: string, what: string, typed: RestoreRequest): Promise<void> {
  const present = await attempt(what, () => statEntry(target));
  if (present?.kind === "folder" || typed.target.endsWith("/")) {
    throw new Failure(`${what}: ${present?.kind === "folder" ? "it is" : "its last / means"} a folder`, {
      instead: { "--to": join(target, baseNameOf(typed.revision.source)) },
    });
  }
  if (!present) return;
  if (present.kind !== "file")
    throw new Failure(`${what}: it is a ${present.kind}, not a regular file`, {
      instead: { "--to": baseNameOf(typed.revision.source) },
    });
  if (!typed.force) throw alreadyThere(target);
}

function alreadyThere(target: string): Failure {
  return new Failure(`'${target}' exists already, and was not touched`, {
    hint: "--to PATH writes elsewhere; to replace it, and keep it beside under another name",
    instead: { "--force": "" },
  });
}

/** What the file had as holes it gets as holes. What doesn't fit is told before anything is written. */
async function writeContent(
  { path, archive }: ReadableRevision,
  partial: Partial,
  monitor: Monitor,
): Promise<void> {
  const { sizeBytes, extents = [{ at: 0, bytes: sizeBytes }] } = archive.file;
  const { fd } = partial.handle;
  if (isWhere("room set aside is as long as the file", partial.path) === false)
    for (const { at, bytes } of extents) reserveRoom(fd, at, bytes);
  const sink = new FileSink(partial.handle, partial.path);
  try {
    for await (const { at, bytes } of readPieces(path, archive, monitor.signal)) {
      sink.position = at;
      await sink.write(bytes, () => releaseBlock(bytes));
      monitor.progress("restoring", sink.position, sizeBytes);
    }
    await sink.finish();
  } finally {
    await sink.settle();
  }
  if (archive.file.extents) partial.handle.truncate(sizeBytes);
}
