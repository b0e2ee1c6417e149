// The queue of macOS and FreeBSD, by a stand-in for their `at`.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderJobText } from "../../src/schedule/job-line.ts";
import { recognizeJobs } from "../../src/schedule/find.ts";
import { listJobs, removeJob, submitJob } from "../../src/system/at/queue.ts";
import { makeJob } from "../support/jobs.ts";

const dueMs = Date.UTC(2026, 10, 26, 2, 35);
const jobs = ["a", "b", "c"].map((name) => makeJob({ dueMs, name }));
const path = process.env["PATH"];
let folder = "";
let queue = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bsd-"));
  queue = join(folder, "queue");
  mkdirSync(queue);
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

/** Puts the stand-in where `at` is looked for. Its two settings are written into it, for `at` gets no odd variable. */
function placeAt(family: string): void {
  const text = readFileSync(join(import.meta.dir, "../support/bsd-at"), "utf8");
  const settings = `#!/bin/sh\nQUEUE_FAMILY=${family} QUEUE_FOLDER=${queue}\n`;
  writeFileSync(join(folder, "at"), text.replace("#!/bin/sh\n", settings), { mode: 0o755 });
  process.env["PATH"] = `${folder}:${path}`;
}

describe.each(["macos", "freebsd"] as const)("on %s", (family) => {
  test("jobs are queued, listed with the right text each, and removed", async () => {
    placeAt(family);
    const submitted = [];
    for (const job of jobs) submitted.push(await submitJob(renderJobText(job), dueMs, dueMs - 3_600_000));
    expect(new Set(submitted).size).toBe(3);

    const listed = await listJobs({ family });
    expect(listed.map(({ id, state }) => [id, state])).toEqual(submitted.map((id) => [id, "queued"]));
    const { own } = recognizeJobs(listed);
    expect(own.map(({ job }) => job)).toEqual(jobs);

    const [first, second] = listed;
    if (first === undefined || second === undefined) throw new Error("no jobs");
    // Somebody else's job took the number meanwhile.
    writeFileSync(join(queue, first.id), "#!/bin/sh\n# atrun uid=12345 gid=0\n");
    expect(await removeJob(first)).toBe(false);
    expect(await removeJob(second)).toBe(true);
    expect(await removeJob(second)).toBe(false);
    expect(readdirSync(queue).toSorted()).toEqual([first.id, submitted[2] ?? ""].toSorted());
    expect((await listJobs({ family })).map(({ id }) => id)).toEqual([submitted[2] ?? ""]);
  });

  test("an empty queue is no error", async () => {
    placeAt(family);
    expect(await listJobs({ family })).toEqual([]);
  });
});

test("an at that says yes and queues nothing is an error", async () => {
  symlinkSync("/bin/true", join(folder, "at"));
  process.env["PATH"] = `${folder}:${path}`;
  const failure = await submitJob("true", dueMs, dueMs - 3_600_000).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    name: "SchedulerFailure",
    message: "can't queue the job: at says: no message",
  });
});
