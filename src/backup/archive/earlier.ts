// An archive of an earlier state of a file, next to which a new one is written: what has not changed is taken over from it.
import { type FileHandle, isWhere, openExisting, readAt } from "../../system/disk.ts";
import type { Extent } from "../../system/extents.ts";
import { dropCachedPages } from "../../system/libc.ts";
import { awaitedLater, FormatError, releaseBlock, workAhead } from "./frame.ts";
import { decodeStored, holdsBlock, isAligned, type Place, readTable, type Stored } from "./layout.ts";
import type { Archive } from "./read.ts";
import { ContentHash, countBytes, cutIntoBlocks, type Shape } from "./sparse.ts";
import { updateCrc } from "./trailer.ts";

/** How many blocks it takes to tell whether looking pays. */
const TRIALS = 8;

export class Earlier implements AsyncDisposable {
  readonly handle: FileHandle;
  readonly places: readonly Place[];
  /** Whether a file system may be asked to store its blocks once. */
  readonly mayShare: boolean;
  /** Something of it was not as it should be: it may be damaged. */
  isSuspect = false;
  readonly #archive: Archive;
  /** Milliseconds that taking a block over, and compressing one, have taken so far, and how often. */
  readonly #taking = { ms: 0, times: 0 };
  readonly #encoding = { ms: 0, times: 0 };
  #isTried = false;

  private constructor(handle: FileHandle, archive: Archive, places: readonly Place[], mayShare: boolean) {
    [this.handle, this.#archive, this.places, this.mayShare] = [handle, archive, places, mayShare];
  }

  /** Null where nothing can be taken over from it. It is read from the disk, not from what the system has in memory. */
  static async open(path: string, archive: Archive, mayShare: boolean): Promise<Earlier | null> {
    if (!isAligned(archive.format, archive.trailer.dataBytes)) return null;
    const handle = await openExisting(path, "read").catch(() => null);
    if (!handle) return null;
    dropCachedPages(handle.fd);
    const places = await readTable(handle, archive).catch(() => []);
    return new Earlier(handle, archive, places, mayShare && isWhere("files have clones", path) === true);
  }

  /**
   * The stored form of a block of that place: its own, where it decodes to just that; else, or where looking takes longer than
   * compressing, what `encode` gives.
   */
  async take(
    index: number,
    block: Uint8Array,
    checksum: number,
    encode: () => Promise<Stored>,
  ): Promise<Stored> {
    const place = this.places[index];
    if (place?.checksum !== checksum || !this.#isWorthLooking()) return measure(this.#encoding, encode);
    const reading = measure(this.#taking, () => this.#read(place, block));
    // Once, to have something to compare with.
    const trial = this.#isTried ? null : awaitedLater(measure(this.#encoding, encode));
    this.#isTried = true;
    const taken = await reading;
    const made = await trial;
    return taken ?? made ?? measure(this.#encoding, encode);
  }

  /**
   * The stored forms of so many first blocks. Throws a FormatError where these are not the data of that shape with that SHA-256.
   */
  async *takeFirst(blocks: number, shape: Shape, sha256: string): AsyncGenerator<Stored, void, void> {
    const hash = new ContentHash(shape);
    const readOne = async (pieces: readonly Extent[], index: number) => {
      const [place, blockBytes] = [this.places[index], countBytes(pieces)];
      if (!place) throw new FormatError("its table is too short");
      const stored = await this.#readStored(place);
      const content = await decodeStored(this.#archive.format, stored.bytes, blockBytes, true);
      return { stored, content, pieces };
    };
    try {
      for await (const { stored, content, pieces } of workAhead(cutIntoBlocks(shape).take(blocks), readOne)) {
        hash.update(content, pieces);
        releaseBlock(content);
        yield stored;
      }
      if (hash.digestSoFar() !== sha256) throw new FormatError("its content is another one");
    } catch (cause) {
      this.isSuspect = true;
      throw new FormatError("what was to be taken over is not what it was", { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    dropCachedPages(this.handle.fd);
    await this.handle.close();
  }

  #isWorthLooking(): boolean {
    const isOpen = this.#taking.times < TRIALS || this.#encoding.times === 0;
    if (this.mayShare || isOpen) return true;
    return this.#taking.ms / this.#taking.times < this.#encoding.ms / this.#encoding.times;
  }

  async #readStored({ at, bytes: length, checksum }: Place): Promise<Stored> {
    const stored = Buffer.allocUnsafeSlow(length);
    const bytes = stored.subarray(0, await readAt(this.handle, stored, at));
    return { bytes, crc32: updateCrc(bytes), checksum, earlierAt: at };
  }

  async #read(place: Place, block: Uint8Array): Promise<Stored | null> {
    try {
      const stored = await this.#readStored(place);
      if (await holdsBlock(this.#archive.format, stored.bytes, block, true)) return stored;
    } catch {
      // EIO, or a frame that does not decode: what was kept there is lost, and made anew from the source.
    }
    this.isSuspect = true;
    return null;
  }
}

async function measure<T>(sum: { ms: number; times: number }, act: () => Promise<T>): Promise<T> {
  const beganMs = performance.now();
  const made = await act();
  sum.ms += performance.now() - beganMs;
  sum.times += 1;
  return made;
}
