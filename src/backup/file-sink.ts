// A file's bytes on their way to the disk: a few writes at a time in the background, and an early flush now and then, so
// that neither the processor nor the disk waits for the other. Any failure is kept, and comes out at the next call.
import { writeAt, type FileHandle } from "../system/disk.ts";
import { attempt } from "./attempt.ts";

const WRITES_IN_FLIGHT = 3;
/** Bytes between two early flushes: enough for the disk to be efficient, little enough for the last one to be short. */
const FLUSH_BYTES = 32 << 20;

export class FileSink {
  /** Bytes taken so far: where the next ones go. */
  position = 0;
  readonly #handle: FileHandle;
  readonly #what: string;
  readonly #writes = new Set<Promise<void>>();
  #flush: Promise<void> | undefined;
  #flushedAt = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param path for messages */
  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#what = `cannot write to '${path}'`;
  }

  /** Takes bytes to be written after all earlier ones; waits while too many are on their way. */
  async write(bytes: Uint8Array, onWritten?: () => void): Promise<void> {
    this.#throwFailure();
    const write = this.#keepFailure(writeAt(this.#handle, bytes, this.position).then(onWritten));
    this.position += bytes.length;
    this.#writes.add(write);
    void write.then(() => this.#writes.delete(write));
    if (this.position - this.#flushedAt >= FLUSH_BYTES && !this.#flush) this.#beginFlush();
    if (this.#writes.size >= WRITES_IN_FLIGHT) await Promise.race(this.#writes);
  }

  /** Waits until all bytes are written. Durable they are only after a sync of the file. */
  async finish(): Promise<void> {
    await this.settle();
    this.#throwFailure();
  }

  /** Waits until nothing is on its way any more, whatever came of it. The file may then be closed. */
  async settle(): Promise<void> {
    await Promise.all([...this.#writes, this.#flush]);
  }

  #beginFlush(): void {
    this.#flushedAt = this.position;
    const flush = this.#keepFailure(this.#handle.datasync());
    this.#flush = flush.then(() => {
      this.#flush = undefined;
    });
  }

  /** A failed flush may be reported only once by the system: it must not get lost here. */
  #keepFailure(act: Promise<void>): Promise<void> {
    return attempt(this.#what, () => act).catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
