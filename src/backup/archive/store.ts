// Bytes on their way to the disk, and back: what was written is made durable range by range, forgotten by the system, read
// again and compared, while more is written. Nothing is written after a failure, and it comes out at a later call.
import { type FileHandle, readAt, writeAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { shareRange } from "../../system/clone.ts";
import { dropCachedPages, writeOut } from "../../system/libc.ts";
import type { Earlier } from "./earlier.ts";
import { awaitedLater, FormatError, releaseBlock } from "./frame.ts";
import type { Stored } from "./layout.ts";
import { updateCrc } from "./trailer.ts";

/** Bytes to be made durable and read back at a time. */
const RANGE_BYTES = 8 << 20;
/** Ranges, and writes, that may wait for their turn. */
const RANGES_WAITING = 2;
const WRITES_WAITING = 3;

interface Range {
  readonly at: number;
  readonly parts: { readonly bytes: number; readonly crc32: number }[];
  readonly writes: Promise<void>[];
}

export class Store {
  /** Bytes taken so far: where the next ones go. */
  position = 0;
  /** CRC-32 of all of them. */
  crc32 = 0;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #writes: Promise<void>[] = [];
  readonly #proofs: Promise<void>[] = [];
  #range: Range = { at: 0, parts: [], writes: [] };
  #buffer = Buffer.alloc(0);
  #mayShare = true;

  /** @param path for messages */
  constructor(handle: FileHandle, path: string, signal: AbortSignal) {
    [this.#handle, this.#path, this.#signal] = [handle, path, signal];
  }

  /** Takes bytes to be stored behind all earlier ones; waits while too many are on their way. */
  async add({ bytes, crc32, earlierAt }: Omit<Stored, "checksum">, earlier: Earlier | null): Promise<void> {
    const at = this.position;
    this.position += bytes.length;
    this.crc32 = updateCrc(bytes, this.crc32);
    this.#range.parts.push({ bytes: bytes.length, crc32 });
    if (this.#share(earlier, earlierAt, at, bytes.length)) releaseBlock(bytes);
    else this.#write(bytes, at);
    if (this.position - this.#range.at >= RANGE_BYTES) this.#endRange();
    if (this.#writes.length > WRITES_WAITING) await this.#writes.shift();
    if (this.#proofs.length > RANGES_WAITING) await this.#proofs.shift();
  }

  /** Waits until all is written, and all proven, but for the last range unless `provesAll`. */
  async finish(provesAll: boolean): Promise<void> {
    if (provesAll) this.#endRange();
    await Promise.all([...this.#writes, ...this.#range.writes]);
    await Promise.all(this.#proofs);
  }

  /** Reads back what was not yet, once the file is durable: throws a FormatError where it is not what was written. */
  async proveRest(): Promise<void> {
    if (this.#range.parts.length > 0) await this.#prove(this.#range);
  }

  /** Waits until nothing is on its way any more, whatever came of it. The file may then be closed. */
  async settle(): Promise<void> {
    await Promise.allSettled([...this.#writes, ...this.#range.writes, ...this.#proofs]);
  }

  #share(earlier: Earlier | null, from: number | null, at: number, bytes: number): boolean {
    if (!this.#mayShare || earlier?.mayShare !== true || from === null) return false;
    return (this.#mayShare = shareRange(earlier.handle.fd, from, this.#handle.fd, at, bytes));
  }

  #write(bytes: Uint8Array, at: number): void {
    const what = `cannot write to '${this.#path}'`;
    const written = awaitedLater(
      attempt(what, () => writeAt(this.#handle, bytes, at)).then(() => releaseBlock(bytes)),
    );
    this.#range.writes.push(written);
    this.#writes.push(written);
  }

  #endRange(): void {
    const range = this.#range;
    this.#range = { at: this.position, parts: [], writes: [] };
    this.#proofs.push(awaitedLater(this.#settleRange(range, this.#proofs.at(-1))));
  }

  async #settleRange(range: Range, previous: Promise<void> | undefined): Promise<void> {
    await Promise.all(range.writes);
    writeOut(this.#handle.fd, range.at, this.position - range.at, "begin");
    await previous;
    await attempt(`cannot write to '${this.#path}'`, () => this.#handle.syncData());
    await this.#prove(range);
  }

  async #prove({ at, parts }: Range): Promise<void> {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    const stored = this.#buffer.subarray(0, bytes);
    this.#signal.throwIfAborted();
    dropCachedPages(this.#handle.fd, at, bytes);
    await attempt(`cannot read '${this.#path}' back`, () => readAt(this.#handle, stored, at));
    let from = 0;
    for (const part of parts)
      if (updateCrc(stored.subarray(from, (from += part.bytes))) !== part.crc32)
        throw new FormatError("its stored bytes are not those that were written");
  }
}
