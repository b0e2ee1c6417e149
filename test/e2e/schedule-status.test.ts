// What statusof and preview say of schedules, to people and to machines.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJobText, renderJobText } from "../../src/schedule/job-line.ts";
import { holds } from "../support/promises.ts";
import { day, moment, WorldStage } from "../support/stage.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const measure = (work: () => void): number => {
  const begin = performance.now();
  work();
  return performance.now() - begin;
};

const noon = moment("2026-11-23T12:00");

test("a schedule in order is shown in six lines, with its times as the person's clock has them", async () => {
  await using stage = await WorldStage.create({ zone: "America/New_York" });
  stage.install(["-t", "2:00am", "--name", "my notes", "--run"]);
  const [head, schedule, options, next, last, newest, end] = stage.type(["statusof"]).out.split("\n");
  expect([head, schedule, options, next, last, end]).toEqual([
    `${stage.source} -> ${stage.destination}`,
    "  schedule  2:00am, my notes",
    "  options   --always",
    "  next run  2026-11-24 02:00:00, in 18 h",
    "  last run  none yet",
    "",
  ]);
  expect(newest).toMatch(/^ {2}newest {4}revision 1, 2026-11-23 07:00:\d\d, \d+ s ago$/);
  await stage.world.passUntil(noon + 2 * day);
  const { code, out, err } = stage.type(["statusof"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("  last run  2026-11-25 02:00:0");
  expect(out).toContain(", 4 h 59 min ago: ok\n");
  for (const line of out.split("\n").slice(1)) expect(line.length).toBeLessThanOrEqual(80);
});

test("the JSON is what is documented", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--name", "label"]);
  await stage.world.passUntil(noon + day);
  const [job] = stage.statusof().jobs;
  const [file = ""] = stage.files();
  const taken = expect.stringMatching(/^2026-11-24T02:00:0\dZ$/);
  expect(job).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    program: "tinybackup",
    source: stage.source,
    destination: stage.destination,
    time: "2:00am",
    name: "label",
    next: "2026-11-25T02:00:00Z",
    state: "armed",
    problems: [],
    options: { always: true, compress: "zstd" },
    lastRun: { at: taken, exitCode: 0, revision: file, message: null },
    newest: { file, takenAt: taken },
  });
});

describe("what needs attention is shown, and ends with 6:", () => {
  test(holds("truth", "an overdue job, a failed run, a missing source, a stale revision"), async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "-k", "3"]);
    await stage.world.passUntil(noon + day);
    expect(stage.type(["statusof", "--max-age", "26h"]).code).toBe(0);
    rmSync(stage.source);
    await stage.world.passUntil(noon + 2 * day);
    stage.world.stopDaemon();
    stage.world.setClock(noon + 4 * day);
    const { code, out } = stage.type(["statusof", "--max-age", "2d"]);
    expect(code).toBe(6);
    expect(out).toContain("  next run  2026-11-26 02:00:00, 1 d 10 h ago: overdue\n");
    expect(out).toMatch(/ {2}last run {2}2026-11-25 02:00:0\d, 2 d 9 h ago: exit code 75\n/);
    expect(out.match(/PROBLEM {3}[^\n]+/g)).toEqual([
      "PROBLEM   the time of this job has passed, and nothing ran it",
      `PROBLEM   the source '${stage.source}' is not there`,
      "PROBLEM   the newest good revision is 82 h old; at most 48 h is allowed",
    ]);
    expect(out.match(/^ {12}hint: /gm)).toHaveLength(3);
    const quiet = stage.type(["statusof", "--max-age", "2d", "--quiet"]);
    expect({ code: quiet.code, out: quiet.out }).toEqual({ code: 6, out: "" });
    expect(quiet.err.match(/^tinybackup: warning: '/gm)).toHaveLength(3);
  });

  test(holds("truth", "no revision at all, where there should be one"), async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "--noop"]);
    expect(stage.type(["statusof"]).code).toBe(0);
    const { code, out } = stage.type(["statusof", "--max-age", "1h"]);
    expect(code).toBe(6);
    expect(out).toContain("there is no good revision; at most 60 min is allowed\n");
    expect(out).toContain("2:00am, saves nothing (--noop)\n");
    expect(out).not.toMatch(/hint: .*--noop/);
  });
});

test("every name of every filter works in any letter case, and reaches as far as it says", async () => {
  await using stage = await WorldStage.create();
  const other = join(stage.root, "other.txt");
  writeFileSync(other, "other\n");
  stage.install(["-t", "2:00am"]);
  stage.install(["-t", "3:00am"]);
  expect(stage.type(["install", "-f", other, "-d", stage.destination, "-t", "2:00am"]).code).toBe(0);
  const files = [...stage.paths];
  const count = (words: string[]) => stage.statusof(words).jobs.length;
  for (const name of ["all backup jobs", "ALL", "Queue"]) expect(count([name])).toBe(3);
  for (const name of ["jobs with this source and destination", "FILES", "Same Files"])
    expect(count([name, ...files])).toBe(2);
  for (const name of [
    "Jobs exactly like this one",
    "jobs just like this one",
    "jobs identical to this one",
    "THIS",
    "this job",
    "this time",
    "exact",
    "identical",
    "Time",
  ])
    expect(count([name, ...files, "-t", "02:00"])).toBe(1);
  const warned = stage.type(["statusof", "files", ...files, "-t", "2:00am"]);
  expect(warned.err).toBe("tinybackup: warning: the filter 'files' does not look at -t\n");
  expect(warned.code).toBe(0);
  const missed = stage.type(["statusof", "this", ...files, "-t", "4:00am"]);
  expect(missed).toMatchObject({ code: 1, out: "" });
  expect(missed.err).toBe(
    `tinybackup: no schedule matches the filter 'this'\nhint: there are: ${[
      [stage.source, "2:00am"],
      [other, "2:00am"],
      [stage.source, "3:00am"],
    ]
      .map(([source, time]) => `'${source}' into '${stage.destination}' ('${time}')`)
      .join("; ")}\n`,
  );
  expect(stage.type(["uninstall", "this", ...files, "-t", "2 am"]).err).toStartWith(
    "ended 1 schedule; its revisions stay\n",
  );
  expect(stage.type(["uninstall", "FILES", ...files]).err).toStartWith(
    "ended 1 schedule; its revisions stay\n",
  );
  expect(count(["all"])).toBe(1);
});

test("five hundred schedules are shown about as fast as at itself can print them", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am"]);
  const line = /^\/bin\/sh -c 'eval.*$/m.exec(stage.world.run(["at", "-c", "1"]).out)?.[0] ?? "";
  const job = parseJobText(line);
  if (job === null) throw new Error("no job");
  const schedules = Array.from({ length: 499 }, (_, number) => String(number).padStart(32, "0"));
  stage.world.queueLike(
    line,
    schedules.map((schedule) => renderJobText({ ...job, schedule })),
  );
  let [alone, taken] = [Infinity, Infinity];
  // A busy machine can hold up any one of them.
  for (let round = 0; round < 3 && taken >= Math.max(1000, alone * 2); round++) {
    const { world } = stage;
    alone = Math.min(
      alone,
      measure(() => world.run(["sh", "-c", "at -c $(at -l | cut -f1)"])),
    );
    taken = Math.min(
      taken,
      measure(() => expect(stage.statusof().jobs).toHaveLength(500)),
    );
  }
  expect(taken).toBeLessThan(Math.max(1000, alone * 2));
});

describe("preview", () => {
  test("shows the next times: local, UTC, and from now", async () => {
    await using stage = await WorldStage.create({ zone: "America/New_York" });
    const { code, out, err } = stage.type(["preview", "-t", "2:00am", "-n", "2"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n")).toEqual([
      "'02:00', daily",
      "LOCAL TIME           UTC                      FROM NOW",
      "2026-11-24 02:00:00  2026-11-24T07:00:00Z      in 18 h",
      "2026-11-25 02:00:00  2026-11-25T07:00:00Z  in 1 d 18 h",
      "",
    ]);
    expect(stage.world.queue()).toEqual([]);
  });

  test("as JSON, as of another moment, across a change of the clocks", async () => {
    await using stage = await WorldStage.create({ zone: "Europe/Berlin" });
    const words = ["preview", "-t", "2:30 am", "-n", "3", "--json", "--from", "2027-03-27T00:00:00Z"];
    expect(JSON.parse(stage.type(words).out)).toEqual({
      schemaVersion: 1,
      time: "2:30 am",
      canonical: "02:30",
      recurs: "daily",
      next: ["2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"],
    });
  });
});

test(
  holds("truth", "a daemon that is down is said at once, and not only when a job is overdue"),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    stage.world.stopDaemon();
    const { code, jobs } = stage.statusof();
    expect([code, jobs[0]?.state, jobs[0]?.problems.map(({ hint }) => hint)]).toEqual([
      6,
      "armed",
      ["sudo service atd start"],
    ]);
    stage.world.startDaemon();
    expect(stage.statusof().code).toBe(0);
  },
);

test("a schedule that ends is announced, and shown, as one that ends", async () => {
  await using stage = await WorldStage.create();
  expect(stage.install(["-t", "noon", "--once"]).err).toContain(", once ('noon')\nit runs at ");
  stage.install(["-t", "2:00am", "--times", "3", "--until", "12:00 2026-11-26"]);
  const { out } = stage.type(["statusof", "--verbose"]);
  expect(out).toContain("  schedule  noon, once more\n");
  expect(out).toContain("  schedule  2:00am, 3 times more, until 2026-11-26 12:00:00\n");
  expect(stage.statusof().jobs).toMatchObject([
    { timesLeft: 3, until: "2026-11-26T12:00:00Z" },
    { timesLeft: 1 },
  ]);
});
