// Installing again and ending, as people and machines do it: what is so already stays, what is replaced or ended is named with
// what it had, and with the line that brings it back; and what is only tried changes nothing.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { binary } from "../support/binary.ts";
import { day, hour, minute, moment, type Row, WorldStage } from "../support/stage.ts";
import { tool } from "../support/tools.ts";

setDefaultTimeout(60_000);

const noon = moment("2026-11-23T12:00");

/** What the queue, the journal and the stage hold. */
function look(stage: WorldStage): string {
  const jobs = stage.world.queue().map((id) => readFileSync(stage.world.path(`var/spool/cron/atjobs/${id}`)));
  return [...stage.world.queue(), ...jobs, tool("ls", "-lAR", stage.root), stage.journal()].join("\n");
}

function readJson(stage: WorldStage, ...words: readonly string[]): Installed {
  const { code, out, err } = stage.type([...words, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

interface Installed {
  readonly changed: boolean;
  readonly schedule: { readonly id: string | null; readonly next: string };
  readonly replaced: readonly { readonly install: string }[];
  readonly others: readonly { readonly uninstall: string }[];
  readonly warnings: readonly string[];
  readonly run: object | null;
}

/** Without what says which of them it is. */
const settingsOf = (row: Row): Row => ({ ...row, id: "" });

test("a schedule that stands with the same settings stays, the very same job, and this is said", async () => {
  await using stage = await WorldStage.create();
  const settings = ["-t", "+ 2 hours", "--name", "usb", "-k", "3", "--until", "12:00 2026-12-24"];
  const words = ["install", ...stage.paths, ...settings];
  expect(stage.type(words).err).toStartWith("scheduled: ");
  stage.world.setClock(noon + 30 * minute);
  const before = look(stage);
  const again = stage.type(words);
  expect(again).toMatchObject({ code: 0, out: "" });
  expect(again.err).toStartWith(
    `unchanged: '${stage.source}' into '${stage.destination}', every 2 hours ('+ 2 hours', usb)\nthe next run is at 2026-11-23 14:00:00, in 1 h`,
  );
  const answer = readJson(stage, ...words);
  expect(answer).toMatchObject({ changed: false, replaced: [], schedule: { next: "2026-11-23T14:00:00Z" } });
  expect(look(stage)).toBe(before);
  // Also after it ran, and with a first run now.
  await stage.world.passUntil(noon + 3 * hour);
  expect(readJson(stage, ...words, "--run")).toMatchObject({
    changed: false,
    schedule: { id: answer.schedule.id, next: "2026-11-23T16:00:00Z" },
    run: { revision: { number: 1 }, skipped: "unchanged" },
  });
  expect(stage.only()).toMatchObject({ problems: [], next: "2026-11-23T16:00:00Z" });
});

test("any other setting replaces it, and what the one before had is said", async () => {
  await using stage = await WorldStage.create();
  const install = (...more: string[]) => stage.type(["install", ...stage.paths, ...more]).err.split("\n");
  install("-t", "2:00am");
  for (const [before, more] of [
    ["no --keeprevisions=3", ["-t", "2:00am", "-k", "3"]],
    ["--keeprevisions=3", ["-t", "2:00am", "-k", "30"]],
    ["--keeprevisions=30, no --times=4, no --noop", ["-t", "2:00am", "--times", "4", "--noop"]],
    ["-t 2:00am, --times=4, --noop", ["-t", "02:00"]],
    [
      "--compress=zstd, no --until='12:00 2026-12-24'",
      ["-t", "02:00", "--compress", "gzip", "--until", "12:00 2026-12-24"],
    ],
  ] as const) {
    const [first = "", second] = install(...more);
    expect(first).toStartWith("replaced the schedule: ");
    expect(second).toBe(`the one before had ${before}`);
    expect(install(...more)[0]).toStartWith("unchanged: ");
    expect(stage.world.queue()).toHaveLength(1);
  }
  const { replaced } = readJson(stage, "install", ...stage.paths, "-t", "02:00");
  // As it was: the line goes back.
  expect(stage.run(["sh", "-c", replaced[0]?.install ?? ""]).err).toContain(
    "\nthe one before had --compress=zstd, no --until='12:00 2026-12-24'\n",
  );
  const zone = stage.type(["install", ...stage.paths, "-t", "02:00"], { env: { TZ: "Asia/Tokyo" } });
  expect(zone.err).toContain("TZ=the system's");
});

test("every setting is confirmed", async () => {
  await using stage = await WorldStage.create();
  const more = [
    "--name",
    "usb",
    "--times",
    "4",
    "--until",
    "12:00 2026-12-24",
    "-k",
    "3",
    "--no-share",
    "--noop",
  ];
  expect(stage.install(["-t", "18:00 fri", ...more]).err).toBe(
    [
      `scheduled: '${stage.source}' into '${stage.destination}', weekly ('18:00 fri', usb)`,
      "the first run is at 2026-11-27 18:00:00, in 4 d 5 h; 4 runs in all; none after 2026-12-24 12:00:00",
      "each run is made with --always --no-share",
      "each run only says what it would do, and saves nothing (--noop)",
      "it keeps the newest 3 revisions",
      "",
    ].join("\n"),
  );
});

test("other schedules of the same file and folder are named, each with the line that ends it and no other", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "--name", "it's mine"]);
  expect(stage.install(["-t", "2:00am"]).err).toContain(
    `tinybackup: warning: another schedule saves the same file into the same folder: '${stage.source}' into '${stage.destination}' ('2:00am', it's mine)\nhint: to end that one: tinybackup uninstall `,
  );
  const { others } = readJson(stage, "install", ...stage.paths, "-t", "3:00am");
  expect(others).toHaveLength(2);
  // The line of the one without a label comes last here, while the other two stand.
  for (const [count, { uninstall }] of others.toReversed().entries()) {
    expect(stage.shell(uninstall).err).toStartWith("ended 1 schedule;");
    expect(stage.world.queue()).toHaveLength(2 - count);
  }
  expect(stage.only()).toMatchObject({ time: "3:00am" });
  stage.write("other.txt", "other");
  const other = stage.type(["install", "-f", "other.txt", "-d", stage.destination, "-t", "2:00am"]);
  expect(other.err).not.toContain("another schedule");
});

test("with --dry-run nothing is done, and all is said", async () => {
  await using stage = await WorldStage.create();
  const words = ["install", ...stage.paths, "-t", "2:00am"];
  const empty = look(stage);
  const tried = stage.type([...words, "--dry-run", "--run"]);
  expect(tried).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^would save '[^\n]+ as revision 1\n$/),
  });
  expect(tried.err).toMatch(
    /^would schedule: [^\n]+\nthe first run would be at 2026-11-24 02:00:00, [^\n]+\n/,
  );
  expect(readJson(stage, ...words, "--dry-run")).toMatchObject({
    changed: true,
    schedule: { id: null },
  });
  expect(look(stage)).toBe(empty);
  expect(stage.type(["install", ...stage.paths, "-t", "whenever", "--dry-run"]).code).toBe(2);
  stage.world.stopDaemon();
  const idle = stage.type(["install", ...stage.paths, "-t", "6:00am", "--dry-run"]);
  expect(idle.code).toBe(4);
  expect(idle.err).not.toContain("is in the queue");
  expect(idle.err).toContain("it keeps the newest ");
  stage.world.startDaemon();
  stage.type(words);
  const before = look(stage);
  expect(stage.type([...words, "-k", "3", "--dry-run"]).err).toMatch(
    /^would replace the schedule: [^\n]+\nthe one before had no --keeprevisions=3\n/,
  );
  expect(stage.type([...words, "--dry-run"]).err).toStartWith("unchanged: ");
  expect(stage.type(["uninstall", "all", "--dry-run"])).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^would end 1 schedule; its revisions stay\n/),
  });
  expect(readJson(stage, "uninstall", "all", "--dry-run")).toMatchObject({
    changed: true,
    dryRun: true,
    ended: [{}],
  });
  expect(look(stage)).toBe(before);
});

test("what ends is named, with the line that brings it back as it was", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "now", "--once", "--name", "soon"]);
  stage.install([
    "-t",
    "2:00am",
    "--name",
    "it's mine",
    "--times",
    "3",
    "--until",
    "12:00 2026-12-24",
    "-k",
    "3",
  ]);
  stage.install(["-t", "+ 7 minutes", "--compress", "none", "--noop"]);
  const rows = stage.statusof().jobs;
  const { err } = stage.type(["uninstall", "all"]);
  const lines = [...err.matchAll(/^ {2}to have it again: (.*)$/gm)].map(([, line = ""]) => line);
  expect(lines).toHaveLength(3);
  expect(err).toStartWith("ended 3 schedules; their revisions stay\n");
  expect(err).toContain(
    `'${stage.source}' into '${stage.destination}' ('2:00am', it's mine)\n  to have it again: ${binary} install `,
  );
  expect(stage.world.queue()).toEqual([]);
  for (const line of lines) expect(stage.shell(line)).toMatchObject({ code: 0 });
  expect(stage.statusof().jobs.map(settingsOf)).toEqual(rows.map(settingsOf));
  expect(stage.type(["uninstall", "all", "--quiet"])).toEqual({ code: 0, out: "", err: "" });
  const none = stage.type(["uninstall", "all", "--json"]);
  expect([none.code, JSON.parse(none.out)]).toEqual([
    1,
    { schemaVersion: 1, changed: false, dryRun: false, ended: [] },
  ]);
});

test("installed again while its drive is not there, it still waits for the drive, and this is said", async () => {
  await using stage = await WorldStage.create();
  stage.world.run(["mount", "-t", "tmpfs", "tmpfs", stage.destination]);
  stage.install(["-t", "2:00am", "--run"]);
  stage.world.run(["umount", stage.destination]);
  for (const [more, said] of [
    [[], "unchanged"],
    [["-k", "3"], "replaced"],
  ] as const) {
    const { err } = stage.install(["-t", "2:00am", ...more]);
    expect(err).toStartWith(said);
    expect(err).toContain(`tinybackup: warning: nothing is mounted at '${stage.destination}', as there was`);
  }
  await stage.world.passUntil(noon + day);
  expect(readdirSync(stage.destination)).toEqual([]);
  expect(stage.only().lastRun).toMatchObject({ exitCode: 75 });
});

test("one object says what is scheduled also where the first run fails, and the error comes behind", async () => {
  await using stage = await WorldStage.create();
  stage.world.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", stage.destination]);
  const { code, out, err } = stage.type(["install", ...stage.paths, "-t", "2:00am", "--run", "--json"]);
  expect(JSON.parse(out)).toMatchObject({ changed: true, schedule: { time: "2:00am" }, run: null });
  expect([code, JSON.parse(err)]).toMatchObject([1, { error: { code: 1 } }]);
  expect(stage.only()).toMatchObject({ state: "armed" });
});
