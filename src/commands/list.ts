// list: the revisions of a file, newest first.

import { recordOf } from "../backup/revision-record.ts";
import { readSeries } from "../backup/series.ts";
import { formatAge } from "../cli/age.ts";
import * as shared from "../cli/arguments.ts";
import { formatLocalTime } from "../cli/clock-time.ts";
import { defineCommand } from "../cli/command.ts";
import { formatSize } from "../cli/size.ts";
import { renderTable } from "../cli/table.ts";
import { ExitCode } from "../errors.ts";

const columns = [
  { title: "NUMBER", align: "right" },
  { title: "AGE", align: "right" },
  { title: "TAKEN" },
  { title: "SIZE", align: "right" },
  { title: "STORED", align: "right" },
  { title: "STATE" },
] as const;

export const command = defineCommand({
  name: "list",
  summary: "list the revisions of a file",
  details: [
    "Shows each revision's number, age, local time, size, stored size and state, newest first. The state ok means that both ends of the revision are intact; verify proves the rest.",
  ],
  args: {
    sourcefile: {
      ...shared.sourcefile,
      completes: "source",
      description: "the file; may be left out where DIR holds revisions of one file only",
    },
    destinationdirectory: { ...shared.destinationdirectory, required: true },
    json: shared.json,
    ...shared.messages,
  },
  examples: [{ type: "tinybackup list -d /media/usb/backups", does: "what is there" }],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  async run(args, { output, isJson, report }) {
    const { folder, source, revisions } = await readSeries(args.destinationdirectory, args.sourcefile);
    if (isJson) {
      output.writeJson({ source, destination: folder, revisions: revisions.map(recordOf) });
      return ExitCode.done;
    }
    const now = new Date();
    const rows = revisions.map((revision) => {
      const taken = new Date(revision.takenAtMs);
      const size = revision.state === "ok" ? formatSize(revision.sizeBytes) : "?";
      return [
        String(revision.number),
        formatAge(taken, now),
        formatLocalTime(taken),
        size,
        formatSize(revision.storedBytes),
        revision.state,
      ];
    });
    output.write(renderTable(columns, rows));
    for (const revision of revisions) {
      if (revision.state === "damaged") report.warn(`'${revision.path}' is damaged: ${revision.reason}`);
    }
    return ExitCode.done;
  },
});
