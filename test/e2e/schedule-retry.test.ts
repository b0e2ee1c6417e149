// --retry: after a run that found its file or its folder missing the next comes sooner, and the rhythm stays what it was.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { day, hour, moment, Stage, WorldStage } from "../support/stage.ts";
import { quoteWord } from "../../src/errors.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");
const two = moment("2026-11-24T02:00");

const hide = (stage: WorldStage) => renameSync(stage.source, `${stage.source}.away`);
const bring = (stage: WorldStage) => renameSync(`${stage.source}.away`, stage.source);

/** The instants of runs to the hour, `24T02`: a next try is counted from the end of the run, and a busy machine takes its time. */
const read = (instants: readonly number[]) =>
  instants.map((instant) => new Date(instant * 1000).toISOString().slice(8, 13));

test("it is tried again that soon, until the file is there, and then in the old rhythm, with one job at any time", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--retry", "1h"]);
  hide(stage);
  expect(read(await stage.world.passUntil(two + 2.5 * hour))).toEqual(["24T02", "24T03", "24T04"]);
  expect(stage.only()).toMatchObject({
    state: "armed",
    next: expect.stringContaining("24T05:"),
    time: "2:00am",
  });
  expect(stage.world.queue()).toHaveLength(1);
  bring(stage);
  expect(read(await stage.world.passUntil(two + day))).toEqual(["24T05", "25T02"]);
  expect(stage.takenAt().map((taken) => taken.slice(8, 13))).toEqual(["24T05", "25T02"]);
  expect(stage.only()).toMatchObject({ next: "2026-11-26T02:00:00Z", problems: [] });
  expect(stage.world.queue()).toHaveLength(1);
});

test("the regular time comes first where it is sooner", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "+ 40 minutes", "--retry", "1h"]);
  hide(stage);
  expect(await stage.world.passUntil(noon + 2 * hour)).toEqual(
    [1, 2, 3].map((run) => noon + (run * 2 * hour) / 3),
  );
  expect(stage.world.queue()).toHaveLength(1);
});

test("such a run is none of those that were wished, and one is tried until --until", async () => {
  await using stage = await WorldStage.create();
  const cases = {
    "--times 2": ["25T02", "26T02"],
    "--times 2 --retry 3h": ["24T05", "25T02"],
    "--once": ["25T02"],
    "--once --retry 1h": ["24T03"],
    "-t 2:00am_2026-11-24": ["25T02"],
    "-t 2:00am_2026-11-24 --retry 1h": ["24T03"],
    "--retry 1h --until 2:30am_tomorrow": [],
  };
  const folders = Object.keys(cases).map((words, place) => {
    const folder = join(stage.root, String(place));
    mkdirSync(folder);
    const options = words.split(" ").map((word) => word.replace("_", " "));
    const time = words.startsWith("-t") ? [] : ["-t", "2:00am"];
    stage.type(["install", "-f", stage.source, "-d", folder, "--always", ...time, ...options]);
    return folder;
  });
  hide(stage);
  await stage.world.passUntil(two);
  expect(stage.world.queue()).toHaveLength(folders.length - 1);
  bring(stage);
  await stage.world.passUntil(two + 5 * day);
  const taken = folders.map((folder) =>
    readdirSync(folder)
      .toSorted()
      .map((name) => /-11-(.{5})/.exec(name)?.[1]),
  );
  expect(taken).toEqual(Object.values(cases));
  expect(stage.type(["statusof"]).code).toBe(1);
});

test(
  holds(
    "alive",
    "one-successor",
    "a job that is killed between queueing the next try and removing the regular one leaves both, and the sooner mends it",
  ),
  async () => {
    await using stage = await WorldStage.create();
    // An `at` that kills whoever lets it remove something, once.
    const killed = join(stage.root, "killed");
    const script = `#!/bin/sh\ncase "$1" in -r) [ -e ${killed} ] || { touch ${killed}; kill -9 $PPID; exit; };; esac\n/usr/bin/at "$@"\n`;
    chmodSync(stage.write("at", script), 0o755);
    stage.install(["-t", "2:00am", "--retry", "1h"], { env: { PATH: `${stage.root}:/usr/bin:/bin` } });
    hide(stage);
    await stage.world.passUntil(two);
    expect(existsSync(killed)).toBe(true);
    expect(stage.world.queue()).toHaveLength(2);
    expect(stage.statusof().jobs).toMatchObject([{ next: expect.stringContaining("24T03:") }]);
    expect(read(await stage.world.passUntil(two + 1.5 * hour))).toEqual(["24T03"]);
    expect(stage.world.queue()).toHaveLength(1);
    bring(stage);
    expect(read(await stage.world.passUntil(two + day))).toEqual(["24T04", "25T02"]);
    expect(stage.world.queue()).toHaveLength(1);
  },
);

test("a next try that can't be queued leaves the regular one, and is told", async () => {
  await using stage = await WorldStage.create();
  // The queue's own lock file makes `at` fail as soon as it is gone.
  const lose = "mv /var/spool/cron/atjobs/.SEQ /run/SEQ; exit 75";
  stage.install(["-t", "2:00am", "--retry", "1h", "--before", lose]);
  await stage.world.passUntil(two);
  expect(stage.world.mails().at(-1)).toMatch(/\ntinybackup: the next try of '[^\n]+' could not be queued: /);
  expect(stage.only()).toMatchObject({ state: "armed", next: "2026-11-25T02:00:00Z" });
});

/** A command that is to come before a run: it types something, and says that what is to be saved is not there yet. */
const missing = (words: readonly string[]) =>
  `${[binary, ...words].map((word) => quoteWord(word)).join(" ")}; exit 75`;

describe("a schedule that meanwhile was", () => {
  test("uninstalled has no next try", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "--retry", "1h", "--before", missing(["uninstall", "all"])]);
    await stage.world.passUntil(two);
    expect(stage.world.queue()).toEqual([]);
    expect(stage.type(["statusof"]).code).toBe(1);
  });

  test("installed anew has that next run only", async () => {
    await using stage = await WorldStage.create();
    const anew = missing(["install", ...stage.paths, "-t", "02:00", "--always"]);
    stage.install(["-t", "2:00am", "--retry", "1h", "--before", anew]);
    await stage.world.passUntil(two);
    expect(stage.only()).toMatchObject({ time: "02:00", next: "2026-11-25T02:00:00Z", problems: [] });
    expect(stage.world.queue()).toHaveLength(1);
  });
});

test("a job that is started many times at once has one next try", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--retry", "1h", "--times", "5"]);
  const text = stage.world.run(["sh", "-c", "at -c $(at -l | cut -f1)"]).out;
  const argument = JSON.stringify(JSON.parse(/'(\{[^']*\})'/.exec(text)?.[1] ?? ""));
  stage.world.run(["sh", "-c", "at -r $(at -l | cut -f1)"]);
  hide(stage);
  for (let round = 0; round < 4; round += 1) {
    stage.world.setClock(two + round * hour);
    const ends = await Promise.all([1, 2, 3].map(() => stage.start(["job", argument])));
    expect(ends.map(({ code }) => code)).toEqual([75, 75, 75]);
    expect(stage.world.queue()).toHaveLength(1);
    stage.world.run(["sh", "-c", "at -r $(at -l | cut -f1)"]);
  }
});

test.each([
  ["0h", "needs a duration such as"],
  ["", "an empty value"],
  ["soon", "needs a duration such as"],
])("--retry '%s' is refused", (text, why) => {
  using stage = new Stage();
  const words = ["install", ...stage.paths, "-t", "2:00am", "--retry", text];
  expect(stage.type(words)).toMatchObject({ code: 2, err: expect.stringContaining(why) });
});
