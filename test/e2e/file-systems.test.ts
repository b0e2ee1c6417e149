// Real file systems that are full, read-only, of another kind, or not ours to write to.
import { beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stage } from "../support/stage.ts";
import { type Ended, contentOf, describeFile, needRoot, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";

beforeAll(() =>
  needRoot(
    "mount",
    "umount",
    "losetup",
    "mkfs.exfat",
    "mount.exfat-fuse",
    "setpriv",
    "prlimit",
    "tar",
    "zstd",
  ),
);

/** A stage whose `saved` is a mount of its own. */
class MountedStage extends Stage {
  readonly #tidy: () => void;

  constructor(mount: (folder: string) => void, tidy = () => undefined) {
    super();
    this.#tidy = tidy;
    mount(this.destination);
  }

  override [Symbol.dispose](): void {
    tool("umount", this.destination);
    super[Symbol.dispose]();
    this.#tidy();
  }
}

function openTmpfsStage(options: string): Stage {
  return new MountedStage((folder) => tool("mount", "-t", "tmpfs", "-o", options, "none", folder));
}

/** exFAT, as on most sticks and cards: no hard links, no modes, letter case ignored. By FUSE, which needs no kernel's help. */
function openExfatStage(): Stage {
  const image = join(tmpdir(), `tinybackup-exfat-${process.pid}-${performance.now()}`);
  tool("truncate", "--size=40M", image);
  tool("mkfs.exfat", image);
  const device = tool("losetup", "--find", "--show", image).toString().trim();
  return new MountedStage(
    (folder) => tool("mount.exfat-fuse", device, folder),
    () => {
      tool("losetup", "--detach", device);
      rmSync(image);
    },
  );
}

/** One sentence and perhaps a hint; nothing new in the folder, the source as it was. */
function expectRefusal(ended: Ended, code: number, sentence: string): void {
  expect(ended.err).toMatch(/^tinybackup: [^\n]*\n(hint: [^\n]*\n)?$/);
  expect(ended.err).toContain(sentence);
  expect({ code: ended.code, out: ended.out }).toEqual({ code, out: "" });
}

describe("a full disk", () => {
  test.each([
    ["for the first block", 900_000, 64],
    ["for a later block", 40_000_000, 30_000],
    ["for the end only", 999_190, 980],
  ])("with no room %s: nothing is saved, nothing is left, the old revisions stay", (_, size, roomKib) => {
    using stage = openTmpfsStage(`size=${roomKib}k`);
    expect(stage.save().code).toBe(0);
    const before = stage.revisions();
    const source = stage.write("notes.txt", randomBytes(size));
    const untouched = describeFile(source);
    expectRefusal(stage.save("-k", "1"), 1, "no space left on device");
    expect(stage.revisions()).toEqual(before);
    expect(stage.leftovers()).toEqual([]);
    expect(describeFile(source)).toEqual(untouched);
  });

  test("that a long write would fill is told before anything is written", () => {
    using stage = openTmpfsStage("size=110M");
    const source = stage.write("notes.txt", randomBytes(70 << 20));
    expect(stage.save().code).toBe(0);
    const before = stage.revisions();
    const ended = stage.save("-k", "1");
    expectRefusal(ended, 1, "that takes about 71 MiB, and 40 MiB are free");
    expect(ended.err).toContain(
      `hint: make room on that disk; old revisions can go with: tinybackup prune -f ${source}`,
    );
    expect(stage.revisions()).toEqual(before);
    // One that becomes small has room, and so has whatever did not change.
    expect(stage.type(["run", ...stage.paths])).toMatchObject({
      code: 0,
      out: expect.stringContaining("-000001-"),
    });
    stage.write("notes.txt", randomBytes(60 << 20).subarray(0, 30 << 20));
    expect(stage.save().code).toBe(0);
  });

  test("of inodes is a full disk too", () => {
    using stage = openTmpfsStage("nr_inodes=1");
    expectRefusal(stage.save(), 1, "no space left on device");
  });

  test("restoring onto it leaves nothing there", () => {
    using stage = new Stage();
    stage.write("notes.txt", mixedBytes(2_000_000));
    stage.save();
    const small = join(stage.root, "small");
    mkdirSync(small);
    tool("mount", "-t", "tmpfs", "-o", "size=1000k", "none", small);
    try {
      expectRefusal(
        stage.type(["restore", "-d", stage.destination, "--to", `${small}/a`]),
        1,
        "no space left",
      );
      expect([...new Bun.Glob("*").scanSync({ cwd: small, dot: true })]).toEqual([]);
    } finally {
      tool("umount", small);
    }
  });
});

test("a limit on the size of files, as quotas are, ends in one sentence and not in a dead process", () => {
  using stage = new Stage();
  stage.write("notes.txt", randomBytes(60_000));
  const args = ["run", ...stage.paths];
  expectRefusal(stage.type(args, { by: ["prlimit", "--fsize=30000"] }), 1, "file too large");
  expect(stage.leftovers()).toEqual([]);
});

test("a read-only file system is refused, for saving and for pruning, and can be listed, verified and restored from", () => {
  using stage = new Stage();
  stage.save();
  stage.save();
  tool("mount", "--bind", stage.destination, stage.destination);
  tool("mount", "-o", "remount,ro,bind", stage.destination);
  try {
    expectRefusal(stage.save(), 1, "read-only file system");
    const prune = ["prune", ...stage.paths, "-k", "1"];
    expectRefusal(stage.type(prune), 1, "read-only file system");
    for (const args of [
      ["list"],
      ["verify"],
      ["verify", "--all"],
      ["restore", "--to", join(stage.root, "back")],
    ]) {
      expect(stage.type([...args, "-d", stage.destination])).toMatchObject({ code: 0 });
    }
    expect(stage.save("--noop").code).toBe(0);
  } finally {
    tool("umount", stage.destination);
  }
});

describe("exFAT", () => {
  test("takes revisions without hard links and modes, and gives them back", () => {
    using stage = openExfatStage();
    expect(stage.save()).toMatchObject({ code: 0, err: "" });
    stage.write("notes.txt", "another content\n".repeat(200));
    expect(stage.save("-k", "1", "--quiet")).toMatchObject({ code: 0, err: "" });
    expect(stage.leftovers()).toEqual([]);
    const [only = "", ...others] = stage.revisions();
    expect(others).toEqual([]);
    expect(only).toContain("-000002-");
    expect(contentOf(join(stage.destination, only)).equals(readFileSync(stage.source))).toBe(true);
    const target = join(stage.destination, "restored here");
    expect(stage.type(["restore", "-d", stage.destination, "--to", target]).code).toBe(0);
    expect(readFileSync(target).equals(readFileSync(stage.source))).toBe(true);
    const again = stage.type(["restore", "-d", stage.destination, "--to", target]);
    expect(again).toMatchObject({ code: 1, out: "" });
  });

  test("takes names that it would itself refuse", () => {
    using stage = openExfatStage();
    for (const name of ['a:b*c?"d"<e>|f\\g', "trailing dots...", " spaces ", "con", "a\nb", "größe ☂"]) {
      const source = stage.write(name, `content of ${name}`);
      const ended = stage.type(["run", "-f", source, "-d", stage.destination]);
      expect({ name, ...ended }).toMatchObject({ name, code: 0, err: "" });
      const restored = stage.type(["restore", "-f", source, "-d", stage.destination, "--to", "-"]);
      expect(restored).toMatchObject({ code: 0, out: `content of ${name}` });
    }
    expect(stage.revisions()).toHaveLength(6);
  });

  test("keeps files apart whose names differ in letter case only", () => {
    using stage = openExfatStage();
    const [upper, lower] = [stage.write("LEDGER", "one content"), stage.write("ledger", "one content")];
    for (const source of [upper, lower, upper, lower]) {
      expect(stage.type(["run", "-f", source, "-d", stage.destination, "-k", "1", "--always"]).code).toBe(0);
    }
    expect(stage.revisions()).toHaveLength(2);
    for (const source of [upper, lower]) {
      expect(stage.type(["list", "-f", source, "-d", stage.destination, "--json"]).out).toContain(
        `"source":"${source}"`,
      );
    }
  });

  test("eight runs at once get eight numbers", async () => {
    using stage = openExfatStage();
    const ended = await Promise.all(
      Array.from({ length: 8 }, () => stage.start(["run", ...stage.paths, "--always"])),
    );
    expect(ended.map(({ code, err }) => `${code}${err}`)).toEqual(Array.from({ length: 8 }, () => "0"));
    const numbers = stage.revisions().map((name) => Number(/-(\d{6})-/.exec(name)?.[1]));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(stage.leftovers()).toEqual([]);
  });
});

describe("somebody without rights", () => {
  test("who may not write into the folder", () => {
    using stage = new Stage();
    chmodSync(stage.source, 0o644);
    expectRefusal(stage.typeAsNobody(["run", ...stage.paths]), 1, "permission denied");
  });

  test("who may not read the file", () => {
    using stage = new Stage();
    chmodSync(stage.destination, 0o777);
    chmodSync(stage.source, 0o600);
    expectRefusal(stage.typeAsNobody(["run", ...stage.paths]), 1, "permission denied");
    expect(stage.leftovers()).toEqual([]);
  });

  test("who saves somebody else's file gets a revision with no more rights than the file", () => {
    using stage = new Stage();
    chmodSync(stage.destination, 0o777);
    chmodSync(stage.source, 0o644);
    const ended = stage.typeAsNobody(["run", ...stage.paths]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    const { uid, mode } = statSync(ended.out.trim());
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 65534, mode: 0o644 });
  });
});

test.each([
  ["missing", "saved/deeper", 75, "no such file or directory"],
  ["a file", "notes.txt", 1, "it is a file, not a folder"],
  ["behind a file", "notes.txt/deeper", 75, "not a directory"],
])("a destination that is %s is refused", (_, folder, code, sentence) => {
  using stage = new Stage();
  const args = ["-f", stage.source, "-d", join(stage.root, folder)];
  expectRefusal(stage.type(["run", ...args]), code, sentence);
  expectRefusal(stage.type(["run", "--noop", ...args]), code, sentence);
  expectRefusal(stage.type(["list", ...args]), code, sentence);
  expectRefusal(stage.type(["restore", ...args, "--to", "x"]), code, sentence);
  expectRefusal(stage.type(["prune", "-k", "1", ...args]), code, sentence);
  expectRefusal(stage.type(["verify", ...args]), code, sentence);
  expect(stage.revisions()).toEqual([]);
});
