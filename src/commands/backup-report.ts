// What a person, or a machine, is told of a backup that was made.
import { escapeControls } from "../cli/escape.ts";
import { formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { Failure } from "../errors.ts";

/** How a backup went, as the backup itself reports it. */
interface BackupNews {
  readonly revision: { readonly path: string } | null;
  readonly pruned: readonly string[];
  readonly warnings: readonly string[];
  readonly skipped: string | null;
  /** The revision is saved, and something after that failed. */
  readonly problem: Error | null;
}

/**
 * Tells the warnings and the new revision's path, or with --json one object, in which `revision` is `record`. Throws
 * `problem` in the end, and a Failure where the product can't be written.
 */
export function tellBackup(news: BackupNews, record: unknown, isQuiet: boolean, session: Session): void {
  const { revision, pruned, warnings, skipped, problem } = news;
  const { report, output, isJson, renderPath } = session;
  if (!isJson) for (const warning of warnings) report.warn(warning);
  for (const file of pruned) report.detail(`removed the old revision '${file}'`);
  try {
    if (isJson) output.writeJson({ revision: record, pruned, warnings, skipped });
    else if (revision && !isQuiet) output.write(`${renderPath(revision.path)}\n`);
  } catch (cause) {
    if (!(cause instanceof Failure) || !revision) throw cause;
    throw new Failure(`saved '${revision.path}', but ${cause.message}`, { cause });
  }
  if (problem) throw problem;
}

/** What a backup would do now, as the backup itself reports it. */
interface Intention {
  readonly source: string;
  readonly folder: string;
  readonly sizeBytes: number;
  /** null where nothing would be saved, since the file is empty. */
  readonly number: number | null;
  readonly pruned: readonly string[];
}

/** Tells it as the product, for nothing else is produced. */
export function tellIntention(intention: Intention, { output, isJson }: Session): void {
  const { source, folder, sizeBytes, number, pruned } = intention;
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
