// Reads revisions from their first stored byte to their last, and says of each whether it still holds what it should.
import { Failure, UsageFailure } from "../errors.ts";
import { statPath } from "../system/disk.ts";
import { asFailure, attempt, describeError, errnoOf } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { baseNameOf, resolvePath } from "../system/paths.ts";
import { formatNamed, formatOfFile } from "./archive/formats.ts";
import { type Format, FormatError, releaseBlock } from "./archive/frame.ts";
import { openArchive, readArchive, readArchiveEnds } from "./archive/read.ts";
import { intactOnly, OTHER_DIGEST } from "./catalog.ts";
import { parseRevisionName, type Revision } from "./revision.ts";

export interface Verdict {
  readonly path: string;
  /** null if it is whole; otherwise completes "it is damaged: …". */
  readonly reason: string | null;
}

/** Reads every revision whole. What is damaged is a verdict, not an error. */
export async function verifyRevisions(revisions: readonly Revision[], monitor: Monitor): Promise<Verdict[]> {
  const totalBytes = intactOnly(revisions).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  const onBlock = (bytes: number) => monitor.progress("verifying", (doneBytes += bytes), totalBytes);
  const verdicts: Verdict[] = [];
  for (const revision of revisions) {
    const { path, format } = revision;
    const reason =
      revision.state === "damaged"
        ? revision.reason
        : await findDamage(path, formatNamed(format), onBlock, monitor.signal);
    verdicts.push({ path, reason });
  }
  return verdicts;
}

/** Reads archives given by their paths, whatever their names; a UsageFailure if an extension tells no format. */
export async function verifyArchives(paths: readonly string[], monitor: Monitor): Promise<Verdict[]> {
  const archives = paths.map((path) => ({ path, format: readExtension(path) }));
  const verdicts: Verdict[] = [];
  for (const { path, format } of archives) {
    const file = await resolvePath(path, `cannot read '${path}'`);
    verdicts.push({ path, reason: await findDamage(file, format, () => undefined, monitor.signal) });
  }
  return verdicts;
}

function readExtension(path: string): Format {
  const format = formatOfFile(path);
  if (format) return format;
  const message = `'${path}' is no revision: its name does not end in .tar.zst, .tar.gz or .tar`;
  throw new UsageFailure(message, { hint: "name revisions alone, or a folder with -d DIR" });
}

/** Reads the ends again as well: when they were read for the list may be hours ago. */
async function findDamage(
  path: string,
  format: Format,
  onBlock: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const ends = await attempt(`cannot read '${path}'`, () => readArchiveEnds(path));
    if (!ends) throw await notRegular(path);
    const archive = openArchive(path, format, ends);
    const name = parseRevisionName(baseNameOf(path));
    if (name && !archive.trailer.sha256.startsWith(name.digest)) return OTHER_DIGEST;
    for await (const block of readArchive(path, archive, signal)) {
      onBlock(block.length);
      releaseBlock(block);
    }
    return null;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    // A disk that cannot give the bytes back is damage; not being allowed to look is not.
    const cause = error instanceof Failure ? error.cause : error;
    if (errnoOf(cause) === "EIO") return `it cannot be read: ${describeError(cause)}`;
    throw asFailure(`cannot read '${path}'`, error);
  }
}

async function notRegular(path: string): Promise<Failure> {
  const { kind } = await attempt(`cannot read '${path}'`, () => statPath(path));
  return new Failure(`cannot read '${path}': it is a ${kind}, not a regular file`, {
    hint: "name a revision's own file",
  });
}
