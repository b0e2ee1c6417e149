// What is kept: the policy that is typed, or that the revisions bring along, and what a person is told of it.
import { describe, expect, test } from "bun:test";
import { Stage, WorldStage } from "../support/stage.ts";

/** As many revisions, each of another content; the words of the last run say the policy. */
function fill(stage: Stage, count: number, ...more: readonly string[]): void {
  for (let round = 1; round <= count; round++) {
    stage.write("notes.txt", `content ${round}`);
    expect(stage.save("--quiet", ...more).code).toBe(0);
  }
}

const numbers = (stage: Stage) => stage.revisions().map((name) => Number(/-(\d{6})-/.exec(name)?.[1]));

describe("prune", () => {
  test("shows of each revision why it would stay or go, as a table and as JSON, and removes nothing", () => {
    using stage = new Stage();
    fill(stage, 3);
    const { code, out, err } = stage.type(["prune", ...stage.paths, "-k", "2", "--dry-run"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(lines.map(([number, , fate, why]) => [number, fate, why])).toEqual([
      ["NUMBER", "FATE", "WHY"],
      ["3", "kept", "newest 1 of 2"],
      ["2", "kept", "newest 2 of 2"],
      ["1", "would be removed", "older than the newest 2"],
      ["", undefined, undefined],
    ]);
    const json = stage.type(["prune", ...stage.paths, "-k", "2", "--dry-run", "--json"]);
    const [first, second, third] = stage.revisions();
    expect(JSON.parse(json.out)).toEqual({
      schemaVersion: 1,
      keep: [
        { file: third, reasons: ["newest 1 of 2"] },
        { file: second, reasons: ["newest 2 of 2"] },
      ],
      remove: [{ file: first }],
      dryRun: true,
    });
    expect(numbers(stage)).toEqual([1, 2, 3]);
  });

  test("tells what it removed", () => {
    using stage = new Stage();
    fill(stage, 4);
    const { code, out, err } = stage.type(["prune", ...stage.paths, "--keeprevisions=2"]);
    expect({ code, err }).toEqual({ code: 0, err: "removed 2 old revisions\n" });
    expect(out.match(/ removed /g)).toHaveLength(2);
    expect(numbers(stage)).toEqual([3, 4]);
  });

  test("without an option keeps what the newest revision says, and says so", () => {
    using stage = new Stage();
    fill(stage, 3);
    fill(stage, 1, "--keep-within", "2d12h", "-k", "2");
    const { code, err } = stage.type(["prune", ...stage.paths, "--dry-run"]);
    expect({ code, err }).toEqual({
      code: 0,
      err: "as revision 4 says, this keeps the newest 2 revisions, and all of the last 2d12h\n",
    });
  });

  test("without an option, where no revision says anything, is refused with what to type", () => {
    using stage = new Stage();
    const name = "notes.txt-000001-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst";
    stage.write(`saved/${name}`, "damaged");
    const { code, out, err } = stage.type(["prune", ...stage.paths]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^tinybackup: it is not said what to keep[^\n]*\nhint: [^\n]*: tinybackup prune [^\n]+ -k 14 --dry-run\n$/,
    );
    expect(stage.files()).toEqual([name]);
  });

  test("takes several rules as one policy: what any of them keeps stays", () => {
    using stage = new Stage();
    fill(stage, 3);
    const { out } = stage.type(["prune", ...stage.paths, "-k", "1", "--keep-daily=all", "--dry-run"]);
    expect(out).toMatch(/ 3 .* kept +newest 1 of 1, /);
    expect(out).toMatch(/ 2 .* would be removed +no rule keeps it\n/);
  });
});

test.each([
  ["-k", "0"],
  ["--keep-daily", "0"],
  ["--keep-within", "0d"],
  ["--keep-within-daily", "7"],
])("%s %s is refused with what to type, by run, install and prune", (option, value) => {
  using stage = new Stage();
  fill(stage, 1);
  for (const [command, ...more] of [["run"], ["install", "-t", "2am"], ["prune"]]) {
    const ended = stage.type([command ?? "", ...stage.paths, ...more, option, value]);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toMatch(
      /^tinybackup: '--keep[^\n]+\nhint: ([^\n]+: )?tinybackup [^\n]+ (-k|--keep[a-z-]*) \w+\n$/,
    );
  }
  expect(numbers(stage)).toEqual([1]);
});

test("a run by hand without -k keeps what the schedule keeps", () => {
  using stage = new Stage();
  fill(stage, 20, "-k", "30");
  fill(stage, 1);
  expect(numbers(stage)).toHaveLength(21);
});

describe("install", () => {
  test("says what is kept, and who says so", async () => {
    await using stage = await WorldStage.create();
    const kept = (...more: readonly string[]) =>
      stage
        .install(["-t", "2:00am", ...more])
        .err.split("\n")
        .at(-2);
    expect(kept()).toBe("it keeps the newest 14 revisions, the default");
    expect(kept("--keep-daily=7", "--keep-monthly=all", "-k", "3")).toBe(
      "it keeps the newest 3 revisions, the last of each of 7 days, and the last of every month",
    );
    fill(stage, 1, "--keep-within=1y6m");
    expect(kept()).toBe("it keeps all of the last 1y6m, as revision 1 says");
  });

  test("refuses a second schedule that would keep otherwise, with a command that makes them agree", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "-k", "3"]);
    for (const more of [
      ["-t", "5pm"],
      ["-t", "2:00am", "--name", "two"],
    ]) {
      const { code, out, err } = stage.type(["install", ...stage.paths, ...more, "-k", "5", "--run"]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain(`('2:00am') keeps otherwise (--keeprevisions=3)\n`);
      expect([stage.only().time, stage.files()]).toEqual(["2:00am", []]);
      const [, same = "", freed = ""] =
        /^hint: to keep the same: (.*); or, before you type yours again, have the other follow it: (.*)$/m.exec(
          err,
        ) ?? [];
      // Each of the two commands, as it stands there, makes them agree.
      expect(stage.run(["sh", "-c", same]).code).toBe(0);
      expect(stage.statusof().jobs).toHaveLength(2);
      expect(stage.type(["uninstall", "this", ...stage.paths, ...more]).code).toBe(0);
      expect(stage.run(["sh", "-c", freed]).code).toBe(0);
      expect(stage.type(["install", ...stage.paths, ...more, "-k", "5"]).code).toBe(0);
      expect(stage.type(["uninstall", "this", ...stage.paths, ...more]).code).toBe(0);
      stage.install(["-t", "2:00am", "-k", "3"]);
    }
  });

  test("takes the same policy, none, another folder, and a change of the schedule's own", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "-k", "3"]);
    stage.install(["-t", "5pm", "-k", "3"]);
    stage.install(["-t", "noon"]);
    stage.type(["uninstall", "this", ...stage.paths, "-t", "5pm"]);
    stage.install(["-t", "02:00", "-k", "7"]);
    const elsewhere = ["-f", stage.source, "-d", stage.home, "-t", "4pm", "-k", "1"];
    expect(stage.type(["install", ...elsewhere]).code).toBe(0);
  });

  test("a job carries the policy only where it was typed", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am"]);
    expect(stage.journal()).not.toMatch(/"keep/);
    stage.install(["-t", "2:00am", "--keep-weekly", "5"]);
    expect(stage.journal()).toContain('"keep-weekly":5');
  });
});

test("the flags of the Python program save whether anything changed or not, now and at every time", async () => {
  await using stage = await WorldStage.create();
  stage.type(["--install", "--run", ...stage.paths, "-t", "2:00am"]);
  stage.type(["--run", ...stage.paths]);
  expect(stage.revisions()).toHaveLength(2);
  expect(stage.journal()).toContain('"always":true');
});
