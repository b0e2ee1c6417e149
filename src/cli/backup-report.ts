// What a person, or a machine, is told of a backup that was made.

import { Failure } from "../errors.ts";
import type { Session } from "./session.ts";

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
