// What is read of the source: of one moment where that is to be had, and else found out to be one state, or not.
import { isDeepStrictEqual } from "node:util";
import { readAttributes } from "../system/attributes.ts";
import { isWhere } from "../system/disk.ts";
import { type Extent, findExtents } from "../system/extents.ts";
import { nameOf, writeOut } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { releaseBlock } from "./archive/frame.ts";
import { ContentHash, countFilledMib, dataBytesOf } from "./archive/sparse.ts";
import type { ArchivedFile } from "./archive/tar.ts";
import { readBlocks } from "./archive/write.ts";
import { type Before, openSettled, patiently } from "./settle.ts";
import { type Snapshot, type SnapshotRequest, takeSnapshot } from "./snapshot.ts";
import { compareWithBefore, mayHideWrite, type OpenSource } from "./source.ts";

export interface Reading extends Snapshot {
  /** What an archive of it says: the source's metadata, and the shape of what is read. */
  readonly file: ArchivedFile;
  /** What is left out of it, in whole sentences. */
  readonly warnings: readonly string[];
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
  await using opened = new AsyncDisposableStack();
  const source = await openSettled(path, before, monitor);
  if (!source) return null;
  opened.use(source.handle);
  const snapshot = opened.use(await patiently(path, () => takeSnapshot(source, request, monitor), monitor));
  const reading = await describeReading(source, snapshot, monitor.signal);
  if (reading.file.sizeBytes === 0 && request.folder !== null) return null;
  const kept = opened.move();
  return { ...reading, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function describeReading(
  source: OpenSource,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<Reading> {
  const { path, facts } = snapshot;
  if (!snapshot.isStill) await writeOutMapped(snapshot, signal);
  const { sizeBytes, mode, uid, gid, mtimeNs } = facts;
  const { leftOut, ...granted } = readAttributes(source.handle.fd);
  const names = { userName: nameOf("user", uid), groupName: nameOf("group", gid) };
  const shape = { source: path, sizeBytes, extents: findHoles(snapshot) };
  const file = { ...shape, mode, uid, gid, ...names, mtimeNs, ...granted };
  const warnings = leftOut.map((name) => `the attribute '${name}' of '${path}' can't be saved with it`);
  const filledMib = countFilledMib(file, facts.allocatedBytes);
  if (filledMib > 0) warnings.push(`'${path}' has too many holes: ${filledMib} MiB are stored as zeros`);
  if (snapshot.isStill || snapshot.remark === null) return { ...snapshot, file, warnings };
  return { ...snapshot, file, warnings: [snapshot.remark, ...warnings], remark: null };
}

/** Where it has data; undefined where it has no holes. */
export function findHoles({ handle, facts }: OpenSource): readonly Extent[] | undefined {
  return facts.allocatedBytes < facts.sizeBytes ? findExtents(handle.fd, facts.sizeBytes) : undefined;
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
    writeOut(handle.fd, from, Math.min(WRITE_OUT_BYTES, sizeBytes - from), "wait");
    await Bun.sleep(0);
    signal.throwIfAborted();
  }
}

/** Whether what was read is one state of the source, or halves of several, or was even cut short meanwhile. */
export type ReadState = "whole" | "changed" | "cut short";

/** Tells what was read since `sinceMs`, with this digest. */
export async function judgeReading(
  reading: Reading,
  sha256: string,
  sinceMs: number,
  monitor: Monitor,
): Promise<ReadState> {
  if (reading.isStill) return "whole";
  const { facts, file, path } = reading;
  const change = await compareWithBefore(reading);
  if (change === "changed" || change === "cut short") return change;
  if (!(await reading.isAtRest())) return "changed";
  // Where times may not show another write they prove nothing, nor does a file that grew or was moved: then it is read a
  // second time.
  const isProven =
    change === "unchanged" && !mayHideWrite(facts, sinceMs) && isWhere("files are memory", path) === false;
  if (!isProven) {
    if (!isDeepStrictEqual(findHoles(reading), file.extents)) return "changed";
    if ((await hashContent(reading, monitor)) !== sha256) return "changed";
  }
  if (change === "only grew")
    monitor.note(`'${path}' grew while it was read; what it held before is unchanged`);
  return "whole";
}

/** SHA-256 of one state of the source, as an archive of it has it; null where what was read is none. */
export async function hashUnchanged(reading: Reading, monitor: Monitor): Promise<string | null> {
  const readOnce = async () => {
    const sinceMs = Date.now();
    const sha256 = await hashContent(reading, monitor);
    return (await judgeReading(reading, sha256, sinceMs, monitor)) === "whole" ? sha256 : null;
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
