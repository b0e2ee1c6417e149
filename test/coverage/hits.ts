// Where a marked program notes which statements it has run: a byte each, in a file that all its processes share. What stands in
// shared memory stays, however a process ends.
import { dirname, join } from "node:path";

/** Of the compiled program it lies beside it, wherever that is seen; for the tests' own processes it is named. */
const file = process.env["TINYBACKUP_HITS"] ?? join(dirname(process.execPath), "hits");

function openHits(): Uint8Array {
  try {
    return Bun.mmap(file, { shared: true });
  } catch {
    // A copy of the program, somewhere else, has no such file: it counts for nothing.
    return new Uint8Array(1 << 20);
  }
}

export const hits = openHits();
