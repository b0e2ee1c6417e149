// The few calls of the C library that the runtime does not offer, on Linux (glibc and musl), macOS and FreeBSD.
import { dlopen, FFIType, read } from "bun:ffi";

const LOCK_EX = 2;
const LOCK_NB = 4;
const NS_PER_S = 1_000_000_000n;

/** Where the library is, how it gives its errno, and that errno's number for "another process holds the lock". */
const systems: Readonly<
  Record<string, { names: readonly string[]; errno: ErrnoSymbol; wouldBlock: number }>
> = {
  linux: {
    names: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
    errno: "__errno_location",
    wouldBlock: 11,
  },
  darwin: { names: ["libSystem.B.dylib"], errno: "__error", wouldBlock: 35 },
  freebsd: { names: ["libc.so.7"], errno: "__error", wouldBlock: 35 },
};
type ErrnoSymbol = "__errno_location" | "__error";

const calls = {
  flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  futimens: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  getpwuid: { args: [FFIType.u32], returns: FFIType.ptr },
  getgrgid: { args: [FFIType.u32], returns: FFIType.ptr },
  getpwnam: { args: [FFIType.ptr], returns: FFIType.ptr },
  getgrnam: { args: [FFIType.ptr], returns: FFIType.ptr },
} as const;
const errnoCall = { args: [], returns: FFIType.ptr } as const;

interface Libc {
  readonly name: string;
  readonly calls: ReturnType<typeof dlopen<typeof calls>>["symbols"];
  readonly lastErrno: () => number;
  readonly wouldBlock: number;
}
let loaded: Libc | null | undefined;

/** The library, loaded at first use; null where none of the known names can be loaded (callers then do without). */
function libc(): Libc | null {
  if (loaded !== undefined) return loaded;
  const system = systems[process.platform];
  for (const name of system?.names ?? []) {
    try {
      loaded = load(name, system?.errno ?? "__error", system?.wouldBlock ?? 0);
      return loaded;
    } catch {
      // Not this C library: the next name may be the one (glibc, then musl).
    }
  }
  loaded = null;
  return loaded;
}

function load(name: string, errno: ErrnoSymbol, wouldBlock: number): Libc {
  const symbols = dlopen(name, calls).symbols;
  const location = dlopen(name, { [errno]: errnoCall }).symbols[errno];
  return { name, calls: symbols, lastErrno: () => read.i32(location?.() ?? 0), wouldBlock };
}

const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
const RENAME_EXCL = 4;
const EEXIST = 17;
const renameCalls = {
  linux: {
    renameat2: {
      args: [FFIType.i32, FFIType.ptr, FFIType.i32, FFIType.ptr, FFIType.u32],
      returns: FFIType.i32,
    },
  },
  darwin: { renamex_np: { args: [FFIType.ptr, FFIType.ptr, FFIType.u32], returns: FFIType.i32 } },
} as const;

/** Renames a file and refuses to replace: renameat2(2) of Linux, renamex_np(2) of macOS. FreeBSD has neither. */
export function renameNew(from: string, to: string): "renamed" | "exists" | "not supported" {
  const library = libc();
  if (!library) return "not supported";
  const [source, target] = [Buffer.from(`${from}\0`), Buffer.from(`${to}\0`)];
  try {
    const result =
      process.platform === "darwin"
        ? dlopen(library.name, renameCalls.darwin).symbols.renamex_np(source, target, RENAME_EXCL)
        : dlopen(library.name, renameCalls.linux).symbols.renameat2(
            AT_FDCWD,
            source,
            AT_FDCWD,
            target,
            RENAME_NOREPLACE,
          );
    if (result === 0) return "renamed";
    return library.lastErrno() === EEXIST ? "exists" : "not supported";
  } catch {
    // An older C library without the call.
    return "not supported";
  }
}

const SYNC_FILE_RANGE_WRITE = 2;
const { i32, i64, u32 } = FFIType;
const writebackCall = { sync_file_range: { args: [i32, i64, i64, u32], returns: i32 } } as const;
type Writeback = ReturnType<typeof dlopen<typeof writebackCall>>["symbols"]["sync_file_range"];
let loadedWriteback: Writeback | null | undefined;

/**
 * Asks the disk to begin with a part of an open file, and does not wait for it: sync_file_range(2). Only a hint, and
 * Linux alone takes it: what becomes of the bytes is what the sync at the end says. Without it, that one takes longer.
 */
export function beginWriteback(fd: number, from: number, bytes: number): void {
  if (loadedWriteback === undefined) loadedWriteback = loadWriteback();
  loadedWriteback?.(fd, from, bytes, SYNC_FILE_RANGE_WRITE);
}

function loadWriteback(): Writeback | null {
  const library = process.platform === "linux" ? libc() : null;
  return library && dlopen(library.name, writebackCall).symbols.sync_file_range;
}

export type LockResult = "locked" | "held by another" | "not supported";

/**
 * Takes the exclusive advisory lock of flock(2) on an open file or folder, without waiting. It ends with the last
 * descriptor, so also with the process: no crash leaves it behind.
 */
export function tryLock(fd: number): LockResult {
  const library = libc();
  if (!library) return "not supported";
  if (library.calls.flock(fd, LOCK_EX | LOCK_NB) === 0) return "locked";
  return library.lastErrno() === library.wouldBlock ? "held by another" : "not supported";
}

/** Sets the modification time (nanoseconds since the epoch) and, to the same, the access time. False if refused. */
export function setModificationTime(fd: number, mtimeNs: bigint): boolean {
  // struct timespec[2]: 64-bit seconds and nanoseconds on every system that we build for; floor, not truncation.
  const nanoseconds = ((mtimeNs % NS_PER_S) + NS_PER_S) % NS_PER_S;
  const seconds = (mtimeNs - nanoseconds) / NS_PER_S;
  return libc()?.calls.futimens(fd, new BigInt64Array([seconds, nanoseconds, seconds, nanoseconds])) === 0;
}

/** The login name of a user id, or undefined if the system knows none. */
export function userNameOf(uid: number): string | undefined {
  return firstString(libc()?.calls.getpwuid(uid));
}

/** The name of a group id, or undefined if the system knows none. */
export function groupNameOf(gid: number): string | undefined {
  return firstString(libc()?.calls.getgrgid(gid));
}

/** The id of a login name, or undefined if the system does not know it. */
export function userIdOf(name: string): number | undefined {
  return idField(libc()?.calls.getpwnam(Buffer.from(`${name}\0`)));
}

/** The id of a group name, or undefined if the system does not know it. */
export function groupIdOf(name: string): number | undefined {
  return idField(libc()?.calls.getgrnam(Buffer.from(`${name}\0`)));
}

type Address = number | bigint | null | undefined;

/** `char *` is the first member of struct passwd and of struct group on all four systems. */
function firstString(record: Address): string | undefined {
  if (!record) return undefined;
  const start = read.ptr(record, 0);
  const bytes: number[] = [];
  for (let byte = read.u8(start, 0); byte !== 0; byte = read.u8(start, bytes.length)) bytes.push(byte);
  return Buffer.from(bytes).toString();
}

/** The numeric id follows two `char *` in both structures on all four systems. */
function idField(record: Address): number | undefined {
  return record ? read.u32(record, 16) : undefined;
}

const pollMs = 5;

/**
 * Locks an open file or folder against all others, waiting up to `patienceMs`. False where it stays locked by somebody
 * else, or this system or file system has no such lock. Closing the file unlocks it. Throws the reason of `signal` where
 * that ends the wait.
 */
export async function lockFile(
  descriptor: number,
  patienceMs = 2000,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const result = tryLock(descriptor);
    if (result !== "held by another") return result === "locked";
    if (performance.now() >= end) return false;
    signal?.throwIfAborted();
    await Bun.sleep(pollMs);
  }
}
