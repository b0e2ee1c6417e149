// SQLite's own locks, as a reader takes them (https://sqlite.org/lockingv3.html, https://sqlite.org/walformat.html): while
// they are held, a database's file stays as it is. Nothing is opened but for reading.
import { type FileHandle, openSource, readAt, statEntry, statHandle } from "./disk.ts";
import { isErrno } from "./errno.ts";
import { i32, i64, hasFailedWith, loader, ptr } from "./libc.ts";

interface Range {
  readonly at: number;
  readonly bytes: number;
}
const PENDING: Range = { at: 0x40000000, bytes: 1 };
/** While it is read-locked, nobody writes a database that has no write-ahead log, and nobody removes the log of one. */
const SHARED: Range = { at: 0x40000002, bytes: 510 };
/**
 * In the `-shm`: while they are read-locked, no checkpoint writes to the file, and nobody begins the log anew, of which a copy
 * would then be the beginning of one and the end of another.
 */
const CHECKPOINT: Range = { at: 121, bytes: 1 };
const FIRST_READER: Range = { at: 124, bytes: 1 };

/**
 * As fcntl(2) is told: F_SETLK (of Linux F_OFD_SETLK, which no closing of another descriptor undoes), F_RDLCK and F_UNLCK;
 * and where in a struct flock the place and the type are.
 */
const layout =
  process.platform === "linux"
    ? { command: 37, read: 0, unlock: 2, placeAt: 8, typeAt: 0 }
    : { command: process.platform === "darwin" ? 8 : 12, read: 1, unlock: 2, placeAt: 0, typeAt: 20 };
// A variadic function: on arm64, macOS takes what is variadic from the stack, which begins with the ninth argument.
const control = loader({ fcntl: { args: [i32, i32, ptr, i64, i64, i64, i64, i64, ptr], returns: i32 } });

function setLock(descriptor: number, { at, bytes }: Range, type: "read" | "unlock"): boolean {
  const lock = Buffer.alloc(32);
  lock.writeInt16LE(layout[type], layout.typeAt);
  lock.writeBigInt64LE(BigInt(at), layout.placeAt);
  lock.writeBigInt64LE(BigInt(bytes), layout.placeAt + 8);
  return control()?.fcntl(descriptor, layout.command, lock, 0, 0, 0, 0, 0, lock) === 0;
}

/** As a reader begins: not while a writer waits for readers to be done. */
function lockShared(descriptor: number): boolean {
  if (!setLock(descriptor, PENDING, "read")) return false;
  const isLocked = setLock(descriptor, SHARED, "read");
  setLock(descriptor, PENDING, "unlock");
  return isLocked;
}

const PATIENCE_MS = 2000;
const POLL_MS = 2;

/** Waits for whoever writes: that takes milliseconds, unless he keeps the database for himself. */
async function waitFor(lock: () => boolean, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  while (!lock()) {
    if (!hasFailedWith("EAGAIN", "EACCES") || performance.now() >= end) return false;
    await Bun.sleep(POLL_MS);
    signal.throwIfAborted();
  }
  return true;
}

/**
 * Keeps the file of an open database as it is until what is returned is disposed of. Null where that can't be: somebody has
 * the database for himself, it has a log that nobody has open, or the file system knows no such locks.
 */
export async function lockDatabase(
  path: string,
  handle: FileHandle,
  signal: AbortSignal,
): Promise<AsyncDisposable | null> {
  await using held = new AsyncDisposableStack();
  const { fd } = handle;
  if (!(await waitFor(() => lockShared(fd), signal))) return null;
  held.defer(() => void setLock(fd, SHARED, "unlock"));
  if (await hasWriteAheadLog(handle)) {
    const memory = await openIfThere(`${path}-shm`);
    if (memory === null) return null;
    held.defer(() => memory.close());
    for (const range of [CHECKPOINT, FIRST_READER])
      if (!(await waitFor(() => setLock(memory.fd, range, "read"), signal))) return null;
    // From the first lock on, nobody removes it; before that, another may have taken its place.
    const named = await statEntry(`${path}-shm`);
    if (named?.inode !== (await statHandle(memory)).inode) return null;
  }
  return held.move();
}

/** Byte 18 of its file says how a database is written: 2 by a log. */
async function hasWriteAheadLog(handle: FileHandle): Promise<boolean> {
  const version = Buffer.alloc(1);
  return (await readAt(handle, version, 18)) === 1 && version[0] === 2;
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await openSource(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM", "ELOOP")) return null;
    throw error;
  }
}
