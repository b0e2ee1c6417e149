// Reads revisions from their first stored byte to their last, and says of each whether it still holds what it should.
import { basename } from "node:path";
import { Failure, UnavailableFailure, UsageFailure } from "../errors.ts";
import { openExisting, statHandle } from "../system/disk.ts";
import { attempt, describeError, errnoOf, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { resolvePath } from "../system/paths.ts";
import { formatNamed, formatOfFile } from "./archive/formats.ts";
import { type Format, FormatError, releaseBlock } from "./archive/frame.ts";
import { openStored, readContent } from "./archive/read.ts";
import { isSameDay, lastProofMs, type ProofLog, type Series, UNREADABLE } from "./proofs.ts";
import { parsePythonName } from "./python-revision.ts";
import type { AnyRevision, Revision } from "./revision.ts";

export type Verdict = {
  readonly path: string;
  /** How much of the disk was read to prove it whole; 0 where it is not. */
  readonly provenBytes: number;
  /** Whole or not, it is of a file that kept changing while it was read. */
  readonly isChanged: boolean;
} & (
  | { readonly state: "whole"; readonly reason: null }
  /** `reason` completes "it is damaged: …" or "it is unreadable: …". */
  | { readonly state: "damaged"; readonly reason: string }
  /** `isLasting` where the disk does not give it. What was refused may be given to the next who asks. */
  | { readonly state: "unreadable"; readonly reason: string; readonly isLasting: boolean }
);

/**
 * Reads every revision whole, from the disk, and remembers what was found. What is damaged or can't be read is a verdict,
 * not an error.
 */
export async function verifyRevisions(
  revisions: readonly AnyRevision[],
  proofs: ProofLog,
  monitor: Monitor,
): Promise<Verdict[]> {
  const totalBytes = revisions.reduce((sum, each) => sum + ((each.archive && each.sizeBytes) ?? 0), 0);
  let doneBytes = 0;
  const onBlock = (bytes: number) => monitor.progress("verifying", (doneBytes += bytes), totalBytes);
  const archives = revisions.map(({ path, number, format }) => ({
    path,
    format: number === null ? null : formatNamed(format),
  }));
  return judgeAll(archives, onBlock, proofs, monitor);
}

/** As `verifyRevisions`, of one: the same if it is whole, else as a broken one; null if it is not there any more. */
export async function proveIfThere(
  revision: Revision,
  proofs: ProofLog,
  monitor: Monitor,
): Promise<Revision | null> {
  try {
    const [verdict] = await verifyRevisions([revision], proofs, monitor);
    if (!verdict || verdict.state === "whole") return revision;
    return { ...revision, state: verdict.state, reason: verdict.reason, archive: null };
  } catch (error) {
    if (error instanceof UnavailableFailure) return null;
    throw error;
  }
}

/**
 * Reads whole that one of the revisions whose last proof is the oldest: once a day at most, and none that was proven
 * today, so that as many days as there are revisions prove them all, at a bounded cost. Null where none was read.
 */
export async function proveOldest(
  revisions: readonly Revision[],
  series: Series,
  proofs: ProofLog,
  monitor: Monitor,
): Promise<Revision | null> {
  const nowMs = Date.now();
  let oldest: Revision | undefined;
  let oldestMs = Infinity;
  // Newest first: of several, the one with the lowest number.
  for (const revision of revisions) {
    const provenMs = lastProofMs(revision, proofs, nowMs) ?? -Infinity;
    if (provenMs <= oldestMs) [oldest, oldestMs] = [revision, provenMs];
  }
  if (!oldest || isSameDay(oldestMs, nowMs) || !(await proofs.beginDaily(series))) return null;
  return proveIfThere(oldest, proofs, monitor);
}

/** Reads archives given by their paths, whatever their names; a UsageFailure if an extension tells no format. */
export async function verifyArchives(
  paths: readonly string[],
  proofs: ProofLog,
  monitor: Monitor,
): Promise<Verdict[]> {
  const named = paths.map((path) => ({ path, format: readExtension(path) }));
  const archives = await Array.fromAsync(named, async ({ path, format }) => ({
    path: await resolvePath(path, `cannot read '${path}'`),
    format,
  }));
  const verdicts = await judgeAll(archives, () => undefined, proofs, monitor);
  return verdicts.map((verdict, place) => ({ ...verdict, path: paths[place] ?? verdict.path }));
}

interface StoredFile {
  readonly path: string;
  /** null for one of the Python program. */
  readonly format: Format | null;
}

/** One after the other. What was found is remembered, also where the rest can't be judged. */
async function judgeAll(
  archives: readonly StoredFile[],
  onBlock: (bytes: number) => void,
  proofs: ProofLog,
  { signal }: Monitor,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  try {
    for (const archive of archives) verdicts.push(await judgeArchive(archive, onBlock, signal));
  } finally {
    // Each writing waits for the disk.
    const found = verdicts.flatMap(findingsOf);
    if (found.length > 0) await proofs.record(found);
  }
  return verdicts;
}

function findingsOf(verdict: Verdict) {
  const { path, reason } = verdict;
  if (verdict.state !== "unreadable") return [{ path, damage: reason }];
  return verdict.isLasting ? [{ path, damage: UNREADABLE + reason }] : [];
}

/** null for one of the Python program. */
function readExtension(path: string): Format | null {
  const format = formatOfFile(path);
  if (format) return format;
  if (parsePythonName(basename(path))) return null;
  const message = `'${path}' is no revision: its name does not end in .tar.zst, .tar.gz or .tar`;
  throw new UsageFailure(message, { hint: "name revisions alone, or a folder with -d DIR" });
}

/** Reads the ends again as well: when they were read for the list may be hours ago, and from memory. */
async function judgeArchive(
  { path, format }: StoredFile,
  onBlock: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Verdict> {
  const what = `cannot read '${path}'`;
  let isChanged = false;
  try {
    await using handle = await attempt(what, () => openExisting(path, "read"));
    const { kind, sizeBytes } = await attempt(what, () => statHandle(handle));
    const hint = "name a revision's own file";
    if (kind !== "file") throw new Failure(`${what}: it is a ${kind}, not a regular file`, { hint });
    const archive = format ? await attempt(what, () => openStored(handle, format)) : { trailer: null };
    isChanged = archive.trailer?.isChanged === true;
    for await (const block of readContent(handle, path, archive, signal)) {
      onBlock(block.length);
      releaseBlock(block);
    }
    return { path, state: "whole", reason: null, provenBytes: sizeBytes, isChanged };
  } catch (error) {
    if (error instanceof FormatError)
      return { path, state: "damaged", reason: error.message, provenBytes: 0, isChanged };
    const cause = error instanceof Failure ? error.cause : error;
    // What is gone, or was never there, is nothing to judge.
    if (errnoOf(cause) === undefined || error instanceof UnavailableFailure) throw error;
    const isLasting = isErrno(cause, "EIO", "EBADMSG", "EUCLEAN");
    return { path, state: "unreadable", reason: describeError(cause), provenBytes: 0, isChanged, isLasting };
  }
}
