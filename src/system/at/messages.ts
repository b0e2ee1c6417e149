// What `at` says, in all its dialects: text in, meaning out. All of it comes on stderr, and exit status 0 does not
// mean that the job will run.

/** Whether something runs the queue. "unknown" where nothing was said, which on the BSDs and macOS is always. */
export type Daemon = "up" | "down" | "unknown";

/**
 * The id of a job that was queued, out of stderr; null if none was. Debian and macOS say `job 12 at <date>`, OpenBSD
 * `job 1795573800.z at <date>`, FreeBSD, NetBSD and macOS in legacy mode `Job 12 will be executed using /bin/sh`.
 */
export function parseSubmission(stderr: string): string | null {
  const match = /^job (\S+) at .+$/m.exec(stderr) ?? /^Job (\d+) will be executed/m.exec(stderr);
  return match?.[1] ?? null;
}

/** Debian's `at` signals its daemon, and says when it finds none. */
export function parseDaemon(stderr: string): Daemon {
  return /No atd running\?|at daemon not running/.test(stderr) ? "down" : "unknown";
}

export const isForbidden = (stderr: string): boolean =>
  /you do not have permission to use|you are not authorized to use at/i.test(stderr);

/** That a job with this id is not there: Debian and OpenBSD say so, the other BSDs and macOS say nothing. */
export const isUnknownJob = (stderr: string): boolean => /Cannot find jobid|no such job/i.test(stderr);

/** That a job started or ended, and its file got another name or none, while `at` went through the queue, which makes
 * Debian's give up: ask again. */
export const isOvertaken = (stderr: string): boolean =>
  /Cannot stat in |Cannot (?:open|unlink) [=a-z][0-9a-f]{13}: No such file/i.test(stderr);

/** What went wrong in one line: the last thing said that is no mere notice. */
export function summarize(stderr: string): string {
  const notice =
    /^(?:warning: commands will be executed|commands will be executed|job \S+ at |Job \d+ will be)/;
  const lines = stderr.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line !== "" && !notice.test(line)) ?? "no message";
}
