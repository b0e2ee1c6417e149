// What a series holds already of the file that is to be saved, and whether that is still whole.
import type { Monitor } from "../system/monitor.ts";
import type { Earlier } from "./archive/earlier.ts";
import { dataBytesOf } from "./archive/sparse.ts";
import type { ArchivedFile } from "./archive/tar.ts";
import { beginContent, type Begun } from "./archive/write.ts";
import { findPolicy, walkSeries } from "./catalog.ts";
import { type Candidate, listFiles, listNamed } from "./names.ts";
import { listPartials } from "./partial.ts";
import { hashUnchanged, judgeReading, type Reading } from "./reading.ts";
import { patiently } from "./settle.ts";
import type { ProofLog, Series } from "./proofs.ts";
import { defaultRetention, type Retention } from "./retention-policy.ts";
import { isClean, type Member } from "./revision.ts";

export interface Present {
  /** The newest good revision that holds one state of the file. */
  readonly newest: Member | null;
  /** The policy in force: the one that was asked for, or the series' own, or else the default. */
  readonly retention: Retention;
  /** Whether no revision says so yet: then a new one has to, or it would be forgotten. */
  readonly isNewPolicy: boolean;
  /** The names of the series, as the folder had them, and those of partials. */
  readonly names: readonly Candidate[];
  readonly partials: readonly string[];
}

/** Reads no more revisions than it takes: mostly one. */
export function readPresent(
  { folder, source }: Series,
  wished: Retention | undefined,
  proofs: Pick<ProofLog, "damageOf">,
): Present {
  let newest: Member | null = null;
  let own: Retention | undefined;
  const files = listFiles(folder);
  const names = listNamed(files, source);
  for (const revision of walkSeries(folder, source, names)) {
    own ??= findPolicy([revision])?.retention;
    if (isClean(revision) && proofs.damageOf(revision.path) === null) newest ??= revision;
    if (newest && own) break;
  }
  const retention = wished ?? own ?? defaultRetention;
  const isNewPolicy = wished !== undefined && !Bun.deepEquals(wished, own, true);
  return { newest, retention, isNewPolicy, names, partials: listPartials(files) };
}

/**
 * Whether a revision holds what the source is now, but for its times; or what was read until it was known that it does not. A
 * size that differs costs no reading.
 * @param earlier the same revision, where blocks can be taken over from it
 */
export async function holdsSame(
  { archive: { format, file, trailer } }: Member,
  reading: Reading,
  earlier: Earlier | null,
  monitor: Monitor,
): Promise<boolean | Begun> {
  if (!Bun.deepEquals(whatCounts(file), whatCounts(reading.file), true)) return false;
  if (!earlier) return (await hashUnchanged(reading, monitor)) === trailer.sha256;
  const plan = { format, file: reading.file, source: reading.handle, earlier };
  const begun = await patiently(reading.path, () => beginContent(plan, monitor), monitor);
  if (begun.hash.dataBytes < dataBytesOf(reading.file)) return begun;
  const sha256 = begun.hash.digest();
  return sha256 === trailer.sha256 && (await judgeReading(reading, sha256, monitor)) === "whole";
}

function whatCounts({ sizeBytes, mode, uid, gid, attributes = {}, acl }: ArchivedFile) {
  return { sizeBytes, mode, uid, gid, attributes, acl };
}
