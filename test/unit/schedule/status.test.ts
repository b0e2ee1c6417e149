import { describe, expect, test } from "bun:test";
import { renderJobText } from "../../../src/schedule/job-line.ts";
import type { Job } from "../../../src/schedule/job.ts";
import { type JournalEvent, listUnarmed, scheduleOf } from "../../../src/schedule/journal.ts";
import type { DiskFacts } from "../../../src/schedule/problems.ts";
import { recognizeJobs } from "../../../src/schedule/find.ts";
import {
  describeSchedules,
  gatherProblems,
  needsAttention,
  type StatusRow,
} from "../../../src/schedule/status.ts";
import type { QueuedJob } from "../../../src/system/at/queue.ts";
import { makeJob } from "../../support/jobs.ts";

const now = 1_795_000_000_000;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const job = makeJob({ dueMs: now + hour });
const queue = (parts: Partial<QueuedJob> = {}, of: Job = job): QueuedJob => ({
  id: "7",
  dueMs: now + hour,
  queue: "z",
  state: "queued",
  body: `${renderJobText(of)}\n\n`,
  ...parts,
});
const fine: DiskFacts = {
  binaryExists: true,
  sourceExists: true,
  destinationExists: true,
  destinationMounted: true,
  newest: { file: "notes.txt-000001", takenAtMs: now - 2 * hour },
  problems: [],
};
const ran = { event: "run", atMs: now - 2 * hour, schedule: job.schedule, dueMs: now - 2 * hour } as const;
const good: JournalEvent = {
  ...ran,
  exitCode: 0,
  revision: "notes.txt-000001",
  message: null,
  nextMs: now + hour,
};
const installed: JournalEvent = { event: "installed", atMs: now - day, job };

function describeOne(
  queued: readonly QueuedJob[],
  events: readonly JournalEvent[] = [installed, good],
  disk: Partial<DiskFacts> = {},
  maxAgeSeconds?: number,
): StatusRow[] {
  const found = recognizeJobs(queued);
  return describeSchedules({
    nowMs: now,
    ...found,
    unarmed: listUnarmed(events, new Set(found.own.map(({ job: { schedule } }) => schedule))),
    events: Map.groupBy(events, scheduleOf),
    disk: new Map([[job.schedule, { ...fine, ...disk }]]),
    startDaemon: "sudo systemctl enable --now atd",
    isDaemonDown: false,
    maxAgeSeconds,
  });
}

/** What is said to type after a run that ended so. */
function hintAfter(exitCode: number, message = "no"): string | undefined {
  const failed: JournalEvent = { ...ran, exitCode, revision: null, message, nextMs: now + hour };
  return describeOne([queue()], [installed, failed])[0]?.problems[0]?.hint;
}

const isNoAge = ({ message }: { readonly message: string }) => !message.endsWith("is allowed");

test("a schedule that is in order is armed, and says when, what ran last, and what there is", () => {
  const rows = describeOne([queue()]);
  expect(rows).toEqual([
    {
      program: "tinybackup",
      job,
      nextMs: now + hour,
      state: "armed",
      problems: [],
      lastRun: { atMs: now - 2 * hour, exitCode: 0, revision: "notes.txt-000001", message: null },
      newest: fine.newest,
      runs: rows.flatMap(({ lastRun }) => lastRun ?? []),
    },
  ]);
  expect(needsAttention(rows)).toBe(false);
});

describe("the state of a schedule", () => {
  test.each<[string, QueuedJob[], string, number | null]>([
    [
      "whose job runs, with its successor queued, is running",
      [queue({ state: "running", dueMs: now }), queue()],
      "running",
      now + hour,
    ],
    [
      "whose job runs and has not queued the next yet is running",
      [queue({ state: "running", dueMs: now - 5000 })],
      "running",
      null,
    ],
    [
      "whose job waits a few minutes for a slow daemon is armed",
      [queue({ dueMs: now - 10 * minute })],
      "armed",
      now - 10 * minute,
    ],
  ])("%s", (_, queued, state, next) => {
    expect(describeOne(queued)).toMatchObject([{ state, nextMs: next, problems: [] }]);
  });

  test.each<[string, QueuedJob[], JournalEvent[], string, string]>([
    [
      "past due in the queue is overdue",
      [queue({ dueMs: now - hour })],
      [installed],
      "overdue",
      "nothing ran it",
    ],
    [
      "that is not in the queue is not armed",
      [],
      [installed, good],
      "not-armed",
      "not in the queue any more",
    ],
    [
      "whose last run could not queue the next says so",
      [],
      [installed, { ...good, nextMs: null }],
      "not-armed",
      "could not queue the next",
    ],
    [
      "left behind as running by a dead machine is not armed",
      [queue({ state: "running", dueMs: now - 3 * day })],
      [installed],
      "not-armed",
      "not in the queue",
    ],
    [
      "queued twice is armed, and that is wrong",
      [queue(), queue({ id: "8" })],
      [installed],
      "armed",
      "2 times",
    ],
    [
      "whose last run failed is armed, and that is said",
      [queue()],
      [installed, { ...good, exitCode: 75, message: "nothing is mounted" }],
      "armed",
      "the last run ended with exit code 75: nothing is mounted",
    ],
  ])("%s", (_, queued, events, state, sentence) => {
    const rows = describeOne(queued, events);
    expect(rows).toMatchObject([{ state, problems: [{ message: expect.stringContaining(sentence) }] }]);
    expect(needsAttention(rows)).toBe(true);
  });

  test("a run that found a drive missing is not answered with a command that would write beneath it", () => {
    expect(hintAfter(75)).toContain("mount the drive");
    expect(hintAfter(75)).not.toContain("tinybackup run");
    expect(hintAfter(75, "an earlier run is still under way")).toStartWith("if it hangs, see whether");
    expect(hintAfter(1)).toContain("tinybackup run");
  });

  test("a job left behind as running does not hide that its successor waits", () => {
    expect(describeOne([queue({ state: "running", dueMs: now - 3 * day }), queue()])).toMatchObject([
      { state: "armed", problems: [] },
    ]);
  });

  test("a schedule that was removed is not missed, and one whose file kept changing needs attention", () => {
    const removed: JournalEvent = {
      event: "removed",
      atMs: now,
      schedule: job.schedule,
      reason: "uninstalled",
    };
    expect(describeOne([], [installed, good, removed])).toEqual([]);
    expect(describeOne([queue()], [{ ...good, exitCode: 3 }])).toMatchObject([
      { problems: [{ message: "the file kept changing while it was read by the last run" }] },
    ]);
  });
});

test.each<[Partial<DiskFacts>, string]>([
  [{ binaryExists: false }, "the program '/usr/local/bin/tinybackup' is not there"],
  [{ sourceExists: false }, "the source '/home/me/notes.txt' is not there"],
  [{ destinationExists: false }, "the destination '/mnt/usb/backups' is not there"],
  [{ destinationExists: false, destinationMounted: false }, "nothing is mounted at"],
])("with %j it says: %s", (disk, sentence) => {
  expect(describeOne([queue()], [installed], disk)).toMatchObject([
    { state: "armed", problems: [{ message: expect.stringContaining(sentence) }] },
  ]);
});

test.each<[string, Partial<DiskFacts>, number]>([
  ["cannot back up '/x': no such file or directory", { sourceExists: false }, 1],
  ["cannot back up '/x': input/output error", { newest: null, hasBegun: true }, 2],
  ["cannot save into '/x': no space left on device", { sourceExists: false }, 2],
  ["cannot save into '/x': there is no revision", { newest: null, hasBegun: true }, 1],
  ["cannot save into '/x': nothing is mounted", { newest: undefined, destinationMounted: false }, 1],
  ["cannot save into '/x': no such file", { newest: undefined, destinationExists: false }, 1],
])("after a run that said %p, with %j, there are as many problems as causes: %i", (message, disk, count) => {
  const failed: JournalEvent = { ...ran, exitCode: 75, revision: null, message, nextMs: now + hour };
  expect(describeOne([queue()], [installed, failed], disk, 1)[0]?.problems.filter(isNoAge)).toHaveLength(
    count,
  );
});

test.each([
  [26 * 3600, now - 26 * hour, []],
  [
    26 * 3600,
    now - 26 * hour - 30 * minute,
    ["the newest good revision is 27 h old; at most 26 h is allowed"],
  ],
  [3600, null, ["there is no good revision; at most 60 min is allowed"]],
])("with --max-age of %i s and a revision of %p it says %p", (maxAge, takenAtMs, messages) => {
  expect(describeOne([queue()], [installed], { newest: undefined }, maxAge)[0]?.problems).toEqual([]);
  const newest = takenAtMs === null ? null : { file: "x", takenAtMs };
  const [row] = describeOne([queue()], [installed], { newest }, maxAge);
  expect(row?.problems.map(({ message }) => message)).toEqual(messages);
});

test("a schedule that is gone comes with the command that installs it again", () => {
  const lost = makeJob({
    source: "/home/me/it's mine.txt",
    name: "daily $HOME",
    timesLeft: 3,
    untilMs: Date.UTC(2026, 11, 24, 21, 5),
    run: {
      "keep-daily": 7,
      keeprevisions: -1,
      compress: "gzip",
      noop: false,
      debug: true,
      quiet: true,
    },
    debugDirectory: "/home/me",
  });
  const [row] = describeOne([], [{ event: "installed", atMs: now, job: lost }]);
  expect(row?.problems[0]?.hint).toBe(
    String.raw`/usr/local/bin/tinybackup install -f '/home/me/it'\''s mine.txt' -d /mnt/usb/backups -t 2:00am ` +
      "--name='daily $HOME' --times=3 --until='21:05 2026-12-24' --keep-daily=7 --keeprevisions=-1 --compress=gzip --debug --quiet",
  );
});

test("schedules come soonest first, those of the Python program among them, the missing ones last", () => {
  const later = makeJob({ schedule: "f".repeat(32), dueMs: now + day });
  const lost = makeJob({ schedule: "e".repeat(32) });
  const python = makeJob({ schedule: "3", source: "/a", destination: "/b", time: "noon" });
  const rows = describeSchedules({
    nowMs: now,
    own: recognizeJobs([queue({ dueMs: now + day }, later), queue()]).own,
    python: [{ queued: queue({ id: "3", dueMs: now + 2 * hour }), job: python }],
    unarmed: [lost],
    events: new Map(),
    disk: new Map(),
    startDaemon: "",
    isDaemonDown: false,
  });
  expect(rows.map((row) => [row.job.schedule, row.program, row.state])).toEqual([
    [job.schedule, "tinybackup", "armed"],
    ["3", "python", "armed"],
    [later.schedule, "tinybackup", "armed"],
    [lost.schedule, "tinybackup", "not-armed"],
  ]);
});

test("a job with anything in front of our line, or behind it, is not ours", () => {
  const line = renderJobText(job);
  const bodies = [
    `${line}\n`,
    `${line}\n\n`,
    `\n${line}\n`,
    `${line}\n\n\n`,
    `${line}\ntrue\n`,
    `true\n${line}\n`,
    "",
  ];
  expect(bodies.map((body) => recognizeJobs([queue({ body })]).own.length)).toEqual([1, 1, 0, 0, 0, 0, 0]);
});

describe("a schedule whose runs come to nothing", () => {
  const daily = { ...good, atMs: now - 3 * day };
  const old = { newest: { file: "notes.txt-000001", takenAtMs: now - 3 * day } };
  const codes = (events: readonly JournalEvent[], disk: Partial<DiskFacts> = old, of = job) =>
    describeOne([queue({}, of)], events, disk)[0]?.problems.map(({ code }) => code);
  const long: JournalEvent = { ...installed, atMs: now - 9 * day };

  test("is a problem when that goes on for more than two of its periods", () => {
    expect(codes([long, daily])).toEqual(["runs-vanish"]);
    expect(codes([long, { ...daily, atMs: now - 2 * day }], {})).toEqual([]);
    expect(codes([long], { newest: null })).toEqual(["runs-vanish"]);
  });

  test("is none where it was installed just now, a person saved, nobody knows, or it runs once a month", () => {
    expect(codes([{ ...long, atMs: now - day }, daily])).toEqual([]);
    expect(codes([long, daily], { newest: { ...old.newest, equalMs: now - day } })).toEqual([]);
    expect(codes([], { newest: null })).toEqual([]);
    expect(codes([long, daily], old, makeJob({ dueMs: now + hour, time: "next month" }))).toEqual([]);
  });

  test("that said why is told by that alone", () => {
    expect(codes([long, daily, { ...ran, exitCode: 1, revision: null, message: "no", nextMs: now }])).toEqual(
      ["last-run-failed"],
    );
  });
});

test("the last ten runs are told, newest first", () => {
  const events = Array.from({ length: 12 }, (_, index) => ({ ...good, atMs: now - (12 - index) * hour }));
  const [row] = describeOne([queue()], [installed, ...events]);
  expect(row?.runs?.map(({ atMs }) => (now - atMs) / hour)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("what is wrong with several schedules is one problem", () => {
  const [row] = describeOne([queue()], [installed, good], { sourceExists: false });
  if (row === undefined) throw new Error("no row");
  const other = { ...row, problems: [] };
  const same = { ...row, job: makeJob({ schedule: "same" }) };
  expect(gatherProblems([row, other, same])).toMatchObject([{ code: "source-missing", rows: [row, same] }]);
});
