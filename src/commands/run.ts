// run: saves a file as a new revision, now.
import * as shared from "../cli/arguments.ts";
import { flag } from "../cli/command.ts";
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
      "With --all, every schedule's file is saved now as its own runs save it; one that fails does not stop the others, and the exit code is the worst of all. A place where another drive is mounted, or none, is not written to.",
    ],
    examples: {
      "tinybackup run -f ~/ledger.db -d /media/usb/backups": "save the ledger once",
      "tinybackup run -f notes.txt -d saved -k 30": "save, and keep the newest 30 revisions",
      "tinybackup run --all": "the drive is plugged in: save what is scheduled",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.changed, ExitCode.scheduler, ExitCode.unavailable],
  },
  args: {
    ...shared.places,
    all: {
      ...flag("save what is scheduled, all of it, in place of FILE and DIR"),
      alone: ["noop", "json", "quiet", "verbose", "debug"],
    },
    ...backupArguments,
    noop: { ...backupArguments.noop, alias: ["dry-run"] },
  },
  async run({ args, data: session }) {
    if (args.all) return (await import("./run-all.ts")).runAll(args.noop, session);
    const options = readBackupOptions(args);
    const paths = { source: args.sourcefile, folder: args.destinationdirectory };
    return saveNow(toRequest(paths, options, openProofLog()), options.noop, session);
  },
});
