// Runs `at`, and says what is wrong when that can't be done.
import { SchedulerFailure } from "../../errors.ts";
import { type ProgramAnswer, runProgram } from "../program.ts";
import { isForbidden, isOvertaken, summarize } from "./answers.ts";
import { detectPlatform } from "./platform.ts";

// `at` itself gives up waiting for its lock after ten seconds.
const patienceMs = 30_000;

// COMMAND_MODE: macOS lists in another format under "legacy". LC_ALL: FreeBSD's dates follow the locale.
const speaking = { TZ: "UTC", LC_ALL: "C", COMMAND_MODE: "unix2003" };

// Each try fails only if a job ends between two system calls of it.
const mostTries = 20;

/** The path of `at`. Throws a SchedulerFailure where it is not installed. */
export function findAt(): string {
  const path = Bun.which("at", { PATH: selectJobEnvironment(process.env)["PATH"] ?? "" });
  if (path !== null) return path;
  throw new SchedulerFailure("can't schedule: the program 'at' is not installed", {
    hint: detectPlatform().install,
  });
}

/** Asks `at` for something: its language is English and its time UTC. */
export async function askAt(words: readonly string[]): Promise<ProgramAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await runAt(words, speaking, "");
    if (!isOvertaken(answer.stderr) || tries >= mostTries) return answer;
  }
}

/**
 * Gives `at` a job. The environment becomes the job's, so it is the job's environment and no more; TZ has to be
 * there for `-t`, and the job's own text drops it again.
 */
export function giveToAt(words: readonly string[], text: string): Promise<ProgramAnswer> {
  return runAt(words, { TZ: "UTC" }, text);
}

export function describeRefusal(action: string, { stderr }: ProgramAnswer): SchedulerFailure {
  if (isForbidden(stderr)) {
    return new SchedulerFailure("can't schedule: this user is not permitted to use 'at'", {
      hint: detectPlatform().permit,
    });
  }
  return new SchedulerFailure(`${action}: at says: ${summarize(stderr)}`, {
    hint: "try the same by hand: echo true | at now + 1 day; at -l",
  });
}

async function runAt(
  words: readonly string[],
  more: NodeJS.ProcessEnv,
  text: string,
): Promise<ProgramAnswer> {
  const env = { ...selectJobEnvironment(process.env), ...more };
  // A job starts in the folder where `at` was called, and dies if that is gone.
  return runProgram([findAt(), ...words], { env, stdin: Buffer.from(text), timeout: patienceMs });
}

/** The only variables that a job sees. */
export const jobEnvironmentNames: readonly string[] = (
  "PATH HOME USER LOGNAME SHELL LANG LC_ALL LC_CTYPE LC_MESSAGES LC_TIME " +
  "XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME"
).split(" ");

const fallbackPath = ["/usr/local/bin", "/usr/bin", "/bin"];

/**
 * Picks what a job may see out of `environment`. Values with control characters are left out. PATH keeps its
 * absolute folders and always has the usual ones, so that a job finds `at` again. SHELL is /bin/sh: Fedora runs jobs
 * with it, and there are login shells that read no sh at all.
 */
export function selectJobEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const selected: Record<string, string> = {};
  for (const name of jobEnvironmentNames) {
    const value = environment[name];
    if (value !== undefined && value !== "" && !/\p{Cc}/u.test(value)) selected[name] = value;
  }
  const folders = (selected["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  selected["PATH"] = [...new Set([...folders, ...fallbackPath])].join(":");
  selected["SHELL"] = "/bin/sh";
  return selected;
}
