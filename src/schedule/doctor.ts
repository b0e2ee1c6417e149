// Whether scheduled backups will run here: everything that they need is looked at, one finding a thing, and what to type
// where it is missing; and a canary, one harmless job through the real scheduler, proves that jobs of ours really run.
import { dirname, join } from "node:path";
import { Failure, SchedulerFailure } from "../errors.ts";
import { findAt } from "../system/at/command.ts";
import { describeDaemonDown, findDaemon } from "../system/at/health.ts";
import { detectPlatform } from "../system/at/platform.ts";
import { listJobs, removeJob, submitJob } from "../system/at/queue.ts";
import { canWriteFile } from "../system/exists.ts";
import { findOwnPath } from "../system/invocation.ts";
import { isTemporary } from "../system/paths.ts";
import { locateJournal, takeSign } from "../system/state-folder.ts";
import { checkTimeZone, describeOffset } from "../system/time-zone.ts";
import { findSchedules, listFound } from "./find.ts";
import { renderCanaryText } from "./job-line.ts";

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  readonly state: "ok" | "problem" | "unknown";
  readonly message: string;
  readonly hint: string | null;
}

/** One finding for each thing that a scheduled backup needs. Never throws: what can't be found out is a finding. */
export async function diagnose(): Promise<Finding[]> {
  return [
    ...(await lookAtScheduler()),
    await lookAt("program", checkProgram),
    await lookAt("queue", checkQueue),
    await lookAt("journal", checkJournal),
    await lookAt("time zone", checkZone),
  ];
}

/** `check` says what is in order, or throws what is not. */
export async function lookAt(subject: string, check: () => string | Promise<string>): Promise<Finding> {
  try {
    return ok(subject, await check());
  } catch (error) {
    return failed(subject, error);
  }
}

async function lookAtScheduler(): Promise<Finding[]> {
  try {
    const [at, daemon] = [findAt(), await findDaemon()];
    const permission = await lookAt("permission", () => listJobs().then(() => "you may use it"));
    return [ok("at", `'at' is '${at}'`), permission, describeDaemon(daemon)];
  } catch (error) {
    return [failed("at", error)];
  }
}

function describeDaemon(daemon: "up" | "down" | "unknown"): Finding {
  if (daemon === "up") return ok("daemon", "jobs are run");
  if (daemon === "down") return failed("daemon", describeDaemonDown());
  const message = "whether anything runs jobs can't be told from here";
  return { subject: "daemon", state: "unknown", message, hint: "tinybackup doctor --canary" };
}

function checkProgram(): string {
  const path = findOwnPath();
  if (!isTemporary(path)) return `jobs start '${path}'`;
  throw new Failure(`this program is '${path}', in a folder for temporary files`, {
    hint: "copy it to where it can stay, such as ~/bin, and install from there",
  });
}

async function checkQueue(): Promise<string> {
  const found = await findSchedules();
  const armed = listFound({ ...found, unarmed: [] }).length;
  if (found.unarmed.length === 0) return armed === 1 ? "1 schedule is armed" : `${armed} schedules are armed`;
  throw new Failure(`${armed} schedules are armed, and ${found.unarmed.length} are not any more`, {
    hint: "tinybackup statusof all",
  });
}

function checkJournal(): string {
  const path = locateJournal();
  if (canWriteFile(path)) return `results are written down in '${path}'`;
  throw new Failure(`the journal '${path}' can't be written: statusof will not know of results`, {
    hint: "let your user write there, or set XDG_STATE_HOME",
  });
}

function checkZone(): string {
  checkTimeZone();
  return `local time is ${describeOffset(Date.now())} now`;
}

function ok(subject: string, message: string): Finding {
  return { subject, state: "ok", message, hint: null };
}

function failed(subject: string, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Failure ? (error.hint ?? null) : null;
  return { subject, state: "problem", message, hint };
}

const minuteMs = 60_000;
/** A job for the next minute must still be queued before it begins. */
const leadMs = 5000;
const pollMs = 200;

/**
 * Queues a job for the next minute that starts this program, and waits until it has. Returns how many seconds after its
 * time it ran. Throws a SchedulerFailure if it does not come, and takes the job back then, and when it is interrupted.
 * @param onWait called as time goes by, with the seconds that are left to wait at most
 */
export async function sendCanary(
  signal: AbortSignal,
  onWait: (secondsLeft: number) => void,
): Promise<number> {
  const sign = join(dirname(locateJournal()), `canary-${crypto.randomUUID()}`);
  const dueMs = Math.ceil((Date.now() + leadMs) / minuteMs) * minuteMs;
  const line = renderCanaryText(findOwnPath(), sign);
  const id = await submitJob(line, dueMs);
  const endMs = dueMs + detectPlatform().latenessMs;
  try {
    for (;;) {
      if (takeSign(sign)) return Math.max(0, Math.round((Date.now() - dueMs) / 1000));
      signal.throwIfAborted();
      const secondsLeft = (endMs - Date.now()) / 1000;
      if (secondsLeft <= 0) break;
      onWait(secondsLeft);
      await Bun.sleep(pollMs);
    }
  } finally {
    const waiting = (await listJobs()).find((job) => job.id === id && job.body.trimEnd() === line);
    if (waiting?.state === "queued") await removeJob(waiting);
  }
  throw new SchedulerFailure("the canary did not come back: 'at' took the job, and nothing ran it", {
    hint: detectPlatform().start,
  });
}
