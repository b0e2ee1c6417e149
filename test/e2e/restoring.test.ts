// A file comes back: where it was, elsewhere, over another one, or not at all.
import { beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
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
import {
  contentOf,
  describeFile,
  type Ended,
  needRoot,
  openScene,
  type Scene,
  tool,
} from "../support/scene.ts";

beforeAll(() => needRoot("setpriv", "mount", "umount", "tar", "zstd"));

/** A scene with three revisions, "content 1" to "content 3", one a day; the file now holds "present". */
async function openHistory(): Promise<Scene> {
  const scene = openScene();
  const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  for (const number of [1, 2, 3]) {
    scene.write("notes.txt", `content ${number}`, 0o640);
    const env = { LD_PRELOAD: library, FAKETIME: `@2026-11-1${number} 12:00:00` };
    expect(await scene.tinybackup(["run", "-f", scene.source, "-d", scene.saved], { env })).toMatchObject({
      code: 0,
    });
  }
  scene.write("notes.txt", "present", 0o604);
  return scene;
}

function restore(scene: Scene, ...more: readonly string[]): Promise<Ended> {
  return scene.tinybackup(["restore", "-f", scene.source, "-d", scene.saved, ...more]);
}

function expectRefusal({ code, out, err }: Ended, expected: number, sentence: string): void {
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toMatch(/^tinybackup: [^\n]*\n(hint: [^\n]*\n)?$/);
  expect(err).toContain(sentence);
}

test("to its place, where it is missing, with its mode, owner and time to the nanosecond", async () => {
  using scene = openScene();
  tool("touch", "-d", "2019-03-04 05:06:07.123456789", scene.source);
  tool("chown", "12345:54321", scene.source);
  chmodSync(scene.source, 0o4750);
  const before = statSync(scene.source, { bigint: true });
  await scene.save();
  rmSync(scene.source);
  const ended = await restore(scene);
  expect(ended).toMatchObject({ code: 0, out: "" });
  expect(ended.err).toMatch(/^restored revision 1, taken .*, to '.*notes.txt'\n$/);
  const { mode, uid, gid, mtimeNs, size, nlink } = statSync(scene.source, { bigint: true });
  expect({ mode, uid, gid, mtimeNs, size, nlink }).toEqual({
    mode: before.mode,
    uid: before.uid,
    gid: before.gid,
    mtimeNs: before.mtimeNs,
    size: before.size,
    nlink: 1n,
  });
  expect(readdirSync(scene.root).toSorted()).toEqual(["notes.txt", "saved"]);
});

test.each([
  "1901-12-14 00:00:00.5",
  "1969-12-31 23:59:59.999999999",
  "1970-01-01 00:00:00",
  "2038-01-19 03:14:08.000000001",
  "2106-02-07 06:28:17",
])("a file of %s keeps its time", async (moment) => {
  using scene = openScene();
  tool("touch", "-d", `${moment} UTC`, scene.source);
  const { mtimeNs } = statSync(scene.source, { bigint: true });
  await scene.save();
  await restore(scene, "--to", "back");
  expect(statSync(join(scene.root, "back"), { bigint: true }).mtimeNs).toBe(mtimeNs);
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
])("%j restores %p", async (more, content) => {
  using scene = await openHistory();
  expect(await restore(scene, "--to", "-", ...more)).toMatchObject({ code: 0, out: content, err: "" });
  expect(await restore(scene, "--to", "back", ...more)).toMatchObject({ code: 0, out: "" });
  expect(readFileSync(join(scene.root, "back"), "utf8")).toBe(content);
});

test.each([
  ["4", 1, "there is no revision number 4"],
  ["2026-11-10", 1, "every good revision there is newer than that"],
  ["yesterday", 2, "'yesterday' names no revision"],
])("--revision %s is refused", async (revision, code, sentence) => {
  using scene = await openHistory();
  expectRefusal(await restore(scene, "--revision", revision, "--to", "back"), code, sentence);
  expect(readdirSync(scene.root).toSorted()).toEqual(["notes.txt", "saved"]);
});

test("an existing file is not touched without --force", async () => {
  using scene = await openHistory();
  const before = describeFile(scene.source);
  expectRefusal(await restore(scene), 1, "exists already, and was not touched");
  expectRefusal(await restore(scene, "--to", scene.source), 1, "exists already, and was not touched");
  expect(describeFile(scene.source)).toEqual(before);
  expect(scene.revisions()).toHaveLength(3);
});

test("--force replaces it, and what was there is a revision then", async () => {
  using scene = await openHistory();
  const ended = await restore(scene, "--force", "--revision", "1");
  expect(ended.code).toBe(0);
  expect(ended.err).toMatch(/^saved the file that was there as revision 4: '.*'\nrestored revision 1, .*\n$/);
  expect(readFileSync(scene.source, "utf8")).toBe("content 1");
  expect(statSync(scene.source).mode & 0o777).toBe(0o640);
  const safety = scene.revisions()[3] ?? "";
  expect(contentOf(join(scene.saved, safety)).toString()).toBe("present");
  expect((await restore(scene, "--to", "-", "--revision", "4")).out).toBe("present");
  expect(scene.leftovers()).toEqual([]);
});

test("--force through a link replaces the file behind it, and not the link", async () => {
  using scene = await openHistory();
  symlinkSync("notes.txt", join(scene.root, "link"));
  expect(await restore(scene, "--force", "--to", "link")).toMatchObject({ code: 0 });
  expect(lstatSync(join(scene.root, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(scene.source, "utf8")).toBe("content 3");
});

describe("a target that is", () => {
  const targets: readonly (readonly [string, (path: string) => void, number, string])[] = [
    ["a folder", (path) => mkdirSync(path), 1, "it is a folder"],
    ["a link to a folder", (path) => symlinkSync("saved", path), 1, "it is a folder"],
    ["a dangling link", (path) => symlinkSync("nowhere", path), 75, "no such file or directory"],
    ["a FIFO", (path) => tool("mkfifo", path), 1, "it is a named pipe, not a regular file"],
    ["a device", (path) => tool("mknod", path, "c", "1", "3"), 1, "it is a device, not a regular file"],
  ];

  test.each(targets)("%s is refused, with --force as well", async (_, make, code, sentence) => {
    using scene = await openHistory();
    const target = join(scene.root, "odd");
    make(target);
    const before = tool("ls", "-lAR", scene.root).toString();
    for (const more of [[], ["--force"]]) {
      expectRefusal(await restore(scene, "--to", target, ...more), code, sentence);
    }
    expect(tool("ls", "-lAR", scene.root).toString()).toBe(before);
  });

  test("in a folder that is missing is refused as not there", async () => {
    using scene = await openHistory();
    expectRefusal(await restore(scene, "--to", "nowhere/x"), 75, "no such file or directory");
    expectRefusal(await restore(scene, "--to", "notes.txt/x"), 75, "not a directory");
  });

  test("in a folder that is read-only is refused, and the present file stays", async () => {
    using scene = await openHistory();
    const sealed = join(scene.root, "sealed");
    mkdirSync(sealed);
    writeFileSync(join(sealed, "x"), "present");
    tool("mount", "--bind", sealed, sealed);
    tool("mount", "-o", "remount,ro,bind", sealed);
    try {
      expectRefusal(await restore(scene, "--to", join(sealed, "y")), 1, "read-only file system");
      expectRefusal(await restore(scene, "--to", join(sealed, "x"), "--force"), 1, "read-only file system");
      expect(readdirSync(sealed)).toEqual(["x"]);
    } finally {
      tool("umount", sealed);
    }
  });

  test("present, where it can't be saved first, stays", async () => {
    using scene = await openHistory();
    tool("mount", "--bind", scene.saved, scene.saved);
    tool("mount", "-o", "remount,ro,bind", scene.saved);
    try {
      expectRefusal(await restore(scene, "--force"), 1, "read-only file system");
      expect(readFileSync(scene.source, "utf8")).toBe("present");
      expect(readdirSync(scene.root).toSorted()).toEqual(["notes.txt", "saved"]);
    } finally {
      tool("umount", scene.saved);
    }
  });
});

async function damage(scene: Scene, number: number, script: string): Promise<void> {
  const name = scene.revisions()[number - 1] ?? "";
  expect(await scene.shell(script, { env: { REVISION: join(scene.saved, name) } })).toMatchObject({
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
  ])("%s is refused with exit code 5, and nothing is touched", async (_, script) => {
    using scene = await openHistory();
    await damage(scene, 3, script);
    const before = describeFile(scene.source);
    for (const more of [["--force"], ["--to", "back"], ["--to", "-"]]) {
      expectRefusal(await restore(scene, "--revision", "3", ...more), 5, "is damaged");
    }
    expect(describeFile(scene.source)).toEqual(before);
    expect(readdirSync(scene.root).toSorted()).toEqual(["notes.txt", "saved"]);
    expect(scene.revisions()).toHaveLength(3);
    const verified = await scene.tinybackup(["verify", "-d", scene.saved]);
    expect(verified.code).toBe(5);
    expect(verified.out).toMatch(/^damaged: '?\/.*-000003-[^\n]*\n$/);
  });

  test("that is the latest is passed over aloud", async () => {
    using scene = await openHistory();
    await damage(scene, 3, 'truncate -s -1 "$REVISION"');
    const ended = await restore(scene, "--to", "-", "--quiet");
    expect(ended).toMatchObject({ code: 0, out: "content 2" });
    expect(ended.err).toMatch(
      /^tinybackup: warning: '.*-000003-.*' is damaged: .*; revision 2, before it, is restored instead\n$/,
    );
    const verified = await scene.tinybackup(["verify", "-d", scene.saved, "--revision", "latest"]);
    expect(verified.code).toBe(5);
  });

  test("among damaged ones only is said so", async () => {
    using scene = await openHistory();
    for (const number of [1, 2, 3]) await damage(scene, number, ': >"$REVISION"');
    expectRefusal(await restore(scene, "--to", "back"), 5, "every revision there is damaged");
  });
});

test("of several files in one folder, the one that is meant has to be named", async () => {
  using scene = await openHistory();
  mkdirSync(join(scene.root, "other"));
  const other = scene.write("other/ledger.db", "ledger");
  await scene.tinybackup(["run", "-f", other, "-d", scene.saved]);
  const unclear = await scene.tinybackup(["restore", "-d", scene.saved, "--to", "back"]);
  expectRefusal(unclear, 2, `'${scene.source}', '${other}'`);
  const only = await scene.tinybackup(["restore", "-d", scene.saved, "-f", other, "--to", "-"]);
  expect(only).toMatchObject({ code: 0, out: "ledger" });
  const none = await scene.tinybackup(["restore", "-d", scene.saved, "-f", "nothing", "--to", "-"]);
  expectRefusal(none, 1, "there is no revision of '");
});

test("somebody who is not root gets the content, the time and the mode, and is its owner", async () => {
  using scene = openScene();
  tool("chown", "12345:54321", scene.source);
  chmodSync(scene.source, 0o4755);
  await scene.save();
  const open = join(scene.root, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  const copy = join(scene.root, "program");
  await scene.shell(`cp "$BINARY" ${copy}; chmod 755 ${copy}; chmod 755 "$SAVED"; chmod 644 "$SAVED"/*`);
  const by = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const ended = await scene.shell(`${copy} restore -d "$SAVED" --to ${open}/x`, { by });
  expect(ended).toMatchObject({ code: 0, out: "" });
  const [before, after] = [scene.source, join(open, "x")].map((path) => statSync(path, { bigint: true }));
  expect(after?.mtimeNs).toBe(before?.mtimeNs ?? 0n);
  // A set-user-ID bit is worth something only with the owner that it was meant for.
  expect([after?.uid, Number(after?.mode ?? 0n) & 0o7777]).toEqual([65534n, 0o755]);
});
