// The lock of an open file with patience: flock(2), which goes with its process, so that nothing stale is ever left.
import { tryLock } from "./libc.ts";

const pollMs = 5;

/**
 * Locks an open file or folder against all others, waiting up to `patienceMs`. False where it stays locked by somebody
 * else, or this system or file system has no such lock. Closing the file unlocks it.
 */
export async function lockFile(descriptor: number, patienceMs = 2000): Promise<boolean> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const result = tryLock(descriptor);
    if (result !== "held by another") return result === "locked";
    if (performance.now() >= end) return false;
    await Bun.sleep(pollMs);
  }
}
