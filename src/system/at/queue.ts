// The queue of `at`, as far as it is ours to see: the caller's own jobs in queue z. Others are never returned, and
// nothing is removed that is not, at that moment, exactly what was listed.
import { SchedulerFailure } from "../../errors.ts";
import { isUnknownJob, type ListedJob, parseListing, parseSubmission } from "./answers.ts";
import { askAt, describeRefusal, giveToAt } from "./command.ts";
import { parseJobFile, splitJobFiles, undouble } from "./job-file.ts";
import { detectPlatform, type Platform } from "./platform.ts";

/** The queue of the Python program, whose jobs are to be found too; its jobs run at the lowest priority. */
const queue = "z";
const minuteMs = 60_000;

/** One of the caller's own jobs, with what was queued: text in UTF-8, with the newlines that `at` adds at its end. */
export interface QueuedJob extends ListedJob {
  readonly body: string;
}

/**
 * Queues one line of shell for an instant in milliseconds since 1970, rounded up to the minute, since
 * `at` knows whole minutes and a job must not come before its time. Reads the job back: with a full disk some `at`
 * say "ok" and leave an empty job. Returns its id. Throws a SchedulerFailure when it is not in the queue after that.
 */
export async function submitJob(line: string, dueMs: number, nowMs = Date.now()): Promise<string> {
  const minute = Math.ceil(dueMs / minuteMs);
  // `at -t` runs a job of the past, or of this minute, at once, and says nothing.
  if (minute <= Math.floor(nowMs / minuteMs))
    throw new SchedulerFailure("can't schedule a job for a time that has passed");
  const answer = await giveToAt(["-q", queue, "-t", renderTimestamp(minute)], `${line}\n`);
  const id = parseSubmission(answer.stderr);
  if (answer.exitCode !== 0 || id === null) throw describeRefusal("can't queue the job", answer);
  const text = await readText(id);
  if (text === null || readBody(text)?.trimEnd() !== line) {
    if (text !== null) await askAt(["-r", id]);
    throw new SchedulerFailure("can't queue the job: it did not arrive whole in the queue of at", {
      hint: "is the disk full that holds the queue? df -h /var",
    });
  }
  return id;
}

/** The caller's own jobs in queue z, those that run included, soonest first. Root too sees root's own only. */
export async function listJobs(
  { family }: Pick<Platform, "family"> = detectPlatform(),
): Promise<QueuedJob[]> {
  // Debian lists a running job under the queue "=", which `-q z` would hide.
  const answer = await askAt(family === "linux" ? ["-l"] : ["-l", "-q", queue]);
  if (answer.exitCode !== 0) throw describeRefusal("can't read the queue", answer);
  const listed = takeOnce(
    parseListing(family, answer.stdout).filter((job) => job.queue === queue || job.state === "running"),
  );
  const texts = await readTexts(listed, family === "linux");
  return listed
    .flatMap((job) => {
      const body = readBody(texts.get(job.id) ?? "");
      return body === null ? [] : [{ ...job, body }];
    })
    .toSorted(
      (left, right) => left.dueMs - right.dueMs || left.id.localeCompare(right.id, "en", { numeric: true }),
    );
}

/**
 * Removes a job that was listed, if it is still the same: ids are used again. Says whether it was there to remove.
 * A running job goes on running; only its entry goes.
 */
export async function removeJob(job: Pick<QueuedJob, "id" | "body">): Promise<boolean> {
  if (readBody((await readText(job.id)) ?? "") !== job.body) return false;
  const answer = await askAt(["-r", job.id]);
  if (isUnknownJob(answer.stderr)) return false;
  if (answer.exitCode !== 0) throw describeRefusal(`can't remove job ${job.id}`, answer);
  return true;
}

/** `CCYYMMDDhhmm` in UTC, the one form that means the same to every `at`. */
function renderTimestamp(minute: number): string {
  const text = new Date(minute * minuteMs).toISOString();
  if (!/^\d{4}-/.test(text)) throw new SchedulerFailure("can't schedule a job beyond the year 9999");
  return text.slice(0, 16).replaceAll(/[-T:]/g, "");
}

// While Debian's daemon starts a job it is listed twice, under its queue and as running.
function takeOnce(jobs: readonly ListedJob[]): ListedJob[] {
  const byId = new Map<string, ListedJob>();
  for (const job of jobs) if (byId.get(job.id)?.state !== "running") byId.set(job.id, job);
  return [...byId.values()];
}

/** What was queued, in a job of the caller's own; null for a job of anybody else. */
function readBody(text: string): string | null {
  const file = parseJobFile(text);
  const isOwn = file !== null && file.uid === process.getuid?.();
  return isOwn ? Buffer.from(file.body, "latin1").toString("utf8") : null;
}

/** A job's file by its id, or null if it is not there (any more). */
async function readText(id: string): Promise<string | null> {
  const answer = await askAt(["-c", id]);
  return answer.exitCode === 0 && answer.stdout !== "" ? undouble(answer.stdout) : null;
}

/**
 * The texts of jobs by their ids; those that are not there (any more) are left out. For each id Debian's `at -c` looks at
 * every file of the queue, some ten system calls each: 500 jobs take it 0.9 s on one core. So each core takes a share.
 */
async function readTexts(jobs: readonly ListedJob[], isOrdered: boolean): Promise<Map<string, string>> {
  const size = Math.max(1, Math.ceil(jobs.length / Math.min(navigator.hardwareConcurrency, 8)));
  const shares: Promise<[string, string][]>[] = [];
  for (let start = 0; start < jobs.length; start += size)
    shares.push(readShare(jobs.slice(start, start + size), isOrdered));
  return new Map((await Promise.all(shares)).flat());
}

/**
 * Linux gives several texts in the order of the ids (`isOrdered`); macOS and FreeBSD in the order of the folder, passing
 * over missing ones. Where they can't be told apart for certain, halves are asked for, down to one.
 */
async function readShare(jobs: readonly ListedJob[], isOrdered: boolean): Promise<[string, string][]> {
  const [first] = jobs;
  if (first !== undefined && jobs.length === 1) {
    const text = await readText(first.id);
    return text === null ? [] : [[first.id, text]];
  }
  const answer = isOrdered ? await askAt(["-c", ...jobs.map(({ id }) => id)]) : null;
  const parts = answer?.exitCode === 0 ? splitJobFiles(answer.stdout, jobs.length) : null;
  if (parts !== null) return jobs.map(({ id }, index) => [id, parts[index] ?? ""]);
  const middle = jobs.length >> 1;
  const earlier = await readShare(jobs.slice(0, middle), isOrdered);
  return [...earlier, ...(await readShare(jobs.slice(middle), isOrdered))];
}
