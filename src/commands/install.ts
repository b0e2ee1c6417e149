// install: schedules the backup of a file, through at(1).
import { checkBackup } from "../backup/back-up.ts";
import { findPolicy, hasRevisions, readSeries } from "../backup/catalog.ts";
import { defaultRetention, describeRetention, type Retention } from "../backup/retention-policy.ts";
import * as shared from "../cli/arguments.ts";
import { flag, valued } from "../cli/command.ts";
import { formatAge, formatLocalTime } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { parseCount } from "../cli/values.ts";
import { ExitCode, SchedulerFailure, UsageFailure } from "../errors.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { install, type InstallReport } from "../schedule/install.ts";
import { type HookName, hookNames, type Job } from "../schedule/job.ts";
import { recordBeginning } from "../schedule/journal.ts";
import { backupArguments, readBackupOptions, renderJobOptions, toRequest } from "./backup-options.ts";
import { saveNow } from "./backup-report.ts";
import { openProofLog } from "./proof-log.ts";
import { parseAge, retentionDetails } from "./retention-options.ts";

export const command = defineCommand({
  meta: {
    name: "install",
    description: "schedule the backup of a file",
    details: [
      "Saves FILE into DIR at every TIME from now on, through at(1): each run arms the next one before it does anything else. Installing the same file, folder, time and label again replaces the schedule.",
      retentionDetails,
      "A time of day recurs daily, with a weekday weekly, with a date yearly; '+ 7 minutes' recurs every seven minutes; a date with a year runs once. See what a time means with: tinybackup preview -t TIME",
    ],
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
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.changed, ExitCode.scheduler, ExitCode.unavailable],
  },
  args: {
    ...shared.places,
    time: { ...shared.time, required: true, isPlaced: true, check: parseTimeSpecification },
    run: { ...flag("also save a revision now"), alias: ["r"] },
    once: flag("run once, and no more"),
    times: valued("N", "run N times, and no more"),
    until: valued("TIME", "no run after this time", { check: parseTimeSpecification }),
    retry: valued("DURATION", "after a run that found FILE or DIR missing, try again this soon, as in 1h"),
    before: valued("COMMAND", "run this by sh before each run; where it fails, nothing is saved"),
    "on-success": valued("COMMAND", "run this by sh after each run that saved FILE, or found it saved"),
    "on-failure": valued("COMMAND", "run this by sh after each other run; $TINYBACKUP_MESSAGE says why"),
    name: shared.label,
    ...backupArguments,
    noop: { ...backupArguments.noop, description: "schedule, but let every run only say what it would do" },
    ...shared.messages,
    debug: {
      ...shared.messages.debug,
      description: "every run appends a full log to debug.txt in this folder",
    },
  },
  async run({ args, data: session }) {
    const times = readTimes(args);
    const retryMs = args.retry === undefined ? undefined : parseAge("--retry", args.retry) * 1000;
    const options = readBackupOptions(args);
    const paths = { source: args.sourcefile, folder: args.destinationdirectory };
    const request = toRequest(paths, options, openProofLog());
    const { source, folder } = await checkBackup(request, session);
    const hooks = await readHooks(args);
    const kept = await describeKept(source, folder, options.retention);
    const { quiet, verbose, debug } = args;
    const report = await install({
      source,
      typed: args.sourcefile,
      destination: folder,
      typedDestination: args.destinationdirectory,
      time: args.time,
      name: args.name,
      times,
      until: args.until,
      retryMs,
      hooks,
      run: { ...renderJobOptions(options), quiet, verbose, debug },
      debugDirectory: debug ? process.cwd() : undefined,
    });
    tellInstalled(report, kept, session);
    for (const warning of report.warnings) session.report.warn(warning);
    const exitCode = args.run ? await saveNow(request, options.noop, session) : ExitCode.done;
    if (await hasRevisions(folder, source)) await recordBeginning(report.job);
    if (report.problem) throw asQueuedOnly(report.problem);
    return exitCode;
  },
});

/** How many runs are wanted; undefined for no end. */
function readTimes({ once, times }: { once: boolean; times?: string | undefined }): number | undefined {
  if (times === undefined) return once ? 1 : undefined;
  if (!once) return parseCount(times, { name: "--times", min: 1 });
  throw new UsageFailure("options '--once' and '--times' exclude each other", {
    instead: { "--once": null },
  });
}

/** The commands that were typed; undefined where none was. Throws a UsageFailure for one that can't work. */
async function readHooks(
  args: Readonly<Partial<Record<HookName, string | undefined>>>,
): Promise<Job["hooks"]> {
  const typed = hookNames.flatMap((name) => (args[name] === undefined ? [] : [[name, args[name]] as const]));
  if (typed.length === 0) return undefined;
  const hooks = Object.fromEntries(typed);
  await (await import("../schedule/hooks.ts")).checkHooks(hooks);
  return hooks;
}

/** What the runs will keep, and who says so where it was not typed. */
async function describeKept(source: string, folder: string, typed: Retention | undefined): Promise<string> {
  if (typed) return `it keeps ${describeRetention(typed)}`;
  const said = findPolicy(await readSeries(folder, source));
  if (said) return `it keeps ${describeRetention(said.retention)}, as revision ${said.saidBy.number} says`;
  return `it keeps ${describeRetention(defaultRetention)}, the default`;
}

function tellInstalled(
  { job, startsAtMs, recurs, replaced, problem }: InstallReport,
  kept: string,
  { report }: Session,
): void {
  const when = `${formatLocalTime(startsAtMs)}, ${formatAge(startsAtMs, Date.now())}`;
  const recurrence = job.timesLeft === 1 ? "once" : recurs;
  const what = `'${job.source}' into '${job.destination}', ${recurrence} ('${job.time}')`;
  report.info(`${replaced > 0 ? "replaced the schedule" : "scheduled"}: ${what}`);
  if (problem !== null) return;
  report.info(`${recurrence === "once" ? "it runs" : "the first run is"} at ${when}`);
  report.info(kept);
}

/** The schedule is in the queue, and that is all that can be said. */
function asQueuedOnly(problem: SchedulerFailure): SchedulerFailure {
  const message = `the schedule is in the queue, but ${problem.message}`;
  return new SchedulerFailure(message, { hint: problem.hint, cause: problem });
}
