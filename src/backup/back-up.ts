// One backup from start to end: refuse early what cannot work, see whether there is anything new, publish, and only then
// let old revisions go.
import { UsageFailure } from "../errors.ts";
import { syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import type { Monitor } from "../system/monitor.ts";
import { findReal, isFolder, resolveFolder, resolvePath } from "../system/paths.ts";
import { Earlier } from "./archive/earlier.ts";
import { nextNumber, readSeries } from "./catalog.ts";
import { describeDrop, type FollowUp, type Outcome, followUp, nothingDone, tellBroken } from "./follow-up.ts";
import { removeAbandonedPartials } from "./partial.ts";
import { holdsSame, readPresent } from "./present.ts";
import { isProofDue, markDamaged, type ProofLog, type Series } from "./proofs.ts";
import { planPruning } from "./prune.ts";
import { type PublishRequest, publishRevision } from "./publish.ts";
import type { Retention } from "./retention-policy.ts";
import type { IntactRevision, Member, Revision } from "./revision.ts";
import { openReading } from "./reading.ts";
import { patiently } from "./settle.ts";
import { openRegular } from "./source.ts";
import { proveIfThere } from "./verify.ts";

/** Source and folder as typed: relative to the current folder. */
export interface BackupRequest extends Omit<PublishRequest, "retention"> {
  readonly source: string;
  /** undefined: the series' own, or else the default. */
  readonly retention: Retention | undefined;
  /** Make a revision also of what the newest one holds already. */
  readonly always: boolean;
  /** Whether a file system that can may store once what the newest one holds too. */
  readonly mayShare: boolean;
  readonly proofs: ProofLog;
}

export interface BackupResult extends Series, FollowUp {
  /** New, or the one that holds the file's present state; null where there was nothing to save. */
  readonly revision: IntactRevision | null;
  readonly skipped: "empty" | "unchanged" | null;
  /** Whether that one is not new, and was read whole again in this run. */
  readonly isProvenAgain: boolean;
  /** How the new one came to be of one moment, a whole sentence; null where nothing was done for that. */
  readonly remark: string | null;
  readonly retention: Retention;
}

export interface BackupPlan
  extends Pick<BackupResult, "skipped" | "pruned" | "retention" | "warnings">, Series {
  readonly sizeBytes: number;
  /** The number that a new revision would get; null where none would be made. */
  readonly number: number | null;
  readonly revision: IntactRevision | null;
}

/**
 * Saves one file as a new revision, unless the newest good one holds just that, and applies the retention. Throws if it is
 * not saved. If it is, and only what follows failed, the result says so in `problem`.
 */
export async function backUp(request: BackupRequest, monitor: Monitor): Promise<BackupResult> {
  const place = await resolvePlace(request);
  const { proofs, isRaw } = request;
  const present = readPresent(place, request.retention, proofs);
  const { newest, retention, isNewPolicy } = present;
  await removeAbandonedPartials(place.folder, present.partials, monitor);
  await using source = await openReading(place.source, newest?.archive.trailer, { ...place, isRaw }, monitor);
  if (!source) return skipEmpty(place, retention);
  return await attempt(`cannot back up '${place.source}'`, async () => {
    // Blocks can be taken over from one of the same format.
    const isAlike = newest?.format === request.format;
    await using earlier = isAlike ? await Earlier.open(newest.path, newest.archive, request.mayShare) : null;
    const mayBeHeld = newest !== null && !request.always && !isNewPolicy;
    const isSame = mayBeHeld && (await holdsSame(newest, source, earlier, monitor));
    const begun = typeof isSame === "boolean" ? null : isSame;
    const { names } = present;
    const series = { ...place, proofs, retention, names };
    const held = isSame === true ? await answerHeld(series, newest, monitor) : { result: null, found: null };
    if (held.result) return held.result;
    const publishing = { ...request, ...place, retention: { ...retention } };
    const published = await publishRevision(source, newest, publishing, { earlier, begun }, monitor);
    if (!published) return skipEmpty(place, retention);
    const { names: namesNow, ...saved } = published;
    const { revision } = saved;
    const suspect = earlier?.isSuspect === true ? newest : null;
    const known = { suspect, found: held.found, provenPath: revision.path, saved: revision, names: namesNow };
    const after = await followUp(place, { proofs, retention, ...known }, monitor);
    const warnings = [...saved.warnings, ...after.warnings];
    return { ...place, ...saved, skipped: null, isProvenAgain: false, retention, ...after, warnings };
  });
}

/** Of a file that the newest revision holds already; no result where that turns out not to be good. */
async function answerHeld(
  { proofs, retention, names, ...place }: Series & Pick<Outcome, "proofs" | "retention" | "names">,
  newest: Member,
  monitor: Monitor,
): Promise<{ readonly result: BackupResult | null; readonly found: Revision | null }> {
  const isProvenAgain = isProofDue(newest, proofs);
  const found = isProvenAgain ? await proveIfThere(newest, proofs, monitor) : newest;
  if (!found?.archive) return { result: null, found };
  // A run may have been ended after it had published.
  await attempt(`cannot make the revisions in '${place.folder}' durable`, () => syncFolder(place.folder));
  await proofs.recordEqual(newest.path);
  const provenPath = isProvenAgain ? newest.path : null;
  const after = await followUp(
    place,
    { proofs, retention, suspect: null, found, provenPath, saved: null, names },
    monitor,
  );
  const held = { revision: newest, skipped: "unchanged", isProvenAgain, remark: null } as const;
  return { result: { ...place, ...held, retention, ...after }, found };
}

/** What `backUp` would do now. Reads, and writes nothing. */
export async function planBackup(request: BackupRequest, monitor: Monitor): Promise<BackupPlan> {
  const place = await resolvePlace(request);
  const { folder } = place;
  const { proofs, isRaw } = request;
  const { newest, retention, isNewPolicy, names } = readPresent(place, request.retention, proofs);
  await using source = await openReading(
    place.source,
    newest?.archive.trailer,
    { folder: null, isRaw },
    monitor,
  );
  const plan = { ...place, sizeBytes: 0, retention, number: null, revision: null };
  if (!source) return { ...plan, skipped: "empty", pruned: [], warnings: [describeEmpty(place)] };
  return await attempt(`cannot back up '${place.source}'`, async () => {
    const { sizeBytes } = source.file;
    const revisions = markDamaged(await readSeries(folder, place.source, [], names), proofs);
    const isSame = newest !== null && (await holdsSame(newest, source, null, monitor)) === true;
    const skipped = isSame && !request.always && !isNewPolicy ? "unchanged" : null;
    const number = skipped ? null : nextNumber(folder, place.source, revisions, names);
    const sha256 = isSame ? newest.archive.trailer.sha256 : "";
    const upcoming = number === null ? null : { number, takenAtMs: Date.now(), sha256, sizeBytes };
    const { remove } = planPruning({ revisions, retention, asOne: false, proofs }, upcoming);
    const pruned = remove.map(({ revision: { file } }) => file);
    const drop = upcoming ? describeDrop(upcoming, revisions) : [];
    const warnings = [...drop, ...tellBroken(revisions, place)];
    return { ...plan, sizeBytes, number, revision: skipped && newest, skipped, pruned, warnings };
  });
}

export async function checkBackup(
  request: Pick<BackupRequest, "source" | "folder">,
  monitor: Monitor,
): Promise<Series & { readonly sizeBytes: number }> {
  const place = await resolvePlace(request);
  const open = () => openRegular(place.source);
  const { handle, facts } = await patiently(place.source, open, monitor);
  await handle.close();
  return { ...place, sizeBytes: facts.sizeBytes };
}

async function resolvePlace(typed: Series): Promise<Series> {
  if (isFolder(typed.source) && !isFolder(typed.folder) && findReal(typed.folder) !== undefined) {
    const instead = { [typed.source]: typed.folder, [typed.folder]: typed.source };
    throw new UsageFailure(`'${typed.source}' is the folder, and '${typed.folder}' the file`, { instead });
  }
  return {
    source: await resolvePath(typed.source, `cannot back up '${typed.source}'`),
    folder: await resolveFolder(typed.folder, `cannot save into '${typed.folder}'`),
  };
}

function skipEmpty(place: Series, retention: Retention): BackupResult {
  const nothing = { ...nothingDone, revision: null, remark: null, isProvenAgain: false };
  return { ...place, ...nothing, retention, warnings: [describeEmpty(place)], skipped: "empty" };
}

function describeEmpty({ source }: Series): string {
  return `'${source}' is empty: nothing was saved, and no earlier revision is removed`;
}
