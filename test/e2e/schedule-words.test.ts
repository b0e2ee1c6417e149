// What a person, an environment and a system may give to install: nothing odd is executed, copied or believed.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { day, moment, WorldStage } from "../support/stage.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");

test("paths and labels full of what a shell could trip over are saved, and nothing in them is executed", async () => {
  await using stage = await WorldStage.create();
  const pwned = join(stage.root, "pwned");
  const folder = join(
    stage.root,
    'it\'s "$(touch pwned)" `touch pwned` \\n \\ !! é日本\n; touch pwned # %s %b = *',
  );
  const names = [
    "a'b.txt",
    "$HOME $(touch pwned)",
    "-f",
    "new\nline",
    "back\\slash\\",
    "!event",
    "üñî🎒",
    " ",
  ];
  mkdirSync(folder);
  for (const name of names) {
    writeFileSync(join(folder, name), `content of ${name}`);
    const destination = join(folder, `saved ${name}`);
    mkdirSync(destination);
    const label = `label of ${name}`.trim();
    const words = [
      "install",
      `--sourcefile=${join(folder, name)}`,
      "-d",
      destination,
      "-t",
      "2:00am",
      "--name",
      label,
      "--always",
    ];
    expect(stage.type(words)).toMatchObject({ code: 0, out: "" });
  }
  await stage.world.passUntil(noon + 2 * day);
  expect(stage.world.mails()).toEqual([]);
  const { code, jobs } = stage.statusof();
  expect(code).toBe(0);
  expect(jobs.map(({ source }) => source).toSorted()).toEqual(
    names.map((name) => join(folder, name)).toSorted(),
  );
  for (const { lastRun, newest } of jobs) {
    expect(lastRun).toMatchObject({ exitCode: 0, message: null });
    expect(newest?.file).toMatch(/-000002-2026-11-25T02-00-\d\dZ-/);
  }
  expect(existsSync(pwned) || existsSync("/pwned") || existsSync(join(stage.home, "pwned"))).toBe(false);
  expect(stage.type(["uninstall", "all"]).err).toStartWith(`ended ${names.length} schedules;`);
});

test("relative paths and links are frozen as they are at install", async () => {
  await using stage = await WorldStage.create();
  const link = join(stage.root, "link");
  stage.world.run(["ln", "-s", "notes.txt", link]);
  expect(stage.type(["install", "-f", "link", "-d", "saved", "-t", "2:00am"]).code).toBe(0);
  stage.world.run(["ln", "-sfn", "/etc/passwd", link]);
  expect(stage.only()).toMatchObject({ source: realpathSync(stage.source), destination: stage.destination });
});

describe("an environment", () => {
  test("with secrets, odd names and switches of the runtime leaves no trace in the job, and changes nothing", async () => {
    await using stage = await WorldStage.create();
    const env = {
      SECRET: "hunter2",
      AWS_SECRET_ACCESS_KEY: "hunter2",
      "BASH_FUNC_x%%": "() { touch /run/pwned; }",
      "odd-name.x": "y",
      CI: "1",
      TEST: "1",
      NODE_ENV: "test",
      NODE_OPTIONS: "--require /nowhere.js",
      BUN_OPTIONS: "--smol",
      ENV: "/nowhere",
      NL: "a\nb",
      LANG: "C.UTF-8",
    };
    stage.install(["-t", "2:00am"], { env });
    const text = stage.world.run(["at", "-c", "1"]).out;
    expect(text).not.toMatch(/hunter2|BASH_FUNC|odd-name|BUN_|NODE_|^CI=|^TEST=|^ENV=|^NL=/m);
    expect(text).toContain("LANG=C.UTF-8");
    await stage.world.passUntil(noon + 2 * day);
    expect(stage.files()).toHaveLength(2);
    expect(stage.world.mails()).toEqual([]);
    expect(stage.statusof(["all"], { env })).toMatchObject({
      code: 0,
      jobs: [{ state: "armed", lastRun: { exitCode: 0 } }],
    });
    expect(existsSync(stage.world.path("run/pwned"))).toBe(false);
  });

  test.each<[string, Record<string, string>]>([
    ["a relative HOME", { HOME: "home" }],
    ["an empty HOME", { HOME: "" }],
    ["a HOME that is not there", { HOME: "/nowhere/at/all" }],
    ["a HOME with a newline", { HOME: "/run/a\nb" }],
    ["a HOME that is a file", { HOME: "/etc/passwd" }],
    ["a relative XDG_STATE_HOME", { XDG_STATE_HOME: "state" }],
    ["an XDG_STATE_HOME full of shell", { XDG_STATE_HOME: "/run/$(touch pwned) 'x' \\ !" }],
    ["a PATH without at", { PATH: "/nowhere" }],
  ])("with %s changes nothing", async (_, env) => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"], { env });
    await stage.world.passUntil(noon + 2 * day);
    expect(stage.files()).toHaveLength(2);
    expect(stage.world.mails()).toEqual([]);
    expect(stage.statusof(["all"], { env })).toMatchObject({ code: 0, jobs: [{ state: "armed" }] });
    expect(stage.type(["uninstall", "all"], { env }).code).toBe(0);
    expect(stage.world.queue()).toEqual([]);
  });

  test("whose current folder was deleted is refused at once; jobs of a folder that is deleted later run", async () => {
    await using stage = await WorldStage.create();
    const gone = join(stage.root, "gone");
    mkdirSync(gone);
    const type = `mkdir -p here; cd here; rmdir ../here; "$0" install -f "$1" -d "$2" -t 2:00am`;
    const ran = stage.run(["sh", "-c", type, binary, stage.source, stage.destination]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain("current working directory was deleted");
    expect(stage.world.queue()).toEqual([]);
    stage.install(["-t", "2:00am"], { cwd: gone });
    stage.world.run(["rmdir", gone]);
    await stage.world.passUntil(noon + day);
    expect(stage.files()).toHaveLength(1);
  });
});

describe("where nothing can be scheduled, it ends with 4, one line and a hint:", () => {
  test("at is not installed", async () => {
    await using stage = await WorldStage.create();
    stage.world.run(["mount", "--bind", "/dev/null", "/usr/bin/at"]);
    const message =
      "tinybackup: can't schedule: the program 'at' is not installed\nhint: sudo apt install at\n";
    for (const words of [["statusof"], ["uninstall", "all"]]) {
      expect(stage.type(words)).toEqual({ code: 4, out: "", err: message });
    }
    const words = ["install", ...stage.paths, "-t", "2:00am"];
    expect(stage.type(words)).toEqual({ code: 4, out: "", err: message });
    expect(stage.journal()).toBe("");
  });

  test.each([
    ["at.allow names others", "etc/at.allow", "root\n"],
    ["at.deny names the person", "etc/at.deny", "PERSON\n"],
  ])("%s", async (_, file, text) => {
    await using stage = await WorldStage.create();
    const uid = 1000;
    const person = stage.world.run(["id", "-un", String(uid)]).out.trim();
    writeFileSync(stage.world.path(file), text.replace("PERSON", person));
    chmodSync(stage.world.path(file), 0o644);
    chmodSync(stage.source, 0o644);
    const message =
      "tinybackup: can't schedule: this user is not permitted to use 'at'\nhint: ask the administrator to let you in: /etc/at.allow, /etc/at.deny\n";
    const words = ["install", ...stage.paths, "-t", "2:00am"];
    expect(stage.type(words, { uid, env: { HOME: "/run" } })).toEqual({ code: 4, out: "", err: message });
    expect(stage.type(["statusof"], { uid, env: { HOME: "/run" } })).toEqual({
      code: 4,
      out: "",
      err: message,
    });
    expect(stage.world.queue()).toEqual([]);
  });

  test("its daemon is down: the job is queued, and nobody is told that it will run", async () => {
    await using stage = await WorldStage.create();
    stage.world.stopDaemon();
    const words = ["install", ...stage.paths, "-t", "2:00am"];
    const { code, out, err } = stage.type(words);
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toMatch(
      /^scheduled: [^\n]+\ntinybackup: the schedule is in the queue, but no job of 'at' will run: its daemon 'atd' is not running\nhint: sudo [^\n]+\n$/,
    );
    expect(err).not.toMatch(/first run|it runs at/);
    expect(stage.world.queue()).toHaveLength(1);
    expect(stage.type([...words, "--run"])).toMatchObject({
      code: 4,
      out: expect.stringContaining(stage.destination),
    });
    expect(stage.files()).toHaveLength(1);
  });
});

describe("options of a schedule", () => {
  test("--run saves now too, and with --noop nothing is written, now or later", async () => {
    await using stage = await WorldStage.create();
    const { out } = stage.install(["-t", "2:00am", "--run"]);
    expect(out).toBe(`${join(stage.destination, stage.files()[0] ?? "")}\n`);
    stage.install(["-t", "2:00am", "--noop"]);
    const now = stage.install(["-t", "2:00am", "--noop", "--run"]);
    expect(now.out).toMatch(/^would save '[^\n]+\n$/);
    await stage.world.passUntil(noon + 2 * day);
    expect(stage.files()).toHaveLength(1);
    expect(stage.world.mails()).toHaveLength(2);
    expect(stage.world.mails()[0]).toMatch(/\n\nwould save '[^\n]+\n$/);
  });

  test(
    holds(
      "quiet",
      "a run that goes well prints nothing, with --verbose it tells, and --debug writes where install was typed",
    ),
    async () => {
      await using stage = await WorldStage.create();
      stage.install(["-t", "2:00am", "--debug"], { cwd: stage.home });
      await stage.world.passUntil(noon + day);
      expect(stage.world.mails()).toEqual([]);
      const log = readFileSync(join(stage.home, "debug.txt"), "utf8");
      expect(log).toContain("2026-11-24T02:00:0");
      stage.install(["-t", "2:00am", "--verbose"]);
      await stage.world.passUntil(noon + 2 * day);
      expect(stage.world.mails().join("")).toContain(stage.files().at(-1) ?? "?");
    },
  );

  test("--keeprevisions and --compress hold for every run", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "-k", "2", "--compress", "gzip"]);
    await stage.world.passUntil(noon + 4 * day);
    expect(stage.takenAt()).toEqual(["2026-11-26T02-00", "2026-11-27T02-00"]);
    expect(stage.files()[0]).toEndWith(".tar.gz");
  });
});

describe("a mistake is refused with 2, one line and a hint, and nothing is done:", () => {
  let stage: WorldStage;
  beforeAll(async () => {
    stage = await WorldStage.create();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });
  const base = ["install", "-f", "notes.txt", "-d", "saved"];
  test.each<[string, string[], Record<string, string>, string]>([
    ["no time", base, {}, "missing --time TIME"],
    ["an unquoted time", [...base, "-t", "2:00", "am"], {}, "-t '2:00 am'"],
    ["a time that is none", [...base, "-t", "whenever"], {}, "whenever"],
    ["an empty time", [...base, "-t", ""], {}, "-t"],
    ["a time that has passed", [...base, "-t", "10:00 2020-01-01"], {}, "has passed"],
    ["now, which does not recur", [...base, "-t", "now"], {}, "--once"],
    ["once and times", [...base, "-t", "2am", "--once", "--times", "3"], {}, "exclude each other"],
    ["no times", [...base, "-t", "2am", "--times", "0"], {}, "at least 1"],
    ["an end that has passed", [...base, "-t", "2am", "--until", "10:00 2020-01-01"], {}, "has passed"],
    ["an end before the first run", [...base, "-t", "2am", "--until", "11pm"], {}, "after --until"],
    ["an unreadable end", [...base, "-t", "2am", "--until", "whenever"], {}, "whenever"],
    ["a zone that is none", [...base, "-t", "2am"], { TZ: "Mars/Olympus" }, "TZ"],
    ["no revisions kept", [...base, "-t", "2am", "-k", "0"], {}, "keeprevisions"],
    ["an empty label", [...base, "-t", "2am", "--name", ""], {}, "--name"],
    ["an unknown filter", ["statusof", "evrything"], {}, "FILTER"],
    ["a filter with too little", ["uninstall", "files", "-f", "notes.txt"], {}, "-d DIR"],
    ["a filter without time", ["uninstall", "this", "-f", "notes.txt", "-d", "saved"], {}, "-t TIME"],
    [
      "a filter with more than it looks at",
      ["uninstall", "all", "-f", "notes.txt"],
      {},
      "whatever their files",
    ],
    ["no filter to remove by", ["uninstall"], {}, "which schedules are to end"],
    ["a bad age", ["statusof", "--max-age", "soon"], {}, "tinybackup statusof --max-age 26h"],
    ["a preview of nothing", ["preview"], {}, "missing --time TIME"],
    ["a preview of what is no time", ["preview", "-t", "25:00"], {}, "25:00"],
    ["a preview from no moment", ["preview", "-t", "2am", "--from", "yesterday"], {}, "--from 20"],
    ["a preview of what has passed", ["preview", "-t", "10:00 2020-01-01"], {}, "has passed"],
  ])("%s", (_, words, env, said) => {
    const { code, out, err } = stage.type(words, { env });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^tinybackup: [^\n]+\nhint: [^\n]+\n$/);
    expect(err).toContain(said);
    expect(stage.world.queue()).toEqual([]);
    expect(stage.files()).toEqual([]);
  });
});
