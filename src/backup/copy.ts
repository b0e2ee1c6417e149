// The source's content on its way into a partial, as one state of the file, and the proof that it arrived.
import { Failure } from "../errors.ts";
import { writeAt } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { type Format, FormatError, releaseBlock } from "./archive/frame.ts";
import { type Archive, type Body, openStored, readContent } from "./archive/read.ts";
import { type Origin, renderTrailer } from "./archive/trailer.ts";
import { writeBody } from "./archive/write.ts";
import type { Partial } from "./partial.ts";
import { judgeReading, type Reading, type ReadState } from "./reading.ts";
import { patiently, wait } from "./settle.ts";

/** Waits before further attempts at a source that changes while it is read. */
const RETRY_WAITS_MS = [100, 500, 2000];

/** One state of the source in a partial: an archive that lacks nothing but its trailer. */
export interface Copy {
  readonly body: Body;
  /** When reading that state began. */
  readonly takenAtMs: number;
  /** What is missing of one that was cut short is zeros. */
  readonly state: ReadState;
  readonly reading: Pick<Reading, "remark" | "warnings">;
}

/**
 * Writes the source into the partial, again from the start if the source changed meanwhile, a few times; what came of the
 * last time is the copy, whatever it holds. Null where the source is empty by then.
 * @param reopen the source, at rest; what it opens is closed here
 */
export async function copyUnchanged(
  first: Reading,
  reopen: () => Promise<Reading | null>,
  format: Format,
  partial: Partial,
  monitor: Monitor,
): Promise<Copy | null> {
  let copy = await copyOnce(first, format, partial, false, monitor);
  for (const waitMs of RETRY_WAITS_MS) {
    if (copy?.state === "whole") break;
    monitor.note(`'${first.path}' changed while it was read; trying again in ${waitMs} ms`);
    await wait(waitMs, monitor.signal);
    await using reading = await reopen();
    if (!reading) return null;
    copy = await copyOnce(reading, format, partial, waitMs === RETRY_WAITS_MS.at(-1), monitor);
  }
  return copy;
}

/** One reading of the source; null if it ended early, unless what is missing then is to count as zeros. */
async function copyOnce(
  reading: Reading,
  format: Format,
  { handle: target, path: targetPath }: Partial,
  padsShort: boolean,
  monitor: Monitor,
): Promise<Copy | null> {
  const { file, handle: source, path } = reading;
  const readOnce = async () => {
    const takenAtMs = Date.now();
    await attempt(`cannot write to '${targetPath}'`, () => target.truncate(0));
    const body = await writeBody({ format, file, source, target, targetPath, padsShort }, monitor);
    if (!body) return null;
    const state = await judgeReading(reading, body.trailer.sha256, monitor);
    return { body, takenAtMs, state, reading };
  };
  return patiently(path, readOnce, monitor);
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
    if (Bun.deepEquals(archive.trailer, { ...trailer, ...origin }, true)) return archive;
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
