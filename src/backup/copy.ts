// The source's content on its way into a partial, as one state of the file, and the proof that it arrived.
import { Failure } from "../errors.ts";
import { type FileFacts, readAt, statHandle } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { groupNameOf, userNameOf } from "../system/libc.ts";
import type { Monitor } from "../system/monitor.ts";
import { formatNamed } from "./archive/formats.ts";
import { type Format, FormatError, type FormatName, MAX_FRAME_BYTES, releaseBlock } from "./archive/frame.ts";
import { type Archive, openArchive, readContent } from "./archive/read.ts";
import { renderHeader } from "./archive/tar.ts";
import { type Seal, TAIL_BYTES } from "./archive/trailer.ts";
import { SourceShrank, writeArchive } from "./archive/write.ts";
import type { Partial } from "./partial.ts";
import { compareWithBefore, hashBeginning, mayHideWrite, openRegular, type OpenSource } from "./source.ts";

/** Waits between attempts at a source that changes while it is read. */
const RETRY_WAITS_MS = [100, 500, 2000];

interface CopyRequest {
  readonly source: string;
  readonly format: FormatName;
  readonly toolVersion: string;
}

/** An archive in a partial that holds one state of the source. */
export interface Copy {
  readonly format: Format;
  readonly seal: Seal;
  readonly facts: FileFacts;
  readonly takenAtMs: number;
  readonly storedBytes: number;
}

/** Writes the source into the partial, again from the start if the source changed meanwhile, a few times. */
export async function copyUnchanged(request: CopyRequest, partial: Partial, monitor: Monitor): Promise<Copy> {
  for (const waitMs of [...RETRY_WAITS_MS, undefined]) {
    const source = await openRegular(request.source);
    try {
      const copy = await copyOnce(request, source, partial, monitor);
      if (copy) return copy;
    } finally {
      await source.handle.close();
    }
    if (waitMs === undefined) break;
    monitor.note(`'${request.source}' changed while it was read; trying again in ${waitMs} ms`);
    await pause(waitMs, monitor.signal);
  }
  throw new Failure(`cannot back up '${request.source}': it kept changing while it was read`, {
    hint: "try again when whatever writes to it is idle",
  });
}

/** One reading of the source; undefined if what was read is not one state of the file. */
async function copyOnce(
  request: CopyRequest,
  source: OpenSource,
  partial: Partial,
  monitor: Monitor,
): Promise<Copy | undefined> {
  const { facts, handle, path } = source;
  const takenAtMs = Date.now();
  const { sizeBytes } = facts;
  const header = await renderHeader(
    { source: path, ...facts, userName: userNameOf(facts.uid), groupName: groupNameOf(facts.gid) },
    request.toolVersion,
  );
  const format = formatNamed(request.format);
  await attempt(`cannot write to '${partial.path}'`, () => partial.handle.truncate(0));
  const plan = {
    source: handle,
    sourcePath: path,
    sizeBytes,
    header,
    format,
    target: partial.handle,
    targetPath: partial.path,
  };
  const seal = await writeOrShrank(plan, monitor);
  if (!seal) return undefined;
  const change = await compareWithBefore(source);
  // Times that may not show another write prove nothing, nor does a file that grew: then it is read a second time.
  const isPlain = change === "unchanged" && !mayHideWrite(facts, takenAtMs);
  const usable =
    isPlain ||
    (change !== "changed" && (await hashBeginning(source, sizeBytes, monitor.signal)) === seal.sha256);
  if (!usable) return undefined;
  if (change === "only grew")
    monitor.note(`'${path}' grew while it was read; what it held before is unchanged, and saved`);
  const { sizeBytes: storedBytes } = await statHandle(partial.handle);
  return { format, seal, facts, takenAtMs, storedBytes };
}

async function writeOrShrank(
  plan: Parameters<typeof writeArchive>[0],
  monitor: Monitor,
): Promise<Seal | undefined> {
  try {
    return await writeArchive(plan, monitor);
  } catch (error) {
    if (error instanceof SourceShrank) return undefined;
    throw error;
  }
}

/** Reads the partial back from its start to its end; it must hold exactly what was read from the source. */
export async function proveCopy(partial: Partial, copy: Copy, monitor: Monitor): Promise<void> {
  const { seal } = copy;
  try {
    const archive = await openPartial(partial, copy);
    if (archive.seal.sha256 !== seal.sha256) throw new FormatError("its end does not say what was written");
    let doneBytes = 0;
    for await (const block of readContent(partial.handle, partial.path, archive, monitor.signal)) {
      doneBytes += block.length;
      releaseBlock(block);
      monitor.progress("verifying", doneBytes, seal.sizeBytes);
    }
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new Failure(`what was written to '${partial.path}' reads back differently: ${cause.message}`, {
      cause,
      hint: "nothing was saved: the disk, its connection or the memory may be failing",
    });
  }
}

async function openPartial({ handle, path }: Partial, { format, storedBytes }: Copy): Promise<Archive> {
  const head = Buffer.alloc(Math.min(MAX_FRAME_BYTES, storedBytes));
  const tail = Buffer.alloc(Math.min(TAIL_BYTES, storedBytes));
  const read = async (buffer: Uint8Array, position: number) => {
    const bytesRead = await attempt(`cannot read '${path}' back`, () => readAt(handle, buffer, position));
    if (bytesRead < buffer.length) throw new FormatError("it is shorter than what was written");
  };
  await read(head, 0);
  await read(tail, storedBytes - tail.length);
  const archive = openArchive(format, { head, tail, sizeBytes: storedBytes });
  if (!archive) throw new FormatError("its header does not end");
  return archive;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
