// Real file systems that are full, read-only, of another kind, or not ours to write to.
import { beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  binary,
  contentOf,
  describeFile,
  type Ended,
  needRoot,
  openScene,
  type Scene,
  tool,
} from "../support/scene.ts";
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

/** A scene whose `saved` is a mount of its own. */
function openSceneOn(mount: (folder: string) => void): Scene {
  const scene = openScene();
  mount(scene.saved);
  const dispose = scene[Symbol.dispose];
  return {
    ...scene,
    [Symbol.dispose]() {
      tool("umount", scene.saved);
      dispose();
    },
  };
}

function openTmpfsScene(options: string): Scene {
  return openSceneOn((folder) => tool("mount", "-t", "tmpfs", "-o", options, "none", folder));
}

/** exFAT, as on most sticks and cards: no hard links, no modes, letter case ignored. By FUSE, which needs no kernel's help. */
function openExfatScene(): Scene {
  const image = join(tmpdir(), `tinybackup-exfat-${process.pid}-${performance.now()}`);
  tool("truncate", "--size=40M", image);
  tool("mkfs.exfat", image);
  const device = tool("losetup", "--find", "--show", image).toString().trim();
  const scene = openSceneOn((folder) => tool("mount.exfat-fuse", device, folder));
  const dispose = scene[Symbol.dispose];
  return {
    ...scene,
    [Symbol.dispose]() {
      dispose();
      tool("losetup", "--detach", device);
      rmSync(image);
    },
  };
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
  ])(
    "with no room %s: nothing is saved, nothing is left, the old revisions stay",
    async (_, size, roomKib) => {
      using scene = openTmpfsScene(`size=${roomKib}k`);
      expect((await scene.save()).code).toBe(0);
      const before = scene.revisions();
      const source = scene.write("notes.txt", randomBytes(size));
      const untouched = describeFile(source);
      expectRefusal(await scene.save("-k", "1"), 1, "no space left on device");
      expect(scene.revisions()).toEqual(before);
      expect(scene.leftovers()).toEqual([]);
      expect(describeFile(source)).toEqual(untouched);
    },
  );

  test("of inodes is a full disk too", async () => {
    using scene = openTmpfsScene("nr_inodes=1");
    expectRefusal(await scene.save(), 1, "no space left on device");
  });

  test("restoring onto it leaves nothing there", async () => {
    using scene = openScene();
    scene.write("notes.txt", mixedBytes(2_000_000));
    await scene.save();
    const small = join(scene.root, "small");
    mkdirSync(small);
    tool("mount", "-t", "tmpfs", "-o", "size=1000k", "none", small);
    try {
      expectRefusal(
        await scene.tinybackup(["restore", "-d", scene.saved, "--to", `${small}/a`]),
        1,
        "no space left",
      );
      expect([...new Bun.Glob("*").scanSync({ cwd: small, dot: true })]).toEqual([]);
    } finally {
      tool("umount", small);
    }
  });
});

test("a limit on the size of files, as quotas are, ends in one sentence and not in a dead process", async () => {
  using scene = openScene();
  scene.write("notes.txt", randomBytes(60_000));
  const args = ["run", "-f", scene.source, "-d", scene.saved];
  expectRefusal(await scene.tinybackup(args, { by: ["prlimit", "--fsize=30000"] }), 1, "file too large");
  expect(scene.leftovers()).toEqual([]);
});

test("a read-only file system is refused, for saving and for pruning, and can be listed, verified and restored from", async () => {
  using scene = openScene();
  await scene.save();
  await scene.save();
  tool("mount", "--bind", scene.saved, scene.saved);
  tool("mount", "-o", "remount,ro,bind", scene.saved);
  try {
    expectRefusal(await scene.save(), 1, "read-only file system");
    const prune = ["prune", "-f", scene.source, "-d", scene.saved, "-k", "1"];
    expectRefusal(await scene.tinybackup(prune), 1, "read-only file system");
    for (const args of [
      ["list"],
      ["verify"],
      ["verify", "--all"],
      ["restore", "--to", join(scene.root, "back")],
    ]) {
      expect(await scene.tinybackup([...args, "-d", scene.saved])).toMatchObject({ code: 0 });
    }
    expect((await scene.save("--noop")).code).toBe(0);
  } finally {
    tool("umount", scene.saved);
  }
});

describe("exFAT", () => {
  test("takes revisions without hard links and modes, and gives them back", async () => {
    using scene = openExfatScene();
    expect(await scene.save()).toMatchObject({ code: 0, err: "" });
    scene.write("notes.txt", "another content\n".repeat(200));
    expect(await scene.save("-k", "1")).toMatchObject({ code: 0, err: "" });
    expect(scene.leftovers()).toEqual([]);
    const [only = "", ...others] = scene.revisions();
    expect(others).toEqual([]);
    expect(only).toContain("-000002-");
    expect(contentOf(join(scene.saved, only)).equals(readFileSync(scene.source))).toBe(true);
    const target = join(scene.saved, "restored here");
    expect((await scene.tinybackup(["restore", "-d", scene.saved, "--to", target])).code).toBe(0);
    expect(readFileSync(target).equals(readFileSync(scene.source))).toBe(true);
    const again = await scene.tinybackup(["restore", "-d", scene.saved, "--to", target]);
    expect(again).toMatchObject({ code: 1, out: "" });
  });

  test("takes names that it would itself refuse", async () => {
    using scene = openExfatScene();
    for (const name of ['a:b*c?"d"<e>|f\\g', "trailing dots...", " spaces ", "con", "a\nb", "größe ☂"]) {
      const source = scene.write(name, `content of ${name}`);
      const ended = await scene.tinybackup(["run", "-f", source, "-d", scene.saved]);
      expect({ name, ...ended }).toMatchObject({ name, code: 0, err: "" });
      const restored = await scene.tinybackup(["restore", "-f", source, "-d", scene.saved, "--to", "-"]);
      expect(restored).toMatchObject({ code: 0, out: `content of ${name}` });
    }
    expect(scene.revisions()).toHaveLength(6);
  });

  test("keeps files apart whose names differ in letter case only", async () => {
    using scene = openExfatScene();
    const [upper, lower] = [scene.write("LEDGER", "one content"), scene.write("ledger", "one content")];
    for (const source of [upper, lower, upper, lower]) {
      expect((await scene.tinybackup(["run", "-f", source, "-d", scene.saved, "-k", "1"])).code).toBe(0);
    }
    expect(scene.revisions()).toHaveLength(2);
    for (const source of [upper, lower]) {
      expect((await scene.tinybackup(["list", "-f", source, "-d", scene.saved, "--json"])).out).toContain(
        `"source":"${source}"`,
      );
    }
  });

  test("eight runs at once get eight numbers", async () => {
    using scene = openExfatScene();
    const ended = await Promise.all(Array.from({ length: 8 }, () => scene.save()));
    expect(ended.map(({ code, err }) => `${code}${err}`)).toEqual(Array.from({ length: 8 }, () => "0"));
    const numbers = scene.revisions().map((name) => Number(/-(\d{6})-/.exec(name)?.[1]));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("somebody without rights", () => {
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

  /** A scene in which the program is where everybody may run it. */
  async function runAsNobody(scene: Scene, args: readonly string[]): Promise<Ended> {
    const copy = join(scene.root, "tinybackup");
    copyFileSync(binary, copy);
    chmodSync(copy, 0o755);
    return scene.shell(`exec ${[copy, ...args].map((word) => `'${word}'`).join(" ")}`, { by: nobody });
  }

  test("who may not write into the folder", async () => {
    using scene = openScene();
    chmodSync(scene.source, 0o644);
    expectRefusal(
      await runAsNobody(scene, ["run", "-f", scene.source, "-d", scene.saved]),
      1,
      "permission denied",
    );
  });

  test("who may not read the file", async () => {
    using scene = openScene();
    chmodSync(scene.saved, 0o777);
    chmodSync(scene.source, 0o600);
    expectRefusal(
      await runAsNobody(scene, ["run", "-f", scene.source, "-d", scene.saved]),
      1,
      "permission denied",
    );
    expect(scene.leftovers()).toEqual([]);
  });

  test("who saves somebody else's file gets a revision with no more rights than the file", async () => {
    using scene = openScene();
    chmodSync(scene.saved, 0o777);
    chmodSync(scene.source, 0o644);
    const ended = await runAsNobody(scene, ["run", "-f", scene.source, "-d", scene.saved]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    const { uid, mode } = statSync(ended.out.trim());
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 65534, mode: 0o644 });
  });
});

test.each([
  ["missing", "saved/deeper", 75, "no such file or directory"],
  ["a file", "notes.txt", 1, "it is a file, not a folder"],
  ["behind a file", "notes.txt/deeper", 75, "not a directory"],
])("a destination that is %s is refused", async (_, folder, code, sentence) => {
  using scene = openScene();
  const args = ["-f", scene.source, "-d", join(scene.root, folder)];
  expectRefusal(await scene.tinybackup(["run", ...args]), code, sentence);
  expectRefusal(await scene.tinybackup(["run", "--noop", ...args]), code, sentence);
  expectRefusal(await scene.tinybackup(["list", ...args]), code, sentence);
  expectRefusal(await scene.tinybackup(["restore", ...args, "--to", "x"]), code, sentence);
  expectRefusal(await scene.tinybackup(["prune", "-k", "1", ...args]), code, sentence);
  expectRefusal(await scene.tinybackup(["verify", ...args]), code, sentence);
  expect(scene.revisions()).toEqual([]);
});
