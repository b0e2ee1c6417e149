// A revision: its name, `notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst`, and what is known of it. Pure.
import { DamagedFailure } from "../errors.ts";
import { formatNamed, formatOfFile } from "./archive/formats.ts";
import type { FormatName } from "./archive/frame.ts";
import type { Archive } from "./archive/read.ts";

/** What a revision's name says. */
export interface RevisionName {
  /** The source's base name as far as it fits and as every file system takes it. */
  readonly stem: string;
  readonly number: number;
  /** The second at which reading began, milliseconds since the epoch. A label: the number is the order. */
  readonly takenAtMs: number;
  /** First 12 hex digits of the SHA-256 of the content. */
  readonly digest: string;
  readonly format: FormatName;
}

/** A file that has the name of a revision. */
export interface NamedFile extends RevisionName {
  readonly file: string;
}

interface Stored extends NamedFile {
  readonly path: string;
  readonly storedBytes: number;
}

/** A revision whose two ends are as they were written. What lies between is proven by reading it: see verify. */
export interface IntactRevision extends Stored {
  readonly state: "ok";
  readonly source: string;
  readonly sizeBytes: number;
  readonly archive: Archive;
}

/** A file that has a revision's name and is not, or no longer, one. Never pruned, never counted. */
export interface DamagedRevision extends Stored {
  readonly state: "damaged";
  /** Completes "it is damaged: …". */
  readonly reason: string;
}

export type Revision = IntactRevision | DamagedRevision;

/**
 * A revision as machines read it; fields may be added, never renamed or removed. `takenAt` is RFC 3339, in UTC. What
 * damage hides is null, and of `digest`, 64 hex digits of SHA-256, it leaves the 12 of the name.
 */
export function recordOf(revision: Revision) {
  const { number, file, path, takenAtMs, storedBytes, format, state } = revision;
  const { source, sizeBytes, digest } =
    revision.state === "ok"
      ? { ...revision, digest: revision.archive.trailer.sha256 }
      : { ...revision, source: null, sizeBytes: null };
  const takenAt = `${new Date(takenAtMs).toISOString().slice(0, 19)}Z`;
  return { number, file, path, source, takenAt, digest, sizeBytes, storedBytes, format, state };
}

/** The error for a revision that was asked for and is not whole. @param undone what did not come of it */
export function damagedRevision(
  path: string,
  reason: string,
  undone: "restored" | "compared",
): DamagedFailure {
  return new DamagedFailure(`the revision '${path}' is damaged: ${reason}`, {
    hint: `nothing was ${undone}; choose another one: tinybackup list shows what there is`,
  });
}

/** Leaves room in 255 bytes for the longest rest of a name with a number of six digits, flags included. */
const MAX_STEM_BYTES = 198;
const MAX_NAME_BYTES = 255;
/** What FAT and exFAT refuse in a name, besides control characters. */
const REFUSED_BY_FAT = /[\p{Cc}"*/:<>?\\|]/gu;
const TAIL = /-(\d{6,15})-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-([0-9a-f]{12})$/;

/** The stem of every revision of a source with this base name. Two base names may share a stem: the header decides. */
export function stemOf(baseName: string): string {
  return cutToBytes(baseName.replace(REFUSED_BY_FAT, "_"), MAX_STEM_BYTES);
}

/** A stem as a file system sees it that ignores letter case or normalises Unicode. */
export function foldStem(stem: string): string {
  return stem.normalize("NFC").toLowerCase();
}

/** True if two stems are one to a file system that ignores letter case or normalises Unicode. */
export function sameStem(one: string, other: string): boolean {
  return foldStem(one) === foldStem(other);
}

/** The file name of a revision, at most 255 bytes. */
export function renderRevisionName(name: RevisionName): string {
  const moment = new Date(name.takenAtMs).toISOString().slice(0, 19).replaceAll(":", "-");
  const number = String(name.number).padStart(6, "0");
  const tail = `-${number}-${moment}Z-${name.digest}${formatNamed(name.format).extension}`;
  return cutToBytes(name.stem, MAX_NAME_BYTES - tail.length) + tail;
}

/** What a file's name says, or null if it is not exactly the name of a revision. */
export function parseRevisionName(file: string): RevisionName | null {
  const format = formatOfFile(file);
  if (!format) return null;
  const rest = file.slice(0, -format.extension.length);
  const match = TAIL.exec(rest);
  if (!match || match.index === 0) return null;
  const [, number, date, hour, minute, second, digest = ""] = match;
  const takenAtMs = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(takenAtMs)) return null;
  const stem = rest.slice(0, match.index);
  const name = { stem, number: Number(number), takenAtMs, digest, format: format.name };
  // Only a name that is written exactly so is ours: no February 30, no superfluous zeros, no number 0.
  return name.number > 0 && renderRevisionName(name) === file ? name : null;
}

/** The longest beginning of at most `bytes` bytes of UTF-8 that ends between characters as a person sees them. */
function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let length = 0;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    length += Buffer.byteLength(segment);
    if (length > bytes) break;
    cut += segment;
  }
  return cut;
}
