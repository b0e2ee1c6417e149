// Where a marked program notes which statements it has run: a byte each, in a file that all its processes share. What stands in
// shared memory stays, however a process ends.
import { dirname, join } from "node:path";

/** The first word is replaced while this is built; who may not go there finds the file beside the program that he was given. */
const files = ["HITS_FILE", join(dirname(process.execPath), "hits")];

function openHits(): Uint8Array {
  for (const file of files) {
    try {
      return Bun.mmap(file, { shared: true });
    } catch {
      // The next one; a program that finds none counts for nothing.
    }
  }
  return new Uint8Array(1 << 20);
}

export const hits = openHits();
