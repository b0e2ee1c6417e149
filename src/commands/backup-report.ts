// What a person, or a machine, is told of a backup that was made, or that would be.
import {
  backUp,
  type BackupPlan,
  type BackupRequest,
  type BackupResult,
  planBackup,
} from "../backup/back-up.ts";
import { recordOf } from "../backup/revision.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { Failure } from "../errors.ts";

/** Saves what a person asks for, or with `noop` only says what that would do, and tells it. Throws as `tellBackup`. */
export async function saveNow(request: BackupRequest, noop: boolean, session: Session): Promise<void> {
  if (noop) tellPlan(await planBackup(request), session);
  else tellBackup(await backUp(request, session), session, !session.isQuiet);
}

/**
 * Tells the warnings and, if wished, the new revision's path, or with --json one object. Throws the `problem` of the
 * result in the end, and a Failure where the product can't be written.
 */
export function tellBackup(result: BackupResult, session: Session, isPathWished: boolean): void {
  const { revision, pruned, warnings, skipped, problem } = result;
  const { output, isJson, renderPath } = session;
  tellMessages(result, session, isPathWished);
  try {
    if (isJson) {
      output.writeJson({ revision: revision && recordOf(revision), pruned, warnings, skipped });
    } else if (revision && isPathWished) output.write(`${renderPath(revision.path)}\n`);
  } catch (cause) {
    if (!(cause instanceof Failure) || !revision) throw cause;
    throw new Failure(`saved '${revision.path}', but ${cause.message}`, { cause });
  }
  if (problem) throw problem;
}

function tellMessages(result: BackupResult, { report, isJson }: Session, isTyped: boolean): void {
  if (!isJson) for (const warning of result.warnings) report.warn(warning);
  if (!isJson && isTyped) for (const other of result.others) report.info(other);
  for (const file of result.pruned) report.debug(`removed the old revision '${file}'`);
}

/** Tells what a backup would do as the product, for nothing else is produced. */
export function tellPlan(plan: BackupPlan, { output, isJson }: Session): void {
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
