// What `statusof` warns of: each a sentence, and what to type or look at.
import { ExitCode, quoteWord } from "../errors.ts";
import type { Job } from "./job.ts";
import { renderInstallCommand, renderRunCommand } from "./typed-command.ts";

export interface Problem {
  readonly message: string;
  readonly hint: string;
}

/** The newest good revision of a schedule. */
export interface NewestRevision {
  readonly file: string;
  readonly takenAtMs: number;
}

/** What of a schedule was found on the disk. */
export interface DiskFacts {
  readonly binaryExists: boolean;
  readonly sourceExists: boolean;
  readonly destinationExists: boolean;
  /** False where something was mounted at install and nothing is now. */
  readonly destinationMounted: boolean;
  readonly newest: NewestRevision | null;
}

export const describeOverdue = (startDaemon: string): Problem => ({
  message: "the time of this job has passed, and nothing ran it",
  hint: startDaemon,
});

export const describeIdleQueue = (startDaemon: string): Problem => ({
  message: "nothing runs the queue of 'at' now, so that this job will not run",
  hint: startDaemon,
});

/** `couldNotArm`: its last run said that it could not queue the next. */
export const describeNotArmed = (job: Job, couldNotArm: boolean): Problem => ({
  message: `this schedule was installed, but is not in the queue any more${couldNotArm ? "; its last run could not queue the next" : ""}`,
  hint: renderInstallCommand(job),
});

export const describeDouble = (job: Job, times: number): Problem => ({
  message: `this schedule is in the queue ${times} times`,
  hint: `this leaves one: ${renderInstallCommand(job)}`,
});

export function describeFailedRun(
  job: Job,
  run: { readonly exitCode: number; readonly message: string | null } | null,
): Problem[] {
  // 3: saved, though the file kept changing while it was read.
  if (run === null || run.exitCode === 0 || run.exitCode === 3) return [];
  const why = run.message === null ? "" : `: ${run.message}`;
  // Run by hand, it could save into the bare folder of a drive that is not there.
  const hint =
    run.exitCode === ExitCode.unavailable
      ? "put back what is missing, or mount the drive; the next run tries again by itself"
      : renderRunCommand(job);
  return [{ message: `the last run ended with exit code ${run.exitCode}${why}`, hint }];
}

export function describeMissing(job: Job, found: DiskFacts): Problem[] {
  const { binary, source, destination, mount } = job;
  const isBare = found.destinationMounted && !found.destinationExists;
  const missing: readonly (readonly [boolean, string, string])[] = [
    [
      !found.binaryExists,
      `the program '${binary}' is not there`,
      "put it back, or install the schedule again with the program where it is now",
    ],
    [!found.sourceExists, `the source '${source}' is not there`, "put it back, or uninstall the schedule"],
    [
      !found.destinationMounted,
      `nothing is mounted at '${mount?.path ?? destination}', where the destination was`,
      "connect the drive and mount it",
    ],
    [isBare, `the destination '${destination}' is not there`, `mkdir -p ${quoteWord(destination)}`],
  ];
  return missing.flatMap(([isMissing, message, hint]) => (isMissing ? [{ message, hint }] : []));
}

/** Nothing without a limit, or with a good revision that is within it. */
export function describeAge(
  job: Job,
  newest: NewestRevision | null,
  { nowMs, maxAgeSeconds }: { readonly nowMs: number; readonly maxAgeSeconds?: number | undefined },
): Problem[] {
  if (maxAgeSeconds === undefined) return [];
  const ageSeconds = newest === null ? null : (nowMs - newest.takenAtMs) / 1000;
  if (ageSeconds !== null && ageSeconds <= maxAgeSeconds) return [];
  const found =
    ageSeconds === null
      ? "there is no good revision"
      : `the newest good revision is ${describeHours(ageSeconds)} old`;
  const message = `${found}; at most ${describeHours(maxAgeSeconds)} is allowed`;
  // A schedule that only says what it would do makes no revision, however often it runs.
  return [{ message, hint: renderRunCommand({ ...job, run: { ...job.run, noop: false } }) }];
}

const describeHours = (seconds: number): string =>
  seconds < 2 * 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
