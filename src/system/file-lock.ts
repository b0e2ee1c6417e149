// The kernel's lock on an open file: flock(2), which goes with its process, so that nothing stale is ever left.
import { dlopen } from "bun:ffi";

const exclusive = 2;
const withoutWaiting = 4;

const libraries: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
  freebsd: ["libc.so.7"],
};

type Flock = (descriptor: number, operation: number) => number;

let loaded: Flock | null | undefined;

/**
 * Locks an open file against all others, waiting up to `patienceMs`. False where it stays locked by somebody else, or
 * this system or file system has no such lock. Closing the file unlocks it.
 */
export async function lockFile(descriptor: number, patienceMs = 2000): Promise<boolean> {
  loaded = loaded === undefined ? loadFlock() : loaded;
  const flock = loaded;
  if (flock === null) return false;
  const end = performance.now() + patienceMs;
  while (flock(descriptor, exclusive | withoutWaiting) !== 0) {
    if (performance.now() >= end) return false;
    await Bun.sleep(5);
  }
  return true;
}

function loadFlock(): Flock | null {
  for (const library of libraries[process.platform] ?? [])
    try {
      return dlopen(library, { flock: { args: ["i32", "i32"], returns: "i32" } }).symbols.flock;
    } catch {
      // ERR_DLOPEN_FAILED: the other C library of this system may be there.
    }
  return null;
}
