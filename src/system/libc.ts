// The calls of the C library that the runtime does not offer, on Linux (glibc and musl), macOS and FreeBSD. Each is loaded
// when it is first wanted; where it can't be, whoever wants it is told, and does without.
import type { constants } from "node:os";
import { CString, dlopen, type FFIFunction, FFIType, read } from "bun:ffi";

export const { i32, i64, i64_fast, u32, u64, ptr } = FFIType;

const libraryNames: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
  freebsd: ["libc.so.7"],
};

/** Makes a function that makes its value when that is first wanted. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The library of this system; null where none of the known names is one. */
const library = once(findLibrary);

function findLibrary() {
  const errno = process.platform === "linux" ? "__errno_location" : "__error";
  for (const name of libraryNames[process.platform] ?? []) {
    try {
      const location = dlopen(name, { [errno]: { args: [], returns: ptr } }).symbols[errno];
      return { name, lastErrno: () => read.i32(location?.() ?? 0) };
    } catch {
      // Not this C library: the next name may be the one (glibc, then musl).
    }
  }
  return null;
}

/** Whether the last call, which said that it failed, did so for one of these reasons. */
export function hasFailedWith(...names: readonly (keyof typeof constants.errno)[]): boolean {
  const last = library()?.lastErrno();
  // Loaded where something went wrong, and after that was asked: loading makes calls of its own.
  const numbers = process.getBuiltinModule("node:os").constants.errno;
  return names.some((name) => numbers[name] === last);
}

/** Text as these calls take it. */
export const encode = (text: string): Buffer => Buffer.from(`${text}\0`);

/** Makes a function that loads `calls` once; it returns null where the library has not all of them. */
export const loader = <Calls extends Record<string, FFIFunction>>(calls: Calls) => once(() => load(calls));

function load<Calls extends Record<string, FFIFunction>>(calls: Calls) {
  const name = library()?.name;
  try {
    return name === undefined ? null : dlopen(name, calls).symbols;
  } catch {
    // An older C library, or one of another system.
    return null;
  }
}

const LOCK_EX = 2;
const LOCK_NB = 4;
const POLL_MS = 5;
const locks = loader({ flock: { args: [i32, i32], returns: i32 } });

export type LockResult = "locked" | "held by another" | "not supported";

/**
 * Takes the exclusive advisory lock of flock(2) on an open file or folder, waiting up to `patienceMs`. It ends with the last
 * descriptor, so also with the process: no crash leaves it behind. Throws the reason of `signal` where that ends the wait.
 */
export async function lockFile(
  descriptor: number,
  patienceMs = 2000,
  signal?: AbortSignal,
): Promise<LockResult> {
  const end = performance.now() + patienceMs;
  while (locks()?.flock(descriptor, LOCK_EX | LOCK_NB) !== 0) {
    if (!locks() || !hasFailedWith("EWOULDBLOCK")) return "not supported";
    if (performance.now() >= end) return "held by another";
    signal?.throwIfAborted();
    await Bun.sleep(POLL_MS);
  }
  return "locked";
}

const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
const RENAME_EXCL = 4;
/** Of Linux and, under the name of RENAME_SWAP, of macOS. */
const RENAME_EXCHANGE = 2;
const renamesOfLinux = loader({ renameat2: { args: [i32, ptr, i32, ptr, u32], returns: i32 } });
const renamesOfMac = loader({ renamex_np: { args: [ptr, ptr, u32], returns: i32 } });

/** Renames a file and refuses to replace: renameat2(2) of Linux, renamex_np(2) of macOS. FreeBSD has neither. */
export function renameNew(from: string, to: string): "renamed" | "exists" | "not supported" {
  const result = rename(from, to, process.platform === "darwin" ? RENAME_EXCL : RENAME_NOREPLACE);
  if (result === 0) return "renamed";
  return result !== undefined && hasFailedWith("EEXIST") ? "exists" : "not supported";
}

/** Has two files change their names, at once. False where that is not to be had: nothing has happened then. */
export function exchangeNames(one: string, other: string): boolean {
  return rename(one, other, RENAME_EXCHANGE) === 0;
}

function rename(from: string, to: string, flags: number): number | undefined {
  const [source, target] = [encode(from), encode(to)];
  return process.platform === "darwin"
    ? renamesOfMac()?.renamex_np(source, target, flags)
    : renamesOfLinux()?.renameat2(AT_FDCWD, source, AT_FDCWD, target, flags);
}

const SYNC_FILE_RANGE_WRITE = 2;
const SYNC_FILE_RANGE_WRITE_AND_WAIT = 7;
const writeback = loader({ sync_file_range: { args: [i32, i64, i64, u32], returns: i32 } });

/**
 * Has a part of an open file written out: sync_file_range(2), on Linux alone. `begin` is only a hint to the disk: what becomes
 * of the bytes is what the sync at the end says, which takes longer without it. After `wait` they are written out: what others
 * changed through a memory map shows in the file's times only where they touch a page for the first time since it was.
 */
export function writeOut(descriptor: number, from: number, bytes: number, how: "begin" | "wait"): void {
  const flags = how === "begin" ? SYNC_FILE_RANGE_WRITE : SYNC_FILE_RANGE_WRITE_AND_WAIT;
  if (process.platform === "linux") writeback()?.sync_file_range(descriptor, from, bytes, flags);
}

const FALLOC_FL_KEEP_SIZE = 1;
const room = loader({ fallocate: { args: [i32, i32, i64, i64], returns: i32 } });

/**
 * Sets room aside for a part of an open file, and neither writes to it nor makes it longer: fallocate(2) of Linux, which FAT
 * answers with zeros without KEEP_SIZE; not posix_fallocate(3), which writes where that can't be had. There nothing happens.
 * Throws where there is no room.
 */
export function reserveRoom(descriptor: number, from: number, bytes: number): void {
  if (process.platform !== "linux" || bytes === 0) return;
  if (room()?.fallocate(descriptor, FALLOC_FL_KEEP_SIZE, from, bytes) !== -1) return;
  const code = (["ENOSPC", "EDQUOT", "EFBIG"] as const).find((name) => hasFailedWith(name));
  if (code) throw Object.assign(new Error("no room"), { code });
}

const POSIX_FADV_DONTNEED = 4;
const F_NOCACHE = 48;
const advice = loader({ posix_fadvise: { args: [i32, i64, i64, i32], returns: i32 } });
// A variadic function: on arm64, macOS takes what is variadic from the stack, which begins with the ninth argument.
const control = loader({ fcntl: { args: [i32, i32, i64, i64, i64, i64, i64, i64, i64], returns: i32 } });

/**
 * Has the system forget what it keeps in memory of an open file, as far as that is on the disk, so that the next reading
 * shows what the disk holds: posix_fadvise(2) of Linux and FreeBSD; macOS is told not to keep the file at all. Where it
 * can't, or what holds the file is memory anyway, nothing happens.
 * @param bytes how many from there on; 0: all
 */
export function dropCachedPages(descriptor: number, from = 0, bytes = 0): void {
  if (process.platform === "darwin") control()?.fcntl(descriptor, F_NOCACHE, 1, 0, 0, 0, 0, 0, 1);
  else advice()?.posix_fadvise(descriptor, from, bytes, POSIX_FADV_DONTNEED);
}

const UUID_BYTES = 16;
const uuidOfBsd = loader({ sysctlbyname: { args: [ptr, ptr, ptr, ptr, u64], returns: i32 } });
const uuidOfMac = loader({ gethostuuid: { args: [ptr, ptr], returns: i32 } });

/** The machine's own id in hex digits, as FreeBSD (sysctl kern.hostuuid) and macOS (gethostuuid(2)) know it. */
export function hostUuid(): string | undefined {
  if (process.platform === "darwin") {
    const [uuid, noWait] = [Buffer.alloc(UUID_BYTES), new BigInt64Array(2)];
    return uuidOfMac()?.gethostuuid(uuid, noWait) === 0 ? uuid.toString("hex") : undefined;
  }
  const text = Buffer.alloc(64);
  const length = new BigUint64Array([BigInt(text.length)]);
  const result = uuidOfBsd()?.sysctlbyname(encode("kern.hostuuid"), text, length, null, 0);
  return result === 0 ? text.toString("latin1", 0, text.indexOf(0)) : undefined;
}

const NS_PER_S = 1_000_000_000n;
const times = loader({ futimens: { args: [i32, ptr], returns: i32 } });

/** Sets the modification time (nanoseconds since the epoch) and, to the same, the access time. False if refused. */
export function setModificationTime(descriptor: number, mtimeNs: bigint): boolean {
  // struct timespec[2]: 64-bit seconds and nanoseconds on every system that we build for; floor, not truncation.
  const nanoseconds = ((mtimeNs % NS_PER_S) + NS_PER_S) % NS_PER_S;
  const seconds = (mtimeNs - nanoseconds) / NS_PER_S;
  const both = new BigInt64Array([seconds, nanoseconds, seconds, nanoseconds]);
  return times()?.futimens(descriptor, both) === 0;
}

const OFFSET_AT = 40;
const clocks = loader({ localtime_r: { args: [ptr, ptr], returns: ptr } });

/**
 * How far the clocks on the wall are ahead of UTC at an instant, in milliseconds, as date(1) knows it. To the runtime the
 * first look at a local time takes five milliseconds.
 */
export function localOffsetMs(instantMs: number): number {
  // struct tm: nine numbers of 32 bits, and tm_gmtoff as a long, on every system that we build for.
  const tm = Buffer.alloc(OFFSET_AT + 24);
  const isKnown = clocks()?.localtime_r(new BigInt64Array([BigInt(Math.floor(instantMs / 1000))]), tm);
  return isKnown
    ? Number(tm.readBigInt64LE(OFFSET_AT)) * 1000
    : -60_000 * new Date(instantMs).getTimezoneOffset();
}

const zones = loader({
  setenv: { args: [ptr, ptr, i32], returns: i32 },
  tzset: { args: [], returns: FFIType.void },
});

/** Puts this process, and what it starts, into another time zone: a value of TZ. */
export function setTimeZone(zone: string): void {
  process.env["TZ"] = zone;
  zones()?.setenv(encode("TZ"), encode(zone), 1);
  zones()?.tzset();
}

const names = loader({
  getpwuid: { args: [u32], returns: ptr },
  getgrgid: { args: [u32], returns: ptr },
  getpwnam: { args: [ptr], returns: ptr },
  getgrnam: { args: [ptr], returns: ptr },
});

/** The name of a user or a group by its id; undefined if the system knows none. */
export function nameOf(kind: "user" | "group", id: number): string | undefined {
  const record = kind === "user" ? names()?.getpwuid(id) : names()?.getgrgid(id);
  // `char *` is the first member of struct passwd and of struct group on all four systems.
  return record ? new CString(read.ptr(record, 0)) : undefined;
}

/** The id of a user or a group by its name; undefined if the system knows none. */
export function idOf(kind: "user" | "group", name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const record = kind === "user" ? names()?.getpwnam(encode(name)) : names()?.getgrnam(encode(name));
  // The numeric id follows two `char *` in both structures.
  return record ? read.u32(record, 16) : undefined;
}

const SIG_IGN = 1n;
const signals = loader({ signal: { args: [i32, FFIType.u64], returns: FFIType.u64 } });

/** Whether a signal is ignored, by its number: signal(3) tells that only by replacing it, so it is put back at once. */
export function isIgnoredByLibrary(signalNumber: number): boolean {
  const before = signals()?.signal(signalNumber, SIG_IGN);
  if (before !== undefined) signals()?.signal(signalNumber, before);
  return before === SIG_IGN;
}
