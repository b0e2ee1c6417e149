// What is known to be damaged is said wherever it matters, with something to do about it that does not lead in a circle.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { Stage, WorldStage } from "../support/stage.ts";

/** Three revisions; of the newest a bit in the middle is flipped, which its two ends do not show. */
function openRotten(stage: Stage, number = 3): { readonly path: string; readonly whole: Buffer } {
  for (let round = 1; round <= 3; round++) {
    stage.write("notes.txt", `content ${round}`.repeat(999));
    expect(stage.save("--quiet").code).toBe(0);
  }
  const path = join(stage.destination, stage.revisions()[number - 1] ?? "");
  const whole = readFileSync(path);
  const rotten = Buffer.from(whole);
  rotten[240] = (rotten[240] ?? 0) ^ 1;
  writeFileSync(path, rotten);
  return { path, whole };
}

interface Listed {
  readonly number: number;
  readonly state: string;
  readonly provenAt: string | null;
}

function list(stage: Stage): Listed[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the manual says
  return (JSON.parse(stage.type(["list", ...stage.paths, "--json"]).out) as { revisions: Listed[] })
    .revisions;
}

const states = (stage: Stage) => list(stage).map(({ state }) => state);

describe("what verify found", () => {
  test("what the disk did not give is asked for again by restore and diff, and stays unreadable to a run", () => {
    using stage = new Stage();
    stage.write("notes.txt", "first\n");
    stage.save("--quiet");
    stage.write("notes.txt", "second\n");
    stage.save("--quiet");
    const newest = join(stage.destination, stage.revisions()[1] ?? "");
    const failing = [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-P",
      newest,
      "-e",
      "inject=pread64:error=EIO",
    ];
    expect(stage.type(["verify", newest], { by: failing }).code).not.toBe(0);
    expect(states(stage)).toEqual(["unreadable", "ok"]);
    const back = join(stage.root, "back");
    expect(stage.type(["restore", ...stage.paths, "--to", back])).toMatchObject({ code: 0 });
    expect(readFileSync(back, "utf8")).toBe("second\n");
    expect(stage.type(["diff", ...stage.paths]).err).not.toContain("unreadable");
    expect(states(stage)).toEqual(["unreadable", "ok"]);
    expect(stage.type(["verify", newest]).code).toBe(0);
    expect(states(stage)).toEqual(["ok", "ok"]);
  });

  test("list knows afterwards, and says what to type, until it reads well again", () => {
    using stage = new Stage();
    const { path, whole } = openRotten(stage, 2);
    expect(states(stage)).toEqual(["ok", "ok", "ok"]);
    expect(stage.type(["verify", ...stage.paths]).code).toBe(5);
    expect(states(stage)).toEqual(["ok", "damaged", "ok"]);
    const { out, err } = stage.type(["list", ...stage.paths]);
    expect(out).toMatch(/^ +2 .* damaged$/m);
    expect(err).toStartWith(`tinybackup: warning: '${path}' is damaged: `);
    const [, again = "", rid = ""] =
      /^hint: read it again with: (.*); if it stays damaged, nothing can be restored from it: (.*)$/m.exec(
        err,
      ) ?? [];
    expect(stage.shell(again).code).toBe(5);
    writeFileSync(path, whole);
    expect(stage.shell(again)).toMatchObject({ code: 0, err: "" });
    expect(states(stage)).toEqual(["ok", "ok", "ok"]);
    expect(stage.shell(rid).code).toBe(0);
    expect(list(stage).map(({ number }) => number)).toEqual([3, 1]);
  });

  test("list tells when each was last read whole, as JSON and with --verbose", () => {
    using stage = new Stage();
    openRotten(stage, 2);
    const startedAt = `${new Date().toISOString().slice(0, 19)}Z`;
    stage.type(["verify", ...stage.paths]);
    const proven = list(stage).map(({ provenAt }) => provenAt);
    expect(proven[1]).toBeNull();
    for (const moment of [proven[0], proven[2]]) expect(moment! >= startedAt).toBe(true);
    expect(stage.type(["list", ...stage.paths]).out).not.toContain("PROVEN");
    const { out } = stage.type(["list", ...stage.paths, "--verbose"]);
    expect(out).toMatch(/ STATE +PROVEN\n +3 .* ok +\d s ago\n +2 .* damaged +\?\n/);
  });

  test("of a pinned one, list says as well", () => {
    using stage = new Stage();
    const { path } = openRotten(stage, 2);
    const pinned = join(stage.destination, "pinned.tar.zst");
    writeFileSync(pinned, readFileSync(path));
    rmSync(path);
    stage.type(["verify", pinned]);
    expect(states(stage)).toEqual(["ok", "damaged", "ok"]);
    expect(stage.type(["list", ...stage.paths]).err).toContain(`'${pinned}' is damaged: `);
  });

  test(
    holds(
      "truth",
      "damaged",
      "is a problem of the schedule in statusof, and the newest good one is the one before",
    ),
    async () => {
      await using stage = await WorldStage.create();
      const { path } = openRotten(stage);
      stage.install(["-t", "2:00am"]);
      expect(stage.statusof().code).toBe(0);
      stage.type(["verify", ...stage.paths]);
      const { code, jobs } = stage.statusof();
      expect(code).toBe(6);
      expect(jobs[0]?.newest?.file).toContain("-000002-");
      const [problem] = jobs[0]?.problems ?? [];
      expect(problem?.message).toStartWith(`the revision '${path}' is damaged: `);
      expect(problem?.hint).toEndWith(`rm ${path}`);
      rmSync(path);
      expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ problems: [] }] });
    },
  );

  test("of an older one, statusof says as well", async () => {
    await using stage = await WorldStage.create();
    const { path } = openRotten(stage, 1);
    stage.install(["-t", "2:00am"]);
    stage.type(["verify", ...stage.paths]);
    const [job] = stage.statusof().jobs;
    expect(job?.problems.map(({ message }) => message.includes(path))).toEqual([true]);
    expect(job?.newest?.file).toContain("-000003-");
  });
});

describe("restore", () => {
  test.each([
    ["that nobody knew of", []],
    ["that verify found", ["verify"]],
  ])("gives the one before a newest with damage %s, says so, and ends with 5", (_, first) => {
    using stage = new Stage();
    const { path } = openRotten(stage);
    for (const command of first) stage.type([command, ...stage.paths]);
    const to = join(stage.root, "back");
    const ended = stage.type(["restore", ...stage.paths, "--to", to]);
    expect(ended).toMatchObject({ code: 5, out: "" });
    expect(ended.err).toContain(`warning: '${path}' is damaged: `);
    expect(ended.err).toContain("; revision 2, before it, is restored instead\n");
    expect(readFileSync(to, "utf8")).toBe("content 2".repeat(999));
    const streamed = stage.type(["restore", ...stage.paths, "--to", "-"]);
    expect(streamed).toMatchObject({ code: 5, out: "content 2".repeat(999) });
    expect(states(stage)).toEqual(["damaged", "ok", "ok"]);
  });

  test(holds("restore-proven", "damaged", "passes over several, and says of each"), () => {
    using stage = new Stage();
    openRotten(stage);
    const path = join(stage.destination, stage.revisions()[1] ?? "");
    const bytes = readFileSync(path);
    bytes[240] = (bytes[240] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const ended = stage.type(["restore", ...stage.paths, "--to", "-"]);
    expect(ended).toMatchObject({ code: 5, out: "content 1".repeat(999) });
    expect(ended.err.match(/revision 1, before it, is restored instead/g)).toHaveLength(2);
  });

  test("of a damaged one by its number is refused, remembered, and the hint leads to what there is", () => {
    using stage = new Stage();
    openRotten(stage);
    const ended = stage.type(["restore", ...stage.paths, "--revision", "3", "--to", "-"]);
    expect(ended).toMatchObject({ code: 5, out: "" });
    const [, hint = ""] = /^hint: nothing was restored; choose another one: (.*)$/m.exec(ended.err) ?? [];
    expect(stage.shell(hint).out).toMatch(/ 3 .* damaged\n +2 .* ok\n/);
  });

  test("where a newest can't be read, is refused, and the hint says how to take an older one", () => {
    using stage = new Stage();
    openRotten(stage, 1);
    chmodSync(stage.destination, 0o755);
    for (const name of stage.revisions().slice(0, 2)) chmodSync(join(stage.destination, name), 0o644);
    chmodSync(join(stage.destination, stage.revisions()[2] ?? ""), 0o600);
    const ended = stage.typeAsNobody(["restore", ...stage.paths, "--to", "-"]);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toMatch(/can't be read: .*\nhint: .*--revision 2 --to -\n$/);
  });
});

test("diff remembers damage that it meets", () => {
  using stage = new Stage();
  openRotten(stage);
  expect(stage.type(["diff", ...stage.paths, "--revision", "3"]).code).toBe(5);
  expect(states(stage)).toEqual(["damaged", "ok", "ok"]);
});

test("list names the newer neighbour that holds the same content", () => {
  using stage = new Stage();
  for (const content of ["a", "a", "b", "a", "a"]) {
    stage.write("notes.txt", content);
    expect(stage.save().code).toBe(0);
  }
  const { out } = stage.type(["list", ...stage.paths]);
  const lines = out.split("\n").slice(0, 6);
  expect(lines.map((line) => line.replace(/^ *(\S+).*? (STATE|ok) */, "$1 ").trim())).toEqual([
    "NUMBER SAME AS",
    "5",
    "4 5",
    "3",
    "2",
    "1 2",
  ]);
  for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
});
