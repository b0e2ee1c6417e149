// Two states of a file side by side: revisions, or the file as it is now. Read once, together, in bounded memory; what
// comes out is proven, as everything that a revision gives.
import { readAt } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { BLOCK_BYTES, FormatError, releaseBlock } from "./archive/frame.ts";
import { readArchive } from "./archive/read.ts";
import { damagedRevision, type IntactRevision } from "./revision.ts";
import { compareWithBefore, openRegular } from "./source.ts";

/** A revision, or the file at an absolute path. */
export type State = IntactRevision | { readonly state: "live"; readonly path: string };

/** What reading one state to its end has told. */
export interface Content {
  readonly sizeBytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
  /** All of it, if it is text of at most TEXT_BYTES. */
  readonly text: Uint8Array | null;
  /** The file was written to meanwhile, and this may be half of the one and half of the other. */
  readonly hasChanged: boolean;
}

export interface Comparison {
  readonly from: Content;
  readonly to: Content;
  /** The offset of the first byte that only one of them has there; null if they are identical. */
  readonly firstDifferenceAt: number | null;
}

/** More than that nobody reads line by line. */
export const TEXT_BYTES = 8 << 20;

/** Reads both states whole. Throws DamagedFailure if a revision is not what it was. */
export async function compareStates(from: State, to: State, monitor: Monitor): Promise<Comparison> {
  const readings = [new Reading(from, monitor.signal), new Reading(to, monitor.signal)] as const;
  const [one, other] = readings;
  try {
    let firstDifferenceAt: number | null = null;
    for (let position = 0; ;) {
      const [a, b] = [await one.peek(), await other.peek()];
      if (a.length === 0 && b.length === 0) break;
      const length = Math.min(a.length, b.length) || Math.max(a.length, b.length);
      firstDifferenceAt ??= findDifference(a.subarray(0, length), b.subarray(0, length), position);
      one.take(length);
      other.take(length);
      position += length;
      monitor.progress("comparing", position, Math.max(one.expectedBytes, other.expectedBytes));
    }
    return { from: one.conclude(), to: other.conclude(), firstDifferenceAt };
  } finally {
    for (const reading of readings) await reading.close();
  }
}

function findDifference(a: Uint8Array, b: Uint8Array, position: number): number | null {
  if (Buffer.compare(a, b) === 0) return null;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return position + (at === -1 ? a.length : at);
}

const nothing = new Uint8Array();

/** One state on its way through the memory, a block at a time. */
class Reading {
  /** How large it should be, for the progress line; 0 until it is known. */
  expectedBytes = 0;
  #sizeBytes = 0;
  /** What is left of it, and all of it. */
  #block: Uint8Array = nothing;
  #whole: Uint8Array = nothing;
  #text: Uint8Array[] | null = [];
  #hasChanged = false;
  readonly #hash = new Bun.CryptoHasher("sha256");
  readonly #blocks: AsyncGenerator<Uint8Array, void, void>;

  constructor(state: State, signal: AbortSignal) {
    this.#blocks =
      state.state === "live" ? this.#readLive(state.path, signal) : this.#readRevision(state, signal);
  }

  /** What comes next; nothing at the end. */
  async peek(): Promise<Uint8Array> {
    while (this.#block.length === 0) {
      const { done, value } = await this.#blocks.next();
      if (done === true) break;
      this.#whole = this.#block = value;
    }
    return this.#block;
  }

  /** Goes on by `length` bytes, or by the fewer that there are. */
  take(length: number): void {
    const bytes = this.#block.subarray(0, length);
    if (bytes.length === 0) return;
    this.#block = this.#block.subarray(bytes.length);
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
    if (this.#sizeBytes > TEXT_BYTES || bytes.includes(0)) this.#text = null;
    // A copy: the block's own memory is given back.
    this.#text?.push(Buffer.from(bytes));
    if (this.#block.length > 0) return;
    releaseBlock(this.#whole);
    this.#whole = this.#block = nothing;
  }

  /** What there was, now that the end was reached. */
  conclude(): Content {
    return {
      sizeBytes: this.#sizeBytes,
      sha256: this.#hash.digest("hex"),
      text: this.#text && Buffer.concat(this.#text),
      hasChanged: this.#hasChanged,
    };
  }

  async close(): Promise<void> {
    await this.#blocks.return();
  }

  async *#readRevision({ path, archive, sizeBytes }: IntactRevision, signal: AbortSignal) {
    this.expectedBytes = sizeBytes;
    try {
      yield* readArchive(path, archive, signal);
    } catch (error) {
      throw error instanceof FormatError ? damagedRevision(path, error.message, "compared") : error;
    }
  }

  async *#readLive(path: string, signal: AbortSignal) {
    const what = `cannot read '${path}'`;
    const source = await openRegular(path, what);
    this.expectedBytes = source.facts.sizeBytes;
    try {
      // Only what was there at the beginning: the end of a log that grows might never come.
      for (let left = this.expectedBytes; left > 0;) {
        signal.throwIfAborted();
        const block = Buffer.allocUnsafeSlow(Math.min(left, BLOCK_BYTES));
        const from = this.expectedBytes - left;
        const bytesRead = await attempt(what, () => readAt(source.handle, block, from));
        if (bytesRead === 0) break;
        yield block.subarray(0, bytesRead);
        left -= bytesRead;
      }
      this.#hasChanged = (await compareWithBefore(source)) !== "unchanged";
    } finally {
      await source.handle.close();
    }
  }
}
