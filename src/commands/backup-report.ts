// What a person, or a machine, is told of a backup that was made, or that would be.
import {
  backUp,
  type BackupPlan,
  type BackupRequest,
  type BackupResult,
  planBackup,
} from "../backup/back-up.ts";
import { lastProofMs, type ProofLog } from "../backup/proofs.ts";
import { type IntactRevision, recordOf } from "../backup/revision.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatLocalTime, formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { ExitCode, Failure } from "../errors.ts";

/** Saves what a person asks for, or with `noop` only says what that would do, and tells it. Throws as `tellBackup`. */
export async function saveNow(request: BackupRequest, noop: boolean, session: Session): Promise<ExitCode> {
  if (!noop) return tellBackup(await backUp(request, session), request.proofs, session, !session.isQuiet);
  tellPlan(await planBackup(request, session), request.proofs, session);
  return ExitCode.done;
}

/**
 * Tells the warnings and, if wished, the new revision's path, or with --json one object. Throws the `problem` of the
 * result in the end, and a Failure where the product can't be written.
 * @returns how the command ends
 */
export function tellBackup(
  result: BackupResult,
  proofs: ProofLog,
  session: Session,
  isPathWished: boolean,
): ExitCode {
  const { revision, pruned, warnings, skipped, problem } = result;
  const { output, isJson, renderPath } = session;
  tellMessages(result, session, isPathWished);
  try {
    if (isJson) {
      output.writeJson({ revision: revision && record(revision, proofs), pruned, warnings, skipped });
    } else if (revision && isPathWished) output.write(`${renderPath(revision.path)}\n`);
  } catch (cause) {
    if (!(cause instanceof Failure) || !revision) throw cause;
    throw new Failure(`saved '${revision.path}', but ${cause.message}`, { cause });
  }
  if (problem) throw problem;
  return revision?.isChanged === true ? ExitCode.changed : ExitCode.done;
}

function tellMessages(result: BackupResult, session: Session, isTyped: boolean): void {
  const { report, isJson } = session;
  const { revision, skipped, provenOld, pruned, warnings } = result;
  if (!isJson) for (const warning of warnings) report.warn(warning);
  if (!isJson && isTyped) tellPerson(result, session);
  if (skipped === null && revision) {
    const moment = formatLocalTime(Date.now());
    report.debug(`proven: ${formatSize(revision.storedBytes)} read back from the disk at ${moment}`);
  }
  if (provenOld !== null) report.debug(`proven again, as the one whose proof was the oldest: '${provenOld}'`);
  for (const file of pruned) report.debug(`removed the old revision '${file}'`);
}

function record(revision: IntactRevision, proofs: ProofLog) {
  return recordOf(revision, lastProofMs(revision, proofs, Date.now()));
}

/** What whoever typed the command wants to know, and a schedule keeps to itself; all that a script wants is the path. */
function tellPerson(
  { revision, skipped, isProvenAgain, remark, pruned, others }: BackupResult,
  { report, isWatched }: Session,
): void {
  if (skipped === "unchanged" && revision)
    report.info(`${describeUnchanged(revision)}${isProvenAgain ? ": proven again" : ""}`);
  if (remark !== null) report.info(remark);
  if (skipped === null && revision && isWatched()) report.info(describeSaved(revision, pruned.length));
  else if (pruned.length > 0) report.info(`removed ${count(pruned.length, "old revision")}`);
  for (const other of others) report.info(other);
}

/** `saved as revision 5: 562 KiB -> 425 KiB, 3 old removed`. */
function describeSaved({ number, sizeBytes, storedBytes }: IntactRevision, removed: number): string {
  const sizes = `${formatSize(sizeBytes)} -> ${formatSize(storedBytes)}`;
  return `saved as revision ${number}: ${sizes}${removed === 0 ? "" : `, ${removed} old removed`}`;
}

function describeUnchanged({ number, takenAtMs }: IntactRevision): string {
  return `unchanged since revision ${number} of ${formatLocalTime(takenAtMs)}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Tells what a backup would do as the product, for nothing else is produced. */
export function tellPlan(plan: BackupPlan, proofs: ProofLog, { output, report, isJson }: Session): void {
  const { source, folder, sizeBytes, number, revision, skipped, pruned, warnings } = plan;
  if (isJson) {
    const held = revision && record(revision, proofs);
    output.writeJson({ revision: held, pruned, warnings, skipped: skipped ?? "noop" });
    return;
  }
  if (skipped === "empty") {
    output.write(`would save nothing: '${escapeControls(source)}' is empty\n`);
    return;
  }
  for (const warning of warnings) report.warn(warning);
  if (revision) output.write(`would save nothing: ${describeUnchanged(revision)}\n`);
  else {
    const names = `'${escapeControls(source)}' (${formatSize(sizeBytes)}) into '${escapeControls(folder)}'`;
    output.write(`would save ${names} as revision ${number}\n`);
  }
  for (const file of pruned) output.write(`would then remove '${escapeControls(file)}'\n`);
}
