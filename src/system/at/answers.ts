// What `at` says on each system, asked with TZ=UTC and LC_ALL=C: text in, meaning out. Messages come on stderr, and exit
// status 0 does not mean that the job will run.
import type { AtFamily } from "./platform.ts";

/**
 * The id of a job that was queued, out of stderr; null if none was. Debian and macOS say `job 12 at <date>`, FreeBSD and
 * macOS in legacy mode `Job 12 will be executed using /bin/sh`.
 */
export function parseSubmission(stderr: string): string | null {
  return /^job (\d+) (?:at .|will be executed)/im.exec(stderr)?.[1] ?? null;
}

export const isForbidden = (stderr: string): boolean => /you do not have permission to use/i.test(stderr);

/** That a job with this id is not there: Debian says so, FreeBSD and macOS say nothing. */
export const isUnknownJob = (stderr: string): boolean => /Cannot find jobid/i.test(stderr);

/** That a job started or ended, and its file got another name or none, while `at` went through the queue, which makes
 * Debian's give up: ask again. */
export const isOvertaken = (stderr: string): boolean =>
  /Cannot stat in |Cannot (?:open|unlink) [=a-z][0-9a-f]{13}: No such file/i.test(stderr);

/** What went wrong in one line: the last thing said that is no mere notice. */
export function summarize(stderr: string): string {
  const notice = /^(?:warning: commands will be executed|job \S+ at |Job \d+ will be)/;
  const lines = stderr.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line !== "" && !notice.test(line)) ?? "no message";
}

export interface ListedJob {
  /** Decimal, for `at -c` and `at -r`. */
  readonly id: string;
  readonly dueMs: number;
  /** The queue's letter; null (Debian) while the job runs. */
  readonly queue: string | null;
  readonly state: "queued" | "running";
}

// `Tue Nov 24 02:35:00 2026`, with or without a zone before the year (asctime, and FreeBSD's %+).
const asctime = String.raw`\w{3} (?<date>\w{3} +\d+) (?<time>\d\d:\d\d:\d\d)(?: UTC)? (?<year>\d{4})`;

/** A line of each listing, by the names of its fields. What has no such line is no job: headings, and `(done)`. */
const lines: Readonly<Record<AtFamily, RegExp>> = {
  // `2<TAB>Tue Nov 24 02:35:00 2026 z root`; the owner is missing for a uid without a name.
  linux: new RegExp(String.raw`^(?<id>\d+)\t${asctime} (?<queue>\S)(?: .*)?$`),
  // No queue and no owner: `-q` chose the queue, and only the caller's own are listed (root sees everybody's).
  macos: new RegExp(String.raw`^(?<id>\d+)\t${asctime}$`),
  freebsd: new RegExp(String.raw`^${asctime}\t\S+ *(?<queue>[a-zA-Z])\t(?<id>\d+)$`),
};

/** The jobs of a listing, in its order. */
export function parseListing(family: AtFamily, text: string): ListedJob[] {
  return text.split("\n").flatMap((line) => {
    const { id, queue = "z", date, time, year } = lines[family].exec(line)?.groups ?? {};
    const dueMs = Date.parse(`${date} ${year} ${time} UTC`);
    if (id === undefined || Number.isNaN(dueMs)) return [];
    return queue === "="
      ? { id, dueMs, queue: null, state: "running" }
      : { id, dueMs, queue, state: "queued" };
  });
}
