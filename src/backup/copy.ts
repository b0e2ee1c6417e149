// The source's content on its way into a partial, as one state of the file, and the proof that it arrived.
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Failure } from "../errors.ts";
import { writeAt } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { groupNameOf, userNameOf } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { type Format, FormatError, releaseBlock } from "./archive/frame.ts";
import { type Archive, type Body, openStored, readContent } from "./archive/read.ts";
import { type Origin, renderTrailer } from "./archive/trailer.ts";
import { writeBody } from "./archive/write.ts";
import type { Partial } from "./partial.ts";
import { compareWithBefore, hashBeginning, mayHideWrite, openRegular, type OpenSource } from "./source.ts";

/** Waits before further attempts at a source that changes while it is read. */
const RETRY_WAITS_MS = [100, 500, 2000];

/** One state of the source in a partial: an archive that lacks nothing but its trailer. */
export interface Copy {
  readonly body: Body;
  /** When reading that state began. */
  readonly takenAtMs: number;
}

/** Writes the source into the partial, again from the start if the source changed meanwhile, a few times. */
export async function copyUnchanged(
  source: OpenSource,
  format: Format,
  partial: Partial,
  monitor: Monitor,
): Promise<Copy> {
  const { path } = source;
  const { signal } = monitor;
  let copy = await copyOnce(source, format, partial, monitor);
  for (const waitMs of RETRY_WAITS_MS) {
    if (copy) return copy;
    monitor.note(`'${path}' changed while it was read; trying again in ${waitMs} ms`);
    await pause(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    const reopened = await openRegular(path);
    try {
      copy = await copyOnce(reopened, format, partial, monitor);
    } finally {
      await reopened.handle.close();
    }
  }
  if (copy) return copy;
  throw new Failure(`cannot back up '${path}': it kept changing while it was read`, {
    hint: "try again when whatever writes to it is idle",
  });
}

/** One reading of the source; undefined if what was read is not one state of the file. */
async function copyOnce(
  source: OpenSource,
  format: Format,
  partial: Partial,
  monitor: Monitor,
): Promise<Copy | undefined> {
  const { facts, path } = source;
  const { sizeBytes, mode, uid, gid, mtimeNs } = facts;
  const [userName, groupName] = [userNameOf(uid), groupNameOf(gid)];
  const takenAtMs = Date.now();
  await attempt(`cannot write to '${partial.path}'`, () => partial.handle.truncate(0));
  const body = await writeBody(
    {
      format,
      file: { source: path, sizeBytes, mode, uid, gid, userName, groupName, mtimeNs },
      source: source.handle,
      target: partial.handle,
      targetPath: partial.path,
    },
    monitor,
  );
  if (!body || !(await isOneState(source, body.trailer.sha256, takenAtMs, monitor))) return undefined;
  return { body, takenAtMs };
}

/** Whether what was read of the source since `sinceMs`, with this digest, is one state of it. */
async function isOneState(
  source: OpenSource,
  sha256: string,
  sinceMs: number,
  { note, signal }: Monitor,
): Promise<boolean> {
  const { facts, path } = source;
  const change = await compareWithBefore(source);
  // Times that may not show another write prove nothing, nor does a file that grew: then it is read a second time.
  const isPlain = change === "unchanged" && !mayHideWrite(facts, sinceMs);
  if (!isPlain && (change === "changed" || (await hashBeginning(source, signal)) !== sha256)) return false;
  if (change === "only grew") note(`'${path}' grew while it was read; what it held before is unchanged`);
  return true;
}

/** SHA-256 of one state of the source, as 64 hex digits; null where what was read is none. */
export async function hashUnchanged(source: OpenSource, monitor: Monitor): Promise<string | null> {
  const { signal, progress } = monitor;
  const { sizeBytes } = source.facts;
  const sinceMs = Date.now();
  const sha256 = await hashBeginning(source, signal, (doneBytes) =>
    progress("comparing", doneBytes, sizeBytes),
  );
  return (await isOneState(source, sha256, sinceMs, monitor)) ? sha256 : null;
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
