// run: saves a file as a new revision, now.

import { backUp, planBackup, type BackupResult } from "../backup/back-up.ts";
import { recordOfPublished } from "../backup/revision-record.ts";
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import type { Session } from "../cli/session.ts";
import { formatSize } from "../cli/size.ts";
import { parseKeepRevisions } from "../cli/values.ts";
import { watchWork } from "../cli/work.ts";
import { ExitCode, Failure } from "../errors.ts";
import { version } from "../version.ts";

export const command = defineCommand({
  name: "run",
  summary: "save a file as a new revision, now",
  details: [
    "Copies FILE into DIR as a compressed, timestamped revision, reads it back to prove it, and removes the oldest revisions beyond --keeprevisions. Prints the path of the new revision.",
    "DIR must exist: a folder on a drive that is not mounted is never created.",
  ],
  args: {
    sourcefile: { ...shared.sourcefile, required: true },
    destinationdirectory: { ...shared.destinationdirectory, required: true },
    keeprevisions: { ...shared.keeprevisions, default: "14" },
    compress: shared.compress,
    verify: shared.verify,
    noop: shared.noop,
    json: shared.json,
    ...shared.messages,
  },
  examples: [
    { type: "tinybackup run -f ~/ledger.db -d /media/usb/backups", does: "save the ledger once" },
    { type: "tinybackup run -f notes.txt -d saved -k 30", does: "save, and keep the newest 30 revisions" },
  ],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  async run(args, session) {
    const request = {
      source: args.sourcefile,
      folder: args.destinationdirectory,
      format: args.compress,
      verify: args.verify,
      retention: { newest: parseKeepRevisions(args.keeprevisions) },
      toolVersion: version,
    };
    if (args.noop) return tellIntention(await planBackup(request), session);
    return tellResult(await watchWork(session, (watch) => backUp(request, watch)), args.quiet, session);
  },
});

function tellIntention(plan: Awaited<ReturnType<typeof planBackup>>, { output, isJson }: Session): ExitCode {
  const { source, folder, sizeBytes, number, pruned } = plan;
  if (isJson) {
    output.writeJson({ revision: null, pruned, warnings: [], skipped: number === null ? "empty" : "noop" });
  } else if (number === null) {
    output.write(`would save nothing: '${source}' is empty\n`);
  } else {
    output.write(
      `would save '${source}' (${formatSize(sizeBytes)}) into '${folder}' as revision ${number}\n`,
    );
    for (const file of pruned) output.write(`would then remove '${file}'\n`);
  }
  return ExitCode.done;
}

function tellResult(result: BackupResult, isQuiet: boolean, session: Session): ExitCode {
  const { revision, pruned, warnings, skipped, problem } = result;
  const { report, output, isJson, renderPath } = session;
  if (!isJson) for (const warning of warnings) report.warn(warning);
  for (const file of pruned) report.detail(`removed the old revision '${file}'`);
  try {
    if (isJson)
      output.writeJson({ revision: revision && recordOfPublished(revision), pruned, warnings, skipped });
    else if (revision && !isQuiet) output.write(`${renderPath(revision.path)}\n`);
  } catch (cause) {
    if (!(cause instanceof Failure) || !revision) throw cause;
    throw new Failure(`saved '${revision.path}', but ${cause.message}`, { cause });
  }
  if (problem) throw problem;
  return ExitCode.done;
}
