// The source at rest: not while another program has it locked, not in the moment between a saver's truncating and its
// writing, not half written where that can be told.
import { setTimeout as pause } from "node:timers/promises";
import { Failure, quoteWord } from "../errors.ts";
import { type FileFacts, readAt } from "../system/disk.ts";
import { attempt, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { isDatabase } from "../system/sqlite.ts";
import { openRegular, type OpenSource } from "./source.ts";

const POLL_MS = 50;
/** The kernel has a lease given back within 45 seconds (proc(5), lease-break-time). */
const LOCK_PATIENCE_MS = 60_000;
/** How long a saver may take from truncating the file to writing it. */
const EMPTY_PATIENCE_MS = 3000;
/** What has been empty for so long, whatever the clocks of servers say, no saver is about to fill. */
const LONG_EMPTY_MS = 60_000;

/** Savers pause less than that between two writes. What was not written to for so long rests. */
const REST_MS = 300;
/** What is known to be half written, and never rests, is taken as it is after that. */
const HALF_PATIENCE_MS = 8000;
/** The same of what only may be half written. */
const DOUBT_PATIENCE_MS = 1000;
/** What grows that often while it is looked at is a log, and no saver's. */
const LOG_STEPS = 3;
/** A larger file is hardly ever written anew in a moment. */
const SMALL_BYTES = 8 << 20;
const NS_PER_MS = 1_000_000n;

/** What the source held when it was last seen whole. */
export interface Before {
  readonly sizeBytes: number;
  /** SHA-256 of that; null where nobody knows. */
  readonly sha256: string | null;
}

/**
 * Opens the source when it rests; null where it is, and stays, empty: where reading it gives nothing, whatever size it
 * claims. Where it was written to a moment ago, and is smaller than before or begins otherwise, somebody may be in the middle
 * of it: that is waited for, a log is not. The caller closes the handle.
 */
export async function openSettled(
  path: string,
  before: Before | undefined,
  monitor: Monitor,
): Promise<OpenSource | null> {
  const watch = new Watch(before);
  for (;;) {
    const look = await patiently(path, () => lookInto(path), monitor);
    const verdict = await watch.judge(look);
    if (verdict === "take") return look.source;
    await look.source.handle.close();
    if (verdict === "empty") return null;
    await wait(POLL_MS, monitor.signal);
  }
}

interface Look {
  readonly source: OpenSource;
  /** Reading it gives nothing, whatever size it claims. */
  readonly isEmpty: boolean;
  /** Sizes and times of such a file do not tell whether it rests. */
  readonly isFree: boolean;
}

/** What was seen of a file, look by look, and what to do about it. */
class Watch {
  readonly #before: Before | undefined;
  readonly #beganMs = performance.now();
  #last: FileFacts | null = null;
  /** When it was last seen to be written to. */
  #restsSinceMs = this.#beganMs;
  #growths = 0;
  #wasEmpty = false;

  constructor(before: Before | undefined) {
    this.#before = before;
  }

  async judge({ source, isEmpty, isFree }: Look): Promise<"take" | "wait" | "empty"> {
    const nowMs = performance.now();
    this.#compare(source.facts, nowMs);
    const watchedMs = nowMs - this.#restsSinceMs;
    if (isEmpty) {
      this.#wasEmpty = true;
      const isLong = ageMs(source.facts.ctimeNs) > LONG_EMPTY_MS || watchedMs > EMPTY_PATIENCE_MS;
      return isLong ? "empty" : "wait";
    }
    return isFree || (await this.#rests(source, watchedMs, nowMs)) ? "take" : "wait";
  }

  async #rests(source: OpenSource, watchedMs: number, nowMs: number): Promise<boolean> {
    const { sizeBytes, mtimeNs } = source.facts;
    if (watchedMs >= REST_MS || (!this.#wasEmpty && Math.abs(ageMs(mtimeNs)) >= REST_MS)) return true;
    const isHalf = this.#wasEmpty || sizeBytes < (this.#before?.sizeBytes ?? 0);
    if (nowMs - this.#beganMs > (isHalf ? HALF_PATIENCE_MS : DOUBT_PATIENCE_MS)) return true;
    return !isHalf && !(await this.#isDoubtful(source));
  }

  #compare(facts: FileFacts, nowMs: number): void {
    const { sizeBytes, mtimeNs } = this.#last ?? facts;
    if (facts.sizeBytes > sizeBytes) this.#growths += 1;
    if (facts.sizeBytes !== sizeBytes || facts.mtimeNs !== mtimeNs) this.#restsSinceMs = nowMs;
    this.#last = facts;
  }

  /** Of a file that is no smaller than before. */
  async #isDoubtful({ facts, handle, path }: OpenSource): Promise<boolean> {
    if (facts.sizeBytes > SMALL_BYTES || this.#growths >= LOG_STEPS) return false;
    if (!this.#before) return true;
    const beginning = Buffer.alloc(this.#before.sizeBytes);
    await attempt(`cannot read '${path}'`, () => readAt(handle, beginning, 0));
    return new Bun.CryptoHasher("sha256").update(beginning).digest("hex") !== this.#before.sha256;
  }
}

function ageMs(timeNs: bigint): number {
  return Date.now() - Number(timeNs / NS_PER_MS);
}

async function lookInto(path: string): Promise<Look> {
  const source = await openRegular(path);
  try {
    const { handle } = source;
    return await attempt(`cannot read '${path}'`, async () => {
      const isEmpty = (await readAt(handle, Buffer.alloc(1), 0)) === 0;
      // Those of /proc claim to be empty; a database grows and shrinks, and tells itself when it rests.
      const isFree = source.facts.sizeBytes === 0 || (await isDatabase(handle));
      return { source, isEmpty, isFree };
    });
  } catch (error) {
    await source.handle.close();
    throw error;
  }
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
  let isNoted = false;
  for (;;) {
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
      if (!isNoted) note(`'${path}' is locked by another program: waiting`);
      isNoted = true;
    }
    await wait(2 * POLL_MS, signal);
  }
}

/** Throws the reason of `signal` where that ends it. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
