// run: saves a file as a new revision, now.
import { backUp, planBackup } from "../backup/back-up.ts";
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { parseKeepRevisions } from "../cli/values.ts";
import { watchWork } from "../cli/work.ts";
import { ExitCode } from "../errors.ts";
import { tellBackup, tellIntention } from "./backup-report.ts";

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
      retention: { keeprevisions: parseKeepRevisions(args.keeprevisions) },
    };
    if (args.noop) {
      tellIntention(await planBackup(request), session);
      return ExitCode.done;
    }
    const result = await watchWork(session, (watch) => backUp(request, watch));
    tellBackup(result, args.quiet, session);
    return ExitCode.done;
  },
});
