// The user's own commands around each run: --before, --on-success, --on-failure.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { day, hour, moment, Stage, WorldStage } from "../support/stage.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");

const names = ["SOURCE", "DESTINATION", "REVISION", "EXIT_CODE", "MESSAGE"];
/** A command that adds a line to the stage's `log`: `word|SOURCE|DESTINATION|REVISION|EXIT_CODE|MESSAGE`. */
const log = (stage: Stage, word: string): string =>
  `echo "${word}${names.map((name) => `|$TINYBACKUP_${name}`).join("")}" >>'${join(stage.root, "log")}'`;

const logged = (stage: Stage): string[] => {
  const path = join(stage.root, "log");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
};

/** What the last run printed. */
const lastMail = (stage: WorldStage): string =>
  stage.world.mails().at(-1)?.split("\n\n").slice(1).join("\n\n") ?? "";

/** The job that waits. */
function readJob(stage: WorldStage): Record<string, unknown> {
  const text = stage.world.run(["sh", "-c", "at -c $(at -l | cut -f1)"]).out;
  return JSON.parse(/'(\{[^']*\})'/.exec(text)?.[1] ?? "");
}

/** Lets the next job run, and gives what it logged. */
async function runNext(stage: WorldStage): Promise<string | undefined> {
  const before = logged(stage).length;
  stage.world.setClock(stage.world.nextDue() ?? 0);
  await stage.world.tick();
  expect(logged(stage)).toHaveLength(before + 1);
  return logged(stage).at(-1);
}

test("one of the two follows each run, as statusof sees it, and is told what there is to tell", async () => {
  await using stage = await WorldStage.create();
  const hooks = ["--on-success", log(stage, "good"), "--on-failure", log(stage, "bad")];
  const { err } = stage.type(["install", ...stage.paths, "-t", "2:00am", ...hooks]);
  expect(err).toStartWith("scheduled: ");
  const places = `${stage.source}|${stage.destination}`;
  const revision = (number: number) => join(stage.destination, stage.revisions()[number - 1] ?? "none");
  expect(await runNext(stage)).toBe(`good|${places}|${revision(1)}|0|`);
  // Found equal.
  expect(await runNext(stage)).toBe(`good|${places}|${revision(1)}|0|`);
  expect(stage.revisions()).toHaveLength(1);
  renameSync(stage.source, `${stage.source}.away`);
  expect(await runNext(stage)).toBe(
    `bad|${places}||75|cannot back up '${stage.source}': no such file or directory`,
  );
  writeFileSync(stage.source, "");
  // Nothing is saved, and the run itself ends with 0: a ping with the code alone must not say that all is well.
  expect(await runNext(stage)).toBe(
    `bad|${places}||6|the source '${stage.source}' is empty: nothing is saved while it is`,
  );
  writeFileSync(stage.source, "another state\n".repeat(200));
  expect(await runNext(stage)).toBe(`good|${places}|${revision(2)}|0|`);
  truncateSync(revision(1), 200);
  writeFileSync(stage.source, "a third state\n".repeat(200));
  const told = (await runNext(stage)) ?? "";
  expect(told).toStartWith(`bad|${places}|${revision(3)}|6|the revision `);
  expect(told).toContain(stage.revisions()[0] ?? "none");
});

test("where the next run can't be queued, that is a failure, although a revision was made", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--on-success", log(stage, "good"), "--on-failure", log(stage, "bad")]);
  const due = stage.world.nextDue() ?? 0;
  // The queue's own lock file makes `at` fail as soon as it is gone.
  stage.world.run(["mv", "/var/spool/cron/atjobs/.SEQ", "/run/SEQ"]);
  stage.world.setClock(due);
  await stage.world.tick();
  const [said = "", ...more] = logged(stage).map((line) => line.split("|").slice(3).join("|"));
  expect(said).toStartWith(`${join(stage.destination, stage.revisions()[0] ?? "none")}|4|the next run of '`);
  expect(more).toEqual([]);
});

test("a command arrives as it was typed, and so it does by the line that statusof shows", async () => {
  await using stage = await WorldStage.create();
  const odd = `printf '%s\\n' "it's" \`echo 'né'\` '$HOME "q" ! \\ 🎒 %b' >>'${join(stage.root, "out")}'\n  echo -x # two\t`;
  const own = ["--before", odd, `--on-success=${odd}`, "--on-failure", odd, "--retry", "2h"];
  stage.install(["-t", "2:00am", ...own]);
  const hooks = { before: odd, "on-success": odd, "on-failure": odd };
  const { schedule: first, ...job } = readJob(stage);
  expect(job).toMatchObject({ hooks, retryMs: 2 * 3_600_000 });
  stage.world.run(["sh", "-c", "at -r $(at -l | cut -f1)"]);
  expect(stage.run(["sh", "-c", stage.only().problems[0]?.hint ?? ""]).err).toStartWith("replaced");
  const { schedule: second, ...again } = readJob(stage);
  expect(again).toEqual(job);
  expect(second).not.toBe(first);
  await stage.world.passUntil(noon + day);
  const lines = `it's\nné\n$HOME "q" ! \\ 🎒 %b\n`;
  expect(readFileSync(join(stage.root, "out"), "utf8")).toBe(lines.repeat(2));
  // What they print is passed on, and they have no input.
  expect(lastMail(stage)).toBe("-x\n-x\n");
  // Installed without them, it has none.
  stage.install(["-t", "2:00am"]);
  expect(Object.keys(readJob(stage))).not.toContain("hooks");
});

describe("--before", () => {
  test("makes the file that is then saved; where it fails, nothing is saved, and that is the failure", async () => {
    await using stage = await WorldStage.create();
    const dump = stage.write("dump", '#!/bin/sh\necho one >"$TINYBACKUP_SOURCE"\n');
    chmodSync(dump, 0o755);
    stage.install(["-t", "2:00am", "--before", dump, "--on-failure", log(stage, "bad"), "--retry", "1h"]);
    renameSync(stage.source, `${stage.source}.away`);
    await stage.world.passUntil(noon + day);
    expect(stage.world.mails()).toEqual([]);
    expect(stage.revisions()).toHaveLength(1);
    expect(readFileSync(stage.source, "utf8")).toBe("one\n");
    writeFileSync(dump, '#!/bin/sh\necho half >"$TINYBACKUP_SOURCE"; echo no database >&2; exit 3\n');
    const why = `no backup was made: --before=${dump} ended with exit code 3`;
    expect(await runNext(stage)).toBe(`bad|${stage.source}|${stage.destination}||1|${why}`);
    expect(stage.revisions()).toHaveLength(1);
    const hint = `see what it says, typed by hand: sh -c ${dump}`;
    expect(lastMail(stage)).toBe(`no database\ntinybackup: ${why}\nhint: ${hint}\n`);
    const { code, jobs } = stage.statusof();
    expect(code).toBe(6);
    expect(jobs[0]).toMatchObject({
      state: "armed",
      // No waiting mends that.
      next: "2026-11-26T02:00:00Z",
      lastRun: { exitCode: 1 },
      problems: [{ message: `the last run ended with exit code 1: ${why}`, hint }],
    });
  });

  test("is ended with the run, by a signal, and no backup is made", async () => {
    await using stage = await WorldStage.create();
    const before = "kill -TERM $PPID; sleep 1000 & wait";
    stage.install(["-t", "2:00am", "--before", before, "--on-failure", log(stage, "bad")]);
    expect(await runNext(stage)).toContain("||1|ended by SIGTERM");
    expect(stage.revisions()).toEqual([]);
    expect(stage.only()).toMatchObject({ state: "armed", lastRun: { message: "ended by SIGTERM" } });
  });
});

test("commands that hang are ended with all that they started: after an hour before a run, after a minute behind it", async () => {
  await using stage = await WorldStage.create();
  const hang = "sleep 900000 & (sleep 900000; echo never)";
  stage.install(["-t", "2:00am", "--before", hang, "--on-failure", hang]);
  const due = stage.world.nextDue() ?? 0;
  // A clock that shows an hour in a second.
  writeFileSync(stage.world.path("etc/faketimerc"), `+${due - Date.now() / 1000} x3600\n`);
  await stage.world.tick();
  stage.world.setClock(due + 2 * hour);
  expect(stage.revisions()).toEqual([]);
  const mail = lastMail(stage).replaceAll(/^hint: .*\n/gm, "");
  const quoted = `'${hang}'`;
  expect(mail).toBe(
    `tinybackup: no backup was made: --before=${quoted} was still running after 60 min, and was ended\n` +
      `tinybackup: warning: --on-failure=${quoted} was still running after 1 min, and was ended\n`,
  );
  const { lastRun, state } = stage.only();
  expect([state, lastRun?.exitCode]).toEqual(["armed", 1]);
  expect(Date.parse(lastRun?.at ?? "") / 1000 - due).toBeGreaterThanOrEqual(hour);
});

test("a command that fails after a run is told, and changes nothing about it", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--on-success", "exit 7"]);
  await stage.world.passUntil(noon + day);
  expect(lastMail(stage)).toBe(
    "tinybackup: warning: --on-success='exit 7' ended with exit code 7\nhint: see what it says, typed by hand: sh -c 'exit 7'\n",
  );
  expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ lastRun: { exitCode: 0 }, problems: [] }] });
});

test("a run that only says what it would do is preceded and followed by nothing, unless something is wrong", async () => {
  await using stage = await WorldStage.create();
  const hooks = ["--before", log(stage, "before"), "--on-success", log(stage, "good")];
  stage.install(["-t", "2:00am", "--noop", ...hooks, "--on-failure", log(stage, "bad")]);
  await stage.world.passUntil(noon + day);
  expect(logged(stage)).toEqual([]);
  renameSync(stage.source, `${stage.source}.away`);
  expect(await runNext(stage)).toContain("bad|");
});

describe("a command that can't work is refused when it is typed:", () => {
  test.each<readonly [string, readonly string[], string]>([
    ["an empty one", ["--before", ""], "option '--before' has an empty value"],
    ["blanks", ["--on-success", "  "], "option '--on-success' has an empty value"],
    ["none", ["--on-failure"], "option '--on-failure' needs a value"],
    ["two", ["--before", "true", "--before", "true"], "option '--before' is given twice"],
    ["a quote that is left open", ["--before", "echo 'it"], `sh -n -c 'echo '\\''it'\n`],
    ["a program that is not there", ["--on-failure", "ntfi send"], "finds no program 'ntfi'"],
    ["a path that is not there", ["--before", "/no/dump >x"], "finds no program '/no/dump'"],
  ])("%s", (_, words, why) => {
    using stage = new Stage();
    const ended = stage.type(["install", ...stage.paths, "-t", "2:00am", ...words]);
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining(why) });
  });

  test("one beside whoever types it, with the whole command that works", async () => {
    await using stage = await WorldStage.create();
    chmodSync(stage.write("my dump", "#!/bin/sh\n"), 0o755);
    chmodSync(stage.write("dump.sh", "#!/bin/sh\n"), 0o755);
    const { code, err } = stage.type(["install", ...stage.paths, "-t", "2:00am", "--before", "./dump.sh -x"]);
    const why = "--before: a job, which starts in the folder /, finds no program './dump.sh'";
    expect([code, err.split("\n")[0]]).toEqual([2, `tinybackup: ${why}`]);
    const hint = /^hint: (.*)$/m.exec(err)?.[1] ?? "";
    stage.run(["sh", "-c", hint.replace(/^tinybackup/, binary)]);
    expect(readJob(stage)["hooks"]).toEqual({ before: `${join(stage.root, "dump.sh")} -x` });
  });

  test("what sh knows by itself, and what only it can tell, is not", async () => {
    await using stage = await WorldStage.create();
    for (const command of [
      "cd /tmp && ls",
      "X=1 no-such",
      "if true; then :; fi",
      "~/later.sh",
      "(exit 3)",
      "true;",
    ])
      stage.install(["-t", "2:00am", "--before", command]);
    expect(stage.world.queue()).toHaveLength(1);
  });
});
