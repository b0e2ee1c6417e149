// An open file. What waits for a disk is done by the runtime's pool, so that a signal is heard meanwhile; what the system
// answers by itself is asked at once: the way to the pool and back costs more than the call.
import fs from "node:fs";

export class FileHandle implements AsyncDisposable {
  /** -1 after it was closed. */
  fd: number;
  #isUnsynced = false;

  constructor(path: string, flags: number, mode?: number) {
    this.fd = fs.openSync(path, flags, mode);
  }

  /** Returns how many bytes there were: 0 at the end. */
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return inPool((done) => fs.read(this.fd, into, offset, length, position, done));
  }

  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    this.#isUnsynced = true;
    return inPool((done) => fs.write(this.fd, bytes, offset, length, position, done));
  }

  /** @param what `fdatasync`: the content, without its times */
  sync(what: "fsync" | "fdatasync" = "fsync"): Promise<void> {
    // A write meanwhile says otherwise again.
    this.#isUnsynced = false;
    return inPool((done) => fs[what](this.fd, (error) => done(error, undefined)));
  }

  stat(): fs.BigIntStats {
    return fs.fstatSync(this.fd, { bigint: true });
  }

  truncate(sizeBytes: number): void {
    fs.ftruncateSync(this.fd, sizeBytes);
  }

  chmod(mode: number): void {
    fs.fchmodSync(this.fd, mode);
  }

  chown(uid: number, gid: number): void {
    fs.fchownSync(this.fd, uid, gid);
  }

  /** What the system says of a file that has nothing left to be written (EIO of a failing disk) is nothing to anybody. */
  async close(): Promise<void> {
    const { fd } = this;
    if (fd === -1) return;
    this.fd = -1;
    // Some network shares write what is not written yet.
    if (this.#isUnsynced) await inPool((done) => fs.close(fd, (error) => done(error ?? null, undefined)));
    else closeUnwritten(fd);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export function closeUnwritten(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // EIO, ESTALE: see FileHandle.close.
  }
}

type Done<Value> = (error: Error | null, value: Value) => void;

/** Has the runtime's pool do what may wait. */
export function inPool<Value>(begin: (done: Done<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    begin((error, value) => (error ? reject(error) : resolve(value)));
  });
}
