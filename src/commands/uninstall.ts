// uninstall: ends schedules, also while one of their jobs runs.
import { resolveGiven } from "../backup/source.ts";
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { matchesFilter, parseJobFilter } from "../schedule/filter.ts";
import { describeNoMatch, findSchedules, listFound } from "../schedule/find.ts";
import { removeSchedules } from "../schedule/uninstall.ts";

export const command = defineCommand({
  name: "uninstall",
  summary: "end schedules",
  details: [
    "FILTER says which of your schedules: all; files (those with this FILE and DIR); or this (those with this FILE, DIR and TIME). Jobs of anybody else are never touched. Revisions stay where they are.",
  ],
  args: {
    filter: shared.filter,
    sourcefile: { ...shared.sourcefile, completes: "source" },
    destinationdirectory: shared.destinationdirectory,
    time: shared.time,
    name: { ...shared.label, description: "only schedules with this label" },
    ...shared.messages,
  },
  examples: [
    {
      type: "tinybackup uninstall files -f ~/ledger.db -d /media/usb/backups",
      does: "no more backups of the ledger there",
    },
    { type: "tinybackup uninstall all", does: "no more backups at all" },
  ],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler],
  async run({ filter: typed, sourcefile, destinationdirectory, time, name }, { report }) {
    const { filter, warning } = parseJobFilter({
      filter: typed,
      source: await resolveGiven(sourcefile),
      destination: await resolveGiven(destinationdirectory),
      time,
      name,
    });
    if (warning !== null) report.warn(warning);
    const found = await findSchedules((identity) => matchesFilter(identity, filter));
    const lines = listFound(found);
    if (lines.length === 0) throw await describeNoMatch(typed);
    await removeSchedules(found, "uninstalled");
    for (const line of lines) report.detail(`ended: ${line}`);
    report.info(lines.length === 1 ? "ended 1 schedule" : `ended ${lines.length} schedules`);
    return ExitCode.done;
  },
});
