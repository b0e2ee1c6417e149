// Looks at everything that scheduled backups need here, one finding a thing, and what to type where it is missing.
import { Failure } from "../errors.ts";
import { checkScheduler, describeDaemonDown, type SchedulerHealth } from "../system/at/health.ts";
import { canWriteFile } from "../system/exists.ts";
import { findOwnPath, readTimeZone } from "../system/invocation.ts";
import { locateJournal } from "../system/state-folder.ts";
import { zoneOf } from "../time/named-zone.ts";
import { findSchedules, listFound } from "./find.ts";

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  readonly state: "ok" | "problem" | "unknown";
  readonly message: string;
  /** What to type. */
  readonly hint: string | null;
}

/** One finding for each thing that a scheduled backup needs. Never throws: what can't be found out is a finding. */
export async function diagnose(): Promise<Finding[]> {
  return [
    ...(await orProblem("at", async () => describeHealth(await checkScheduler()))),
    ...(await orProblem("program", () => [describeProgram(findOwnPath())])),
    ...(await orProblem("queue", async () => [await checkQueue()])),
    checkJournal(locateJournal()),
    ...(await orProblem("time zone", () => [checkZone(readTimeZone())])),
  ];
}

async function orProblem(
  subject: string,
  check: () => readonly Finding[] | Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [failed(subject, error)];
  }
}

function describeHealth({ at, daemon, problem: refusal, platform }: SchedulerHealth): Finding[] {
  if (at === null) return [failed("at", refusal)];
  const program = ok("at", `'at' is '${at}'`);
  const permission = refusal ? failed("permission", refusal) : ok("permission", "you may use it");
  return [program, permission, describeDaemon(daemon, platform)];
}

function describeDaemon(daemon: SchedulerHealth["daemon"], platform: SchedulerHealth["platform"]): Finding {
  if (daemon === "up") return ok("daemon", "jobs are run");
  if (daemon === "down") return failed("daemon", describeDaemonDown(platform));
  const message = "whether anything runs jobs can't be told from here";
  return { subject: "daemon", state: "unknown", message, hint: "tinybackup doctor --canary" };
}

function describeProgram(path: string): Finding {
  // A temporary folder is emptied at the next start; the jobs would look for the program there.
  if (!/^\/(?:private\/)?(?:var\/)?tmp\//.test(path)) return ok("program", `jobs start '${path}'`);
  return problem(
    "program",
    `this program is '${path}', in a folder for temporary files`,
    "copy it to where it can stay, such as ~/bin, and install from there",
  );
}

async function checkQueue(): Promise<Finding> {
  const found = await findSchedules();
  const armed = listFound({ ...found, unarmed: [] }).length;
  if (found.unarmed.length === 0)
    return ok("queue", armed === 1 ? "1 schedule is armed" : `${armed} schedules are armed`);
  const message = `${armed} schedules are armed, and ${found.unarmed.length} are not any more`;
  return problem("queue", message, "tinybackup statusof all");
}

function checkJournal(path: string): Finding {
  if (canWriteFile(path)) return ok("journal", `results are written down in '${path}'`);
  return problem(
    "journal",
    `the journal '${path}' can't be written: statusof will not know of results`,
    "let your user write there, or set XDG_STATE_HOME",
  );
}

function checkZone(timeZone: string | undefined): Finding {
  zoneOf(timeZone);
  const name = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ok("time zone", `local times are those of ${name}`);
}

function ok(subject: string, message: string): Finding {
  return { subject, state: "ok", message, hint: null };
}

function problem(subject: string, message: string, hint: string | null): Finding {
  return { subject, state: "problem", message, hint };
}

/** A check that failed, and why. */
export function failed(subject: string, error: unknown): Finding {
  const hint = error instanceof Failure ? (error.hint ?? null) : null;
  return problem(subject, error instanceof Error ? error.message : String(error), hint);
}
