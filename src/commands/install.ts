// install: schedules the backup of a file, through at(1).
import { checkBackup } from "../backup/back-up.ts";
import { findPolicy, hasRevisions, readSeries } from "../backup/catalog.ts";
import { defaultRetention, describeRetention, type Retention } from "../backup/retention-policy.ts";
import * as shared from "../cli/arguments.ts";
import { flag, valued } from "../cli/command.ts";
import { formatAge, formatLocalTime } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { parseCount, parseDuration } from "../cli/values.ts";
import { ExitCode, SchedulerFailure, UsageFailure } from "../errors.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { describeFound, recordOf, renderUninstall } from "../schedule/find.ts";
import { describeDifference, install, type InstallReport } from "../schedule/install.ts";
import { type HookName, hookNames, type Job } from "../schedule/job.ts";
import { recordBeginning } from "../schedule/journal.ts";
import { listSettings, optionsOf } from "../schedule/problems.ts";
import { backupArguments, readBackupOptions, toRequest } from "./backup-options.ts";
import { saveNow } from "./backup-report.ts";
import { openProofLog } from "./proof-log.ts";
import { retentionDetails } from "./retention-options.ts";
import { renderUtc } from "../time/wall-time.ts";

export const command = defineCommand({
  meta: {
    name: "install",
    description: "schedule the backup of a file",
    details: [
      "Saves FILE into DIR at every TIME from now on, through at(1): each run arms the next one before it does anything else. Installing the same file, folder, time and label again replaces the schedule; with the same settings as well, it leaves it as it is.",
      retentionDetails,
      "A time of day recurs daily, with a weekday weekly, with a date yearly; '+ 7 minutes' recurs every seven minutes; a date with a year runs once. See what a time means with: tinybackup preview -t TIME",
    ],
    examples: {
      "tinybackup install -f ~/ledger.db -d /media/usb/backups -t '2:00am' --run": "now, and every night",
      "tinybackup install -f notes.txt -d saved -t '+ 2 hours' -k 50": "every two hours, keeping 50",
      "tinybackup install -f notes.txt -d saved -t '18:00 fri' --times 4": "on four Fridays",
    },
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
    "dry-run": flag("only say what would be scheduled"),
    ...shared.messages,
    debug: {
      ...shared.messages.debug,
      description: "every run appends a full log to debug.txt in this folder",
    },
  },
  async run({ args, data: session }) {
    const times = readTimes(args);
    const retryMs = args.retry === undefined ? undefined : parseDuration(args.retry, "--retry") * 1000;
    const options = readBackupOptions(args);
    const paths = { source: args.sourcefile, folder: args.destinationdirectory };
    const request = toRequest(paths, options, openProofLog());
    const { source, folder } = await checkBackup(request, session);
    const hooks = await readHooks(args);
    const { quiet, verbose, debug, "dry-run": isDryRun } = args;
    const kept = await findKept(source, folder, request.retention);
    const wanted = {
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
      run: { ...options, quiet, verbose, debug },
      debugDirectory: debug ? process.cwd() : undefined,
    };
    const installed = await install(wanted, { isDryRun, hasRevisions: await hasRevisions(folder, source) });
    const report = { ...installed, kept, isDryRun };
    if (!session.isJson) tellInstalled(report, session);
    let run: object | null = null;
    const { isJson, output } = session;
    // One command prints one object.
    const capturing = {
      ...session,
      output: { ...output, writeJson: (result: object) => void (run = result) },
    };
    const save = () => saveNow(request, options.noop || isDryRun, isJson ? capturing : session);
    // What is scheduled stays so, and is told, whatever comes of the first run.
    const [ran] = await Promise.allSettled([args.run ? save() : ExitCode.done]);
    if (isJson) output.writeJson({ ...recordInstalled(report), run });
    const isNews = !isDryRun && (report.changed || args.run);
    if (isNews && (await hasRevisions(folder, source))) await recordBeginning(report.job);
    if (ran.status === "rejected") throw ran.reason;
    if (report.problem) throw asQueuedOnly(report.problem, report);
    return ran.value;
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
async function findKept(source: string, folder: string, typed: Retention | undefined) {
  if (typed) return { retention: typed, saidBy: "" };
  const said = findPolicy(await readSeries(folder, source));
  if (!said) return { retention: defaultRetention, saidBy: ", the default" };
  return { retention: said.retention, saidBy: `, as revision ${said.saidBy.number} says` };
}

interface Told extends InstallReport {
  readonly kept: Awaited<ReturnType<typeof findKept>>;
  readonly isDryRun: boolean;
}

function tellInstalled(told: Told, { report }: Session): void {
  const { job, startsAtMs, replaced, others, kept, problem, isDryRun, warnings } = told;
  const recurrence = job.timesLeft === 1 ? "once" : told.recurs;
  const label = job.name === undefined ? "" : `, ${job.name}`;
  const what = `'${job.source}' into '${job.destination}', ${recurrence} ('${job.time}'${label})`;
  report.info(`${describeDone(told)}: ${what}`);
  for (const before of replaced) {
    const difference = describeDifference(before, job);
    if (difference !== "") report.info(`the one before had ${difference}`);
  }
  const isToRun = problem === null || isDryRun;
  if (isToRun) {
    const when = `${formatLocalTime(startsAtMs)}, ${formatAge(startsAtMs, Date.now())}`;
    report.info(`${describeFirst(told, recurrence)} ${when}${describeEnd(job)}`);
  }
  const settings = listSettings(job).filter((setting) => !toldOtherwise.test(setting));
  if (settings.length > 0) report.info(`each run is made with ${settings.join(" ")}`);
  if (job.run["noop"] === true)
    report.info("each run only says what it would do, and saves nothing (--noop)");
  if (isToRun) report.info(`it keeps ${describeRetention(kept.retention)}${kept.saidBy}`);
  for (const other of others) {
    const hint = `to end that one: ${renderUninstall(other.job)}`;
    report.warn(`another schedule saves the same file into the same folder: ${describeFound(other)}`, hint);
  }
  for (const warning of warnings) report.warn(warning);
}

/** The settings of which another line tells, and the one that nobody typed. */
const toldOtherwise = /^(?:-t |--(?:name|times|until|keep[a-z-]*)=|--noop$|--compress=zstd$)/;

function describeDone({ changed, isDryRun, replaced }: Told): string {
  if (!changed) return "unchanged";
  if (replaced.length > 0) return isDryRun ? "would replace the schedule" : "replaced the schedule";
  return isDryRun ? "would schedule" : "scheduled";
}

function describeFirst({ changed, isDryRun }: Told, recurrence: string): string {
  const isToBe = changed && isDryRun;
  if (recurrence === "once") return isToBe ? "it would run at" : "it runs at";
  return `the ${changed ? "first" : "next"} run ${isToBe ? "would be" : "is"} at`;
}

function describeEnd({ timesLeft = 1, untilMs }: Told["job"]): string {
  const times = timesLeft === 1 ? "" : `; ${timesLeft} runs in all`;
  return times + (untilMs === undefined ? "" : `; none after ${formatLocalTime(untilMs)}`);
}

function recordInstalled(told: Told) {
  const { job, changed, replaced, others, isDryRun } = told;
  const { timesLeft, untilMs } = job;
  const { id, ...schedule } = recordOf({ program: "tinybackup", job });
  const isQueued = !(isDryRun && changed);
  return {
    changed,
    dryRun: isDryRun,
    schedule: {
      id: isQueued ? id : null,
      ...schedule,
      recurs: told.recurs,
      next: renderUtc(told.startsAtMs),
      timesLeft,
      until: untilMs && renderUtc(untilMs),
      options: optionsOf(job),
      retention: told.kept.retention,
    },
    replaced: replaced.map((before) => recordOf({ program: "tinybackup", job: before })),
    others: others.map(recordOf),
    warnings: told.warnings,
  };
}

/** The schedule is in the queue, where it is to be, and that is all that can be said. */
function asQueuedOnly(problem: SchedulerFailure, { isDryRun, changed }: Told): SchedulerFailure {
  if (isDryRun && changed) return problem;
  const message = `the schedule is in the queue, but ${problem.message}`;
  return new SchedulerFailure(message, { hint: problem.hint, cause: problem });
}
