// A file's bytes on their way to the disk, in the background, so that neither the processor nor the disk waits for the
// other. A failure comes out at a later call.
import { type FileHandle, writeAt } from "./disk.ts";
import { attempt } from "./errno.ts";
import { writeOut } from "./libc.ts";

/** More writes to one file at a time would only wait for its lock, in threads that decode. */
const WRITES_UNDER_WAY = 2;
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

  /** Takes bytes to be written; waits while too many are on their way. */
  async write(bytes: Uint8Array, onWritten?: () => void): Promise<void> {
    const from = this.position;
    this.position += bytes.length;
    if (this.#writes.length >= WRITES_UNDER_WAY) {
      // In the list as long as it is under way: `finish` has to wait for it as well.
      await this.#writes[0];
      void this.#writes.shift();
    }
    const written = this.#writeAt(from, bytes, onWritten);
    // What fails comes out where it is waited for.
    written.catch(() => undefined);
    this.#writes.push(written);
  }

  /** Waits until all bytes are written. Durable they are only after a sync of the file. */
  async finish(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /** Waits until nothing is on its way any more, whatever came of it. The file may then be closed. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  async #writeAt(from: number, bytes: Uint8Array, onWritten?: () => void): Promise<void> {
    await attempt(this.#what, () => writeAt(this.#handle, bytes, from));
    onWritten?.();
    const begun = this.#begunBytes;
    const newBytes = from + bytes.length - begun;
    if (newBytes < WRITEBACK_BYTES) return;
    this.#begunBytes += newBytes;
    writeOut(this.#handle.fd, begun, newBytes, "begin");
  }
}
