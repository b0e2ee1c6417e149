// A .tar.gz that is the same whenever and wherever it is made of the same files.

import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { pack } from "tar-stream";

export interface Packed {
  /** With its folders. */
  readonly name: string;
  readonly content: Uint8Array;
  readonly isExecutable?: boolean;
}

/** Packs the files in the order of their names, as root's, all of one moment. */
export async function packTarball(files: readonly Packed[], modifiedAt: Date): Promise<Buffer> {
  const tar = pack();
  const byName = [...files].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const { name, content, isExecutable } of byName) {
    const mode = isExecutable ? 0o755 : 0o644;
    const owner = { uid: 0, gid: 0, uname: "root", gname: "root" };
    tar.entry({ name, mode, mtime: modifiedAt, ...owner }, Buffer.from(content));
  }
  tar.finalize();
  // The header of what gzip makes here holds no time, and no name.
  return promisify(gzip)(await buffer(tar), { level: 6 });
}
