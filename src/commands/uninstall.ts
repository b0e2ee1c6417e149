// uninstall: ends schedules, also while one of their jobs runs.
import * as shared from "../cli/arguments.ts";
import { flag } from "../cli/command.ts";
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";
import { type Identity, type JobFilter, matchesFilter, readJobFilter } from "../schedule/filter.ts";
import {
  describeFound,
  describeNoMatch,
  describeUnsaid,
  findSchedules,
  type FoundSchedules,
  listFound,
  recordOf,
} from "../schedule/find.ts";
import { renderInstallCommand } from "../schedule/problems.ts";
import { removeSchedules } from "../schedule/uninstall.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";

export const command = defineCommand({
  meta: {
    name: "uninstall",
    description: "end schedules",
    details: [
      "FILTER says which of your schedules: all; files (those with this FILE and DIR); or this (those with this FILE, DIR and TIME). Left out, what is given of the three says it; where -f or -d is missing, the schedules are listed, each with the line that ends it. Jobs of anybody else are never touched. Revisions stay where they are, and of each schedule that ends the line is shown that brings it back.",
    ],
    examples: {
      "tinybackup uninstall files -f ~/ledger.db -d /media/usb/backups":
        "no more backups of the ledger there",
      "tinybackup uninstall all": "no more backups at all",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler],
  },
  args: {
    filter: shared.filter,
    ...shared.narrowing,
    time: { ...shared.narrowing.time, check: parseTimeSpecification },
    sourcefile: { ...shared.narrowing.sourcefile, suggestedUnless: ["filter"] },
    destinationdirectory: { ...shared.narrowing.destinationdirectory, suggestedUnless: ["filter"] },
    "dry-run": flag("only say what would end"),
  },
  async run({ args, data: { report, output, isJson } }) {
    const isDryRun = args["dry-run"];
    const { filter, warning } = await readJobFilter(args);
    const isSaid = args.filter !== undefined || filter.scope !== "all";
    if (!isSaid) throw await describeUnsaid(filter);
    if (warning !== null) report.warn(warning);
    const found = preferUnlabelled(filter, await findSchedules((job) => matchesFilter(job, filter)));
    const ended = listFound(found);
    if (!isDryRun) await removeSchedules(found, "uninstalled");
    if (isJson) output.writeJson({ changed: ended.length > 0, dryRun: isDryRun, ended: ended.map(recordOf) });
    if (ended.length === 0) throw await describeNoMatch(args.filter);
    if (isJson) return ExitCode.done;
    const [count, their] =
      ended.length === 1 ? ["1 schedule", "its"] : [`${ended.length} schedules`, "their"];
    report.info(`${isDryRun ? "would end" : "ended"} ${count}; ${their} revisions stay`);
    for (const each of ended) {
      report.info(describeFound(each));
      report.info(`  to have it again: ${renderInstallCommand(each.job)}`);
    }
    return ExitCode.done;
  },
});

const isUnlabelled = ({ name }: Identity): boolean => name === undefined;

/** Where no label is given, the schedule that is exactly so has none. */
function preferUnlabelled({ scope, name }: JobFilter, found: FoundSchedules): FoundSchedules {
  const mayBeAny = scope !== "this" || name !== undefined;
  if (mayBeAny || !listFound(found).some(({ job }) => isUnlabelled(job))) return found;
  const own = found.own.filter(({ job }) => isUnlabelled(job));
  return { ...found, own, unarmed: found.unarmed.filter(isUnlabelled) };
}
