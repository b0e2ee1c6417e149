// What a person sees at a terminal: as wide as it is, in its colours, and with nothing in a name that moves its cursor.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { day, moment, Stage, WorldStage } from "../support/stage.ts";

setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");
const lines = (text: string): string[] => text.trimEnd().split("\n");

test("run says what it saved to whoever watches, and to a script the path alone", () => {
  using stage = new Stage();
  const saved = lines(stage.watch(["run", ...stage.paths, "-k", "1"]));
  expect(saved).toEqual([
    expect.stringMatching(/^saved as revision 1: 3\.1 KiB -> 2\.\d KiB$/),
    join(stage.destination, stage.revisions()[0] ?? ""),
  ]);
  writeFileSync(stage.source, "short\n".repeat(300));
  expect(stage.watch(["run", ...stage.paths])).toMatch(
    /^saved as revision 2: 1\.8 KiB -> 2\.\d KiB, 1 old removed\n/,
  );
  expect(stage.watch(["run", ...stage.paths, "--quiet", "--always"])).not.toContain("saved");
  writeFileSync(stage.source, "more\n".repeat(300));
  expect(stage.type(["run", ...stage.paths, "-k", "9"])).toMatchObject({ code: 0, err: "" });
});

describe("list", () => {
  test("is whole at 40 columns, and tells more at 160", () => {
    using stage = new Stage();
    stage.save();
    stage.save();
    const narrow = lines(stage.watch(["list", ...stage.paths], 40));
    for (const line of narrow) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(40);
    expect(narrow.join("\n")).toMatch(
      /^NUMBER +AGE +TAKEN\n +SIZE +STORED +STATE +SAME AS\n +2 [^]*3\.1 KiB +\S+ KiB +ok +2\n2 revisions since [^]*\snewest 14\srevisions$/,
    );
    const wide = stage.watch(["list", ...stage.paths], 180);
    for (const file of stage.revisions()) expect(wide).toContain(`${file}\n`);
    expect(wide).toMatch(/ PROVEN /);
    const piped = stage.type(["list", ...stage.paths]);
    expect(piped.err).toBe("");
    expect(piped.out).not.toMatch(/PROVEN|since/);
  });

  test("draws with what the language can show, and says each size in digits too", () => {
    using stage = new Stage();
    stage.save();
    expect(stage.watch(["list", ...stage.paths])).toMatch(/3\.1 KiB {2}█{10} /);
    for (const LC_ALL of ["C", "de_DE", ""])
      expect(stage.watch(["list", ...stage.paths], 80, { LC_ALL })).toMatch(/3\.1 KiB {2}#{10} /);
  });

  test("-n shows the newest, and how many there are", () => {
    using stage = new Stage();
    for (let count = 0; count < 3; count += 1) stage.save();
    const shown = lines(stage.watch(["list", ...stage.paths, "-n", "2"]));
    expect(shown.slice(1, 3).map((line) => line.trim()[0])).toEqual(["3", "2"]);
    expect(shown[3]).toStartWith("2 of 3 revisions since ");
    const { revisions } = JSON.parse(stage.type(["list", ...stage.paths, "-n", "1", "--json"]).out);
    expect(revisions).toMatchObject([{ number: 3 }]);
    const { code, err } = stage.type(["list", ...stage.paths, "-n", "0"]);
    expect(code).toBe(2);
    expect(err).toContain("'--count' must be at least 1, not 0\n");
    expect(err).toMatch(/^hint: tinybackup list .* -n 1$/m);
  });

  test("of a folder of several files has a line for each, the one that was saved last first", () => {
    using stage = new Stage();
    stage.save();
    const other = stage.write("other.txt", "other\n");
    Bun.sleepSync(1000);
    expect(stage.type(["run", "-f", other, "-d", stage.destination]).code).toBe(0);
    const { out, code } = stage.type(["list", "-d", stage.destination]);
    expect(code).toBe(0);
    expect(lines(out).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["REVISIONS", "NEWEST", "STORED", "FILE", "FOLDER"],
      ["1", expect.stringMatching(/ ago$/), expect.stringMatching(/ KiB$/), other, stage.destination],
      ["1", expect.stringMatching(/ ago$/), expect.stringMatching(/ KiB$/), stage.source, stage.destination],
    ]);
    const { files } = JSON.parse(stage.type(["list", "-d", stage.destination, "--json"]).out);
    expect(files).toMatchObject([
      { source: other, destination: stage.destination, revisions: 1, storedBytes: expect.any(Number) },
      { source: stage.source },
    ]);
    const restored = stage.type(["restore", "-d", stage.destination, "--to", join(stage.root, "x")]);
    expect(restored.code).toBe(2);
    expect(restored.err).toContain("holds revisions of 2 files: ");
  });
});

test("statusof shows one schedule in full, several in a line each, and says once what holds for all", async () => {
  await using stage = await WorldStage.create();
  stage.install(["-t", "2:00am", "-k", "3"]);
  const other = join(stage.root, "other.txt");
  writeFileSync(other, "other\n");
  stage.type(["install", "-f", other, "-d", stage.destination, "-t", "18:00 fri", "--name", "weekly"]);
  await stage.world.passUntil(noon + 2 * day);
  const shown = stage.type(["statusof"]);
  expect(shown).toMatchObject({ code: 0, err: "" });
  expect(lines(shown.out).map((line) => line.split(/ {2,}/))).toEqual([
    ["STATE", "NEXT RUN", "LAST RUN", "TIME", "FILE", "FOLDER", "NEWEST"],
    [
      "armed",
      expect.stringMatching(/^in /),
      expect.stringMatching(/^\d+ h .*ago$/),
      "2:00am",
      stage.source,
      stage.destination,
      expect.stringMatching(/ ago$/),
    ],
    [
      "armed",
      expect.stringMatching(/^in /),
      "none yet",
      "18:00 fri, weekly",
      other,
      stage.destination,
      "none",
    ],
  ]);
  for (const line of lines(stage.watch(["statusof"], 60))) expect(line.length).toBeLessThanOrEqual(60);
  const verbose = stage.type(["statusof", "--verbose"]).out;
  expect(verbose).toContain("\n  options   --keeprevisions=3 --always\n");
  expect(verbose).toMatch(
    /\n {2}runs {6}2026-11-25 02:00:\d\d {2}ok, revision 2\n {12}2026-11-24 02:00:\d\d {2}ok, revision 1\n/,
  );
  const { jobs } = JSON.parse(stage.type(["statusof", "--verbose", "--json"]).out);
  expect(jobs[0].runs).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  const files = lines(stage.type(["list"]).out).map((line) => line.trim().split(/ {2,}/));
  expect(files.slice(1)).toMatchObject([
    ["2", expect.stringMatching(/ ago$/), expect.any(String), stage.source, stage.destination],
    ["0", "none", "0 B", other, stage.destination],
  ]);
  stage.world.stopDaemon();
  rmSync(other);
  for (const words of [["statusof"], ["statusof", "--verbose"], ["statusof", "--quiet"]]) {
    const { code, out, err } = stage.type(words);
    const all = out + err;
    expect(code).toBe(6);
    expect(all.match(/every schedule: nothing runs the queue of 'at' now/g)).toHaveLength(1);
    expect(all.match(/nothing runs/g)).toHaveLength(1);
    expect(all.match(/the source '.*other.txt' is not there/g)).toHaveLength(1);
  }
  expect(stage.statusof().jobs.map(({ problems }) => problems.map(({ code }) => code))).toEqual([
    ["scheduler-down"],
    ["scheduler-down", "source-missing"],
  ]);
});

describe("a name that would move the cursor, or turn the reading direction,", () => {
  const name = "a\u001b[31m\u009bb\u202egpj.txt";

  test.each<readonly string[]>([
    ["run", "-d", "saved", "-f"],
    ["run", "-d", "saved", "--json", "--always", "-f"],
    ["run", "-d", "saved", "--noop", "--always", "-f"],
    ["run", "-d", "nowhere", "--json", "-f"],
    ["list", "-d", "saved", "-f"],
    ["list", "-d", "saved", "--json", "-f"],
    ["diff", "-d", "saved", "--json", "-f"],
    ["verify", "-d", "saved", "--json", "-f"],
    ["prune", "-d", "saved", "-k", "1", "-f"],
    ["prune", "-d", "saved", "-k", "1", "--json", "-f"],
    ["restore", "-d", "saved", "--force", "-f"],
    ["verify", "-f", "nothing", "--json", "--"],
  ])("is escaped by %j", (...words: readonly string[]) => {
    using stage = new Stage();
    const odd = stage.write(name, "odd\n");
    expect(stage.type(["run", "-f", odd, "-d", stage.destination]).code).toBe(0);
    const seen = stage.watch(words.concat(odd));
    expect(seen).not.toBe("");
    expect(seen.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe("colour", () => {
  const coloured = { NO_COLOR: "" };

  test("marks the state, and says nothing that the words do not", () => {
    using stage = new Stage();
    stage.save();
    const list = ["list", ...stage.paths, "-n", "1"];
    const seen = stage.watch(list, 80, coloured);
    expect(seen).toContain("\u001b[32mok\u001b[0m");
    const ages = / +\d+ s ago/g;
    expect(Bun.stripANSI(seen).replaceAll(ages, "")).toBe(stage.watch(list).replaceAll(ages, ""));
    expect(stage.watch(["list", "-d", "nowhere"], 80, coloured)).toContain("\u001b[31mtinybackup: \u001b[0m");
    expect(stage.watch(["list", "--odd"], 80, coloured)).toContain("\u001b[36mhint: \u001b[0m");
  });

  test("is in no pipe unless it is wanted there, and at no terminal that is dumb", () => {
    using stage = new Stage();
    stage.save();
    const list = ["list", ...stage.paths];
    expect(stage.type(list, { env: { TERM: "xterm" } }).out).not.toContain("\u001b");
    expect(stage.type(list, { env: { CLICOLOR_FORCE: "1" } }).out).toContain("\u001b[32mok");
    expect(stage.watch(list, 80, { ...coloured, TERM: "dumb" })).not.toContain("\u001b");
  });
});
