// The source at rest: not while another program has it locked, not in the moment between a saver's truncating and its
// writing, not half written where that can be told.
import { setTimeout as pause } from "node:timers/promises";
import { Failure, quoteWord } from "../errors.ts";
import { type FileFacts, isUnwritten, readAt, statHandle } from "../system/disk.ts";
import { attempt, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { lookAtHead } from "../system/sqlite.ts";
import type { Checksums } from "./archive/trailer.ts";
import { openRegular, type OpenSource } from "./source.ts";

const POLL_MS = 50;
/** The kernel has a lease given back within 45 seconds (proc(5), lease-break-time). */
const LOCK_PATIENCE_MS = 60_000;

/** Savers pause less than that between two writes. What was not written to for so long rests. */
const REST_MS = 300;
/** How long a saver may take from truncating the file to the end of writing it. */
const PATIENCE_MS = 3000;
/** The same where nothing but the time of the last write speaks for one. */
const DOUBT_PATIENCE_MS = 1000;
/** What has been empty for so long, whatever the clocks of servers say, no saver is about to fill. */
const LONG_EMPTY_MS = 60_000;
/** A larger file is hardly ever written anew in a moment. */
const SMALL_BYTES = 8 << 20;

/** What the source held when it was last seen whole; the digest is empty where nobody knows. */
export type Before = Pick<Checksums, "sizeBytes" | "sha256">;

/**
 * Opens the source when it rests; null where it is, and stays, empty: where reading it gives nothing, whatever size it
 * claims. Where it was written to a moment ago, and is smaller than before or begins otherwise, somebody may be in the middle
 * of it: that is waited for, a log is not. The caller closes the handle.
 */
export async function openSettled(
  path: string,
  before: Before | undefined,
  monitor: Monitor,
): Promise<Settled | null> {
  const beganMs = performance.now();
  let writtenMs = beganMs;
  let last: FileFacts | null = null;
  let wasEmpty = false;
  for (;;) {
    const look = await patiently(path, () => lookInto(path), monitor);
    const nowMs = performance.now();
    if (last && !isUnwritten(last, look.facts)) writtenMs = nowMs;
    last = look.facts;
    wasEmpty ||= look.wasEmpty;
    // The time of the last write is no proof of what follows an emptying.
    const restsMs = Math.max(nowMs - writtenMs, wasEmpty ? 0 : measureAge(last.mtimeNs));
    const isOver = restsMs >= REST_MS || (await mayTake(look, before, wasEmpty, nowMs - beganMs));
    if (!look.isEmpty && isOver) return look;
    await look.handle.close();
    if (look.isEmpty && (restsMs > PATIENCE_MS || measureAge(last.ctimeNs) > LONG_EMPTY_MS)) return null;
    await wait(POLL_MS, monitor.signal);
  }
}

/** In milliseconds, however far in the future. */
const measureAge = (timeNs: bigint): number => Math.abs(Date.now() - Number(timeNs / 1_000_000n));

/** Whether a file is taken that was written to a moment ago: there is nothing to wait for, or it was waited for. */
async function mayTake(
  { facts, handle, path, isFree }: Look,
  before: Before | undefined,
  wasEmpty: boolean,
  watchedMs: number,
): Promise<boolean> {
  const isHalf = wasEmpty || facts.sizeBytes < (before?.sizeBytes ?? 0);
  if (isFree || watchedMs > (isHalf ? PATIENCE_MS : DOUBT_PATIENCE_MS)) return true;
  if (isHalf) return false;
  if (!before || facts.sizeBytes > SMALL_BYTES) return facts.sizeBytes > SMALL_BYTES;
  const beginning = Buffer.alloc(before.sizeBytes);
  await attempt(`cannot read '${path}'`, () => readAt(handle, beginning, 0));
  return new Bun.CryptoHasher("sha256").update(beginning).digest("hex") === before.sha256;
}

export interface Settled extends OpenSource {
  /** It begins as a database of SQLite does. */
  readonly isOfDatabase: boolean;
}

interface Look extends Settled {
  /** Reading it gives nothing, whatever size it claims. */
  readonly isEmpty: boolean;
  /** The same, or it was so a moment before it was read. */
  readonly wasEmpty: boolean;
  /** Sizes and times of such a file do not tell whether it rests. */
  readonly isFree: boolean;
}

async function lookInto(path: string): Promise<Look> {
  const source = await openRegular(path);
  await using opened = new AsyncDisposableStack();
  opened.use(source.handle);
  return await attempt(`cannot read '${path}'`, async () => {
    const { isEmpty, isOfDatabase } = await lookAtHead(source.handle);
    // Those of /proc claim to be empty; a database grows and shrinks, and tells itself when it rests.
    const claimsEmpty = source.facts.sizeBytes === 0;
    const isFree = isOfDatabase || (claimsEmpty && (await statHandle(source.handle)).sizeBytes === 0);
    const wasEmpty = isEmpty || (claimsEmpty && !isFree);
    opened.move();
    return { ...source, isEmpty, wasEmpty, isOfDatabase, isFree };
  });
}

/**
 * Awaits `act`, for up to a minute again and again where another process has the source locked: a lease that it gives back
 * (fcntl(2), F_SETLEASE), or a mandatory lock.
 */
export async function patiently<T>(
  path: string,
  act: () => Promise<T>,
  { signal, note }: Pick<Monitor, "signal" | "note">,
): Promise<T> {
  const endMs = performance.now() + LOCK_PATIENCE_MS;
  for (let looks = 0; ; looks++) {
    try {
      return await act();
    } catch (error) {
      const cause = error instanceof Failure ? error.cause : error;
      if (!isErrno(cause, "EAGAIN")) throw error;
      if (performance.now() >= endMs) {
        const hint = `see which one with: fuser -v ${quoteWord(path)}`;
        throw new Failure(`cannot back up '${path}': another program has kept it locked for a minute`, {
          cause,
          hint,
        });
      }
      if (looks === 0) note(`'${path}' is locked by another program: waiting`);
    }
    await wait(2 * POLL_MS, signal);
  }
}

/** Throws the reason of `signal` where that ends it. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
