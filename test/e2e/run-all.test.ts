// run --all: what is scheduled, all of it, now, each as its own runs save it.
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stage, WorldStage } from "../support/stage.ts";

setDefaultTimeout(60_000);

/** The stage's file with a schedule into its folder, a ledger with one onto a drive, and the paths of these. */
async function openStage() {
  const stage = await WorldStage.create();
  const ledger = stage.write("ledger.txt", "paid\n".repeat(100));
  const drive = join(stage.root, "usb");
  const folder = join(drive, "backups");
  mkdirSync(folder, { recursive: true });
  const mount = () => stage.world.run(["mount", "-t", "tmpfs", "tmpfs", drive]);
  mount();
  stage.world.run(["mkdir", folder]);
  stage.type(["install", ...stage.paths, "-t", "2:00am", "--compress", "gzip", "-k", "2"]);
  stage.type(["install", "-f", ledger, "-d", folder, "-t", "3am", "--name", "usb"]);
  const onDrive = () => stage.world.run(["ls", folder]).out.split("\n").slice(0, -1);
  const unmount = () => stage.world.run(["umount", drive]);
  return { stage, ledger, drive, folder, mount, unmount, onDrive };
}

test("each schedule's file is saved with its own options, and statusof knows", async () => {
  const { stage, ledger, folder, onDrive } = await openStage();
  await using _ = stage;
  const first = stage.type(["run", "--all"]);
  const [notes = ""] = stage.revisions();
  expect(notes).toEndWith(".tar.gz");
  expect(onDrive()).toEqual([expect.stringMatching(/^ledger.txt-000001-.*\.tar\.zst$/)]);
  expect(first).toEqual({
    code: 0,
    out: `${join(stage.destination, notes)}\n${join(folder, onDrive()[0] ?? "")}\n`,
    err: `'${stage.source}' into '${stage.destination}' ('2:00am')\n'${ledger}' into '${folder}' ('3am', usb)\n`,
  });
  const { code, jobs } = stage.statusof();
  expect(code).toBe(0);
  expect(jobs.map(({ lastRun }) => lastRun)).toEqual([
    expect.objectContaining({ exitCode: 0, revision: notes }),
    expect.objectContaining({ exitCode: 0, revision: onDrive()[0] }),
  ]);
  for (const text of ["two\n", "three\n"]) {
    writeFileSync(stage.source, text.repeat(800));
    expect(stage.type(["run", "--all", "--quiet"])).toEqual({ code: 0, out: "", err: "" });
  }
  // Of the policy that the schedule has.
  expect(stage.revisions().map((name) => name.slice(0, 16))).toEqual([
    "notes.txt-000002",
    "notes.txt-000003",
  ]);
  expect(onDrive()).toHaveLength(1);
});

test("one that can't be saved stops no other, writes into no bare folder, and is told once", async () => {
  const { stage, ledger, drive, folder, mount, unmount, onDrive } = await openStage();
  await using _ = stage;
  stage.type(["install", ...stage.paths.with(3, folder), "-t", "4am"]);
  stage.type(["run", "--all"]);
  const kept = unmount();
  expect(kept.code).toBe(0);
  writeFileSync(stage.source, "anew\n".repeat(800));
  const { code, out, err } = stage.type(["run", "--all"]);
  expect(code).toBe(75);
  expect(out).toBe(`${join(stage.destination, stage.revisions()[1] ?? "")}\n`);
  expect(err.split("\n")).toEqual([
    `'${stage.source}' into '${stage.destination}' ('2:00am')`,
    `'${ledger}' into '${folder}' ('3am', usb)`,
    `tinybackup: cannot save into '${folder}': nothing is mounted at '${drive}'`,
    "hint: connect the drive and mount it; nothing was written into the bare folder",
    `'${stage.source}' into '${folder}' ('4am')`,
    "as above",
    "2 of 3 could not be saved",
    "",
  ]);
  expect(readdirSync(folder)).toEqual([]);
  // Another drive: it may not be the one that is meant.
  mount();
  stage.world.run(["mkdir", folder]);
  const strange = stage.type(["run", "--all", "--quiet"]);
  expect(strange.code).toBe(75);
  expect(strange.err).toContain("is it another drive?");
  expect(onDrive()).toEqual([]);
  // What failed is worse than what is not there yet.
  rmSync(stage.source);
  mkdirSync(stage.source);
  expect(stage.type(["run", "--all", "--quiet"]).code).toBe(1);
});

test("--dry-run and --noop only say what would be done; --json is one object", async () => {
  const { stage, ledger, folder, unmount, onDrive } = await openStage();
  await using _ = stage;
  const told = stage.type(["run", "--all", "--dry-run"]).out;
  expect(told.match(/^would save .* as revision 1$/gm)).toHaveLength(2);
  expect(stage.type(["run", "--all", "--noop"]).out).toBe(told);
  expect([stage.revisions(), onDrive()]).toEqual([[], []]);
  expect(stage.statusof().jobs.map(({ lastRun }) => lastRun)).toEqual([null, null]);
  unmount();
  const { code, out, err } = stage.type(["run", "--all", "--json"]);
  expect({ code, err }).toEqual({ code: 75, err: "" });
  const { runs } = JSON.parse(out);
  const nothing = { revision: null, pruned: [], warnings: [], skipped: null };
  expect(runs).toEqual([
    {
      id: expect.any(String),
      source: stage.source,
      destination: stage.destination,
      time: "2:00am",
      name: null,
      exitCode: 0,
      error: null,
      ...nothing,
      revision: expect.objectContaining({ number: 1, file: stage.revisions()[0] }),
    },
    {
      id: expect.any(String),
      source: ledger,
      destination: folder,
      time: "3am",
      name: "usb",
      exitCode: 75,
      error: {
        code: 75,
        message: expect.stringContaining("nothing is mounted at"),
        hint: expect.stringContaining("connect the drive"),
      },
      ...nothing,
    },
  ]);
  expect(out.split("\n")).toHaveLength(2);
});

test("a schedule that is in the queue no more is saved as well; one that is ended is not", async () => {
  const { stage, onDrive } = await openStage();
  await using _ = stage;
  stage.world.run(["sh", "-c", "rm /var/spool/cron/atjobs/z*"]);
  stage.type(["uninstall", ...stage.paths]);
  expect(stage.statusof().jobs.map(({ state }) => state)).toEqual(["not-armed"]);
  expect(stage.type(["run", "--all"]).code).toBe(0);
  expect([stage.revisions().length, onDrive().length]).toEqual([0, 1]);
  stage.type(["uninstall", "all"]);
  const none = stage.type(["run", "--all"]);
  expect(none.code).toBe(1);
  expect(none.err).toBe(
    "tinybackup: nothing is scheduled\nhint: make a schedule with: tinybackup install -f FILE -d DIR -t 2:00am\n",
  );
  expect(JSON.parse(stage.type(["run", "--all", "--json"]).out)).toMatchObject({ runs: [] });
});

test("its own commands run around each, as at its time, and none with --noop", async () => {
  const { stage, ledger, folder, onDrive } = await openStage();
  await using _ = stage;
  const log = join(stage.root, "log");
  const commands = [
    `--before=echo due >>"$TINYBACKUP_SOURCE"; echo before >>${log}`,
    `--on-success=echo "good $TINYBACKUP_REVISION" >>${log}`,
  ];
  stage.type(["install", "-f", ledger, "-d", folder, "-t", "3am", "--name", "usb", ...commands]);
  stage.type(["run", "--all", "--noop"]);
  expect(existsSync(log)).toBe(false);
  expect(stage.type(["run", "--all", "--quiet"])).toEqual({ code: 0, out: "", err: "" });
  expect(readFileSync(log, "utf8")).toBe(`before\ngood ${join(folder, onDrive()[0] ?? "")}\n`);
  expect(readFileSync(ledger, "utf8")).toEndWith("due\n");
});

test("who ends it ends it: what would come next is not begun", async () => {
  const { stage, ledger, onDrive } = await openStage();
  await using _ = stage;
  // It is waited for, some seconds, to have something in it.
  writeFileSync(stage.source, "");
  stage.world.setClock(Date.now() / 1000);
  const by = ["timeout", "--preserve-status", "-s", "INT", "1"];
  const { code, err } = stage.type(["run", "--all"], { by });
  expect(code).toBe(130);
  expect(err).not.toContain(ledger);
  expect(err.match(/SIGINT/g)).toHaveLength(1);
  expect(onDrive()).toEqual([]);
});

test.each([
  ["run --all -f a.txt -d saved", "'-f' can't stand beside '--all'", "tinybackup run -f a.txt -d saved"],
  ["run a.txt saved --all", "'a.txt' can't stand beside '--all'", "tinybackup run -f a.txt -d saved"],
  ["run a.txt --all", "'a.txt' can't stand beside '--all'", "tinybackup run --all"],
  ["run --all -k 5 --quiet", "'-k' can't stand beside '--all'", "tinybackup run --all --quiet"],
  ["run --compress=zstd --all", "'--compress' can't stand beside '--all'", "tinybackup run --all"],
  ["run --all --always", "'--always' can't stand beside '--all'", "tinybackup run --all"],
  ["backup --all all", "'all' can't stand beside '--all'", "tinybackup run --all"],
  ["run all", "missing --destinationdirectory DIR", "tinybackup run --all"],
  ["run --all --all", "option '--all' is given twice", "tinybackup run --all"],
  ["run --all=yes", "option '--all' takes no value", "tinybackup run --all"],
])("%s is refused", (line, message, hint) => {
  using stage = new Stage();
  const ended = stage.type(line.split(" "));
  expect(ended).toEqual({ code: 2, out: "", err: `tinybackup: ${message}\nhint: ${hint}\n` });
});

test("by the Python program's flags too", async () => {
  const { stage, onDrive } = await openStage();
  await using _ = stage;
  expect(stage.type(["--run", "--all", "-q"]).code).toBe(2);
  expect(stage.type(["--run", "--all", "--quiet"])).toEqual({ code: 0, out: "", err: "" });
  expect(onDrive()).toHaveLength(1);
});
