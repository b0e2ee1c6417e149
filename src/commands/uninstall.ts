// uninstall: ends schedules, also while one of their jobs runs.
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { selectSchedules } from "../schedule/filter.ts";
import {
  countSchedules,
  describeMiss,
  findSchedules,
  listFound,
  uninstallSchedules,
} from "../schedule/uninstall.ts";
import { resolveGiven } from "../system/paths.ts";

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
    const wish = {
      filter: typed,
      source: await resolveGiven(sourcefile),
      destination: await resolveGiven(destinationdirectory),
      time,
      name,
    };
    const { filter, wanted, warning } = selectSchedules(wish);
    if (warning !== null) report.warn(warning);
    const found = await findSchedules(filter, wanted);
    const count = countSchedules(found);
    if (count === 0) throw await describeMiss(typed);
    await uninstallSchedules(found);
    for (const line of listFound(found)) report.detail(`ended: ${line}`);
    report.info(count === 1 ? "ended 1 schedule" : `ended ${count} schedules`);
    return ExitCode.done;
  },
});
