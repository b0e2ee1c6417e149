// uninstall: ends schedules, also while one of their jobs runs.
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";
import { matchesFilter, readJobFilter } from "../schedule/filter.ts";
import { describeNoMatch, describeUnsaid, findSchedules, listFound } from "../schedule/find.ts";
import { removeSchedules } from "../schedule/uninstall.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";

export const command = defineCommand({
  meta: {
    name: "uninstall",
    description: "end schedules",
    details: [
      "FILTER says which of your schedules: all; files (those with this FILE and DIR); or this (those with this FILE, DIR and TIME). Left out, what is given of the three says it; where -f or -d is missing, the schedules are listed, each with the line that ends it. Jobs of anybody else are never touched. Revisions stay where they are.",
    ],
    examples: [
      {
        type: "tinybackup uninstall files -f ~/ledger.db -d /media/usb/backups",
        does: "no more backups of the ledger there",
      },
      { type: "tinybackup uninstall all", does: "no more backups at all" },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler],
  },
  args: {
    filter: shared.filter,
    ...shared.narrowing,
    time: { ...shared.narrowing.time, check: parseTimeSpecification },
    sourcefile: { ...shared.narrowing.sourcefile, suggestedUnless: ["filter"] },
    destinationdirectory: { ...shared.narrowing.destinationdirectory, suggestedUnless: ["filter"] },
  },
  async run({ args, data: { report } }) {
    const { filter, warning } = await readJobFilter(args);
    const isSaid = args.filter !== undefined || filter.scope !== "all";
    if (!isSaid) throw await describeUnsaid(filter);
    if (warning !== null) report.warn(warning);
    const found = await findSchedules((job) => matchesFilter(job, filter));
    const lines = listFound(found);
    if (lines.length === 0) throw await describeNoMatch(args.filter);
    await removeSchedules(found, "uninstalled");
    for (const line of lines) report.debug(`ended: ${line}`);
    report.info(lines.length === 1 ? "ended 1 schedule" : `ended ${lines.length} schedules`);
    return ExitCode.done;
  },
});
