// What must not end a schedule: each of these once ended the schedule of some backup program.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { day, hour, moment, WorldStage } from "../support/stage.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");
const two = moment("2026-11-24T02:00");

describe("a schedule lives on, and says so, after", () => {
  test.each([
    ["source", "cannot back up"],
    ["destination", "cannot save into"],
  ] as const)("days without its %s", async (what, sentence) => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    renameSync(stage[what], `${stage[what]}.away`);
    expect(await stage.world.passUntil(noon + 3 * day)).toHaveLength(3);
    const mails = stage.world.mails();
    expect(mails).toHaveLength(3);
    expect(mails[0]).toMatch(
      new RegExp(`\n\ntinybackup: ${sentence} '${stage[what]}': [^\n]+\nhint: [^\n]+\n$`),
    );
    const { code, jobs } = stage.statusof();
    expect(code).toBe(6);
    expect(jobs[0]).toMatchObject({ state: "armed", lastRun: { exitCode: 75, revision: null } });
    expect(jobs[0]?.problems.map(({ message }) => message).join("\n")).toContain(
      `the ${what} '${stage[what]}' is not there`,
    );
    expect(existsSync(stage[what])).toBe(false);
    renameSync(`${stage[what]}.away`, stage[what]);
    await stage.world.passUntil(noon + 4 * day);
    expect(stage.takenAt()).toEqual(["2026-11-27T02-00"]);
    expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ state: "armed", problems: [] }] });
  });

  test(holds("alive", "days without the program itself"), async () => {
    await using stage = await WorldStage.create();
    const program = join(stage.root, "my 'drive' $(x) é!", "tiny backup");
    mkdirSync(join(program, ".."));
    stage.world.run(["cp", binary, program]);
    stage.run([program, "install", ...stage.paths, "--always", "-t", "2:00am"]);
    renameSync(program, `${program}.away`);
    expect(await stage.world.passUntil(noon + 3 * day)).toHaveLength(3);
    expect(stage.world.mails()).toHaveLength(3);
    expect(stage.world.mails().at(-1)).toContain(
      "is not there or can not be executed; this job tries again in a day",
    );
    const { code, jobs } = stage.statusof();
    expect(code).toBe(6);
    expect(jobs[0]?.problems.map(({ message }) => message)).toEqual([
      `the program '${program}' is not there`,
    ]);
    renameSync(`${program}.away`, program);
    await stage.world.passUntil(noon + 5 * day);
    expect(stage.takenAt()).toEqual(["2026-11-27T02-00", "2026-11-28T02-00"]);
    expect(stage.world.queue()).toHaveLength(1);
  });

  test(holds("alive", "calendar", "the daemon was stopped, and started much later"), async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    stage.world.stopDaemon();
    stage.world.setClock(noon + 2 * day);
    expect(stage.statusof()).toMatchObject({ code: 6, jobs: [{ state: "overdue" }] });
    stage.world.startDaemon();
    await stage.world.passUntil(noon + 4 * day, { lateSeconds: 30 });
    expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ state: "armed" }] });
  });

  test("a machine that died with a job, whose entry then stands there as running for ever", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    const [name = ""] = stage.world.queue();
    await stage.world.passUntil(noon + day);
    const queue = stage.world.path("var/spool/cron/atjobs");
    const text = readFileSync(join(queue, stage.world.queue()[0] ?? ""));
    writeFileSync(join(queue, `=${name.slice(1)}`), text, { mode: 0o700 });
    await stage.world.passUntil(noon + 3 * day);
    expect(stage.files()).toHaveLength(3);
    expect(stage.only()).toMatchObject({ state: "armed", problems: [] });
    expect(stage.type(["uninstall", "all"]).code).toBe(0);
    expect(stage.world.queue()).toEqual([]);
  });
});

function fillSpool(stage: WorldStage, bytes: number): void {
  const spool = "/var/spool/cron/atjobs";
  const size = (Math.ceil(bytes / 4096) + 2) * 4096;
  stage.world.run([
    "sh",
    "-c",
    `cp -a ${spool} /run/old; mount -t tmpfs -o size=${size} tmpfs ${spool}; chown daemon:daemon ${spool}; chmod 1770 ${spool}; cp -a /run/old/. ${spool}/`,
  ]);
}

test(
  holds(
    "alive",
    "truth",
    "a full queue at one arming is mailed and shown, and the job tries again after its backup",
  ),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    fillSpool(stage, 8192);
    const filler = stage.world.path("var/spool/cron/atjobs/.filler");
    stage.world.run(["sh", "-c", "cat /dev/zero >/var/spool/cron/atjobs/.filler"]);
    await stage.world.passUntil(two);
    expect(stage.takenAt()).toEqual(["2026-11-24T02-00"]);
    expect(stage.world.mails().join("")).toMatch(
      /\n\ntinybackup: the next run of '[^\n]+' could not be queued: [^\n]+\nhint: [^\n]+\n$/,
    );
    const { code, jobs } = stage.statusof();
    expect(code).toBe(6);
    expect(jobs[0]).toMatchObject({ state: "not-armed", next: null, lastRun: { exitCode: 0 } });
    const hint = jobs[0]?.problems[0]?.hint ?? "";
    expect(jobs[0]?.problems[0]?.message).toContain("its last run could not queue the next");
    rmSync(filler);
    // What the hint says is typed, and mends it.
    expect(stage.run(["sh", "-c", hint]).code).toBe(0);
    expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ state: "armed" }] });
  },
);

test("a queue that is full only at first has the next run after all", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am"]);
  fillSpool(stage, 8192);
  stage.world.run(["sh", "-c", "cat /dev/zero >/var/spool/cron/atjobs/.filler"]);
  // The file is a pipe's length away: the backup takes a while, and room is made meanwhile.
  stage.world.run(["sh", "-c", `head -c 300000000 /dev/urandom >'${stage.source}'`]);
  stage.world.setClock(two);
  const run = stage.world.tick();
  while (!stage.files().some((name) => name.includes(".partial"))) await Bun.sleep(2);
  rmSync(stage.world.path("var/spool/cron/atjobs/.filler"));
  await run;
  expect(stage.world.mails()).toEqual([]);
  expect(stage.only()).toMatchObject({ state: "armed", next: "2026-11-25T02:00:00Z", problems: [] });
});

describe("a job that is killed", () => {
  test(
    holds(
      "alive",
      "one-successor",
      "at any moment leaves at most one successor, and one from the time that its backup begins",
    ),
    async () => {
      await using stage = await WorldStage.create();
      stage.install(["-t", "+ 10 minutes", "-k", "3"]);
      let begun = 0;
      for (let round = 0; round < 40; round += 1) {
        const due = stage.world.nextDue() ?? 0;
        stage.world.setClock(due);
        const pause = round % 20;
        stage.world.run(["/usr/sbin/atd", "-s"]);
        await Bun.sleep(pause * 6);
        stage.world.kill("tinybackup");
        await stage.world.tick();
        const hasBegun = stage.files().length > 0;
        const waiting = stage.world.queue().filter((name) => !name.startsWith("="));
        expect(waiting.length).toBeLessThanOrEqual(1);
        if (hasBegun) {
          begun += 1;
          expect(waiting).toHaveLength(1);
        }
        rmSync(stage.destination, { recursive: true });
        mkdirSync(stage.destination);
        if (waiting.length === 0) stage.install(["-t", "+ 10 minutes", "-k", "3"]);
      }
      expect(begun).toBeGreaterThan(3);
    },
  );
});

/** The job that waits, as the argument of the hidden command. */
function readArgument(stage: WorldStage): string {
  const text = stage.world.run(["sh", "-c", "at -c $(at -l | cut -f1)"]).out;
  return JSON.stringify(JSON.parse(/'(\{[^']*\})'/.exec(text)?.[1] ?? ""));
}

test(
  holds(
    "one-successor",
    "a job that is started again by hand, one after the other or all at once, does not fork its schedule",
  ),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    const argument = readArgument(stage);
    await stage.world.passUntil(two);
    expect(stage.type(["job", argument]).code).toBe(0);
    expect(stage.world.queue()).toHaveLength(1);
    for (let round = 0; round < 10; round += 1) {
      stage.world.run(["sh", "-c", "at -r $(at -l | cut -f1)"]);
      await Promise.all([1, 2, 3].map(() => stage.start(["job", argument])));
      expect(stage.world.queue()).toHaveLength(1);
    }
  },
);

test(
  holds(
    "one-successor",
    "a schedule that is in the queue twice all the same, and so runs twice at once, is one again after its run",
  ),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    const line = stage.world.run(["sh", "-c", "at -c $(at -l | cut -f1) | grep ^/bin/sh"]).out;
    for (let copy = 0; copy < 3; copy += 1)
      stage.world.run(["at", "-q", "z", "-t", "202611240200"], { input: line });
    expect(stage.statusof().jobs[0]?.problems.map(({ message }) => message)).toEqual([
      "this schedule is in the queue 4 times",
    ]);
    await stage.world.passUntil(noon + day);
    expect(stage.world.queue()).toHaveLength(1);
  },
);

test("times, an end and once end a schedule, and nothing is said to be missing then", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--times", "3"]);
  stage.install(["-t", "3:00am", "--until", "3:00am tomorrow + 1 day"]);
  stage.install(["-t", "4:00am", "--once"]);
  stage.install(["-t", "now", "--once", "--name", "soon"]);
  expect(await stage.world.passUntil(noon + 10 * day)).toHaveLength(7);
  expect(stage.takenAt()).toEqual(
    ["23T12-02", "24T02-00", "24T03-00", "24T04-00", "25T02-00", "25T03-00", "26T02-00"].map(
      (at) => `2026-11-${at}`,
    ),
  );
  expect(stage.world.mails()).toEqual([]);
  const { code, err } = stage.type(["statusof"]);
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("no schedule") });
});

test(
  holds("right-place", "a drive that is not mounted is never written to, and works again when it is"),
  async () => {
    await using stage = await WorldStage.create();
    const mount = () => stage.world.run(["mount", "-t", "tmpfs", "tmpfs", stage.destination]);
    const inside = join(stage.destination, "deep");
    mount();
    stage.world.run(["mkdir", inside]);
    const install = ["install", "-f", stage.source, "-d", inside, "-t", "2:00am"];
    expect(stage.type(install).code).toBe(0);
    stage.world.run(["umount", stage.destination]);
    mkdirSync(inside);
    await stage.world.passUntil(noon + 2 * day);
    expect(stage.world.run(["ls", "-A", inside]).out).toBe("");
    expect(stage.world.mails().at(-1)).toContain(
      `tinybackup: cannot save into '${inside}': nothing is mounted at '${stage.destination}'\nhint: `,
    );
    const { code, jobs } = stage.statusof();
    expect(code).toBe(6);
    expect(jobs[0]).toMatchObject({ state: "armed", lastRun: { exitCode: 75 } });
    expect(jobs[0]?.problems.at(-1)?.message).toContain(`nothing is mounted at '${stage.destination}'`);
    mount();
    stage.world.run(["mkdir", inside]);
    await stage.world.passUntil(noon + 3 * day);
    expect(stage.world.run(["ls", inside]).out).toMatch(
      new RegExp(`^${basename(stage.source)}-000001-2026-11-26T02-00-00Z`),
    );
    expect(stage.statusof().code).toBe(0);
  },
);

test(
  holds(
    "truth",
    "clock",
    "a clock that was years ahead when a job ran is told, and what is said mends the schedule",
  ),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    // A machine without a battery for its clock, before it has asked anybody for the time.
    stage.world.setClock(moment("2031-05-01T12:00"));
    await stage.world.tick();
    stage.world.setClock(noon + hour);
    const { code, jobs } = stage.statusof();
    expect({ code, next: jobs[0]?.next }).toEqual({ code: 6, next: "2031-05-02T02:00:00Z" });
    const [problem] = jobs[0]?.problems ?? [];
    expect(problem).toMatchObject({
      code: "far-off",
      message:
        "its next run is at 02:00 2031-05-02, and should be at 02:00 2026-11-24: a clock was wrong when it was queued",
    });
    expect(stage.run(["sh", "-c", problem?.hint ?? ""]).code).toBe(0);
    expect(stage.statusof()).toMatchObject({
      code: 0,
      jobs: [{ state: "armed", next: "2026-11-24T02:00:00Z" }],
    });
    expect(stage.world.queue()).toHaveLength(1);
  },
);
