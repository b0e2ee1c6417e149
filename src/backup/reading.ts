// What is read of the source: of one moment where that is to be had, and else found out to be one state, or not.
import { readAttributes } from "../system/attributes.ts";
import { isWhere, statHandle } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { type Extent, findExtents } from "../system/extents.ts";
import { nameOf, writeOut } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { releaseBlock } from "./archive/frame.ts";
import { ContentHash, countFilledMib, dataBytesOf } from "./archive/sparse.ts";
import type { ArchivedFile } from "./archive/tar.ts";
import { readBlocks } from "./archive/content.ts";
import { type Before, openSettled, patiently } from "./settle.ts";
import { type Snapshot, type SnapshotRequest, takeSnapshot } from "./snapshot.ts";
import { compareWithBefore, mayHideWrite, type OpenSource } from "./source.ts";

export interface Reading extends Snapshot {
  /** What an archive of it says: the source's metadata, and the shape of what is read. */
  readonly file: ArchivedFile;
  /** What is left out of it, in whole sentences. */
  readonly warnings: readonly string[];
  /** SHA-256 of what it held when its facts were noted, where it was read before that: see `readAhead`. */
  readonly aheadSha256: string | undefined;
}

/**
 * Opens the source when it rests, and takes a snapshot of it; null where it is empty. Closing it closes the source.
 */
export async function openReading(
  path: string,
  before: Before | undefined,
  request: SnapshotRequest,
  monitor: Monitor,
): Promise<Reading | null> {
  const source = await openSettled(path, before, monitor);
  if (!source) return null;
  await using opened = new AsyncDisposableStack();
  opened.use(source.handle);
  const snapshot = opened.use(await patiently(path, () => takeSnapshot(source, request, monitor), monitor));
  const { facts, aheadSha256 } = await patiently(path, () => lookAhead(snapshot, request, monitor), monitor);
  if (facts.sizeBytes === 0 && request.folder !== null) return null;
  const seen = { ...snapshot, facts, aheadSha256 };
  const file = describeFile(source, seen);
  const kept = opened.move();
  const whole = { ...seen, ...file, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  if (snapshot.isStill || snapshot.remark === null) return whole;
  return { ...whole, warnings: [snapshot.remark, ...file.warnings], remark: null };
}

function describeFile(source: OpenSource, snapshot: Snapshot): Pick<Reading, "file" | "warnings"> {
  const { path, facts } = snapshot;
  const { sizeBytes, mode, uid, gid, mtimeNs } = facts;
  const { leftOut, ...granted } = readAttributes(source.handle.fd);
  const names = { userName: nameOf("user", uid), groupName: nameOf("group", gid) };
  const shape = { source: path, sizeBytes, extents: findHoles(snapshot) };
  const file = { ...shape, mode, uid, gid, ...names, mtimeNs, ...granted };
  const warnings = leftOut.map((name) => `the attribute '${name}' of '${path}' can't be saved with it`);
  const filledMib = countFilledMib(file, facts.allocatedBytes);
  if (filledMib > 0) warnings.push(`'${path}' has too many holes: ${filledMib} MiB are stored as zeros`);
  return { file, warnings };
}

/** Where it has data; undefined where it has no holes. */
export function findHoles({ handle, facts }: OpenSource): readonly Extent[] | undefined {
  return facts.allocatedBytes < facts.sizeBytes ? findExtents(handle.fd, facts.sizeBytes) : undefined;
}

type Ahead = Pick<Reading, "facts" | "aheadSha256">;

/** Times may not show another write, or an earlier attempt saw the source grow: then it is read before its facts are noted. */
async function lookAhead(
  snapshot: Snapshot,
  { isBusy = false }: SnapshotRequest,
  monitor: Monitor,
): Promise<Ahead> {
  const { facts, path } = snapshot;
  if (snapshot.isStill) return { facts, aheadSha256: undefined };
  await writeOutMapped(snapshot, monitor.signal);
  const isNeeded = isBusy || mayHideWrite(facts, Date.now()) || isWhere("files are memory", path) !== false;
  return isNeeded ? readAhead(snapshot, monitor) : { facts, aheadSha256: undefined };
}

/** How often what was appended meanwhile is read as well, until nothing was. */
const MOST_TAILS = 100;

/**
 * Reads the source as far as it goes, and notes its facts only then: where it reads the same once more, it held just that at
 * that moment, whatever was appended since. A source that was cut meanwhile, or never ended, reads like nothing.
 */
async function readAhead(snapshot: Snapshot, { signal }: Monitor): Promise<Ahead> {
  const { path, handle, facts: before } = snapshot;
  const holes = findHoles(snapshot);
  // How long a file without holes will be is not known yet, and changes nothing in its digest.
  const hash = new ContentHash(holes ? { sizeBytes: before.sizeBytes, extents: holes } : { sizeBytes: 0 });
  let [facts, at] = [before, 0];
  for (let tails = 0; tails < MOST_TAILS; tails++) {
    const { sizeBytes } = facts;
    const extents = holes ?? [{ at, bytes: sizeBytes - at }];
    const plan = { file: { source: path, sizeBytes, extents }, source: handle };
    for await (const block of readBlocks(plan, signal, hash)) releaseBlock(block);
    facts = await attempt(`cannot read '${path}'`, () => statHandle(handle));
    if (facts.sizeBytes === sizeBytes) return { facts, aheadSha256: hash.digest() };
    if (holes || facts.sizeBytes < sizeBytes) break;
    at = sizeBytes;
  }
  return { facts, aheadSha256: "" };
}

/** Pieces in which the source is written out: between two of them a signal is heard. */
const WRITE_OUT_BYTES = 64 << 20;

/**
 * Has what others changed of the source through a memory map written out. From then on the first touch of each page moves
 * the file's times, on ext4, XFS and btrfs among others; those that it had before stand in `facts`.
 */
async function writeOutMapped(
  { handle, facts: { sizeBytes } }: OpenSource,
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < sizeBytes; from += WRITE_OUT_BYTES) {
    if (from > 0) await Bun.sleep(0);
    signal.throwIfAborted();
    writeOut(handle.fd, from, Math.min(WRITE_OUT_BYTES, sizeBytes - from), "wait");
  }
}

/** Whether what was read is one state of the source, or halves of several, or was even cut short meanwhile. */
export type ReadState = "whole" | "changed" | "cut short";

export async function judgeReading(reading: Reading, sha256: string, monitor: Monitor): Promise<ReadState> {
  if (reading.isStill) return "whole";
  const change = await compareWithBefore(reading);
  if (change === "cut short") return change;
  if (change === "changed" || !(await reading.isAtRest())) return "changed";
  const { file, aheadSha256, path } = reading;
  if (aheadSha256 === undefined && change === "unchanged") return "whole";
  // Of one that was moved, what was read until then is read once more; one that grew may have had no such beginning.
  const again = change === "moved" ? await hashContent(reading, monitor) : undefined;
  if ((aheadSha256 ?? again) !== sha256) return "changed";
  if (!Bun.deepEquals(findHoles(reading), file.extents, true)) return "changed";
  if (change === "only grew") monitor.note(`'${path}' grew while it was read; it is saved as it was before`);
  return "whole";
}

/** SHA-256 of one state of the source, as an archive of it has it; null where what was read is none. */
export async function hashUnchanged(reading: Reading, monitor: Monitor): Promise<string | null> {
  const readOnce = async () => {
    const sha256 = await hashContent(reading, monitor);
    return (await judgeReading(reading, sha256, monitor)) === "whole" ? sha256 : null;
  };
  return patiently(reading.path, readOnce, monitor);
}

/** What was appended since is left out; what was cut off counts as zeros. */
async function hashContent({ file, handle }: Reading, { signal, progress }: Monitor): Promise<string> {
  const hash = new ContentHash(file);
  const totalBytes = dataBytesOf(file);
  let doneBytes = 0;
  for await (const block of readBlocks({ file, source: handle, padsShort: true }, signal, hash)) {
    progress("comparing", (doneBytes += block.length), totalBytes);
    releaseBlock(block);
  }
  return hash.digest();
}
