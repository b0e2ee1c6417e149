// What the Python program saved beside ours, through logrotate, can be seen and had back, and nothing of ours touches it.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Stage } from "../support/stage.ts";
import { tool } from "../support/tools.ts";

/** As logrotate leaves it with the Python program's template: the file's own mode and time, compressed by gzip(1). */
function leave(stage: Stage, date: string, seconds: number, content: string, baseName = "notes.txt"): string {
  const plain = stage.write(`saved/${baseName}-${date}-${seconds}`, content, 0o604);
  utimesSync(plain, seconds - 60, seconds - 60.5);
  tool("gzip", plain);
  return `${plain}.gz`;
}

/** Two of the Python program, of 2020. */
function openFolder(stage: Stage): readonly [string, string] {
  const older = leave(stage, "2020-11-22", 1_606_010_400, "older\n");
  return [older, leave(stage, "2020-11-23", 1_606_096_800, "newer\n")];
}

const names = (paths: readonly string[]) => paths.map((path) => path.slice(path.lastIndexOf("/") + 1));

interface Listed {
  readonly number: number | null;
  readonly file: string;
}

function list(stage: Stage): Listed[] {
  const { code, out, err } = stage.type(["list", ...stage.paths, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the manual says
  return (JSON.parse(out) as { revisions: Listed[] }).revisions;
}

test("are listed behind ours, without a number, and marked", () => {
  using stage = new Stage();
  const [older, newer] = openFolder(stage);
  stage.save();
  expect(list(stage).map(({ number, file }) => [number, file])).toEqual([
    [1, stage.revisions()[0] ?? ""],
    ...names([newer, older]).map((file): [null, string] => [null, file]),
  ]);
  expect(list(stage)[1]).toMatchObject({
    source: stage.source,
    host: null,
    takenAt: "2020-11-23T02:00:00Z",
    provenAt: null,
    digest: null,
    sizeBytes: 6,
    format: "gzip",
    state: "ok",
  });
  const { out } = stage.type(["list", ...stage.paths]);
  expect(out).toMatch(/^ +- .* 6 B .* ok \(Python\) +notes\.txt-2020-11-23-1606096800\.gz$/m);
});

test("are no revisions where the name is another file's, no date, or no file, or the content no gzip", () => {
  using stage = new Stage();
  leave(stage, "2020-11-22", 1_606_010_400, "x", "other.txt");
  leave(stage, "2020-02-30", 1_606_010_400, "x");
  leave(stage, "2021-11-22", 1_606_010_400, "x");
  tool("mkdir", join(stage.destination, "notes.txt-2020-11-22-1606010401.gz"));
  stage.write("saved/notes.txt-2020-11-22-1606010402.gz", "hello\n");
  expect(stage.type(["list", ...stage.paths])).toMatchObject({ code: 1, out: "" });
});

describe("restore", () => {
  test("takes the latest of them where there is none of ours, with its mode and time, and says so", () => {
    using stage = new Stage();
    const [, newer] = openFolder(stage);
    const to = join(stage.root, "back");
    const ended = stage.type(["restore", ...stage.paths, "--to", to]);
    expect(ended).toMatchObject({ code: 0, out: "" });
    expect(ended.err).toContain(`'${names([newer])[0]}' was made by the Python program`);
    expect(readFileSync(to, "utf8")).toBe("newer\n");
    const facts = statSync(to);
    expect([facts.mode & 0o7777, facts.mtimeMs]).toEqual([0o604, 1_606_096_739_500]);
  });

  test("takes ours as the latest, and theirs by a time or their file name", () => {
    using stage = new Stage();
    const [older, newer] = openFolder(stage);
    stage.save();
    const restored = (...more: readonly string[]) =>
      stage.type(["restore", ...stage.paths, "--to", "-", ...more]);
    expect(restored()).toMatchObject({ code: 0, out: readFileSync(stage.source, "utf8"), err: "" });
    expect(restored("--revision", "2020-11-23T03:00Z")).toMatchObject({ code: 0, out: "newer\n" });
    expect(restored("--revision", "2020-11-22T03:00Z")).toMatchObject({ code: 0, out: "older\n" });
    for (const [path, content] of [
      [older, "older\n"],
      [newer, "newer\n"],
    ] as const)
      expect(restored("--revision", names([path])[0] ?? "")).toMatchObject({ code: 0, out: content });
    expect(restored("--revision", "2020-11-01").code).toBe(1);
    const compared = stage.type(["diff", ...stage.paths, "--revision", names([older])[0] ?? ""]);
    expect(compared).toMatchObject({ code: 0, out: expect.stringContaining("\n-older\n+a line of notes\n") });
  });

  test("finds them in a folder that holds nothing else, where the place is said", () => {
    using stage = new Stage();
    openFolder(stage);
    const folder = ["-d", stage.destination];
    expect(stage.type(["list", ...folder]).out.match(/\(Python\)/g)).toHaveLength(2);
    expect(stage.type(["restore", ...folder, "--to", "-"])).toMatchObject({ code: 0, out: "newer\n" });
    expect(stage.type(["restore", ...folder])).toMatchObject({ code: 2, out: "" });
  });
});

test("are read by verify to their end, and what is damaged is said from then on", () => {
  using stage = new Stage();
  const [older, newer] = openFolder(stage);
  expect(stage.type(["verify", ...stage.paths])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^2 revisions read, all whole: /),
  });
  expect(stage.type(["verify", older])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^1 revision read, all whole: /),
  });
  truncateSync(newer, statSync(newer).size - 1);
  const verified = stage.type(["verify", "-d", stage.destination, "--all"]);
  expect(verified).toMatchObject({ code: 5, out: expect.stringContaining(`damaged: ${newer}: `) });
  expect(stage.type(["list", ...stage.paths]).out).toContain("damaged (Python)");
  const refused = stage.type(["restore", ...stage.paths, "--to", "-"]);
  expect(refused).toMatchObject({ code: 5, out: "", err: expect.stringContaining(`'${newer}' is damaged`) });
});

test("are never counted, removed or numbered after", () => {
  using stage = new Stage();
  const paths = openFolder(stage);
  for (const content of ["one", "two", "three"]) {
    stage.write("notes.txt", content);
    expect(stage.save("-k", "1").code).toBe(0);
  }
  expect(stage.revisions().map((name) => /-(\d{6})-/.exec(name)?.[1])).toEqual(["000003"]);
  stage.type(["prune", ...stage.paths, "-k", "1"]);
  for (const path of paths) expect(statSync(path).isFile()).toBe(true);
});

test("somebody's, in a folder that everybody may write to, are foreign", () => {
  using stage = new Stage();
  const [older, newer] = openFolder(stage);
  chmodSync(stage.destination, 0o1777);
  tool("chown", "65534:65534", newer);
  expect(stage.type(["restore", ...stage.paths, "--to", "-"])).toMatchObject({ code: 0, out: "older\n" });
  const named = ["restore", ...stage.paths, "--to", "-", "--revision", names([newer])[0] ?? ""];
  expect(stage.type(named)).toMatchObject({ code: 1, err: expect.stringContaining("is foreign") });
  expect(stage.type([...named, "--force"])).toMatchObject({ code: 0, out: "newer\n" });
  expect(statSync(older).isFile()).toBe(true);
});
