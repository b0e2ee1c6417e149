// run: saves a file as a new revision, now.
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";
import { backupArguments, readBackupOptions, toRequest } from "./backup-options.ts";
import { saveNow } from "./backup-report.ts";
import { openProofLog } from "./proof-log.ts";

export const command = defineCommand({
  meta: {
    name: "run",
    description: "save a file as a new revision, now",
    details: [
      "Copies FILE into DIR as a compressed, timestamped revision, reads it back to prove it, and removes the old revisions that the retention gives up. Prints the path of the new revision. Where the newest one holds what FILE is now, that one is proven again instead, and its path printed.",
      "DIR must exist: a folder on a drive that is not mounted is never created.",
    ],
    examples: [
      { type: "tinybackup run -f ~/ledger.db -d /media/usb/backups", does: "save the ledger once" },
      { type: "tinybackup run -f notes.txt -d saved -k 30", does: "save, and keep the newest 30 revisions" },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.changed, ExitCode.unavailable],
  },
  args: {
    ...shared.places,
    ...backupArguments,
    noop: { ...backupArguments.noop, alias: ["dry-run"] },
  },
  async run({ args, data: session }) {
    const options = readBackupOptions(args);
    const paths = { source: args.sourcefile, folder: args.destinationdirectory };
    return saveNow(toRequest(paths, options, openProofLog()), options.noop, session);
  },
});
