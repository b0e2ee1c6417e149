// One backup from start to end: refuse early what cannot work, publish, and only then let old revisions go.
import { Failure, UnavailableFailure } from "../errors.ts";
import { statPath } from "../system/disk.ts";
import { attempt, isErrno } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { intactOnly, type IntactRevision, readNewest, readRevisions } from "./catalog.ts";
import { pruneRevisions } from "./prune.ts";
import { nextNumber, type PublishedRevision, type PublishRequest, publishRevision } from "./publish.ts";
import { planRetention, type Retention } from "./retention.ts";
import { openRegular, resolvePath } from "./source.ts";

export interface BackupRequest {
  /** As typed; relative to the current folder. */
  readonly source: string;
  readonly folder: string;
  readonly format: PublishRequest["format"];
  readonly verify: boolean;
  readonly retention: Retention;
  readonly toolVersion: string;
}

export interface BackupResult {
  readonly source: string;
  readonly folder: string;
  /** null where there was nothing to save. */
  readonly revision: PublishedRevision | null;
  /** Files of old revisions that were removed. */
  readonly pruned: readonly string[];
  readonly warnings: readonly string[];
  /** Set where the revision is saved, but not all that should follow was done. */
  readonly problem: Error | null;
  readonly skipped: "empty" | null;
}

/** A file that shrank below this part of its last size may have lost its content: its history is not touched then. */
const SUSPICIOUS_SHRINKAGE = 10;

/**
 * Saves one file as a new revision and applies the retention. Throws if nothing was saved. If the revision is saved and
 * only the removal of old ones failed, the result says so in `problem`.
 */
export async function backUp(request: BackupRequest, monitor: Monitor): Promise<BackupResult> {
  const { source, folder, sizeBytes } = await checkBackup(request);
  const nothing = { source, folder, revision: null, pruned: [], warnings: [], problem: null, skipped: null };
  if (sizeBytes === 0) return { ...nothing, warnings: [emptyWarning(source)], skipped: "empty" };
  const previous = await readNewest(folder, source, "ok");
  const revision = await publishRevision({ ...request, source, folder }, monitor);
  const shrunk = shrinkageWarning(revision.sizeBytes, previous);
  const warnings = [...revision.warnings, ...(shrunk ? [shrunk] : [])];
  const saved = { source, folder, revision, warnings, skipped: null };
  if (shrunk) return { ...saved, pruned: [], problem: null };
  try {
    return {
      ...saved,
      pruned: await pruneRevisions(folder, source, request.retention, monitor),
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...saved, pruned: [], problem: error };
  }
}

export interface IntendedBackup {
  readonly source: string;
  readonly folder: string;
  readonly sizeBytes: number;
  /** The number that the revision would get; null where nothing would be saved. */
  readonly number: number | null;
  /** Files that the retention would then remove. */
  readonly pruned: readonly string[];
}

/** What `backUp` would do now. Reads, and writes nothing. */
export async function planBackup(request: BackupRequest): Promise<IntendedBackup> {
  const { source, folder, sizeBytes } = await checkBackup(request);
  if (sizeBytes === 0) return { source, folder, sizeBytes, number: null, pruned: [] };
  const number = await nextNumber({ folder, source });
  const present = await readRevisions(folder, source);
  if (shrinkageWarning(sizeBytes, intactOnly(present)[0]))
    return { source, folder, sizeBytes, number, pruned: [] };
  const upcoming = { file: "", number, state: "ok" as const };
  const { remove } = planRetention([upcoming, ...present], request.retention);
  return { source, folder, sizeBytes, number, pruned: remove.map(({ file }) => file) };
}

/** Refuses early what cannot work; what it returns is absolute, and links are followed. */
export async function checkBackup(
  request: Pick<BackupRequest, "source" | "folder">,
): Promise<{ source: string; folder: string; sizeBytes: number }> {
  const source = await resolvePath(request.source, `cannot back up '${request.source}'`);
  const folder = await resolveFolder(request.folder, `cannot save into '${request.folder}'`);
  const opened = await openRegular(source);
  await opened.handle.close();
  return { source, folder, sizeBytes: opened.facts.sizeBytes };
}

/** The absolute path of an existing folder. @param what for messages: `cannot save into '/x'` */
export async function resolveFolder(path: string, what: string): Promise<string> {
  const folder = await resolvePath(path, what).catch((cause: unknown) => {
    throw isMissing(cause) ? new UnavailableFailure(cause.message, { cause, hint: MAKE_FOLDER }) : cause;
  });
  const { kind } = await attempt(what, () => statPath(folder));
  if (kind !== "folder")
    throw new Failure(`${what}: it is a ${kind}, not a folder`, { hint: "name an existing folder with -d" });
  return folder;
}

const MAKE_FOLDER =
  "make the folder with mkdir -p; or, if it is on another drive or a network share, mount that";

function isMissing(error: unknown): error is UnavailableFailure {
  return error instanceof UnavailableFailure && isErrno(error.cause, "ENOENT");
}

function emptyWarning(source: string): string {
  return `'${source}' is empty: nothing was saved, so that its earlier revisions stay`;
}

function shrinkageWarning(sizeBytes: number, previous: IntactRevision | undefined): string | undefined {
  if (!previous || sizeBytes * SUSPICIOUS_SHRINKAGE >= previous.sizeBytes) return undefined;
  return `it shrank from ${previous.sizeBytes} to ${sizeBytes} bytes: it is saved, and no old revision was removed; check that nothing is missing`;
}
