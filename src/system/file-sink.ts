// A file's bytes on their way to the disk, in the background, so that neither the processor nor the disk waits for the
// other. Nothing is written after a failure, and it comes out at a later call.
import { type FileHandle, writeAt } from "./disk.ts";
import { attempt } from "./errno.ts";
import { writeOut } from "./libc.ts";

/** Writes that may wait for their turn. One at a time: two to the same file would only spin on its lock. */
const WRITES_WAITING = 3;
/** Bytes after which the disk is told to begin: enough for it to be efficient, and little left for the last sync. */
const WRITEBACK_BYTES = 8 << 20;

export class FileSink {
  /** Bytes taken so far: where the next ones go. */
  position = 0;
  readonly #handle: FileHandle;
  readonly #what: string;
  readonly #writes: Promise<void>[] = [];
  #begunBytes = 0;

  /** @param path for messages */
  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#what = `cannot write to '${path}'`;
  }

  /** Takes bytes to be written after all earlier ones; waits while too many are on their way. */
  async write(bytes: Uint8Array, onWritten?: () => void): Promise<void> {
    const from = this.position;
    this.position += bytes.length;
    const written = this.#writeAfter(this.#writes.at(-1), bytes, from, onWritten);
    // What fails fails all that follow, and comes out where they are waited for.
    written.catch(() => undefined);
    this.#writes.push(written);
    if (this.#writes.length > WRITES_WAITING) await this.#writes.shift();
  }

  /** Waits until all bytes are written. Durable they are only after a sync of the file. */
  async finish(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /** Waits until nothing is on its way any more, whatever came of it. The file may then be closed. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  async #writeAfter(
    previous: Promise<void> | undefined,
    bytes: Uint8Array,
    from: number,
    onWritten: (() => void) | undefined,
  ): Promise<void> {
    await previous;
    await attempt(this.#what, () => writeAt(this.#handle, bytes, from));
    onWritten?.();
    const writtenBytes = from + bytes.length;
    if (writtenBytes - this.#begunBytes < WRITEBACK_BYTES) return;
    writeOut(this.#handle.fd, this.#begunBytes, writtenBytes - this.#begunBytes, "begin");
    this.#begunBytes = writtenBytes;
  }
}
