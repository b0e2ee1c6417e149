// Whether anything will ever run the queue: the checks that take no time.
import { basename } from "node:path";
import { SchedulerFailure } from "../../errors.ts";
import { readTextIfThere } from "../exists.ts";
import { runProgram } from "../program.ts";
import { detectPlatform } from "./platform.ts";

/** Whether something runs the queue. "unknown" where that can't be told from here. */
type Daemon = "up" | "down" | "unknown";

export function describeDaemonDown(): SchedulerFailure {
  const { idleCause, start } = detectPlatform();
  return new SchedulerFailure(`no job of 'at' will run: ${idleCause}`, { hint: start });
}

/** Whether something runs the queue, as far as can be told without sending a job. */
export async function findDaemon(): Promise<Daemon> {
  const { family } = detectPlatform();
  if (family === "linux") return findAtd();
  if (family === "macos")
    return parseDisabledServices(await runQuietly(["/bin/launchctl", "print-disabled", "system"]));
  // pgrep(1): 0 some matched, 1 none; anything else is no answer.
  const { exitCode } = await runQuietly(["/usr/bin/pgrep", "-x", "cron"]);
  if (exitCode === 0) return "up";
  return exitCode === 1 ? "down" : "unknown";
}

/**
 * What `launchctl print-disabled system` says of atrun. macOS ships it disabled, and lists only what was changed:
 * `"com.apple.atrun" => enabled` (`false` before macOS 13, for "disabled: false").
 */
export function parseDisabledServices({ exitCode, stdout }: { exitCode: number; stdout: string }): Daemon {
  if (exitCode !== 0) return "unknown";
  return /"com\.apple\.atrun" => (?:enabled|false)/.test(stdout) ? "up" : "down";
}

// `at` signals whom the pid file names, so that is whom we ask for; the path was /var/run before 3.2.3.
function findAtd(): Daemon {
  for (const path of ["/run/atd.pid", "/var/run/atd.pid"]) {
    const pid = readTextIfThere(path).trim();
    if (/^\d+$/.test(pid)) {
      const [program = ""] = readTextIfThere(`/proc/${pid}/cmdline`).split("\0");
      return basename(program) === "atd" ? "up" : "down";
    }
  }
  return "down";
}

async function runQuietly(command: string[]): Promise<{ exitCode: number; stdout: string }> {
  // ENOENT: without the tool there is no answer.
  return runProgram(command, { timeout: 5000 }).catch(() => ({ exitCode: 127, stdout: "" }));
}
