// One backup from start to end: refuse early what cannot work, publish, and only then let old revisions go.
import { Failure } from "../errors.ts";
import type { Monitor } from "../system/monitor.ts";
import { resolveFolder, resolvePath } from "../system/paths.ts";
import { findPolicy, nextNumber, readSeries } from "./catalog.ts";
import type { ProofLog } from "./proofs.ts";
import { planPruning, pruneRevisions } from "./prune.ts";
import { type Published, type PublishRequest, publishRevision } from "./publish.ts";
import { defaultRetention, type Retention } from "./retention-policy.ts";
import { describeBroken, type IntactRevision, isBroken, isMember, type Revision } from "./revision.ts";
import { openRegular } from "./source.ts";

/** Source and folder as typed: relative to the current folder. */
export interface BackupRequest extends Omit<PublishRequest, "retention"> {
  readonly source: string;
  readonly retention: Retention | undefined;
  readonly always: boolean;
  readonly proofs: ProofLog;
}

/** Absolute paths, links resolved. */
interface Place {
  readonly source: string;
  readonly folder: string;
}

export interface BackupResult extends Place {
  /** null where there was nothing to save. */
  readonly revision: IntactRevision | null;
  /** Files of old revisions that were removed, oldest first. */
  readonly pruned: readonly string[];
  readonly warnings: readonly string[];
  /** Set where the revision is saved, but not all that should follow was done. */
  readonly problem: Error | null;
  readonly skipped: "empty" | null;
  /** What else is there, in whole sentences: revisions of the same file that do not count. */
  readonly others: readonly string[];
}

/** What a backup would do now. */
export interface BackupPlan extends Place {
  readonly sizeBytes: number;
  /** The number that the revision would get; null where nothing would be saved, since the file is empty. */
  readonly number: number | null;
  /** Files that the retention would then remove. */
  readonly pruned: readonly string[];
}

/** A file that shrank below this part of its last size may have lost its content: its history is not touched then. */
const SUSPICIOUS_SHRINKAGE = 10;

/**
 * Saves one file as a new revision and applies the retention. Throws if nothing was saved. If the revision is saved and
 * only the removal of old ones failed, the result says so in `problem`.
 */
export async function backUp(request: BackupRequest, monitor: Monitor): Promise<BackupResult> {
  const place = await resolvePlace(request);
  const source = await openRegular(place.source);
  let published: Published;
  try {
    if (source.facts.sizeBytes === 0) return skipEmpty(place);
    const series = findPolicy(await readSeries(place.folder, place.source));
    const retention = { ...(request.retention ?? series?.retention ?? defaultRetention) };
    published = await publishRevision(source, { ...request, folder: place.folder, retention }, monitor);
  } finally {
    await source.handle.close();
  }
  const { revision, warnings } = published;
  const { told, ...rest } = await applyRetention(place, revision, request, monitor);
  return { ...place, revision, warnings: [...warnings, ...told], skipped: null, ...rest };
}

/** What `backUp` would do now. Reads, and writes nothing. */
export async function planBackup(request: BackupRequest): Promise<BackupPlan> {
  const { sizeBytes, ...place } = await checkBackup(request);
  if (sizeBytes === 0) return { ...place, sizeBytes, number: null, pruned: [] };
  const { folder, source } = place;
  const number = await nextNumber(folder, source);
  const present = (await readSeries(folder, source)).filter(isMember);
  const { retention = defaultRetention, proofs } = request;
  const { remove } = planPruning({ revisions: present, retention, asOne: false, proofs });
  const isShrunk = shrinkageWarnings(sizeBytes, present).length > 0;
  return {
    ...place,
    sizeBytes,
    number,
    pruned: isShrunk ? [] : remove.map(({ revision: { file } }) => file),
  };
}

/** Refuses early what cannot work. */
export async function checkBackup(
  request: Pick<BackupRequest, "source" | "folder">,
): Promise<Place & { readonly sizeBytes: number }> {
  const place = await resolvePlace(request);
  const { handle, facts } = await openRegular(place.source);
  await handle.close();
  return { ...place, sizeBytes: facts.sizeBytes };
}

async function resolvePlace(typed: Place): Promise<Place> {
  return {
    source: await resolvePath(typed.source, `cannot back up '${typed.source}'`),
    folder: await resolveFolder(typed.folder, `cannot save into '${typed.folder}'`),
  };
}

function skipEmpty(place: Place): BackupResult {
  const warning = `'${place.source}' is empty: nothing was saved, so that its earlier revisions stay`;
  const nothing = { revision: null, pruned: [], problem: null, others: [] };
  return { ...place, ...nothing, warnings: [warning], skipped: "empty" };
}

/** Lets old revisions go, now that `saved` is safe, unless it shrank. Nothing that fails here is a failed backup. */
async function applyRetention(
  { folder, source }: Place,
  saved: IntactRevision,
  { retention: typed, proofs }: BackupRequest,
  monitor: Monitor,
) {
  try {
    const revisions = await readSeries(folder, source);
    const retention = typed ?? findPolicy(revisions)?.retention ?? defaultRetention;
    const others = countOthers(revisions);
    const broken = tellBroken(revisions);
    const earlier = revisions.filter(({ number }) => number < saved.number);
    const shrunk = shrinkageWarnings(saved.sizeBytes, earlier);
    if (shrunk.length > 0) return { told: [...broken, ...shrunk], pruned: [], problem: null, others };
    const { removed, problem } = await pruneRevisions(
      { folder, revisions, retention, isDryRun: false, asOne: false, proofs, provenPath: saved.path },
      monitor,
    );
    return {
      told: broken,
      pruned: removed.map(({ revision: { file } }) => file).toReversed(),
      problem,
      others,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { told: [], pruned: [], problem: error, others: [] };
  }
}

/** More than that nobody reads in every run; `list` names them all. */
const MOST_BROKEN = 3;

function tellBroken(revisions: readonly Revision[]): string[] {
  const sentences = revisions.filter(isBroken).map(describeBroken);
  const more = sentences.length - MOST_BROKEN;
  if (more <= 0) return sentences;
  return [...sentences.slice(0, MOST_BROKEN), `${more} more are damaged or unreadable: see tinybackup list`];
}

/** Says once of each kind how many revisions of the file are there that its history is not made of. */
function countOthers(revisions: readonly Revision[]): string[] {
  const kinds = Map.groupBy(
    revisions.filter((revision) => !isMember(revision) && !isBroken(revision)),
    nameKind,
  );
  return Array.from(kinds, ([kind, { length }]) => `not counted: ${length} ${kind}`);
}

function nameKind(revision: Revision): string {
  if (revision.state !== "ok") return `${revision.state} there`;
  return `of the machine '${revision.otherHost}'`;
}

/** @param earlier newest first */
function shrinkageWarnings(sizeBytes: number, earlier: readonly Revision[]): string[] {
  const [previous] = earlier.filter(isMember);
  if (!previous || sizeBytes * SUSPICIOUS_SHRINKAGE >= previous.sizeBytes) return [];
  return [
    `it shrank from ${previous.sizeBytes} to ${sizeBytes} bytes: it is saved, and no old revision was removed; check that nothing is missing`,
  ];
}
