// Ending schedules: at any moment, only one's own, and with nothing left behind.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { chownSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { day, moment, WorldStage } from "../support/stage.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");

const waiting = (stage: WorldStage): string[] => stage.world.queue().filter((name) => !name.startsWith("="));

/** Lets the next job start, does something `delayMs` later, and waits until the job has ended. */
async function duringTheJob(stage: WorldStage, delayMs: number, act: () => void): Promise<void> {
  stage.world.setClock(stage.world.nextDue() ?? 0);
  stage.world.run(["/usr/sbin/atd", "-s"]);
  await Bun.sleep(delayMs);
  act();
  await stage.world.tick();
}

describe("a schedule that is uninstalled while its job runs leaves nothing armed", () => {
  test(holds("removed", "tried 200 times, from before the job arms to after its end"), async () => {
    await using stage = await WorldStage.create();
    let sawSuccessor = 0;
    for (let round = 0; round < 200; round += 1) {
      stage.install(["-t", "+ 5 minutes", "-k", "1", "--compress", "none"]);
      await duringTheJob(stage, (round % 50) * 1.2, () => {
        if (waiting(stage).length > 0) sawSuccessor += 1;
        const { code, err } = stage.type(["uninstall", "all"]);
        expect([code, err]).toEqual([0, expect.stringMatching(/^ended 1 schedule;/)]);
      });
      expect(stage.world.queue()).toEqual([]);
    }
    expect(stage.world.mails()).toEqual([]);
    // The moments were those that were meant.
    expect(sawSuccessor).toBeGreaterThan(10);
    expect(sawSuccessor).toBeLessThan(190);
  });

  test("with nowhere to write the removal down", async () => {
    await using stage = await WorldStage.create();
    // Not even root writes a journal where its folder is a file.
    writeFileSync(join(stage.home, ".local"), "");
    for (let round = 0; round < 4; round += 1) {
      stage.install(["-t", "+ 5 minutes", "-k", "1"]);
      await duringTheJob(stage, round * 16, () => expect(stage.type(["uninstall", "all"]).code).toBe(0));
      expect(stage.world.queue()).toEqual([]);
    }
  });

  test("from an environment whose journal is elsewhere", async () => {
    await using stage = await WorldStage.create();
    for (let round = 0; round < 20; round += 1) {
      stage.install(["-t", "+ 5 minutes", "-k", "1", "--compress", "none"]);
      await duringTheJob(stage, round * 3, () =>
        expect(stage.type(["uninstall", "all"], { env: { XDG_STATE_HOME: "/run/elsewhere" } }).code).toBe(0),
      );
      expect(stage.world.queue()).toEqual([]);
      expect(stage.type(["statusof"]).code).toBe(1);
    }
  });

  test("and a job that could not arm at first does not arm after its backup", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    stage.world.run(["sh", "-c", `head -c 300000000 /dev/urandom >'${stage.source}'`]);
    const spool = stage.world.path("var/spool/cron/atjobs");
    stage.world.setClock(stage.world.nextDue() ?? 0);
    // The queue's own lock file makes `at` fail as soon as it is gone.
    stage.world.run(["mv", "/var/spool/cron/atjobs/.SEQ", "/run/SEQ"]);
    const run = stage.world.tick();
    while (!stage.files().some((name) => name.includes(".partial"))) await Bun.sleep(2);
    expect(stage.type(["uninstall", "all"]).code).toBe(0);
    stage.world.run(["mv", "/run/SEQ", join("/var/spool/cron/atjobs/.SEQ")]);
    await run;
    expect(existsSync(join(spool, ".SEQ"))).toBe(true);
    expect(stage.world.queue()).toEqual([]);
    expect(stage.type(["statusof"]).code).toBe(1);
  });
});

describe("installing what is installed", () => {
  test("replaces it, whatever the way in which its time is written, and says so", async () => {
    await using stage = await WorldStage.create();
    expect(stage.install(["-t", "2:00am"]).err).toStartWith("scheduled: ");
    const again = stage.install(["-t", "02:00", "-k", "3"]);
    expect(again.err).toStartWith(
      `replaced the schedule: '${stage.source}' into '${stage.destination}', daily ('02:00')\n`,
    );
    expect(stage.world.queue()).toHaveLength(1);
    expect(stage.only()).toMatchObject({ time: "02:00", problems: [] });
    stage.install(["-t", "2:00am", "--name", "other"]);
    stage.install(["-t", "2:01am"]);
    expect(stage.world.queue()).toHaveLength(3);
  });

  test(holds("one-successor", "while its job runs leaves one, 20 times"), async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "+ 5 minutes", "-k", "3", "--compress", "none"]);
    for (let round = 0; round < 20; round += 1) {
      const kept = String(1 + (round % 2));
      await duringTheJob(stage, round * 3, () =>
        expect(stage.install(["-t", "+ 5 minutes", "-k", kept, "--compress", "none"]).err).toStartWith(
          "replaced",
        ),
      );
      expect(stage.world.queue()).toHaveLength(1);
      expect(stage.only()).toMatchObject({ state: "armed", problems: [] });
    }
  });

  test("many times at once leaves one", async () => {
    await using stage = await WorldStage.create();
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([1, 2, 3, 4].map(() => stage.start(["install", ...stage.paths, "-t", "2:00am"])));
      expect(stage.world.queue()).toHaveLength(1);
      expect(stage.only()).toMatchObject({ state: "armed", problems: [] });
    }
  });
});

test.each([
  ["my notes", ["-k", "3"]],
  ["-x", ["--keeprevisions=-1"]],
])(
  "a schedule '%s' that vanished from the queue is shown, armed again by its hint, and can be uninstalled",
  async (name, options) => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", `--name=${name}`, ...options]);
    stage.world.run(["sh", "-c", "at -r $(at -l | cut -f1)"]);
    const { code, jobs } = stage.statusof();
    expect({ code, state: jobs[0]?.state, next: jobs[0]?.next }).toEqual({
      code: 6,
      state: "not-armed",
      next: null,
    });
    expect(stage.run(["sh", "-c", jobs[0]?.problems[0]?.hint ?? ""]).err).toStartWith("replaced");
    expect(stage.only()).toMatchObject({ state: "armed", name, problems: [] });
    stage.world.run(["sh", "-c", "at -r $(at -l | cut -f1)"]);
    expect(stage.type(["uninstall", "all"])).toEqual({
      code: 0,
      out: "",
      err: expect.stringMatching(/^ended 1 schedule;/),
    });
    expect(stage.type(["uninstall", "all"]).code).toBe(1);
  },
);

test(
  holds("removed", "jobs of other people, and foreign ones that hold our words, are never listed or removed"),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    const text = stage.world.run(["at", "-c", "1"]).out;
    const line = /^\/bin\/sh -c 'eval.*$/m.exec(text)?.[0] ?? "";
    const queueJob = (queue: string, input: string, uid?: number) =>
      stage.world.run(["at", "-q", queue, "-t", "202611250200"], {
        input,
        ...(uid === undefined ? {} : { uid }),
      });
    queueJob("z", `${line}\n`, 1000);
    queueJob("y", `${line}\n`);
    queueJob("z", `echo hello\n${line}\n`);
    queueJob("z", `${line}; rm -rf /nowhere\n`);
    queueJob("z", `tinybackup job uninstall all ATJOB_TINYBACKUP_SCRIPT\n`);
    queueJob("z", text);
    expect(stage.world.queue()).toHaveLength(7);
    expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ time: "2:00am" }] });
    expect(stage.type(["uninstall", "all"]).err).toStartWith("ended 1 schedule; its revisions stay\n");
    expect(stage.world.queue()).toHaveLength(6);
    expect(stage.type(["uninstall", "all"]).code).toBe(1);
  },
);

test("somebody who is not root has schedules of their own, that run as them", async () => {
  await using stage = await WorldStage.create();
  for (const path of [stage.root, stage.home, stage.destination, stage.source]) chownSync(path, 1000, 1000);
  const me = { uid: 1000 };
  stage.install(["-t", "2:00am"], me);
  // As with sudo, which may leave HOME as it is: what is the person's is not root's.
  expect(stage.type(["statusof"]).code).toBe(1);
  expect(stage.type(["uninstall", "all"]).code).toBe(1);
  stage.install(["-t", "2:00am", "--noop"]);
  await stage.world.passUntil(noon + 2 * day);
  expect(stage.type(["uninstall", "all"]).code).toBe(0);
  expect(stage.files()).toHaveLength(2);
  expect(stage.statusof(["all"], me)).toMatchObject({ code: 0, jobs: [{ state: "armed" }] });
  expect(stage.type(["uninstall", "all"], me).err).toStartWith("ended 1 schedule; its revisions stay\n");
  expect(stage.world.queue()).toEqual([]);
});

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const quote = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

/** A job as the Python program of the same name queued it. */
function makePythonJob(source: string, destination: string, time: string): string {
  const identifier = ["z", `z${source}${destination}`, `z${source}${destination}${time}`].map(md5).join("_");
  const words = `--sourcefile ${quote(source)} --destdir ${quote(destination)} --keeprevisions 14 --identifier ${identifier}`;
  return `export ATJOB_TINYBACKUP_SCRIPT=$(cat <<'SCRIPT'\nmain()\nSCRIPT)\n/usr/bin/python3 - ${words} --run --install --time ${quote(time)} <<COMMAND\n$ATJOB_TINYBACKUP_SCRIPT\nCOMMAND\n`;
}

test("jobs of the Python program are shown as such, and removed by the filter that matches them", async () => {
  await using stage = await WorldStage.create();
  const queueJob = (time: string, source = stage.source) =>
    stage.world.run(["at", "-q", "z", "-t", "202611250200"], {
      input: makePythonJob(source, stage.destination, time),
    });
  queueJob("2:00am");
  queueJob("3:00am");
  queueJob("2:00am", "/somewhere/else");
  stage.install(["-t", "2:00am"]);
  expect(stage.world.queue()).toHaveLength(4);
  const shown = stage.statusof();
  expect(shown.code).toBe(0);
  expect(shown.jobs.map(({ program, time }) => [program, time])).toEqual([
    ["tinybackup", "2:00am"],
    ["python", "2:00am"],
    ["python", "3:00am"],
    ["python", "2:00am"],
  ]);
  expect(stage.type(["statusof"]).out).toContain("2:00am, of the Python program  ");
  expect(stage.type(["run", "--all", "--quiet"]).err).toContain(
    "scheduled by the Python program, and is not saved here",
  );
  const files = [...stage.paths];
  expect(stage.type(["uninstall", "this", ...files, "-t", "02:00"]).err).toStartWith(
    "ended 2 schedules; their revisions stay\n",
  );
  expect(stage.type(["uninstall", "files", ...files]).err).toStartWith(
    "ended 1 schedule; its revisions stay\n",
  );
  expect(stage.type(["uninstall", "all"]).err).toStartWith("ended 1 schedule; its revisions stay\n");
  expect(stage.world.queue()).toEqual([]);
});
