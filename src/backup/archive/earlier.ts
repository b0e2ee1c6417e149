// An archive of an earlier state of a file, next to which a new one is written: what has not changed is taken over from it.
import { type FileHandle, isWhere, openExisting, readAt } from "../../system/disk.ts";
import { dropCachedPages } from "../../system/libc.ts";
import { awaitedLater } from "./frame.ts";
import { holdsBlock, isAligned, type Place, readTable, type Stored } from "./layout.ts";
import type { Archive } from "./read.ts";
import { updateCrc } from "./trailer.ts";

/** How many blocks it takes to tell whether looking pays. */
const TRIALS = 8;

export class Earlier implements AsyncDisposable {
  readonly handle: FileHandle;
  readonly places: readonly Place[];
  /** Whether a file system may be asked to store its blocks once. */
  readonly mayShare: boolean;
  /** Look for every block, whatever it costs: it is to be found out whether anything has changed. */
  isThorough = false;
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
    const isBlock = (bytes: Uint8Array) => holdsBlock(this.#archive.format, bytes, block, true);
    const reading = measure(this.#taking, () => this.#read(place, isBlock));
    // Once, to have something to compare with.
    const trial = this.#isTried ? null : awaitedLater(measure(this.#encoding, encode));
    this.#isTried = true;
    const taken = await reading;
    const made = await trial;
    return taken ?? made ?? measure(this.#encoding, encode);
  }

  /** What it stores there, if that is what it was when it was taken. */
  async readAgain(index: number, crc32: number): Promise<Stored | null> {
    const place = this.places[index];
    return place ? this.#read(place, (bytes) => updateCrc(bytes) === crc32) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    dropCachedPages(this.handle.fd);
    await this.handle.close();
  }

  #isWorthLooking(): boolean {
    const isOpen = this.#taking.times < TRIALS || this.#encoding.times === 0;
    if (this.mayShare || this.isThorough || isOpen) return true;
    return this.#taking.ms / this.#taking.times < this.#encoding.ms / this.#encoding.times;
  }

  async #read(
    { at, bytes: length, checksum }: Place,
    isRight: (bytes: Uint8Array) => boolean | Promise<boolean>,
  ): Promise<Stored | null> {
    try {
      const stored = Buffer.allocUnsafeSlow(length);
      const bytes = stored.subarray(0, await readAt(this.handle, stored, at));
      const crc32 = updateCrc(bytes);
      if (await isRight(bytes)) return { bytes, crc32, checksum, earlierAt: at };
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
