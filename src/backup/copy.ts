// The source's content on its way into a partial, as one state of the file, and the proof that it arrived.
import { setTimeout as pause } from "node:timers/promises";
import { Failure } from "../errors.ts";
import { readOpenEnds } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { groupNameOf, userNameOf } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { type Format, FormatError, MAX_FRAME_BYTES, releaseBlock } from "./archive/frame.ts";
import { type Archive, openArchive, readContent } from "./archive/read.ts";
import { TAIL_BYTES } from "./archive/trailer.ts";
import { writeArchive } from "./archive/write.ts";
import type { Partial } from "./partial.ts";
import { compareWithBefore, hashBeginning, mayHideWrite, openRegular, type OpenSource } from "./source.ts";

/** Waits before further attempts at a source that changes while it is read. */
const RETRY_WAITS_MS = [100, 500, 2000];

/** An archive in a partial that holds one state of the source. */
export interface Copy {
  readonly archive: Archive;
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
  const archive = await writeArchive(
    {
      format,
      file: { source: path, sizeBytes, mode, uid, gid, userName, groupName, mtimeNs },
      source: source.handle,
      target: partial.handle,
      targetPath: partial.path,
    },
    monitor,
  );
  if (!archive) return undefined;
  const change = await compareWithBefore(source);
  // Times that may not show another write prove nothing, nor does a file that grew: then it is read a second time.
  const isPlain = change === "unchanged" && !mayHideWrite(facts, takenAtMs);
  const { sha256 } = archive.trailer;
  const isOneState =
    isPlain || (change !== "changed" && (await hashBeginning(source, monitor.signal)) === sha256);
  if (!isOneState) return undefined;
  if (change === "only grew")
    monitor.note(`'${path}' grew while it was read; what it held before is unchanged, and saved`);
  return { archive, takenAtMs };
}

/** Reads the partial back from its start to its end; it must hold exactly what was read from the source. */
export async function proveCopy(partial: Partial, { archive }: Copy, monitor: Monitor): Promise<void> {
  const { handle, path } = partial;
  try {
    const written = await openPartial(partial, archive);
    let doneBytes = 0;
    for await (const block of readContent(handle, path, written, monitor.signal)) {
      doneBytes += block.length;
      releaseBlock(block);
      monitor.progress("verifying", doneBytes, archive.trailer.sizeBytes);
    }
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new Failure(`what was written to '${path}' reads back differently: ${cause.message}`, {
      cause,
      hint: "nothing was saved: the disk, its connection or the memory may be failing",
    });
  }
}

async function openPartial({ handle, path }: Partial, { format, trailer }: Archive): Promise<Archive> {
  const ends = await attempt(`cannot read '${path}' back`, () =>
    readOpenEnds(handle.fd, MAX_FRAME_BYTES, TAIL_BYTES),
  );
  if (!ends) throw new FormatError("it is no file any more");
  const written = openArchive(path, format, ends);
  if (written.trailer.sha256 === trailer.sha256) return written;
  throw new FormatError("its end does not say what was written");
}
