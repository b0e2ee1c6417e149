// One revision after another, as its name and both ends of its file tell; and whose files are to be believed.
import { join } from "node:path";
import { isWhere, statFolder, statOwner } from "../system/disk.ts";
import { attemptNow, describeError, errnoOf } from "../system/errno.ts";
import { identifyMachine } from "../system/machine.ts";
import { formatNamed, formatOfFile } from "./archive/formats.ts";
import { FormatError } from "./archive/frame.ts";
import { openArchive, readArchiveEnds } from "./archive/read.ts";
import { digestSource } from "./archive/trailer.ts";
import { type Candidate, foldedStemOf } from "./names.ts";
import {
  type BrokenRevision,
  foldStem,
  isNamed,
  type IntactRevision,
  nameOf,
  type Revision,
  type RevisionName,
} from "./revision.ts";

export interface Viewer {
  readonly machine: string;
  readonly uid: number;
}

export const currentViewer = (): Viewer => ({ machine: identifyMachine().id, uid: process.geteuid?.() ?? 0 });

const WRITABLE_BY_OTHERS = 0o022;
const ROOT = 0;

export interface View {
  readonly folder: string;
  readonly machine: string;
  /** Whether an owner of files in it has no business there. */
  readonly isStranger: (owner: number) => boolean;
}

/**
 * Where others may write to a folder, everybody is a stranger there but the viewer, root and the folder's owner. Where
 * owners are not kept, they prove nothing.
 */
export function lookInto(folder: string, { machine, uid }: Viewer): View {
  const facts = attemptNow(`cannot look into the folder '${folder}'`, () => statFolder(folder));
  const trusted = [uid, ROOT, facts.uid];
  const isShared = (facts.mode & WRITABLE_BY_OTHERS) !== 0 && !isWhere("owners are mapped", folder);
  return { folder, machine, isStranger: (owner) => isShared && !trusted.includes(owner) };
}

interface Asked {
  readonly source: string;
  readonly digest: string;
}

/**
 * Reads candidates in their order; null for each that is not asked for. What is known already is not read.
 * @param isMany thousands, of which the headers are left for whoever needs one
 */
export function* walk(
  view: View,
  candidates: Iterable<Candidate>,
  source?: string,
  known: readonly Revision[] = [],
  isMany = false,
): Generator<Revision | null, void, void> {
  const stem = foldedStemOf(source);
  const asked = source === undefined || !isMany ? undefined : { source, digest: digestSource(source) };
  // A broken one may have been of any source that its name fits.
  const isOf = (revision: Revision) =>
    revision.archive ? revision.source === source : foldStem(revision.stem) === stem;
  for (const candidate of candidates) {
    const revision =
      known.find(({ file }) => file === candidate.file) ?? readRevision(view, candidate, asked);
    yield revision && (source === undefined || isOf(revision)) ? revision : null;
  }
}

/**
 * null if it is no archive of ours, no regular file, or went away while the folder was listed.
 * @param asked of a revision of that source, what its header says otherwise is not looked at yet
 */
export function readRevision(view: View, { file, name }: Candidate, asked?: Asked): Revision | null {
  const path = join(view.folder, file);
  let storedBytes = 0;
  let owner: number | undefined;
  const broken = (state: BrokenRevision["state"], reason: string): BrokenRevision | null => {
    if (!name) return null;
    owner ??= statOwner(path);
    // Where not even that is told, nothing speaks against it.
    const isForeign = owner !== undefined && view.isStranger(owner);
    return { ...name, file, path, storedBytes, state: isForeign ? "foreign" : state, reason, archive: null };
  };
  try {
    const ends = readArchiveEnds(path);
    if (!ends) return null;
    storedBytes = ends.sizeBytes;
    owner = ends.uid;
    const format = name ? formatNamed(name.format) : (formatOfFile(file) ?? formatNamed("none"));
    const archive = openArchive(path, format, ends);
    const { host, sizeBytes, sourceDigest, machine } = archive.trailer;
    const source = sourceDigest === asked?.digest ? asked.source : archive.file.source;
    const given = nameOf(source, archive, archive.trailer);
    const otherHost = machine === view.machine ? null : host;
    const stored = { file, path, storedBytes, state: judge(view, ends.uid, name, given), otherHost };
    return { ...given, ...stored, source, sizeBytes, archive };
  } catch (error) {
    if (error instanceof FormatError) return broken("damaged", error.message);
    if (errnoOf(error) !== undefined) return broken("unreadable", describeError(error));
    throw error;
  }
}

function judge(
  { isStranger }: View,
  owner: number,
  name: RevisionName | null,
  given: RevisionName,
): IntactRevision["state"] {
  if (isStranger(owner)) return "foreign";
  if (!name || !isNamed(name, given)) return "pinned";
  return given.isChanged ? "changed" : "ok";
}
