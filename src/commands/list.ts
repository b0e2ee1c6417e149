// list: the revisions of a file, newest first.
import { recordOf } from "../backup/revision-record.ts";
import { resolveGiven } from "../backup/source.ts";
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { formatAge, formatLocalTime, formatSize } from "../cli/format.ts";
import { renderBar, renderTable } from "../cli/table.ts";
import { ExitCode } from "../errors.ts";
import { inferTarget } from "../schedule/infer-target.ts";
import { readSeries, type Series } from "./open-revisions.ts";

const columns = [
  { title: "NUMBER", align: "right" },
  { title: "AGE", align: "right" },
  { title: "TAKEN" },
  { title: "SIZE", align: "right" },
  { title: "" },
  { title: "STORED", align: "right" },
  { title: "STATE" },
] as const;

/** The table fits in 80 columns with it. */
const BAR_COLUMNS = 10;

export const command = defineCommand({
  name: "list",
  summary: "list the revisions of a file",
  details: [
    "Shows each revision's number, age, local time, size (as a bar too, so that a sudden change meets the eye), stored size and state, newest first. The state ok means that both ends of the revision are intact; verify proves the rest.",
  ],
  args: {
    sourcefile: {
      ...shared.sourcefile,
      completes: "source",
      description: "the file; may be left out where DIR holds revisions of one file only",
    },
    destinationdirectory: shared.knownDestination,
    json: shared.json,
    ...shared.messages,
  },
  examples: [{ type: "tinybackup list -d /media/usb/backups", does: "what is there" }],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  async run(args, { output, isJson, report }) {
    const place = await inferTarget({
      source: await resolveGiven(args.sourcefile),
      destination: args.destinationdirectory,
    });
    const { folder, source, revisions } = await readSeries(place.destination, place.source);
    if (isJson) {
      output.writeJson({ source, destination: folder, revisions: revisions.map(recordOf) });
      return ExitCode.done;
    }
    const now = new Date();
    const largest = Math.max(...revisions.map((revision) => sizeOf(revision) ?? 0));
    const rows = revisions.map((revision) => {
      const taken = new Date(revision.takenAtMs);
      const sizeBytes = sizeOf(revision);
      return [
        String(revision.number),
        formatAge(taken, now),
        formatLocalTime(taken),
        sizeBytes === null ? "?" : formatSize(sizeBytes),
        renderBar(sizeBytes ?? 0, largest, BAR_COLUMNS),
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

function sizeOf(revision: Series["revisions"][number]): number | null {
  return revision.state === "ok" ? revision.sizeBytes : null;
}
