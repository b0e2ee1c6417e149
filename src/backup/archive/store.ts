// Bytes on their way to the disk, and back: what was written is made durable range by range, forgotten by the system, read
// again and compared, while more is written.
import { shareRange } from "../../system/clone.ts";
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { FileSink } from "../../system/file-sink.ts";
import { dropCachedPages } from "../../system/libc.ts";
import type { Earlier } from "./earlier.ts";
import { awaitedLater, FormatError, releaseBlock } from "./frame.ts";
import type { Stored } from "./layout.ts";
import { updateCrc } from "./trailer.ts";

/** Bytes to be made durable and read back at a time. */
const RANGE_BYTES = 32 << 20;
/** Ranges that may wait for their turn. */
const RANGES_WAITING = 2;
const READ_BYTES = 8 << 20;
/** The largest page of any system that we build for. */
const PAGE_BYTES = 64 << 10;

type Part = Pick<Stored, "crc32"> & { readonly bytes: number };

export class Store {
  crc32 = 0;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #sink: FileSink;
  readonly #proofs: Promise<void>[] = [];
  /** Where the parts begin that no proof is under way of. */
  #rangeAt = 0;
  #parts: Part[] = [];
  #mayShare = true;

  constructor(handle: FileHandle, path: string, signal: AbortSignal) {
    [this.#handle, this.#path, this.#signal] = [handle, path, signal];
    this.#sink = new FileSink(handle, path);
  }

  /** Bytes taken so far: where the next ones go. */
  get position(): number {
    return this.#sink.position;
  }

  /** Takes bytes to be stored behind all earlier ones; waits while too many are on their way. */
  async add({ bytes, crc32, earlierAt }: Omit<Stored, "checksum">, earlier: Earlier | null): Promise<void> {
    this.crc32 = updateCrc(bytes, this.crc32);
    this.#parts.push({ bytes: bytes.length, crc32 });
    if (this.#share(earlier, earlierAt, bytes.length)) {
      this.#sink.position += bytes.length;
      releaseBlock(bytes);
    } else await this.#sink.write(bytes, () => releaseBlock(bytes));
    if (this.position - this.#rangeAt >= RANGE_BYTES) this.#endRange();
    if (this.#proofs.length > RANGES_WAITING) await this.#proofs.shift();
  }

  /** Waits until all is written, and all proven, but for the last range unless `provesAll`. */
  async finish(provesAll: boolean): Promise<void> {
    if (provesAll) this.#endRange();
    await this.#sink.finish();
    await Promise.all(this.#proofs);
  }

  /** Reads back what was not yet, once the file is durable: throws a FormatError where it is not what was written. */
  async proveRest(): Promise<void> {
    if (this.#parts.length > 0) await this.#prove(this.#rangeAt, this.#parts);
  }

  /** Waits until nothing is on its way any more, whatever came of it. The file may then be closed. */
  async settle(): Promise<void> {
    await this.#sink.settle();
    await Promise.allSettled(this.#proofs);
  }

  #share(earlier: Earlier | null, from: number | null, bytes: number): boolean {
    if (!this.#mayShare || earlier?.mayShare !== true || from === null) return false;
    return (this.#mayShare = shareRange(earlier.handle.fd, from, this.#handle.fd, this.position, bytes));
  }

  #endRange(): void {
    const [at, parts] = [this.#rangeAt, this.#parts];
    // What shares a page with what follows can't be read from the disk yet.
    const last = this.position % PAGE_BYTES === 0 ? undefined : parts.at(-1);
    [this.#rangeAt, this.#parts] = [this.position - (last?.bytes ?? 0), last ? [last] : []];
    this.#proofs.push(awaitedLater(this.#settleRange(at, parts, this.#proofs.at(-1))));
  }

  async #settleRange(at: number, parts: readonly Part[], previous: Promise<void> | undefined): Promise<void> {
    await previous;
    await this.#sink.finish();
    await attempt(`cannot write to '${this.#path}'`, () => this.#handle.sync("fdatasync"));
    await this.#prove(at, parts);
  }

  async #prove(at: number, parts: readonly Part[]): Promise<void> {
    const end = parts.reduce((sum, { bytes }) => sum + bytes, at);
    const most = parts.reduce((longest, { bytes }) => Math.max(longest, bytes), READ_BYTES);
    const memory = Buffer.allocUnsafeSlow(Math.min(most, end - at));
    let [position, from, filled] = [at, 0, 0];
    // All: what begins before a range stays whole in memory, and may be of many pages (large folios of Linux).
    dropCachedPages(this.#handle.fd);
    for (const { bytes, crc32 } of parts) {
      if (from + bytes > filled) {
        this.#signal.throwIfAborted();
        const [next, into] = [position, memory.subarray(0, end - position)];
        filled = await attempt(`cannot read '${this.#path}' back`, () => readAt(this.#handle, into, next));
        from = 0;
      }
      // Where the file ended early, what is left in memory of the last reading must not do.
      if (updateCrc(memory.subarray(from, Math.min(from + bytes, filled))) !== crc32)
        throw new FormatError("its stored bytes are not those that were written");
      [position, from] = [position + bytes, from + bytes];
    }
    releaseBlock(memory);
  }
}
