// Reads revisions from their first stored byte to their last, and says of each whether it still holds what it should.
import { Failure, UsageFailure } from "../errors.ts";
import { openExisting } from "../system/disk.ts";
import { asFailure, describeError, errnoOf } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { formatOfFile } from "./archive/formats.ts";
import { FormatError, releaseBlock } from "./archive/frame.ts";
import { readContent } from "./archive/read.ts";
import { baseNameOf } from "./archive/tar.ts";
import { readArchive, type Revision } from "./catalog.ts";
import { parseRevisionName } from "./revision.ts";
import { resolvePath } from "./source.ts";

export interface Verdict {
  readonly path: string;
  /** null if it is whole; otherwise completes "it is damaged: …". */
  readonly reason: string | null;
}

/** Reads every revision whole. What is damaged is a verdict, not an error. */
export async function verifyRevisions(revisions: readonly Revision[], monitor: Monitor): Promise<Verdict[]> {
  const totalBytes = revisions.reduce(
    (sum, revision) => sum + (revision.state === "ok" ? revision.sizeBytes : 0),
    0,
  );
  let doneBytes = 0;
  const verdicts: Verdict[] = [];
  for (const revision of revisions) {
    const { path } = revision;
    if (revision.state === "damaged") {
      verdicts.push({ path, reason: revision.reason });
      continue;
    }
    const onBlock = (bytes: number) => monitor.progress("verifying", (doneBytes += bytes), totalBytes);
    verdicts.push({ path, reason: await findDamage(path, onBlock, monitor.signal) });
  }
  return verdicts;
}

/** Reads archives given by their paths, whatever their names; a UsageFailure if an extension tells no format. */
export async function verifyArchives(paths: readonly string[], monitor: Monitor): Promise<Verdict[]> {
  const stranger = paths.find((path) => !formatOfFile(path));
  if (stranger !== undefined) {
    throw new UsageFailure(
      `'${stranger}' is no revision: its name does not end in .tar.zst, .tar.gz or .tar`,
      {
        hint: "name revisions alone, or a folder with -d DIR",
      },
    );
  }
  const verdicts: Verdict[] = [];
  for (const path of paths) {
    const file = await resolvePath(path, `cannot read '${path}'`);
    verdicts.push({
      path,
      reason: await findDamage(file, () => undefined, monitor.signal, formatOfFile(path)),
    });
  }
  return verdicts;
}

async function findDamage(
  path: string,
  onBlock: (bytes: number) => void,
  signal: AbortSignal,
  format = formatOfFile(path),
): Promise<string | null> {
  if (!format) return "its name tells no format";
  try {
    const archive = await readArchive(path, format);
    const name = parseRevisionName(baseNameOf(path));
    if (name && !archive.seal.sha256.startsWith(name.digest))
      return "its name gives another digest than its content has";
    const handle = await openExisting(path, "read");
    try {
      for await (const block of readContent(handle, path, archive, signal)) {
        onBlock(block.length);
        releaseBlock(block);
      }
    } finally {
      await handle.close();
    }
    return null;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    // A disk that cannot give the bytes back is damage; not being allowed to look is not.
    if (errnoOf(causeOf(error)) === "EIO") return `it cannot be read: ${describeError(causeOf(error))}`;
    throw asFailure(`cannot read '${path}'`, error);
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Failure ? error.cause : error;
}
