// How it stands with the revisions in a folder, as schedules are asked for it.
import { readSeries, standingReader } from "../backup/catalog.ts";
import { markDamaged, type ProofLog, type Series } from "../backup/proofs.ts";
import { adviseOn, type BrokenRevision, describeBroken, isBroken } from "../backup/revision.ts";
import { typePlaces } from "../errors.ts";
import type { Problem } from "../schedule/problems.ts";
import type { FindNewest } from "../schedule/status.ts";

/** @param isWhole whether old revisions are looked at too, and not only what is remembered of them: for one folder, not many */
export function newestFinder(proofs: ProofLog, isWhole = false): FindNewest {
  const readStanding = standingReader(proofs);
  return async (source, folder) => {
    const { newest, ...standing } = await readStanding(source, folder);
    const all = isWhole ? markDamaged(await readSeries(folder, source), proofs) : null;
    const broken = all?.filter(isBroken) ?? standing.broken;
    const problems = describeBrokenOnes(broken, { source, folder });
    const equalMs = newest && proofs.equalMs(newest.path);
    return { newest: newest && { ...newest, equalMs: equalMs ?? newest.takenAtMs }, problems };
  };
}

/** More than that nobody reads of one schedule; `list` names them all. */
const MOST_BROKEN = 3;

function describeBrokenOnes(broken: readonly BrokenRevision[], { source, folder }: Series): Problem[] {
  const problems = broken.slice(0, MOST_BROKEN).map((revision): Problem => {
    const code = revision.state === "unreadable" ? "revision-unreadable" : "revision-damaged";
    return { code, message: `the revision ${describeBroken(revision)}`, hint: adviseOn(revision) };
  });
  const more = broken.length - problems.length;
  if (more === 0) return problems;
  const hint = `tinybackup list ${typePlaces(source, folder)}`;
  const message = `${more} more revisions are damaged or unreadable`;
  return [...problems, { code: "revision-damaged", message, hint }];
}
