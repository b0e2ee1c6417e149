// The source's content on its way into a partial, as one state of the file, and the proof that it arrived.
import { isDeepStrictEqual } from "node:util";
import { Failure } from "../errors.ts";
import { isInMemory, writeAt } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { groupNameOf, userNameOf } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { type Format, FormatError, releaseBlock } from "./archive/frame.ts";
import { type Archive, type Body, openStored, readContent } from "./archive/read.ts";
import { type Origin, renderTrailer } from "./archive/trailer.ts";
import { writeBody } from "./archive/write.ts";
import type { Partial } from "./partial.ts";
import { patiently, wait } from "./settle.ts";
import type { Snapshot } from "./snapshot.ts";
import { compareWithBefore, hashBeginning, mayHideWrite, writeOutMapped } from "./source.ts";

/** Waits before further attempts at a source that changes while it is read. */
const RETRY_WAITS_MS = [100, 500, 2000];

/** One state of the source in a partial: an archive that lacks nothing but its trailer. */
export interface Copy {
  readonly body: Body;
  /** When reading that state began. */
  readonly takenAtMs: number;
  /** Whether that is one state; where the source changed meanwhile it is none, or even filled with zeros at its end. */
  readonly state: "whole" | "changed" | "cut short";
}

/**
 * Writes the source into the partial, again from the start if the source changed meanwhile, a few times; what came of the
 * last time is the copy, whatever it holds. Null where the source is empty by then.
 * @param reopen the source, at rest; what it opens is closed here
 */
export async function copyUnchanged(
  first: Snapshot,
  reopen: () => Promise<Snapshot | null>,
  format: Format,
  partial: Partial,
  monitor: Monitor,
): Promise<Copy | null> {
  let copy = await copyOnce(first, { format, isLast: false }, partial, monitor);
  for (const [round, waitMs] of RETRY_WAITS_MS.entries()) {
    if (copy?.state === "whole") break;
    monitor.note(`'${first.path}' changed while it was read; trying again in ${waitMs} ms`);
    await wait(waitMs, monitor.signal);
    const snapshot = await reopen();
    if (!snapshot) return null;
    try {
      const isLast = round === RETRY_WAITS_MS.length - 1;
      copy = await copyOnce(snapshot, { format, isLast }, partial, monitor);
    } finally {
      await snapshot.close();
    }
  }
  return copy;
}

/** One reading of the source; null if it ended early, and a further one is to come. */
async function copyOnce(
  source: Snapshot,
  { format, isLast }: { readonly format: Format; readonly isLast: boolean },
  partial: Partial,
  monitor: Monitor,
): Promise<Copy | null> {
  const { facts, path } = source;
  const { sizeBytes, mode, uid, gid, mtimeNs } = facts;
  const [userName, groupName] = [userNameOf(uid), groupNameOf(gid)];
  await writeOutMapped(source, monitor.signal);
  return patiently(
    path,
    async () => {
      const takenAtMs = Date.now();
      await attempt(`cannot write to '${partial.path}'`, () => partial.handle.truncate(0));
      const body = await writeBody(
        {
          format,
          file: { source: path, sizeBytes, mode, uid, gid, userName, groupName, mtimeNs },
          source: source.handle,
          target: partial.handle,
          targetPath: partial.path,
          padsShort: isLast,
        },
        monitor,
      );
      if (!body) return null;
      const state = await judge(source, body.trailer.sha256, takenAtMs, monitor);
      return { body, takenAtMs, state };
    },
    monitor,
  );
}

/** Whether what was read of the source since `sinceMs`, with this digest, is one state of it. */
async function judge(
  source: Snapshot,
  sha256: string,
  sinceMs: number,
  { note, signal }: Monitor,
): Promise<Copy["state"]> {
  if (source.isStill) return "whole";
  const { facts, path } = source;
  const change = await compareWithBefore(source);
  if (change === "changed" || change === "cut short") return change;
  // Where times may not show another write they prove nothing, nor does a file that grew or was moved: then it is read a
  // second time.
  const isPlain = change === "unchanged" && !mayHideWrite(facts, sinceMs) && !isInMemory(path);
  if (!isPlain && (await hashBeginning(source, signal)) !== sha256) return "changed";
  if (change === "only grew") note(`'${path}' grew while it was read; what it held before is unchanged`);
  return "whole";
}

/** SHA-256 of one state of the source, as 64 hex digits; null where what was read is none. */
export async function hashUnchanged(source: Snapshot, monitor: Monitor): Promise<string | null> {
  const { signal, progress } = monitor;
  const { sizeBytes } = source.facts;
  await writeOutMapped(source, signal);
  return patiently(
    source.path,
    async () => {
      const sinceMs = Date.now();
      const sha256 = await hashBeginning(source, signal, (doneBytes) =>
        progress("comparing", doneBytes, sizeBytes),
      );
      return (await judge(source, sha256, sinceMs, monitor)) === "whole" ? sha256 : null;
    },
    monitor,
  );
}

/** Reads the content back, once it is on the disk: it must be exactly what was read from the source. */
export async function proveCopy({ handle, path }: Partial, { body }: Copy, monitor: Monitor): Promise<void> {
  const { sizeBytes } = body.trailer;
  await refuseOther(path, async () => {
    let doneBytes = 0;
    for await (const block of readContent(handle, path, body, monitor.signal)) {
      doneBytes += block.length;
      releaseBlock(block);
      monitor.progress("verifying", doneBytes, sizeBytes);
    }
  });
}

/** Completes a partial: appends the trailer, which says whose it is. Once more with another origin replaces that. */
export async function appendTrailer(
  { handle, path }: Partial,
  { body }: Copy,
  origin: Origin,
): Promise<void> {
  const bytes = renderTrailer(body.format, { ...body.trailer, ...origin });
  await attempt(`cannot write to '${path}'`, () => writeAt(handle, bytes, body.trailer.trailerAt));
}

/** Reads both ends of a completed partial back, once they are on the disk: they must say what was written. */
export async function readBack({ handle, path }: Partial, { body }: Copy, origin: Origin): Promise<Archive> {
  return refuseOther(path, async () => {
    const { format, trailer } = body;
    const archive = await attempt(`cannot read '${path}' back`, () => openStored(handle, format));
    if (isDeepStrictEqual(archive.trailer, { ...trailer, ...origin })) return archive;
    throw new FormatError("its end does not say what was written");
  });
}

async function refuseOther<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new Failure(`what was written to '${path}' reads back differently: ${cause.message}`, {
      cause,
      hint: "nothing was saved: the disk, its connection or the memory may be failing",
    });
  }
}
