// A revision as machines read it. Fields may be added, never renamed or removed.
import type { FormatName } from "./archive/frame.ts";
import type { Revision } from "./catalog.ts";
import type { PublishedRevision } from "./publish.ts";

export interface RevisionRecord {
  readonly number: number;
  readonly file: string;
  readonly path: string;
  /** null where damage hides it. */
  readonly source: string | null;
  /** RFC 3339, UTC: when reading the source began. */
  readonly takenAt: string;
  /** SHA-256 of the content, 64 hex digits; only the 12 of the name where the rest is damaged. */
  readonly digest: string;
  readonly sizeBytes: number | null;
  readonly storedBytes: number;
  readonly format: FormatName;
  readonly state: "ok" | "damaged";
}

/** A listed revision. */
export function recordOf(revision: Revision): RevisionRecord {
  const { number, file, path, storedBytes, format, state } = revision;
  const known =
    revision.state === "ok"
      ? { source: revision.source, sizeBytes: revision.sizeBytes, digest: revision.archive.seal.sha256 }
      : { source: null, sizeBytes: null, digest: revision.digest };
  return {
    number,
    file,
    path,
    takenAt: renderMoment(revision.takenAtMs),
    ...known,
    storedBytes,
    format,
    state,
  };
}

/** A revision that was just published. */
export function recordOfPublished(revision: PublishedRevision): RevisionRecord {
  const { number, file, path, source, takenAtMs, sha256, sizeBytes, storedBytes, format } = revision;
  return {
    number,
    file,
    path,
    source,
    takenAt: renderMoment(takenAtMs),
    digest: sha256,
    sizeBytes,
    storedBytes,
    format,
    state: "ok",
  };
}

function renderMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
