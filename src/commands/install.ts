// install: schedules the backup of a file, through at(1).
import { backUp, checkBackup, planBackup } from "../backup/back-up.ts";
import { recordOfPublished } from "../backup/revision-record.ts";
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { formatAge, formatLocalTime } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { parseCount, parseKeepRevisions } from "../cli/values.ts";
import { watchWork } from "../cli/work.ts";
import { ExitCode, SchedulerFailure, UsageFailure } from "../errors.ts";
import { install, type InstallReport } from "../schedule/install.ts";
import { version } from "../version.ts";
import { tellBackup, tellIntention } from "./backup-report.ts";

export const command = defineCommand({
  name: "install",
  summary: "schedule the backup of a file",
  details: [
    "Saves FILE into DIR at every TIME from now on, through at(1): each run arms the next one before it does anything else. Installing the same file, folder, time and label again replaces the schedule.",
    "A time of day recurs daily, with a weekday weekly, with a date yearly; '+ 7 minutes' recurs every seven minutes; a date with a year runs once. See what a time means with: tinybackup preview -t TIME",
  ],
  args: {
    sourcefile: { ...shared.sourcefile, required: true },
    destinationdirectory: { ...shared.destinationdirectory, required: true },
    time: { ...shared.time, required: true },
    run: { type: "boolean", alias: ["r"], default: false, description: "also save a revision now" },
    once: { type: "boolean", default: false, description: "run once, and no more" },
    times: { type: "string", valueHint: "N", description: "run N times, and no more" },
    until: { type: "string", valueHint: "TIME", description: "no run after this time" },
    name: shared.label,
    keeprevisions: { ...shared.keeprevisions, default: "14" },
    compress: shared.compress,
    verify: shared.verify,
    noop: { ...shared.noop, description: "schedule, but let every run only say what it would do" },
    ...shared.messages,
    debug: {
      ...shared.messages.debug,
      description: "every run appends a full log to debug.txt in this folder",
    },
  },
  examples: [
    {
      type: "tinybackup install -f ~/ledger.db -d /media/usb/backups -t '2:00am' --run",
      does: "now, and every night",
    },
    {
      type: "tinybackup install -f notes.txt -d saved -t '+ 2 hours' -k 50",
      does: "every two hours, keeping 50",
    },
    { type: "tinybackup install -f notes.txt -d saved -t '18:00 fri' --times 4", does: "on four Fridays" },
  ],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler, ExitCode.unavailable],
  async run(args, session) {
    const times = readTimes(args);
    const retention = { newest: parseKeepRevisions(args.keeprevisions) };
    const request = {
      source: args.sourcefile,
      folder: args.destinationdirectory,
      format: args.compress,
      verify: args.verify,
      retention,
      toolVersion: version,
    };
    const { source, folder } = await checkBackup(request);
    const report = await install({
      source,
      destination: folder,
      time: args.time,
      name: args.name,
      times,
      until: args.until,
      run: {
        keeprevisions: Number(args.keeprevisions),
        compress: args.compress,
        verify: args.verify,
        noop: args.noop,
        quiet: args.quiet,
        verbose: args.verbose,
        debug: args.debug,
      },
      debugDirectory: args.debug ? process.cwd() : undefined,
    });
    tellInstalled(report, session);
    if (args.run && args.noop) tellIntention(await planBackup(request), session);
    else if (args.run) {
      const result = await watchWork(session, (watch) => backUp(request, watch));
      tellBackup(result, result.revision && recordOfPublished(result.revision), args.quiet, session);
    }
    if (report.problem) throw asQueuedOnly(report.problem);
    return ExitCode.done;
  },
});

/** How many runs are wanted; undefined for no end. */
function readTimes({ once, times }: { once: boolean; times?: string | undefined }): number | undefined {
  if (times === undefined) return once ? 1 : undefined;
  if (!once) return parseCount(times, { name: "--times", min: 1 });
  throw new UsageFailure("options '--once' and '--times' exclude each other", { hint: "give one of them" });
}

function tellInstalled(
  { job, startsAtMs, recurs, replaced, problem }: InstallReport,
  { report }: Session,
): void {
  const first = new Date(startsAtMs);
  const when = `${formatLocalTime(first)}, ${formatAge(first, new Date())}`;
  const rhythm = job.timesLeft === 1 ? "once" : recurs;
  const what = `'${job.source}' into '${job.destination}', ${rhythm} ('${job.time}')`;
  report.info(`${replaced > 0 ? "replaced the schedule" : "scheduled"}: ${what}`);
  if (problem === null) report.info(`${rhythm === "once" ? "it runs" : "the first run is"} at ${when}`);
}

/** The schedule is in the queue, and that is all that can be said. */
function asQueuedOnly(problem: SchedulerFailure): SchedulerFailure {
  const detail = problem.hint === undefined ? {} : { hint: problem.hint };
  return new SchedulerFailure(`the schedule is in the queue, but ${problem.message}`, {
    ...detail,
    cause: problem,
  });
}
