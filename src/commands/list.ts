// list: the revisions of a file, newest first.
import { defineCommand } from "citty";
import { describeBroken, isMember, recordOf, type Revision } from "../backup/revision.ts";
import * as shared from "../cli/arguments.ts";
import { formatAge, formatLocalTime, formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { renderBar, renderTable } from "../cli/table.ts";
import { ExitCode } from "../errors.ts";
import { openRevisions } from "./open-revisions.ts";

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
  meta: {
    name: "list",
    description: "list the revisions of a file",
    details: [
      "Shows each revision's number, age, local time, size (as a bar too, so that a sudden change meets the eye), stored size and state, newest first. The state ok means that both ends of the revision are intact; verify proves the rest.",
    ],
    examples: [{ type: "tinybackup list -d /media/usb/backups", does: "what is there" }],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  },
  args: {
    sourcefile: shared.knownSource,
    destinationdirectory: shared.knownDestination,
    json: shared.json,
    ...shared.messages,
  },
  async run({ args, data }) {
    const { output, isJson, report }: Session = data;
    const { folder, source, revisions } = await openRevisions(args);
    if (isJson) {
      output.writeJson({ source, destination: folder, revisions: revisions.map(recordOf) });
      return ExitCode.done;
    }
    const nowMs = Date.now();
    const largest = Math.max(...revisions.map((revision) => sizeOf(revision) ?? 0));
    // Only where they tell something: which machine made it, and what to type for one that has no number of its own.
    const hasOthers = revisions.some((revision) => revision.archive && revision.otherHost !== null);
    const hasOddOnes = revisions.some((revision) => revision.archive && !isMember(revision));
    const more = [...(hasOthers ? [{ title: "HOST" }] : []), ...(hasOddOnes ? [{ title: "FILE" }] : [])];
    const rows = revisions.map((revision) => {
      const sizeBytes = sizeOf(revision);
      return [
        String(revision.number),
        formatAge(revision.takenAtMs, nowMs),
        formatLocalTime(revision.takenAtMs),
        sizeBytes === null ? "?" : formatSize(sizeBytes),
        renderBar(sizeBytes ?? 0, largest, BAR_COLUMNS),
        formatSize(revision.storedBytes),
        revision.state,
        ...(hasOthers ? [revision.archive?.trailer.host ?? "?"] : []),
        ...(hasOddOnes && !isMember(revision) ? [revision.file] : []),
      ];
    });
    output.write(renderTable([...columns, ...more], rows));
    for (const revision of revisions) if (!revision.archive) report.warn(describeBroken(revision));
    return ExitCode.done;
  },
});

function sizeOf(revision: Revision): number | null {
  return revision.archive && revision.sizeBytes;
}
