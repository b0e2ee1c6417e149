// What a person, or a machine, is told of a backup that was made.
import type { BackupPlan, BackupResult } from "../backup/back-up.ts";
import { recordOf } from "../backup/revision.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { Failure } from "../errors.ts";

/**
 * Tells the warnings and the new revision's path, or with --json one object. Throws `problem` in the end, and a Failure
 * where the product can't be written.
 */
export function tellBackup(result: BackupResult, isQuiet: boolean, session: Session): void {
  const { revision, pruned, warnings, skipped, problem } = result;
  const { output, isJson, renderPath } = session;
  tellMessages(result, isQuiet, session);
  try {
    if (isJson) output.writeJson({ revision: revision && recordOf(revision), pruned, warnings, skipped });
    else if (revision && !isQuiet) output.write(`${renderPath(revision.path)}\n`);
  } catch (cause) {
    if (!(cause instanceof Failure) || !revision) throw cause;
    throw new Failure(`saved '${revision.path}', but ${cause.message}`, { cause });
  }
  if (problem) throw problem;
}

function tellMessages(result: BackupResult, isQuiet: boolean, { report, isJson }: Session): void {
  if (!isJson) for (const warning of result.warnings) report.warn(warning);
  if (!isJson && !isQuiet) for (const other of result.others) report.info(other);
  for (const file of result.pruned) report.detail(`removed the old revision '${file}'`);
}

/** Tells what a backup would do as the product, for nothing else is produced. */
export function tellIntention(plan: BackupPlan, { output, isJson }: Session): void {
  const { source, folder, sizeBytes, number, pruned } = plan;
  if (isJson) {
    output.writeJson({ revision: null, pruned, warnings: [], skipped: number === null ? "empty" : "noop" });
    return;
  }
  if (number === null) {
    output.write(`would save nothing: '${escapeControls(source)}' is empty\n`);
    return;
  }
  const names = `'${escapeControls(source)}' (${formatSize(sizeBytes)}) into '${escapeControls(folder)}'`;
  output.write(`would save ${names} as revision ${number}\n`);
  for (const file of pruned) output.write(`would then remove '${escapeControls(file)}'\n`);
}
