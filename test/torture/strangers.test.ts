// Several machines and several users share one folder of revisions: nobody pushes out, or passes off as the newest, what
// another one saved.
import { beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { asNobody, type Ended, needRoot } from "../support/tools.ts";

beforeAll(() => needRoot("unshare", "mount", "setpriv", "hostname"));

/** What a command is started by to be on another machine, with an id and a name of its own. */
function onMachine(stage: Stage, name: string): readonly string[] {
  const id = stage.write(`${name}.id`, `${Bun.hash(name).toString(16).padStart(16, "0").repeat(2)}\n`);
  const script = `mount --bind ${id} /etc/machine-id; hostname ${name}; exec "$@"`;
  return ["unshare", "--mount", "--uts", "sh", "-c", script, "sh"];
}

interface Listed {
  readonly number: number;
  readonly file: string;
  readonly state: string;
  readonly host: string | null;
}

function list(stage: Stage, by: readonly string[] = []): Listed[] {
  const { code, out, err } = stage.type(["list", ...stage.paths, "--json"], { by });
  expect([code, err]).toEqual([0, ""]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the manual says
  return (JSON.parse(out) as { revisions: Listed[] }).revisions;
}

function restored(stage: Stage, more: readonly string[] = [], by: readonly string[] = []): Ended {
  return stage.type(["restore", ...stage.paths, "--to", "-", ...more], { by });
}

describe("two machines that share a folder", () => {
  test(holds("planted", "keep each its own revisions, and say that the other's are there"), () => {
    using stage = new Stage();
    const [desk, lap] = [onMachine(stage, "desk"), onMachine(stage, "lap")];
    const said: string[] = [];
    for (let round = 1; round <= 3; round++) {
      for (const by of [desk, lap]) {
        stage.write("notes.txt", `${by === desk ? "desk" : "lap"} ${round}`);
        const ended = stage.type(["run", ...stage.paths, "-k", "2"], { by });
        expect(ended.code).toBe(0);
        said.push(ended.err);
      }
    }
    expect(said.slice(-2)).toEqual([
      "removed 1 old revision\nnot counted: 2 of the machine 'lap'\n",
      "removed 1 old revision\nnot counted: 2 of the machine 'desk'\n",
    ]);
    for (const [by, own, other] of [
      [desk, "desk", "lap"],
      [lap, "lap", "desk"],
    ] as const) {
      expect(list(stage, by).map(({ number, host, state }) => [number, host, state])).toEqual([
        [3, own, "ok"],
        [2, own, "ok"],
        [3, other, "ok"],
        [2, other, "ok"],
      ]);
      expect(restored(stage, [], by)).toEqual({ code: 0, out: `${own} 3`, err: "" });
      expect(restored(stage, ["--revision", "2"], by).out).toBe(`${own} 2`);
    }
    const table = stage.type(["list", ...stage.paths], { by: desk }).out.split("\n");
    expect(table[0]).toMatch(/STATE +HOST +FILE$/);
    expect(table[1]).toMatch(/ok +desk$/);
    expect(table[3]).toMatch(/ok +lap +notes\.txt-000003-.*\.tar\.zst$/);
    expect(stage.type(["prune", ...stage.paths, "-k", "1"], { by: desk }).code).toBe(0);
    expect(list(stage, lap).map(({ number, host }) => [number, host])).toEqual([
      [3, "lap"],
      [2, "lap"],
      [3, "desk"],
    ]);
  });

  test("give a new machine what the old one saved, and say so", () => {
    using stage = new Stage();
    stage.write("notes.txt", "before the move");
    stage.type(["run", ...stage.paths], { by: onMachine(stage, "old") });
    const by = onMachine(stage, "new");
    expect(restored(stage, [], by)).toEqual({
      code: 0,
      out: "before the move",
      err: "tinybackup: warning: revision 1 was made by another machine, 'old'\n",
    });
    expect(stage.type(["diff", ...stage.paths], { by })).toMatchObject({ code: 0 });
    expect(stage.type(["verify", ...stage.paths], { by })).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 revision read, all whole: /),
    });
    expect(stage.type(["prune", ...stage.paths, "-k", "1"], { by }).code).toBe(0);
    // From its own first one on, that is the history; the old one's goes by its file name.
    const [old = ""] = stage.revisions();
    stage.write("notes.txt", "after the move");
    expect(stage.type(["run", ...stage.paths, "-k", "1"], { by }).code).toBe(0);
    expect(restored(stage, [], by)).toMatchObject({ code: 0, out: "after the move", err: "" });
    expect(restored(stage, ["--revision", old], by)).toMatchObject({ code: 0, out: "before the move" });
  });

  test("without an id of their own are told apart by the host's name", () => {
    using stage = new Stage();
    const empty = stage.write("empty", "");
    const named = (name: string) => {
      const script = `for file in /etc/machine-id /var/lib/dbus/machine-id; do [ ! -e $file ] || mount --bind ${empty} $file; done; hostname ${name}; exec "$@"`;
      return ["unshare", "--mount", "--uts", "sh", "-c", script, "sh"];
    };
    for (const [round, name] of ["one", "two", "one"].entries()) {
      stage.write("notes.txt", `content ${round}`);
      stage.type(["run", ...stage.paths], { by: named(name) });
    }
    expect(list(stage, named("one")).map(({ number, host }) => [number, host])).toEqual([
      [2, "one"],
      [1, "one"],
      [1, "two"],
    ]);
  });
});

describe("in a folder that everybody may write to", () => {
  const [alice, bob] = [1000, 65534];
  const asAlice = ["setpriv", `--reuid=${alice}`, `--regid=${alice}`, "--clear-groups"];

  test("whom the system does not know, without a home, backs up and restores all the same", () => {
    using stage = new Stage();
    const program = join(stage.root, "program");
    copyFileSync(binary, program);
    chmodSync(stage.destination, 0o777);
    chmodSync(stage.source, 0o644);
    const by = [
      "setpriv",
      "--reuid=4321",
      "--regid=4321",
      "--clear-groups",
      "env",
      "-u",
      "HOME",
      "-u",
      "XDG_STATE_HOME",
    ];
    const saved = stage.run([program, "run", ...stage.paths], { by });
    expect(saved).toMatchObject({ code: 0, err: "" });
    const args = ["restore", "-d", stage.destination, "--to", join(stage.destination, "back")];
    expect(stage.run([program, ...args], { by })).toMatchObject({ code: 0 });
    expect(readFileSync(join(stage.destination, "back"), "utf8")).toBe(readFileSync(stage.source, "utf8"));
  });

  /** Somebody's three revisions, and five of Bob's with higher numbers, made by the program itself. */
  function prepare(by: readonly string[]): { stage: Stage; program: string } {
    const stage = new Stage();
    const program = join(stage.root, "program");
    copyFileSync(binary, program);
    chmodSync(program, 0o755);
    chmodSync(stage.source, 0o644);
    chmodSync(stage.destination, 0o1777);
    for (let number = 1; number <= 3; number++) {
      stage.write("notes.txt", `own ${number}`, 0o644);
      expect(stage.run([program, "run", ...stage.paths], { by }).code).toBe(0);
    }
    const own = join(stage.root, "bobs");
    mkdirSync(own);
    chownSync(own, bob, bob);
    for (let number = 1; number <= 9; number++) {
      stage.write("notes.txt", `bob ${number}`, 0o644);
      const args = ["run", "-f", stage.source, "-d", own];
      expect(stage.run([program, ...args], { by: asNobody }).code).toBe(0);
    }
    for (const name of readdirSync(own).toSorted().slice(4))
      expect(stage.run(["cp", join(own, name), stage.destination], { by: asNobody }).code).toBe(0);
    return { stage, program };
  }

  test.each([
    ["the owner", asAlice],
    ["root", []],
  ])("somebody's forged revisions push nothing out of what %s keeps", (_, by) => {
    const { stage, program } = prepare(by);
    using ground = stage;
    const type = (...args: readonly string[]) => ground.run([program, ...args], { by });
    const forged = ground.revisions().filter((name) => Number(/-(\d{6})-\d{4}-/.exec(name)?.[1]) > 4);
    expect(forged).toHaveLength(5);
    expect(type("restore", ...ground.paths, "--to", "-")).toMatchObject({ code: 0, out: "own 3" });
    ground.write("notes.txt", "own 4", 0o644);
    const saved = type("run", ...ground.paths, "-k", "2");
    expect(saved).toMatchObject({ code: 0, err: "removed 2 old revisions\nnot counted: 5 foreign there\n" });
    expect(saved.out).toContain("notes.txt-000004-");
    const listed = type("list", ...ground.paths, "--json").out;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the manual says
    const { revisions } = JSON.parse(listed) as { revisions: Listed[] };
    expect(revisions.map(({ number, state }) => [number, state])).toEqual([
      ...[9, 8, 7, 6, 5].map((number) => [number, "foreign"]),
      [4, "ok"],
      [3, "ok"],
    ]);
    expect(type("prune", ...ground.paths, "-k", "1").code).toBe(0);
    expect(ground.revisions()).toEqual([expect.stringContaining("-000004-"), ...forged]);
    // What is foreign is taken by its number or its name, by whoever insists.
    for (const word of ["7", forged[2] ?? ""]) {
      const args = ["restore", ...ground.paths, "--to", "-", "--revision", word];
      expect(type(...args)).toMatchObject({ code: 1, out: "", err: expect.stringContaining("is foreign") });
      expect(type(...args, "--force")).toMatchObject({ code: 0, out: "bob 7" });
    }
    expect(type("verify", ...ground.paths)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 revision read, all whole: /),
    });
  });

  test(
    holds("planted", "rubbish of somebody's under a name of ours is foreign as well, readable or not"),
    () => {
      const { stage, program } = prepare(asAlice);
      using ground = stage;
      for (const name of ground.revisions().slice(3)) rmSync(join(ground.destination, name));
      const make = (number: string, mode: number) => {
        const name = `notes.txt-${number}-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst`;
        const path = ground.write(`saved/${name}`, "rubbish", mode);
        chownSync(path, bob, bob);
      };
      make("000020", 0o644);
      make("000021", 0o000);
      const saved = ground.run([program, "run", ...ground.paths, "-k", "2"], { by: asAlice });
      expect(saved).toMatchObject({
        code: 0,
        err: "removed 2 old revisions\nnot counted: 2 foreign there\n",
      });
      expect(saved.out).toContain("notes.txt-000004-");
      const restore = [program, "restore", ...ground.paths, "--to", "-"];
      expect(ground.run(restore, { by: asAlice })).toMatchObject({ code: 0, err: "" });
    },
  );
});

test(
  holds("planted", "#1 copied under the name #50 is not the latest, and prune removes none that is newer"),
  () => {
    using stage = new Stage();
    for (let number = 1; number <= 3; number++) {
      stage.write("notes.txt", `content ${number}`);
      expect(stage.save().code).toBe(0);
    }
    const [first = ""] = stage.revisions();
    const copy = first.replace("-000001-", "-000050-");
    copyFileSync(join(stage.destination, first), join(stage.destination, copy));
    expect(restored(stage)).toEqual({ code: 0, out: "content 3", err: "" });
    expect(stage.type(["prune", ...stage.paths, "-k", "1"]).code).toBe(0);
    expect(list(stage).map(({ number, state }) => [number, state])).toEqual([
      [3, "ok"],
      [1, "pinned"],
    ]);
    expect(restored(stage, ["--revision", copy])).toEqual({ code: 0, out: "content 1", err: "" });
    const refused = restored(stage, ["--revision", "50"]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(stage.save().out).toContain("notes.txt-000004-");
  },
);

test(holds("planted", "a planted number of absurd size leaves every later revision visible"), () => {
  using stage = new Stage();
  expect(stage.save().code).toBe(0);
  for (const number of ["999999999999999", "999999999"])
    stage.write(`saved/notes.txt-${number}-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst`, "");
  expect(stage.save("--quiet").code).toBe(0);
  expect(list(stage).map(({ number, state }) => [number, state])).toEqual([
    [999999999, "damaged"],
    [2, "ok"],
    [1, "ok"],
  ]);
});

test(
  holds("planted", "a revision that is renamed stays, is listed with its name, and restored by that"),
  () => {
    using stage = new Stage();
    stage.write("notes.txt", "the good one");
    stage.save();
    const [first = ""] = stage.revisions();
    renameSync(join(stage.destination, first), join(stage.destination, "before the migration.tar.zst"));
    stage.write("notes.txt", "another one");
    for (let round = 0; round < 2; round++)
      expect(stage.save("-k", "1", "--quiet")).toMatchObject({ code: 0, err: "" });
    expect(stage.type(["list", ...stage.paths]).out).toMatch(
      / 1 .* pinned +before the migration\.tar\.zst\n$/,
    );
    const args = ["--revision", "before the migration.tar.zst"];
    expect(restored(stage, args)).toEqual({ code: 0, out: "the good one", err: "" });
    expect(stage.type(["verify", ...stage.paths, ...args])).toMatchObject({ code: 0 });
  },
);

test(
  holds(
    "damaged",
    "evidence",
    "a revision that can't be read is not damaged, and never silently passed over",
  ),
  () => {
    using stage = new Stage();
    chmodSync(stage.source, 0o644);
    stage.save();
    stage.write("notes.txt", "for root only", 0o600);
    stage.save();
    chmodSync(stage.source, 0o644);
    const listed = stage.typeAsNobody(["list", ...stage.paths]);
    expect(listed.out).toMatch(/ 2 .* unreadable\n/);
    expect(listed.err).toMatch(
      /-000002-.*' is unreadable: permission denied\nhint: see who may read it with: ls -l \S+\n$/,
    );
    const restore = ["restore", ...stage.paths, "--to", "-"];
    const refused = stage.typeAsNobody(restore);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toMatch(/can't be read: '.*-000002-.*\nhint: .*--revision 1 --to -\n$/);
    expect(stage.typeAsNobody([...restore, "--revision", "1"])).toMatchObject({ code: 0, err: "" });
    expect(stage.typeAsNobody([...restore, "--revision", "2"])).toMatchObject({ code: 1, out: "" });
    const verified = stage.typeAsNobody(["verify", ...stage.paths, "--json"]);
    expect(verified.code).toBe(1);
    expect(JSON.parse(verified.out)).toMatchObject({
      checked: 2,
      damaged: [],
      unreadable: [{ reason: "permission denied" }],
    });
  },
);

test("a name whose first character is longer than a revision's name has room for is saved, listed and restored", () => {
  using stage = new Stage();
  const source = stage.write(`a${"\u0301".repeat(126)}`, "content");
  const paths = ["-f", source, "-d", stage.destination];
  for (let round = 0; round < 2; round++)
    expect(stage.type(["run", ...paths, "-k", "1", "--always", "--quiet"])).toMatchObject({
      code: 0,
      err: "",
    });
  expect(stage.revisions()).toHaveLength(1);
  expect(stage.type(["restore", ...paths, "--to", "-"])).toMatchObject({ code: 0, out: "content" });
  expect(readFileSync(source, "utf8")).toBe("content");
});

test("what else is there is said by a run that is not quiet, once", () => {
  using stage = new Stage();
  stage.type(["run", ...stage.paths], { by: onMachine(stage, "other") });
  expect(stage.save("--quiet")).toMatchObject({ code: 0, out: "", err: "" });
  writeFileSync(join(stage.destination, "notes.tar"), "a file of somebody's");
  expect(stage.save()).toMatchObject({ code: 0, err: "not counted: 1 of the machine 'other'\n" });
});
