// Real file systems that are full, read-only, of another kind, or not ours to write to.
import { beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { type Ended, contentOf, describeFile, environment, judge, needRoot, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";

beforeAll(() =>
  needRoot(
    ..."mount umount mountpoint losetup setpriv prlimit tar zstd mount.exfat-fuse ntfs-3g sshfs ssh-keygen rclone strace".split(
      " ",
    ),
    ..."mkfs.ext4 mkfs.btrfs mkfs.xfs mkfs.exfat mkfs.vfat mkfs.ntfs".split(" "),
  ),
);

/** Mounts something on a folder. `beside` is an empty folder for what it needs; returns what ends it. */
type Mount = (folder: string, beside: string) => (() => void) | undefined;

/** A stage whose `saved` is a mount of its own. */
class MountedStage extends Stage {
  readonly #beside: string;
  readonly #tidy: (() => void) | undefined;

  constructor(mount: Mount) {
    super();
    this.#beside = join(this.root, "beside");
    mkdirSync(this.#beside);
    this.#tidy = mount(this.destination, this.#beside);
  }

  override [Symbol.dispose](): void {
    tool("umount", this.destination);
    this.#tidy?.();
    super[Symbol.dispose]();
  }
}

const mountTmpfs =
  (options = "size=100m"): Mount =>
  (folder) => {
    tool("mount", "-t", "tmpfs", "-o", options, "none", folder);
    return undefined;
  };

/** A file system in an image, made by `mkfs` with its words. */
const mountImage =
  (megabytes: number, mkfs: readonly string[], mount: readonly string[] = ["mount"]): Mount =>
  (folder, beside) => {
    const image = join(beside, "image");
    tool("truncate", `--size=${megabytes}M`, image);
    const device = tool("losetup", "--find", "--show", image).toString().trim();
    expect(Bun.spawnSync([...mkfs, device], { env: environment }).exitCode).toBe(0);
    tool(mount[0] ?? "", ...mount.slice(1), device, folder);
    return () => tool("losetup", "--detach", device);
  };

/** exFAT, as on most sticks and cards: no hard links, no modes, letter case ignored. By FUSE, which needs no kernel's help. */
const mountExfat = mountImage(40, ["mkfs.exfat"], ["mount.exfat-fuse"]);

/** Begins a server. */
function serve(command: readonly string[]): () => void {
  const child = Bun.spawn([...command], { env: environment, stdio: ["ignore", "ignore", "ignore"] });
  return () => child.kill();
}

/** A server of our own on the loopback, with keys of its own. */
const mountSshfs =
  (...options: readonly string[]): Mount =>
  (folder, beside) => {
    const [port, remote] = [freePort(), join(beside, "remote")];
    mkdirSync(remote);
    mkdirSync("/run/sshd", { recursive: true });
    for (const key of ["host", "user"])
      tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(beside, key));
    const settings = {
      ListenAddress: "127.0.0.1",
      Port: port,
      HostKey: join(beside, "host"),
      AuthorizedKeysFile: join(beside, "user.pub"),
      PidFile: "none",
      StrictModes: "no",
      UsePAM: "no",
      Subsystem: "sftp internal-sftp",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    writeFileSync(join(beside, "config"), lines.join(""));
    const end = serve(["/usr/sbin/sshd", "-D", "-f", join(beside, "config")]);
    const known = "StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null,LogLevel=ERROR";
    const words = [
      "-o",
      [`port=${port},IdentityFile=${join(beside, "user")},${known}`, ...options].join(","),
    ];
    const connect = () => judge("sshfs", "-F", "/dev/null", ...words, `root@127.0.0.1:${remote}`, folder);
    while (connect().status !== 0) Bun.sleepSync(20);
    return end;
  };

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  listener.stop();
  return listener.port;
}

/** A cloud's mount, of a folder of this machine. */
const mountRclone: Mount = (folder, beside) => {
  const remote = join(beside, "remote");
  mkdirSync(remote);
  const more = ["--vfs-cache-mode", "full", "--config", "/dev/null", "--cache-dir", join(beside, "cache")];
  serve(["rclone", "mount", ...more, `:local:${remote}`, folder]);
  while (judge("mountpoint", "-q", folder).status !== 0) Bun.sleepSync(10);
  return undefined;
};

const mountOverlay: Mount = (folder, beside) => {
  tool("mount", "-t", "tmpfs", "none", beside);
  for (const name of ["lower", "upper", "work"]) mkdirSync(join(beside, name));
  const layers = `lowerdir=${beside}/lower,upperdir=${beside}/upper,workdir=${beside}/work`;
  tool("mount", "-t", "overlay", "-o", layers, "none", folder);
  return () => tool("umount", beside);
};

const hasVfat = /\tvfat$/m.test(readFileSync("/proc/filesystems", "utf8"));

describe("a whole life of revisions is the same on", () => {
  const all: readonly (readonly [name: string, mount: Mount, oddity?: "none" | "no modes" | "times move"])[] =
    [
      ["tmpfs", mountTmpfs()],
      ["ext4", mountImage(60, ["mkfs.ext4", "-q"])],
      ["btrfs", mountImage(120, ["mkfs.btrfs", "-q"])],
      ["XFS", mountImage(320, ["mkfs.xfs", "-q"])],
      ["overlayfs", mountOverlay],
      ["exFAT", mountExfat, "no modes"],
      hasVfat
        ? ["vfat", mountImage(60, ["mkfs.vfat"]), "no modes"]
        : ["a tmpfs once more (this kernel has no vfat)", mountTmpfs()],
      ["NTFS, by FUSE", mountImage(60, ["mkfs.ntfs", "-Q", "-F"], ["ntfs-3g"]), "no modes"],
      ["sshfs", mountSshfs()],
      ["sshfs that refuses hard links", mountSshfs("disable_hardlink")],
      ["rclone's mount", mountRclone, "times move"],
    ];
  test.each(all)("%s", (_, mount, oddity = "none") => {
    using stage = new MountedStage(mount);
    const inside = join(stage.destination, "restored");
    const type = (...args: readonly string[]): Ended => stage.type(args);
    const expectDone = (ended: Ended, err: string | RegExp = ""): void => {
      expect({ code: ended.code, err: ended.err }).toEqual({
        code: 0,
        err: typeof err === "string" ? err : expect.stringMatching(err),
      });
      expect(stage.leftovers().filter((name) => name.startsWith("."))).toEqual([]);
    };
    // Two states, and one that was there already.
    expectDone(type("run", ...stage.paths));
    const content = mixedBytes(3_000_000);
    stage.write("notes.txt", content);
    expectDone(type("run", ...stage.paths));
    expectDone(type("run", ...stage.paths), /^unchanged since revision 2 of [^\n]+\n$/);
    const { revisions } = JSON.parse(type("list", ...stage.paths, "--json").out);
    expect(revisions).toMatchObject([
      { number: 2, state: "ok" },
      { number: 1, state: "ok" },
    ]);
    expectDone(type("verify", "-d", stage.destination, "--all"), /^$|2 revisions read, all whole/);
    const [, second = ""] = stage.revisions();
    expect(contentOf(join(stage.destination, second)).equals(content)).toBe(true);
    // Back, as a new file, and in place of one that is there, which stays beside it.
    const restore = ["restore", ...stage.paths, "--to", inside, "--quiet"];
    const noModes = /^tinybackup: warning: [^\n]+ is without the file's permissions\n$/;
    expectDone(type(...restore), oddity === "no modes" ? noModes : "");
    expect(readFileSync(inside).equals(content)).toBe(true);
    expectRefusal(type(...restore), 1, "--force");
    writeFileSync(inside, "edited\n");
    expect(type(...restore, "--force")).toMatchObject({ code: 0 });
    expect(readFileSync(inside).equals(content)).toBe(true);
    const aside = stage.leftovers().filter((name) => name.startsWith("restored.before-restore-"));
    expect(aside.map((name) => readFileSync(join(stage.destination, name), "utf8"))).toEqual(["edited\n"]);
    // A file of that file system itself.
    const own = type("run", "-f", inside, "-d", stage.destination);
    // Of a file in its cache rclone may show the present as its times: then it seems to change while it is read.
    if (oddity === "times move" && own.code === 3) expect(own.err).toContain("kept changing");
    else expectDone(own);
    // A run that is killed leaves a partial, and the next one removes that.
    stage.write("notes.txt", randomBytes(30_000_000));
    const script = `"$BINARY" run -f "$SOURCE" -d "$SAVED" & until ls "$SAVED"/.tinybackup-*.partial; do kill -0 $! || exit 9; sleep 0.01; done; kill -9 $!`;
    expect(stage.shell(script)).toMatchObject({ code: 0 });
    stage.write("notes.txt", "small again\n");
    expectDone(type("run", ...stage.paths, "--quiet"), /^$|it shrank/);
    expectDone(type("prune", ...stage.paths, "-k", "1", "--quiet"));
    expect(stage.revisions().filter((name) => name.startsWith("notes.txt"))).toHaveLength(1);
    expectDone(type("verify", "-d", stage.destination, "--all"), /^$|2 revisions read, all whole/);
  });
});

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
    using stage = new MountedStage(mountTmpfs(`size=${roomKib}k`));
    expect(stage.save().code).toBe(0);
    const before = stage.revisions();
    const source = stage.write("notes.txt", randomBytes(size));
    const untouched = describeFile(source);
    expectRefusal(stage.save("-k", "1"), 1, "no space left on device");
    expect(stage.revisions()).toEqual(before);
    expect(stage.leftovers()).toEqual([]);
    expect(describeFile(source)).toEqual(untouched);
  });

  test(
    holds("interrupted", "evidence", "that a long write would fill is told before anything is written"),
    () => {
      using stage = new MountedStage(mountTmpfs("size=110M"));
      const source = stage.write("notes.txt", randomBytes(70 << 20));
      expect(stage.save().code).toBe(0);
      const before = stage.revisions();
      const ended = stage.save("-k", "1");
      expectRefusal(ended, 1, "that takes about 71 MiB, and 40 MiB are free");
      expect(ended.err).toContain(
        `hint: make room on that disk; which old revisions could go, shows: tinybackup prune -f ${source}`,
      );
      const shown = /shows: tinybackup (.*)$/m.exec(ended.err)?.[1]?.split(" ") ?? [];
      expect(stage.type(shown)).toMatchObject({ code: 0 });
      expect(stage.revisions()).toEqual(before);
      // One that becomes small has room, and so has whatever did not change.
      expect(stage.type(["run", ...stage.paths])).toMatchObject({
        code: 0,
        out: expect.stringContaining("-000001-"),
      });
      stage.write("notes.txt", randomBytes(60 << 20).subarray(0, 30 << 20));
      expect(stage.save().code).toBe(0);
    },
  );

  test(holds("interrupted", "evidence", "of inodes is a full disk too"), () => {
    using stage = new MountedStage(mountTmpfs("nr_inodes=1"));
    expectRefusal(stage.save(), 1, "no space left on device");
  });

  test("restoring onto it is refused before anything is written, and leaves nothing there", () => {
    using stage = new Stage();
    stage.write("notes.txt", mixedBytes(2_000_000));
    stage.save();
    const small = join(stage.root, "small");
    mkdirSync(small);
    tool("mount", "-t", "tmpfs", "-o", "size=1000k", "none", small);
    try {
      const line = `strace -f -e trace=pwrite64 -o trace '${binary}' restore -d "$SAVED" --to '${small}/a'`;
      expectRefusal(stage.shell(line), 1, `cannot restore to '${small}/a': no space left`);
      expect(readFileSync(join(stage.root, "trace"), "utf8")).not.toContain("pwrite64");
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

/** A run in which every fsync of the folder, and of nothing else, gets that answer. */
const saveWith = (stage: Stage, errno: string): Ended =>
  stage.type(["run", ...stage.paths], {
    by: ["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=fsync", "-P", stage.destination].concat([
      "-e",
      `inject=fsync:error=${errno}`,
    ]),
  });

describe("a folder whose names can't be synced", () => {
  test.each(["EINVAL", "EOPNOTSUPP"])(
    "since its file system knows no such thing (%s): all is well",
    (errno) => {
      using stage = new Stage();
      expect(saveWith(stage, errno)).toMatchObject({ code: 0, err: "" });
      expect(stage.revisions()).toHaveLength(1);
    },
  );

  test("since its disk fails: that is said", () => {
    using stage = new Stage();
    expect(saveWith(stage, "EIO")).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^tinybackup: saved '[^\n]+', but cannot make its name durable: i\/o error\nhint: [^\n]+\n$/,
      ),
    });
  });
});

describe("exFAT", () => {
  test("takes revisions without hard links and modes, and gives them back", () => {
    using stage = new MountedStage(mountExfat);
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
    using stage = new MountedStage(mountExfat);
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
    using stage = new MountedStage(mountExfat);
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
    using stage = new MountedStage(mountExfat);
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

  test(
    holds("same-readers", "who saves somebody else's file gets a revision with no more rights than the file"),
    () => {
      using stage = new Stage();
      chmodSync(stage.destination, 0o777);
      chmodSync(stage.source, 0o644);
      const ended = stage.typeAsNobody(["run", ...stage.paths]);
      expect(ended).toMatchObject({ code: 0, err: "" });
      const { uid, mode } = statSync(ended.out.trim());
      expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 65534, mode: 0o644 });
    },
  );
});

test("somebody whose old revision is root's, in a folder where everybody removes only one's own, is told who can", () => {
  using stage = new Stage();
  chmodSync(stage.source, 0o644);
  expect(stage.save("-k", "1").code).toBe(0);
  chmodSync(stage.destination, 0o1777);
  stage.write("notes.txt", "another state\n".repeat(200));
  const [path = ""] = stage.revisions().map((name) => join(stage.destination, name));
  const { code, err } = stage.typeAsNobody(["run", ...stage.paths]);
  expect(code).toBe(1);
  expect(err).toContain(
    `cannot remove the old revision '${path}': operation not permitted\nhint: in that folder, only its owner may remove it: sudo rm ${path}\n`,
  );
  expect(stage.revisions()).toHaveLength(2);
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
