// run --all: saves what is scheduled, all of it, now.
import type { Session } from "../cli/session.ts";
import { ExitCode, Failure, UnavailableFailure } from "../errors.ts";
import { describeSchedule, findSchedules, type FoundSchedules, listOwn } from "../schedule/find.ts";
import type { Job } from "../schedule/job.ts";
import { journalOf, recordEvent } from "../schedule/journal.ts";
import { describeSilent, renderRunCommand } from "../schedule/problems.ts";
import type { JobResult } from "../schedule/run-job.ts";
import { silentPlaceFinder } from "../schedule/status.ts";
import { followScheduled, saveScheduled } from "./scheduled-backup.ts";

interface Ended {
  readonly exitCode: ExitCode;
  readonly error: Failure | null;
  /** What `run` tells machines; null where that was not asked for, or nothing came of it. */
  readonly run: unknown;
}

/** Saves each schedule's file as its own runs do. One that fails stops no other; the worst end is the end of all. */
export async function runAll(noop: boolean, session: Session): Promise<ExitCode> {
  const { signal, output, isJson, report } = session;
  const found = await findSchedules();
  const jobs = listOwn(found);
  for (const { job } of found.python)
    report.warn(
      `${describeSchedule(job)} is scheduled by the Python program, and is not saved here`,
      renderRunCommand(job),
    );
  const findSilentPlace = await silentPlaceFinder(jobs, signal);
  const told = new Set<string>();
  const ends: Ended[] = [];
  for (const job of jobs) {
    signal.throwIfAborted();
    if (!isJson) report.info(describeSchedule(job));
    const place = findSilentPlace(job);
    const own = noop ? { ...job, run: { ...job.run, noop } } : job;
    const end = place ? giveUp(place) : await save(own, noop, found, session);
    // What a person ends is told once, by whoever began it.
    signal.throwIfAborted();
    ends.push(end);
    if (end.error && !isJson) tellError(end.error, told, session);
  }
  const left = ends.filter(({ error }) => error !== null).length;
  if (left > 0 && !isJson) report.info(`${left} of ${jobs.length} could not be saved`);
  if (isJson) output.writeJson({ runs: jobs.map((job, index) => record(job, ends[index])) });
  if (jobs.length > 0) return findWorst(ends);
  throw new Failure("nothing is scheduled", {
    hint: "make a schedule with: tinybackup install -f FILE -d DIR -t 2:00am",
  });
}

function giveUp(place: Parameters<typeof describeSilent>[0]): Ended {
  const [{ message, hint } = { message: "", hint: undefined }] = describeSilent(place).problems;
  const error = new UnavailableFailure(message, { hint });
  return { exitCode: error.exitCode, error, run: null };
}

/** Backs up, with the commands around it, and writes down that the schedule ran. */
async function save(job: Job, noop: boolean, { own }: FoundSchedules, session: Session): Promise<Ended> {
  let [run, error]: [unknown, Failure | null] = [null, null];
  const output = { ...session.output, writeJson: (value: unknown) => void (run = value) };
  const tellFailure = (failure: Failure) => void (error = failure);
  const result = await saveScheduled(job, { ...session, output }, !session.isQuiet, tellFailure);
  const next = own.find(
    ({ queued, job: { schedule } }) => schedule === job.schedule && queued.state === "queued",
  );
  if (!noop && !session.signal.aborted) {
    if (next && job.run["noop"] !== true) await writeDown(job, next.queued.dueMs, result);
    await followScheduled(job, result, session);
  }
  // Nobody typed the job's command line.
  const exitCode = result.exitCode === ExitCode.usage ? ExitCode.failed : result.exitCode;
  return { exitCode, error, run };
}

async function writeDown(job: Job, nextMs: number, result: JobResult): Promise<void> {
  const { schedule, dueMs } = job;
  await recordEvent({ event: "run", atMs: Date.now(), schedule, dueMs, ...result, nextMs }, journalOf(job));
}

/** A drive that is not there is told once, however many schedules it has. */
function tellError(error: Failure, told: Set<string>, { report }: Session): void {
  if (told.has(error.message)) report.info("as above");
  else report.error(error);
  told.add(error.message);
}

const nothingRun = { revision: null, pruned: [], warnings: [], skipped: null };

function record({ schedule: id, source, destination, time, name }: Job, end?: Ended) {
  const { exitCode = ExitCode.failed, error = null, run = null } = end ?? {};
  const told = error && { code: exitCode, message: error.message, hint: error.hint ?? null };
  return { id, source, destination, time, name: name ?? null, exitCode, error: told, ...(run ?? nothingRun) };
}

/** From good to bad: what is saved, what a later try may save, what failed. */
const severities: readonly ExitCode[] = [
  ExitCode.done,
  ExitCode.changed,
  ExitCode.unavailable,
  ExitCode.failed,
  ExitCode.damaged,
];

function findWorst(ends: readonly Ended[]): ExitCode {
  const worst = Math.max(...ends.map(({ exitCode }) => severities.indexOf(exitCode)));
  return severities[worst] ?? ExitCode.failed;
}
