// Looks at everything that scheduled backups need here, one finding a thing, and what to type where it is missing.
import { Failure } from "../errors.ts";
import { checkScheduler, describeDaemonDown, type SchedulerHealth } from "../system/at/health.ts";
import { canWriteFile } from "../system/exists.ts";
import { findOwnPath } from "../system/invocation.ts";
import { locateJournal } from "../system/state-folder.ts";
import { calendarOf } from "../time/named-zone.ts";
import { findSchedules, listFound } from "./uninstall.ts";

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  readonly state: "ok" | "problem" | "unknown";
  readonly message: string;
  /** What to type. */
  readonly hint: string | null;
}

/** One finding for each thing that a scheduled backup needs. Never throws: what can't be found out is a finding. */
export async function examine(): Promise<Finding[]> {
  const health = await failureOr(checkScheduler);
  const scheduler = health instanceof Error ? [problem("at", health)] : describeHealth(health);
  return [...scheduler, await examineProgram(), await examineQueue(), examineJournal(), examineZone()];
}

function describeHealth({ at, daemon, problems, platform }: SchedulerHealth): Finding[] {
  const program: Finding = at === null ? problemOf("at", problems[0]) : ok("at", `'at' is '${at}'`);
  if (at === null) return [program];
  const permission = problems[0] ? problemOf("permission", problems[0]) : ok("permission", "you may use it");
  if (daemon === "up") return [program, permission, ok("daemon", "jobs are run")];
  if (daemon === "down") return [program, permission, problem("daemon", describeDaemonDown(platform))];
  const message = "whether anything runs jobs can't be told from here";
  return [
    program,
    permission,
    { subject: "daemon", state: "unknown", message, hint: "tinybackup doctor --canary" },
  ];
}

async function examineProgram(): Promise<Finding> {
  const path = await failureOr(async () => findOwnPath());
  if (path instanceof Error) return problem("program", path);
  // A temporary folder is emptied at the next start; the jobs would look for the program there.
  if (/^\/(?:private\/)?(?:var\/)?tmp\//.test(path)) {
    const message = `this program is '${path}', in a folder for temporary files`;
    return {
      subject: "program",
      state: "problem",
      message,
      hint: "copy it to where it can stay, such as ~/bin, and install from there",
    };
  }
  return ok("program", `jobs start '${path}'`);
}

async function examineQueue(): Promise<Finding> {
  const found = await failureOr(() => findSchedules("all", {}));
  if (found instanceof Error) return problem("queue", found);
  const armed = listFound({ ...found, missing: [] }).length;
  if (found.missing.length > 0) {
    const message = `${armed} schedules are armed, and ${found.missing.length} are not any more`;
    return { subject: "queue", state: "problem", message, hint: "tinybackup statusof all" };
  }
  return ok("queue", armed === 1 ? "1 schedule is armed" : `${armed} schedules are armed`);
}

function examineJournal(): Finding {
  const path = locateJournal();
  if (canWriteFile(path)) return ok("journal", `results are written down in '${path}'`);
  const message = `the journal '${path}' can't be written: statusof will not know of results`;
  return {
    subject: "journal",
    state: "problem",
    message,
    hint: "let your user write there, or set XDG_STATE_HOME",
  };
}

function examineZone(): Finding {
  try {
    calendarOf(process.env["TZ"]);
    const zone = process.env["TZ"] || new Intl.DateTimeFormat().resolvedOptions().timeZone;
    return ok("time zone", `local times are those of ${zone}`);
  } catch (error) {
    return problem("time zone", error instanceof Error ? error : new Error(String(error)));
  }
}

async function failureOr<T>(act: () => Promise<T>): Promise<T | Error> {
  try {
    return await act();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function ok(subject: string, message: string): Finding {
  return { subject, state: "ok", message, hint: null };
}

function problemOf(subject: string, error: Error | undefined): Finding {
  return problem(subject, error ?? new Error("it can't be used"));
}

function problem(subject: string, error: Error): Finding {
  return {
    subject,
    state: "problem",
    message: error.message,
    hint: (error instanceof Failure ? error.hint : undefined) ?? null,
  };
}
