// Two states of a file side by side: revisions, or the file as it is now. Read once, together, in bounded memory; what
// comes out is proven, as everything that a revision gives.
import type { Monitor } from "../system/monitor.ts";
import { FormatError, releaseBlock } from "./archive/frame.ts";
import { readArchive } from "./archive/read.ts";
import { damagedContent, type ReadableRevision } from "./revision.ts";
import { compareWithBefore, openRegular, readBeginning } from "./source.ts";

/** A revision, or the file at an absolute path. */
export type State = ReadableRevision | { readonly state: "live"; readonly path: string };

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
      const [a, b] = [await one.next(), await other.next()];
      if (a.length === 0 && b.length === 0) break;
      firstDifferenceAt ??= findDifference(a, b, position);
      position += Math.max(a.length, b.length);
      monitor.progress("comparing", position, Math.max(one.expectedBytes, other.expectedBytes));
    }
    return { from: one.conclude(), to: other.conclude(), firstDifferenceAt };
  } finally {
    for (const reading of readings) await reading.close();
  }
}

/** Where two blocks that begin at `position` differ first; a block that ends before the other one differs there. */
function findDifference(a: Uint8Array, b: Uint8Array, position: number): number | null {
  if (Buffer.compare(a, b) === 0) return null;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return position + (at === -1 ? a.length : at);
}

/** One state on its way through the memory, a block at a time. */
class Reading {
  /** How large it should be, for the progress line; 0 until it is known. */
  expectedBytes = 0;
  #sizeBytes = 0;
  #block: Uint8Array = new Uint8Array();
  #text: Uint8Array[] | null = [];
  #hasChanged = false;
  readonly #hash = new Bun.CryptoHasher("sha256");
  readonly #blocks: AsyncGenerator<Uint8Array, void, void>;

  constructor(state: State, signal: AbortSignal) {
    this.#blocks =
      state.state === "live" ? this.#readLive(state.path, signal) : this.#readRevision(state, signal);
  }

  /** The next block, of BLOCK_BYTES if it is not the last; nothing at the end. The one before it is gone then. */
  async next(): Promise<Uint8Array> {
    releaseBlock(this.#block);
    const { done, value } = await this.#blocks.next();
    const block = done === true ? new Uint8Array() : value;
    this.#block = block;
    this.#hash.update(block);
    this.#sizeBytes += block.length;
    if (this.#sizeBytes > TEXT_BYTES || block.includes(0)) this.#text = null;
    // A copy: the block's own memory is given back.
    this.#text?.push(Buffer.from(block));
    return block;
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

  async *#readRevision(revision: ReadableRevision, signal: AbortSignal) {
    const { path, archive, sizeBytes } = revision;
    this.expectedBytes = sizeBytes ?? 0;
    try {
      yield* readArchive(path, archive, signal);
    } catch (error) {
      throw error instanceof FormatError ? damagedContent(revision, error, "compared") : error;
    }
  }

  async *#readLive(path: string, signal: AbortSignal) {
    const source = await openRegular(path, `cannot read '${path}'`);
    this.expectedBytes = source.facts.sizeBytes;
    try {
      yield* readBeginning(source, signal);
      this.#hasChanged = !["unchanged", "moved"].includes(await compareWithBefore(source));
    } finally {
      await source.handle.close();
    }
  }
}
