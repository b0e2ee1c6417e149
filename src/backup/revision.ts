// A revision: its name, `notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst`, and what is known of it. Pure.
import { dirname } from "node:path";
import { DamagedFailure, Failure, quoteWord, typePlaces } from "../errors.ts";
import { baseNameOf } from "../system/paths.ts";
import { renderUtc } from "../time/wall-time.ts";
import { formatNamed, formatOfFile } from "./archive/formats.ts";
import { FormatError, type FormatName } from "./archive/frame.ts";
import type { PlainArchive } from "./archive/plain.ts";
import type { Archive, Body } from "./archive/read.ts";
import type { Origin } from "./archive/trailer.ts";

export interface RevisionName {
  /** The source's base name as far as it fits and as every file system takes it. */
  readonly stem: string;
  readonly number: number;
  /** The second at which reading began, milliseconds since the epoch. A label: the number is the order. */
  readonly takenAtMs: number;
  /** First 12 hex digits of the SHA-256 of the content. */
  readonly digest: string;
  /** The file kept changing while it was read: this is no one state of it. */
  readonly isChanged: boolean;
  readonly format: FormatName;
}

interface Stored extends RevisionName {
  readonly file: string;
  readonly path: string;
  readonly storedBytes: number;
}

/**
 * A revision whose two ends are as they were written. What lies between is proven by reading it: see verify. What it is
 * called by is what it says of itself, not what the file's name says.
 */
export interface IntactRevision extends Stored {
  /**
   * `foreign` where it belongs to somebody who has no business here; `pinned` where the file's name is not the one that it
   * was given. Neither is ever counted or removed. `changed` where it is `isChanged`, and neither of these.
   */
  readonly state: "ok" | "changed" | "foreign" | "pinned";
  /** The name of the machine that made it, if that is another one: then it is not counted or removed either. */
  readonly otherHost: string | null;
  readonly source: string;
  readonly sizeBytes: number;
  readonly archive: Archive;
}

/** A file that has a revision's name, and is not, or no longer, one. Never removed, never counted. */
export interface BrokenRevision extends Stored {
  /** `unreadable` where the system does not give it: it may be whole. `foreign` where it is somebody's as well. */
  readonly state: "damaged" | "unreadable" | "foreign";
  /** Completes "it is damaged: …", or "it is unreadable: …". */
  readonly reason: string;
  readonly archive: null;
}

export type Revision = IntactRevision | BrokenRevision;

/**
 * One of the Python program, as logrotate wrote it beside ours. It has no number, nothing in it says what it should hold, and
 * it is never counted or removed.
 */
export interface PythonRevision extends Omit<Stored, "stem" | "number" | "digest" | "isChanged"> {
  readonly number: null;
  readonly digest: null;
  readonly state: "ok" | "foreign";
  readonly otherHost: null;
  /** The file's base name, where nobody asked for a source. */
  readonly source: string;
  /** null where only reading it would tell. */
  readonly sizeBytes: number | null;
  readonly archive: PlainArchive;
}

export type AnyRevision = Revision | PythonRevision;

export type ReadableRevision = IntactRevision | PythonRevision;

export function isPython(revision: AnyRevision): revision is PythonRevision {
  return revision.number === null;
}

/** One of those that make up the history of a source: of this machine, under its own name, of nobody else's making. */
export type Member = IntactRevision & { readonly state: "ok" | "changed"; readonly otherHost: null };

export function isMember(revision: AnyRevision): revision is Member {
  return isSound(revision) && revision.otherHost === null && !isPython(revision);
}

export function isClean(revision: AnyRevision): revision is Member & { readonly state: "ok" } {
  return isMember(revision) && revision.state === "ok";
}

/** Whether it was given its name by whoever may, on whatever machine. */
export function isSound(revision: AnyRevision): revision is ReadableRevision {
  return revision.state === "ok" || revision.state === "changed";
}

/** Whether it may be a member that nobody can look into. */
export function isBroken(
  revision: AnyRevision,
): revision is BrokenRevision & { readonly state: "damaged" | "unreadable" } {
  return revision.archive === null && revision.state !== "foreign";
}

/**
 * A revision as machines read it; fields may be added, never renamed or removed. Times are RFC 3339, in UTC; `provenAt` is
 * when it was last read whole, null where nobody knows. What damage hides is null, and of `digest`, 64 hex digits of
 * SHA-256, it leaves the 12 of the name. One of the Python program has no number, host and digest.
 */
export function recordOf(revision: AnyRevision, provenMs: number | null) {
  const { number, file, path, takenAtMs, storedBytes, format, state, archive } = revision;
  const { source, sizeBytes } = archive ? revision : { source: null, sizeBytes: null };
  const host = archive?.trailer?.host ?? null;
  const digest = archive?.trailer?.sha256 ?? revision.digest;
  const takenAt = renderUtc(takenAtMs);
  const provenAt = provenMs === null ? null : renderUtc(provenMs);
  const sizes = { sizeBytes, storedBytes };
  return { number, file, path, source, host, takenAt, provenAt, digest, ...sizes, format, state };
}

/** What it is called in a sentence. */
export function titleOf({ number, file }: AnyRevision): string {
  return number === null ? `'${file}'` : `revision ${number}`;
}

/** What to type behind --revision: only what counts goes by its number. */
export function handleOf(revision: AnyRevision): string {
  return isMember(revision) || isBroken(revision) ? String(revision.number) : revision.file;
}

/** What is wrong with a broken revision, as a clause: `'/x' is damaged: …`. */
export function describeBroken({ path, state, reason }: BrokenRevision): string {
  return `'${path}' is ${state}: ${reason}`;
}

export function adviseOn({ path, state, reason }: BrokenRevision): string {
  const file = quoteWord(path);
  if (state === "unreadable" && /permi/.test(reason)) return `see who may read it with: ls -l ${file}`;
  const again = `read it again with: tinybackup verify ${file}`;
  if (state === "unreadable") return again;
  return `${again}; if it stays damaged, nothing can be restored from it: rm ${file}`;
}

/** Throws what reading a revision's content threw; the error that says so where it is not whole. @param undone as below */
export function orDamaged({ path, source }: ReadableRevision, undone: "restored" | "compared") {
  return (error: unknown): never => {
    if (!(error instanceof FormatError)) throw error;
    const hint = `${otherChoice(undone)} ${typePlaces(source, dirname(path))}`;
    const finding = { path, damage: error.message };
    throw new DamagedFailure(`the revision '${path}' is damaged: ${error.message}`, { hint, finding });
  };
}

/** The error for a broken revision that was asked for. @param undone what did not come of it */
export function brokenRevision(revision: BrokenRevision, undone: "restored" | "compared"): Failure {
  const { path, reason, state } = revision;
  const hint = `${otherChoice(undone)} -d ${quoteWord(dirname(path))}`;
  if (state === "unreadable") return new Failure(`cannot read the revision '${path}': ${reason}`, { hint });
  return new DamagedFailure(`the revision '${path}' is damaged: ${reason}`, { hint });
}

function otherChoice(undone: string): string {
  return `nothing was ${undone}; choose another one: tinybackup list`;
}

/** Leaves room in 255 bytes for the longest rest of a name: a number of nine digits, and flags. */
const MAX_STEM_BYTES = 195;
/** What FAT and exFAT refuse in a name, besides control characters. */
const REFUSED_BY_FAT = /[\p{Cc}"*/:<>?\\|]/gu;
const MIN_DIGITS = 6;
const TAIL = /-(\d{6,9})-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-([0-9a-f]{12})(\.changed)?$/;
/** All of it behind the number, and the longest that this gets. */
const ENDING = /\d{6}-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{12}(?:\.changed)?\.tar(?:\.\w+)?$/;
const ENDING_LENGTH = 56;

/** The stem of every revision of a source with this base name. Two base names may share a stem: the header decides. */
export function stemOf(baseName: string): string {
  return cutToBytes(baseName.replace(REFUSED_BY_FAT, "_"), MAX_STEM_BYTES);
}

/** A stem as a file system sees it that ignores letter case or normalises Unicode. */
export function foldStem(stem: string): string {
  return stem.normalize("NFC").toLowerCase();
}

/** What the name of an archive of this source and origin says. */
export function nameOf(
  source: string,
  { format, trailer: { sha256 } }: Pick<Body, "format" | "trailer">,
  { number, takenAtMs, isChanged }: Origin,
): RevisionName {
  const stem = stemOf(baseNameOf(source));
  return { stem, number, takenAtMs, digest: sha256.slice(0, 12), isChanged, format: format.name };
}

/** The file name of a revision, at most 255 bytes. */
export function renderRevisionName(name: RevisionName): string {
  const { stem, number, takenAtMs, digest, isChanged, format } = name;
  const moment = renderUtc(takenAtMs).replaceAll(":", "-");
  const { extension } = formatNamed(format);
  return `${stem}-${String(number).padStart(MIN_DIGITS, "0")}-${moment}-${digest}${isChanged ? ".changed" : ""}${extension}`;
}

/** Whether that is the name that was given. Some file systems hand a name back in another Unicode form. */
export function isNamed(name: RevisionName, given: RevisionName): boolean {
  return (
    name.number === given.number &&
    name.takenAtMs === given.takenAtMs &&
    name.digest === given.digest &&
    name.isChanged === given.isChanged &&
    name.format === given.format &&
    name.stem.normalize() === given.stem.normalize()
  );
}

/** What a file's name says, or null if it is not exactly the name of a revision. */
export function parseRevisionName(file: string): RevisionName | null {
  const format = formatOfFile(file);
  if (!format) return null;
  const rest = file.slice(0, -format.extension.length);
  const match = TAIL.exec(rest);
  if (!match || match.index === 0) return null;
  const [, number = "", date, hour, minute, second, digest = "", changed] = match;
  const takenAtMs = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
  // Only a name that is written exactly so is ours: no February 30, no superfluous zeros, no number 0.
  if (Number.isNaN(takenAtMs) || new Date(takenAtMs).getUTCDate() !== Number(date?.slice(8))) return null;
  if (Number(number) === 0 || (number.length > MIN_DIGITS && number.startsWith("0"))) return null;
  const stem = rest.slice(0, match.index);
  const isChanged = changed !== undefined;
  return { stem, number: Number(number), takenAtMs, digest, isChanged, format: format.name };
}

/** Whether a file's name looks like that of a revision; a glance at its end. */
export function hasRevisionName(file: string): boolean {
  return ENDING.test(file.slice(-ENDING_LENGTH));
}

/** The longest beginning of at most `bytes` bytes of UTF-8 that ends between characters as a person sees them. */
export function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes));
  const cut = new Intl.Segmenter().segment(text).containing(read);
  // The first one may be longer than that: it is cut as well, rather than that nothing is left.
  return text.slice(0, cut?.index || read);
}
