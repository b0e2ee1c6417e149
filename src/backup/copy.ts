// The source's content on its way into a partial, as one state of the file, and the proof that it arrived.
import { Failure } from "../errors.ts";
import { writeAt } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import type { Earlier } from "./archive/earlier.ts";
import { type Format, FormatError } from "./archive/frame.ts";
import { type Archive, openStored } from "./archive/read.ts";
import { type Origin, renderTrailer } from "./archive/trailer.ts";
import { type Begun, writeBody, type Written } from "./archive/write.ts";
import type { Partial } from "./partial.ts";
import { judgeReading, type Reading, type ReadState } from "./reading.ts";
import { patiently, wait } from "./settle.ts";

/** Waits before further attempts at a source that changes while it is read. */
const RETRY_WAITS_MS = [100, 500, 2000];

/** One state of the source in a partial: an archive that lacks nothing but its trailer. */
export interface Copy {
  readonly body: Written;
  readonly takenAtMs: number;
  /** What is missing of one that was cut short is zeros. */
  readonly state: ReadState;
  readonly reading: Pick<Reading, "remark" | "warnings">;
}

export interface CopyPlan {
  readonly format: Format;
  /** The newest revision, where blocks can be taken over from it. */
  readonly earlier: Earlier | null;
  /** What the first attempt has read already. */
  readonly begun: Begun | null;
}

/**
 * Writes the source into the partial, again from the start if the source changed meanwhile, a few times; what came of the
 * last time is the copy, whatever it holds. Null where the source is empty by then.
 * @param reopen the source, at rest; what it opens is closed here
 */
export async function copyUnchanged(
  first: Reading,
  reopen: () => Promise<Reading | null>,
  plan: CopyPlan,
  partial: Partial,
  monitor: Monitor,
): Promise<Copy | null> {
  let copy = await copyOnce(first, plan, partial, false, monitor);
  for (const waitMs of RETRY_WAITS_MS) {
    if (copy?.state === "whole") break;
    monitor.note(`'${first.path}' changed while it was read; trying again in ${waitMs} ms`);
    await wait(waitMs, monitor.signal);
    await using reading = await reopen();
    if (!reading) return null;
    const isLast = waitMs === RETRY_WAITS_MS.at(-1);
    copy = await copyOnce(reading, { ...plan, begun: null }, partial, isLast, monitor);
  }
  return copy;
}

/** One reading of the source; null if it ended early, unless what is missing then is to count as zeros. */
async function copyOnce(
  reading: Reading,
  { format, ...plan }: CopyPlan,
  partial: Partial,
  padsShort: boolean,
  monitor: Monitor,
): Promise<Copy | null> {
  const { file, handle: source, path } = reading;
  let { earlier, begun } = plan;
  const readOnce = async () => {
    const known = begun ?? undefined;
    begun = null;
    const takenAtMs = known?.takenAtMs ?? Date.now();
    await attempt(`cannot write to '${partial.path}'`, () => partial.handle.truncate(0));
    const body = await writeBody({ format, file, source, earlier, padsShort }, partial, monitor, known);
    if (!body) return null;
    const state = await judgeReading(reading, body.trailer.sha256, monitor);
    return { body, takenAtMs, state, reading };
  };
  const readProven = async () => {
    try {
      return await readOnce();
    } catch (error) {
      if (!(error instanceof FormatError) || !earlier) throw error;
      // What was taken over does not read back as it should: all is made anew, from the source.
      earlier = null;
      return readOnce();
    }
  };
  return patiently(path, () => refuseOther(partial.path, readProven), monitor);
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

/** Reads back what was not yet of a completed partial, and both its ends, once they are on the disk: as they were written. */
export async function readBack({ handle, path }: Partial, { body }: Copy, origin: Origin): Promise<Archive> {
  return refuseOther(path, async () => {
    const { format, trailer, store, file } = body;
    await store.proveRest();
    const archive = await attempt(`cannot read '${path}' back`, () => openStored(handle, format));
    if (!Bun.deepEquals(archive.trailer, { ...trailer, ...origin }, true))
      throw new FormatError("its end does not say what was written");
    // Asked for, it is unpacked: of the header, no more than its checksum was compared so far.
    if (archive.file.source === file.source) return archive;
    throw new FormatError("its header does not say what was written");
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
