// A file comes back: where it was, elsewhere, over another one, or not at all.
import { beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { baseNameOf } from "../../src/system/paths.ts";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { type Ended, clockAt, describeFile, needRoot, tool } from "../support/tools.ts";

beforeAll(() => needRoot("setpriv", "mount", "umount", "tar", "zstd"));

/** A stage with three revisions, "content 1" to "content 3", one a day; the file now holds "present". */
function openHistory(): Stage {
  const stage = new Stage();
  for (const number of [1, 2, 3]) {
    stage.write("notes.txt", `content ${number}`, 0o640);
    const env = clockAt(`2026-11-1${number} 12:00:00`);
    expect(stage.type(["run", ...stage.paths], { env })).toMatchObject({ code: 0 });
  }
  stage.write("notes.txt", "present", 0o604);
  return stage;
}

function restore(stage: Stage, ...more: readonly string[]): Ended {
  return stage.type(["restore", ...stage.paths, ...more]);
}

function withoutChangeTime(facts: unknown): unknown {
  return Array.isArray(facts) ? facts.toSpliced(9, 1) : facts;
}

function expectRefusal({ code, out, err }: Ended, expected: number, sentence: string): void {
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toMatch(/^tinybackup: [^\n]*\n(hint: [^\n]*\n)?$/);
  expect(err).toContain(sentence);
}

test(
  holds(
    "restore-proven",
    "to its place, where it is missing, with its mode, owner and time to the nanosecond",
  ),
  () => {
    using stage = new Stage();
    tool("touch", "-d", "2019-03-04 05:06:07.123456789", stage.source);
    tool("chown", "12345:54321", stage.source);
    chmodSync(stage.source, 0o750);
    const before = statSync(stage.source, { bigint: true });
    stage.save();
    rmSync(stage.source);
    const ended = restore(stage);
    expect(ended).toMatchObject({ code: 0, out: "" });
    expect(ended.err).toMatch(/^restored revision 1, taken .*, to '.*notes.txt'\n$/);
    const { mode, uid, gid, mtimeNs, size, nlink } = statSync(stage.source, { bigint: true });
    expect({ mode, uid, gid, mtimeNs, size, nlink }).toEqual({
      mode: before.mode,
      uid: before.uid,
      gid: before.gid,
      mtimeNs: before.mtimeNs,
      size: before.size,
      nlink: 1n,
    });
    expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", "saved"]);
  },
);

test.each([
  "1901-12-14 00:00:00.5",
  "1969-12-31 23:59:59.999999999",
  "1970-01-01 00:00:00",
  "2038-01-19 03:14:08.000000001",
  "2106-02-07 06:28:17",
])("a file of %s keeps its time", (moment) => {
  using stage = new Stage();
  tool("touch", "-d", `${moment} UTC`, stage.source);
  const { mtimeNs } = statSync(stage.source, { bigint: true });
  stage.save();
  restore(stage, "--to", "back");
  expect(statSync(join(stage.root, "back"), { bigint: true }).mtimeNs).toBe(mtimeNs);
});

test.each([
  [[], "content 3"],
  [["--revision", "latest"], "content 3"],
  [["--revision", "1"], "content 1"],
  [["--revision=000002"], "content 2"],
  [["--revision", "2026-11-12"], "content 2"],
  [["--revision", "2026-11-13 11:59:59"], "content 2"],
  [["--revision", "2026-11-13T12:00:01Z"], "content 3"],
  [["--revision", "2099-01-01"], "content 3"],
])("%j restores %p", (more, content) => {
  using stage = openHistory();
  expect(restore(stage, "--to", "-", ...more)).toMatchObject({ code: 0, out: content, err: "" });
  expect(restore(stage, "--to", "back", ...more)).toMatchObject({ code: 0, out: "" });
  expect(readFileSync(join(stage.root, "back"), "utf8")).toBe(content);
});

test.each([
  ["4", 1, "there is no revision number 4"],
  ["2026-11-10", 1, "every good revision there is newer than that"],
  ["someday", 2, "'someday' names no revision"],
])("--revision %s is refused", (revision, code, sentence) => {
  using stage = openHistory();
  expectRefusal(restore(stage, "--revision", revision, "--to", "back"), code, sentence);
  expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", "saved"]);
});

test(holds("restore-safe", "an existing file is not touched without --force"), () => {
  using stage = openHistory();
  const before = describeFile(stage.source);
  expectRefusal(restore(stage), 1, "exists already, and was not touched");
  expectRefusal(restore(stage, "--to", stage.source), 1, "exists already, and was not touched");
  expect(describeFile(stage.source)).toEqual(before);
  expect(stage.revisions()).toHaveLength(3);
});

test(holds("restore-safe", "--force replaces it, and what was there has another name then"), () => {
  using stage = openHistory();
  const before = describeFile(stage.source);
  const ended = restore(stage, "--force", "--revision", "1");
  expect(ended).toMatchObject({ code: 0, out: "" });
  const said =
    /^the file that was there is now '(.*notes\.txt\.before-restore-20\d\d-\d\d-\d\dT\d\d-\d\d-\d\dZ)'\nrestored revision 1, .*\n$/;
  const [, second = ""] = said.exec(ended.err) ?? [];
  expect(readFileSync(stage.source, "utf8")).toBe("content 1");
  expect(statSync(stage.source).mode & 0o777).toBe(0o640);
  // The same file: only its change time has moved.
  expect(withoutChangeTime(describeFile(second))).toEqual(withoutChangeTime(before));
  expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", baseNameOf(second), "saved"]);
  expect(stage.revisions()).toHaveLength(3);
  expect(stage.leftovers()).toEqual([]);
});

test("--force through a link replaces the file behind it, and not the link", () => {
  using stage = openHistory();
  symlinkSync("notes.txt", join(stage.root, "link"));
  expect(restore(stage, "--force", "--to", "link")).toMatchObject({ code: 0 });
  expect(lstatSync(join(stage.root, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(stage.source, "utf8")).toBe("content 3");
});

test("a link, or a chain of them, names the lost file that it leads to", () => {
  using stage = openHistory();
  mkdirSync(join(stage.root, "s"));
  symlinkSync("../first", join(stage.root, "s/link"));
  symlinkSync("notes.txt", join(stage.root, "first"));
  symlinkSync("s", join(stage.root, "t"));
  symlinkSync("loop", join(stage.root, "loop"));
  rmSync(stage.source);
  for (const link of ["s/link", "t/link", join(stage.root, "s/link")])
    expect(stage.type(["list", "-f", link, "-d", "saved", "--json"])).toMatchObject({ code: 0, err: "" });
  expect(stage.type(["restore", "-f", "s/link", "-d", "saved"])).toMatchObject({ code: 0 });
  expect(readFileSync(stage.source, "utf8")).toBe("content 3");
  expect(lstatSync(join(stage.root, "s/link")).isSymbolicLink()).toBe(true);
  expect(stage.type(["list", "-f", "loop", "-d", "saved"]).code).not.toBe(0);
});

describe("a target that is", () => {
  const targets: readonly (readonly [string, (path: string) => void, number, string])[] = [
    ["a folder", (path) => mkdirSync(path), 1, "it is a folder"],
    ["a link to a folder", (path) => symlinkSync("saved", path), 1, "it is a folder"],
    ["a dangling link", (path) => symlinkSync("nowhere", path), 75, "no such file or directory"],
    ["a device", (path) => tool("mknod", path, "c", "1", "3"), 1, "it is a device, not a regular file"],
  ];

  test.each(targets)("%s is refused, with --force as well", (_, make, code, sentence) => {
    using stage = openHistory();
    const target = join(stage.root, "odd");
    make(target);
    const before = tool("ls", "-lAR", stage.root).toString();
    for (const more of [[], ["--force"]]) {
      expectRefusal(restore(stage, "--to", target, ...more), code, sentence);
    }
    expect(tool("ls", "-lAR", stage.root).toString()).toBe(before);
  });

  test("a name with a slash at its end is a folder, and is refused", () => {
    using stage = openHistory();
    for (const more of [[], ["--force"]]) {
      expectRefusal(restore(stage, "--to", "nowhere/", ...more), 1, "a folder");
      expectRefusal(restore(stage, "--to", "notes.txt/", ...more), 1, "a folder");
    }
    expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", "saved"]);
  });

  test("in a folder that is missing is refused as not there", () => {
    using stage = openHistory();
    expectRefusal(restore(stage, "--to", "nowhere/x"), 75, "no such file or directory");
    expectRefusal(restore(stage, "--to", "notes.txt/x"), 75, "not a directory");
  });

  test("in a folder that is read-only is refused, and the present file stays", () => {
    using stage = openHistory();
    const sealed = join(stage.root, "sealed");
    mkdirSync(sealed);
    writeFileSync(join(sealed, "x"), "present");
    tool("mount", "--bind", sealed, sealed);
    tool("mount", "-o", "remount,ro,bind", sealed);
    try {
      expectRefusal(restore(stage, "--to", join(sealed, "y")), 1, "read-only file system");
      expectRefusal(restore(stage, "--to", join(sealed, "x"), "--force"), 1, "read-only file system");
      expect(readdirSync(sealed)).toEqual(["x"]);
    } finally {
      tool("umount", sealed);
    }
  });
});

function damage(stage: Stage, number: number, script: string): void {
  const name = stage.revisions()[number - 1] ?? "";
  expect(stage.shell(script, { env: { REVISION: join(stage.destination, name) } })).toMatchObject({
    code: 0,
  });
}

describe("a damaged revision", () => {
  test.each([
    [
      "with a flipped bit in the middle",
      `printf '\\xff' | dd of="$REVISION" bs=1 seek=240 conv=notrunc status=none`,
    ],
    ["cut short", 'truncate -s -1 "$REVISION"'],
    ["made longer", 'echo >>"$REVISION"'],
    ["emptied", ': >"$REVISION"'],
  ])("%s is refused with exit code 5, and nothing is touched", (_, script) => {
    using stage = openHistory();
    damage(stage, 3, script);
    const before = describeFile(stage.source);
    for (const more of [["--force"], ["--to", "back"], ["--to", "-"]]) {
      expectRefusal(restore(stage, "--revision", "3", ...more), 5, "is damaged");
    }
    expect(describeFile(stage.source)).toEqual(before);
    expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", "saved"]);
    expect(stage.revisions()).toHaveLength(3);
    const verified = stage.type(["verify", "-d", stage.destination]);
    expect(verified.code).toBe(5);
    expect(verified.out).toMatch(/^damaged: '?\/.*-000003-[^\n]*\n$/);
  });

  test(
    holds("restore-proven", "evidence", "that is the latest is passed over aloud, with exit code 5"),
    () => {
      using stage = openHistory();
      damage(stage, 3, 'truncate -s -1 "$REVISION"');
      const ended = restore(stage, "--to", "-", "--quiet");
      expect(ended).toMatchObject({ code: 5, out: "content 2" });
      expect(ended.err).toMatch(
        /^tinybackup: warning: '.*-000003-.*' is damaged: .*; revision 2, before it, is restored instead\n$/,
      );
      const verified = stage.type(["verify", "-d", stage.destination, "--revision", "latest"]);
      expect(verified.code).toBe(5);
    },
  );

  test("among damaged ones only is said so", () => {
    using stage = openHistory();
    for (const number of [1, 2, 3]) damage(stage, number, ': >"$REVISION"');
    expectRefusal(restore(stage, "--to", "back"), 5, "every revision there is damaged");
  });
});

test("who may read a revision may read what he restores of it, also where the mode gives its owner nothing", () => {
  using stage = new Stage();
  stage.write("notes.txt", "for the group\n", 0o040);
  tool("chown", "3001:3002", stage.source);
  stage.save();
  const open = join(stage.root, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  stage.shell('chmod 755 "$SAVED"; chown 0:3002 "$SAVED"/*; chmod 640 "$SAVED"/*');
  const program = join(stage.root, "program");
  copyFileSync(binary, program);
  const by = ["setpriv", "--reuid=65534", "--regid=3002", "--clear-groups"];
  const ended = stage.run([program, "restore", "-d", stage.destination, "--to", `${open}/x`], { by });
  expect(ended).toMatchObject({
    code: 0,
    err: expect.stringContaining("without the file's owner, permissions\n"),
  });
  expect(statSync(join(open, "x")).mode & 0o7777).toBe(0o400);
});

test("of several files in one folder, the one that is meant has to be named", () => {
  using stage = openHistory();
  mkdirSync(join(stage.root, "other"));
  const other = stage.write("other/ledger.db", "ledger");
  stage.type(["run", "-f", other, "-d", stage.destination]);
  const unclear = stage.type(["restore", "-d", stage.destination, "--to", "back"]);
  expectRefusal(unclear, 2, `'${stage.source}', '${other}'`);
  const only = stage.type(["restore", "-d", stage.destination, "-f", other, "--to", "-"]);
  expect(only).toMatchObject({ code: 0, out: "ledger" });
  const none = stage.type(["restore", "-d", stage.destination, "-f", "nothing", "--to", "-"]);
  expectRefusal(none, 1, "there is no revision of '");
});

test("somebody who is not root gets the content, the time and the mode, and is its owner", () => {
  using stage = new Stage();
  tool("chown", "12345:54321", stage.source);
  chmodSync(stage.source, 0o4755);
  stage.save();
  const open = join(stage.root, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  stage.shell('chmod 755 "$SAVED"; chmod 644 "$SAVED"/*');
  const ended = stage.typeAsNobody(["restore", "-d", stage.destination, "--to", `${open}/x`]);
  expect(ended).toMatchObject({ code: 0, out: "" });
  const [before, after] = [stage.source, join(open, "x")].map((path) => statSync(path, { bigint: true }));
  expect(after?.mtimeNs).toBe(before?.mtimeNs ?? 0n);
  // No restore gives a privilege, and what it did not give is said.
  expect([after?.uid, Number(after?.mode ?? 0n) & 0o7777]).toEqual([65534n, 0o755]);
  expect(ended.err).toMatch(
    /^tinybackup: warning: '.*\/x' is without the file's owner, group, set-user-ID bit\nrestored /,
  );
});
