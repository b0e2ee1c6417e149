// A schedule's file and folder as they are later: another file behind the path, another drive in its place, a drive that
// does not answer, a file that is empty.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { day, moment, WorldStage } from "../support/stage.ts";
import { needRoot, tool } from "../support/tools.ts";

// Days of a schedule take longer than what package.json allows a test.
setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");

/** What the program said of the last run, in the mail that it left. */
function lastSaid(stage: WorldStage): string {
  return stage.world.mails().at(-1)?.split("\n\n").slice(1).join("\n\n") ?? "nothing";
}

const problemsOf = (stage: WorldStage) => stage.only().problems.map(({ message }) => message);

describe("the file of a schedule is frozen:", () => {
  test(
    holds(
      "right-place",
      "a link that takes its place is refused, and what is told to type saves what it leads to",
    ),
    async () => {
      await using stage = await WorldStage.create();
      stage.install(["-t", "2:00am", "--name", "it's mine", "-k", "3"]);
      await stage.world.passUntil(noon + day);
      const secret = stage.write("secret", "a secret\n", 0o600);
      rmSync(stage.source);
      symlinkSync(secret, stage.source);
      await stage.world.passUntil(noon + 2 * day);
      expect(stage.revisions()).toHaveLength(1);
      const why = `the source '${stage.source}' has become a link since it was scheduled, and leads to '${secret}'`;
      expect(lastSaid(stage)).toStartWith(`tinybackup: ${why}\nhint: put back what was there; or`);
      const { code, jobs } = stage.statusof();
      expect([code, jobs[0]?.lastRun?.exitCode]).toEqual([6, 1]);
      expect(problemsOf(stage)).toEqual([why]);
      const hint = jobs[0]?.problems[0]?.hint ?? "";
      expect(stage.shell(hint.slice(hint.indexOf(binary))).err).toStartWith("replaced the schedule: ");
      await stage.world.passUntil(noon + 3 * day);
      expect(stage.files().at(-1)).toStartWith("secret-000001-");
      expect(stage.statusof()).toMatchObject({
        code: 0,
        jobs: [{ source: secret, time: "2:00am", name: "it's mine" }],
      });
    },
  );

  test("so is one below a folder that has become a link, and the schedule goes on when that is put back", async () => {
    await using stage = await WorldStage.create();
    mkdirSync(join(stage.root, "data"));
    const source = stage.write("data/ledger", "one state\n");
    stage.type(["install", "-f", source, "-d", stage.destination, "-t", "2:00am"]);
    stage.run(["sh", "-c", "mv data moved && ln -s moved data"]);
    await stage.world.passUntil(noon + day);
    expect(lastSaid(stage)).toContain(
      `has become a link since it was scheduled, and leads to '${join(stage.root, "moved/ledger")}'\n`,
    );
    stage.run(["sh", "-c", "rm data && mv moved data"]);
    await stage.world.passUntil(noon + 2 * day);
    expect(stage.revisions()).toHaveLength(1);
    expect(stage.statusof().code).toBe(0);
  });

  test("a link that was typed, and moved on, is told by the run and by statusof, and the file of then is saved", async () => {
    await using stage = await WorldStage.create();
    const [one, two] = [stage.write("v1", "one\n"), stage.write("v2", "two\n")];
    const current = join(stage.root, "current");
    symlinkSync("v1", current);
    stage.type(["install", "-f", "current", "-d", "saved", "-t", "2:00am", "--always"]);
    await stage.world.passUntil(noon + day);
    expect(stage.world.mails()).toEqual([]);
    rmSync(current);
    symlinkSync("v2", current);
    await stage.world.passUntil(noon + 2 * day);
    const told = `'${current}' leads to '${two}' now; the source stays '${one}', as when it was scheduled`;
    const said = lastSaid(stage);
    expect(said).toStartWith(
      `tinybackup: warning: ${told}\nhint: to follow it from now on: ${binary} install `,
    );
    expect(stage.revisions().map((name) => name.slice(0, 9))).toEqual(["v1-000001", "v1-000002"]);
    expect(stage.statusof()).toMatchObject({ code: 6, jobs: [{ source: one, lastRun: { exitCode: 0 } }] });
    expect(problemsOf(stage)).toEqual([told]);
    expect(stage.shell(said.slice(said.indexOf(binary))).err).toStartWith("replaced the schedule: ");
    await stage.world.passUntil(noon + 3 * day);
    expect(stage.statusof()).toMatchObject({ code: 0, jobs: [{ source: two }] });
    rmSync(current);
    symlinkSync("v1", current);
    // The schedule of what was typed is meant, wherever that leads now.
    expect(stage.type(["uninstall", "files", "-f", "current", "-d", "saved"]).err).toStartWith(
      "ended 1 schedule; its revisions stay\n",
    );
  });
});

describe("so is the folder of a schedule:", () => {
  test(
    holds("right-place", "where a link takes its place, nothing is written to where that leads"),
    async () => {
      await using stage = await WorldStage.create();
      stage.install(["-t", "2:00am", "--run"]);
      stage.run(["sh", "-c", "mv saved moved && mkdir other && ln -s other saved"]);
      await stage.world.passUntil(noon + day);
      const other = join(stage.root, "other");
      const why = `the destination '${stage.destination}' has become a link since it was scheduled, and leads to '${other}'`;
      expect(lastSaid(stage)).toStartWith(`tinybackup: ${why}\nhint: put back what was there; or`);
      expect(readdirSync(other)).toEqual([]);
      expect(stage.statusof(["--max-age", "1h"])).toMatchObject({
        code: 6,
        jobs: [{ newest: null, lastRun: { exitCode: 75 } }],
      });
      expect(problemsOf(stage)).toEqual([why]);
      expect(stage.type(["statusof"]).out).toContain("\n  newest    can't be seen now\n");
      const hint = stage.only().problems[0]?.hint ?? "";
      expect(stage.shell(hint.slice(hint.indexOf(binary))).err).toStartWith("replaced the schedule: ");
      expect(stage.only()).toMatchObject({ destination: other, problems: [] });
    },
  );

  test("a link that was typed, and moved on, is told, and names the schedule also when it is gone", async () => {
    await using stage = await WorldStage.create();
    stage.run(["sh", "-c", "mkdir one two && ln -s one drive"]);
    const [one, two, drive] = ["one", "two", "drive"].map((name) => join(stage.root, name));
    stage.type(["install", "-f", stage.source, "-d", "drive", "-t", "2:00am"]);
    expect(stage.statusof().code).toBe(0);
    stage.run(["ln", "-sfn", "two", "drive"]);
    await stage.world.passUntil(noon + day);
    const told = `'${drive}' leads to '${two}' now; the destination stays '${one}', as when it was scheduled`;
    const said = lastSaid(stage);
    expect(said).toStartWith(
      `tinybackup: warning: ${told}\nhint: to follow it from now on: ${binary} install `,
    );
    expect(readdirSync(one ?? "")).toHaveLength(1);
    expect(problemsOf(stage)).toEqual([told]);
    expect(stage.shell(said.slice(said.indexOf(binary))).err).toStartWith("replaced the schedule: ");
    expect(stage.only()).toMatchObject({ destination: two, problems: [] });
    rmSync(drive ?? "");
    const ended = stage.type(["uninstall", "files", "-f", stage.source, "-d", "drive"]);
    expect(ended.err).toStartWith("ended 1 schedule; its revisions stay\n");
  });
});

/** Swaps the drives at the destination: each a tmpfs with its own folder elsewhere. */
class Drives {
  readonly #stage: WorldStage;
  constructor(stage: WorldStage) {
    this.#stage = stage;
  }

  connect(name: string): void {
    const { world, root, destination } = this.#stage;
    const held = join(root, name);
    world.run([
      "sh",
      "-c",
      `umount ${destination}; mkdir ${held} && mount -t tmpfs tmpfs ${held}; mount --bind ${held} ${destination}`,
    ]);
  }

  list(name: string): string[] {
    const { world, root } = this.#stage;
    return world
      .run(["ls", "-A", join(root, name)])
      .out.split("\n")
      .slice(0, -1);
  }
}

describe("two drives in turn", () => {
  test.each([
    ["installed with --run", ["--run"]],
    ["whose first run was a scheduled one", []],
  ])(
    "both serve, once each holds a revision, and a strange one gets nothing: a schedule %s",
    async (_, more) => {
      await using stage = await WorldStage.create();
      const drives = new Drives(stage);
      drives.connect("A");
      stage.install(["-t", "2:00am", "-k", "30", ...more]);
      const first = more.length;
      if (first === 0) await stage.world.passUntil(noon + day);
      drives.connect("B");
      const begin = first === 0 ? noon + day : noon;
      await stage.world.passUntil(begin + day);
      expect(drives.list("B")).toEqual([]);
      expect(lastSaid(stage)).toStartWith(
        `tinybackup: cannot save into '${stage.destination}': there is no revision of '${stage.source}' any more; is it another drive?\n` +
          `hint: connect the right one; or, to begin anew on this one: ${binary} run -f ${stage.source} -d ${stage.destination} --keeprevisions=30 --always --compress=zstd\n`,
      );
      const { code, jobs } = stage.statusof();
      expect([code, jobs[0]?.lastRun?.exitCode]).toEqual([6, 75]);
      const problem = jobs[0]?.problems.find(({ message }) => message.startsWith("in '"));
      const hint = problem?.hint ?? "";
      expect(stage.shell(hint.slice(hint.indexOf(binary))).code).toBe(0);
      expect(drives.list("B")).toHaveLength(1);
      await stage.world.passUntil(begin + 2 * day);
      expect(drives.list("B")).toHaveLength(2);
      drives.connect("A");
      await stage.world.passUntil(begin + 3 * day);
      expect(drives.list("A")).toHaveLength(2);
      expect(stage.statusof().code).toBe(0);
      drives.connect("strange");
      stage.world.run(["cp", binary, join(stage.destination, "something else.tar.zst")]);
      await stage.world.passUntil(begin + 4 * day);
      expect(drives.list("strange")).toEqual(["something else.tar.zst"]);
      expect(stage.only()).toMatchObject({ state: "armed", lastRun: { exitCode: 75 } });
    },
  );

  test("where the journal was lost, nobody knows better, and the strange one is taken", async () => {
    await using stage = await WorldStage.create();
    const drives = new Drives(stage);
    drives.connect("A");
    stage.install(["-t", "2:00am", "--run"]);
    drives.connect("B");
    rmSync(join(stage.home, ".local"), { recursive: true });
    await stage.world.passUntil(noon + day);
    expect(drives.list("B")).toHaveLength(1);
  });

  test("a schedule that is installed again while a new drive is there begins on that", async () => {
    await using stage = await WorldStage.create();
    const drives = new Drives(stage);
    drives.connect("A");
    stage.install(["-t", "2:00am", "--run"]);
    drives.connect("B");
    stage.install(["-t", "2:00am"]);
    await stage.world.passUntil(noon + day);
    expect(drives.list("B")).toHaveLength(1);
  });

  test("revisions that were all renamed, or are another machine's, are known for what they are", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "--run"]);
    stage.run(["sh", "-c", "mv saved/* saved/pinned.tar.zst"]);
    await stage.world.passUntil(noon + day);
    stage.world.run(["sh", "-c", "echo 0123456789abcdef0123456789abcdef >/etc/machine-id"]);
    await stage.world.passUntil(noon + 2 * day);
    expect(stage.world.mails()).toEqual([]);
    expect(stage.revisions()).toHaveLength(2);
  });
});

test(
  holds(
    "truth",
    "a file that is empty is a problem as long as it is, and one that only claims to be is none",
  ),
  async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "--run"]);
    truncateSync(stage.source);
    expect(stage.statusof().code).toBe(6);
    expect(problemsOf(stage)).toEqual([
      `the source '${stage.source}' is empty: nothing is saved while it is`,
    ]);
    expect(stage.only().problems[0]?.hint).toBe(
      `see what emptied it; its last state comes back with: ${binary} restore -f ${stage.source} -d ${stage.destination} --force`,
    );
    await stage.world.passUntil(noon + day);
    expect(stage.statusof()).toMatchObject({ code: 6, jobs: [{ lastRun: { exitCode: 0 } }] });
    writeFileSync(stage.source, "something\n");
    expect(stage.statusof().code).toBe(0);
    stage.type(["uninstall", "all"]);
    expect(stage.type(["install", "-f", "/proc/version", "-d", stage.destination, "-t", "2:00am"]).code).toBe(
      0,
    );
    expect(problemsOf(stage)).toEqual([]);
  },
);

/** A drive that can stop answering, mounted before a world begins, which sees it. */
interface Drive extends AsyncDisposable {
  readonly folder: string;
  readonly hang: () => void;
  readonly goOn: () => void;
}

const temporary = (): string => mkdtempSync(join(tmpdir(), "tinybackup-drive-"));

/** A file system of FUSE whose server is stopped, as that of a network share is that is gone. */
async function mountFuse(): Promise<Drive> {
  const [root, backing] = [temporary(), temporary()];
  const server = resolve(import.meta.dir, "../support/rotting-disk.py");
  const child = Bun.spawn(["/usr/bin/python3", server, backing, root, join(backing, "rot")]);
  while (Bun.spawnSync(["mountpoint", "-q", root]).exitCode !== 0) await Bun.sleep(10);
  return {
    folder: root,
    hang: () => child.kill("SIGSTOP"),
    goOn: () => child.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGCONT");
      tool("umount", "--lazy", root);
      await child.exited;
      for (const folder of [root, backing]) rmSync(folder, { recursive: true });
    },
  };
}

/** A file system that is frozen, as while it is copied below the system's feet. */
function mountFrozen(): Promise<Drive> {
  const root = temporary();
  const [folder, image] = [join(root, "drive"), join(root, "image")];
  tool("truncate", "--size=20M", image);
  tool("mkfs.ext4", "-q", image);
  mkdirSync(folder);
  tool("mount", "-o", "loop", image, folder);
  return Promise.resolve({
    folder,
    hang: () => tool("fsfreeze", "--freeze", folder),
    goOn: () => tool("fsfreeze", "--unfreeze", folder),
    [Symbol.asyncDispose]() {
      Bun.spawnSync(["fsfreeze", "--unfreeze", folder]);
      tool("umount", folder);
      rmSync(root, { recursive: true });
      return Promise.resolve();
    },
  });
}

test.each([
  ["does not answer", mountFuse],
  ["is frozen", mountFrozen],
] as const)(
  "runs do not pile up behind one whose drive %s, and all goes on when it does again",
  async (_, mount) => {
    needRoot("fsfreeze", "mkfs.ext4", "mountpoint");
    await using drive = await mount();
    await using stage = await WorldStage.create();
    stage.type(["install", "-f", stage.source, "-d", drive.folder, "-t", "2:00am", "--always"]);
    await stage.world.passUntil(noon + day);
    const made = () => readdirSync(drive.folder).filter((name) => name.startsWith("notes.txt-")).length;
    expect(made()).toBe(1);
    drive.hang();
    try {
      for (const passed of [1, 2, 3]) {
        stage.world.setClock(stage.world.nextDue() ?? 0);
        stage.world.run(["/usr/sbin/atd", "-s"]);
        while (stage.world.nextDue() !== noon + passed * day + 14 * 3600 + day) await Bun.sleep(20);
        while (stage.world.mails().length < passed - 1) await Bun.sleep(20);
        // A child that is about to become 'at' still has our name.
        while (stage.world.count("tinybackup") !== 1) await Bun.sleep(20);
      }
      expect(stage.world.mails()).toHaveLength(2);
      expect(lastSaid(stage)).toMatch(
        /^tinybackup: an earlier run of '[^\n]+' into '[^\n]+' is still under way\nhint: [^\n]+\n$/,
      );
      expect(stage.journal().split("\n").at(-2)).toContain('"exitCode":75');
    } finally {
      drive.goOn();
    }
    while (stage.world.count("tinybackup") > 0) await Bun.sleep(20);
    await stage.world.tick();
    expect(made()).toBe(2);
    await stage.world.passUntil(noon + 5 * day);
    expect(made()).toBe(3);
    expect(stage.statusof().code).toBe(0);
    const state = join(stage.home, ".local/state/tinybackup");
    expect(readdirSync(state).filter((name) => name.startsWith("run-"))).toEqual([]);
  },
);

test("statusof tells which drive does not answer, shows the other schedules, and ends, also by a signal", async () => {
  needRoot("mountpoint");
  await using drive = await mountFuse();
  await using stage = await WorldStage.create();
  const source = join(drive.folder, "ledger");
  writeFileSync(source, "one state\n");
  stage.type(["install", "-f", stage.source, "-d", drive.folder, "-t", "2:00am"]);
  stage.type(["install", "-f", source, "-d", stage.destination, "-t", "3:00am"]);
  stage.type(["install", "-f", stage.source, "-d", stage.destination, "-t", "4:00am", "--run"]);
  expect(stage.statusof().code).toBe(0);
  drive.hang();
  try {
    const { code, jobs } = stage.statusof(["--max-age", "1h"]);
    expect([code, ...jobs.map(({ problems }) => problems.map(({ message }) => message))]).toEqual([
      6,
      [`the destination '${drive.folder}' does not answer`],
      [`the source '${source}' does not answer`],
      [],
    ]);
    expect(jobs[2]?.newest?.file).toBe(stage.files()[0] ?? "");
    const { out } = stage.type(["statusof", "--verbose"]);
    expect(out.match(/^ {2}newest .*/gm)?.slice(0, 2)).toEqual(
      Array(2).fill("  newest    can't be seen now"),
    );
    expect(stage.shell("timeout -s INT -k 2 1 $BINARY statusof; echo $?").out).toBe("124\n");
  } finally {
    drive.goOn();
  }
  expect(stage.statusof().code).toBe(0);
});

/** What it said that was no news of the schedule. */
const warnings = (stage: WorldStage, folder: string, program = binary): string[] => {
  const words = ["install", "-f", stage.source, "-d", folder, "-t", "2:00am"];
  const { code, err } = stage.run([program, ...words]);
  expect(code).toBe(0);
  return err.split("\n").filter((line) => line.startsWith("tinybackup: warning: "));
};

const withoutModes = (type: string): string =>
  `tinybackup: warning: '/run/drive' keeps no permissions (${type}), and others on this machine may read what is in it: mount it with umask=077`;

describe("install warns, once for each, and schedules all the same:", () => {
  test("of a folder on the file's own disk, of one and of a program among temporary files", async () => {
    await using stage = await WorldStage.create();
    const program = join(stage.root, "tinybackup");
    stage.run(["cp", binary, program]);
    expect(warnings(stage, stage.destination, program)).toEqual([
      `tinybackup: warning: '${stage.destination}' is on the file's own disk, and is lost together with it: better choose a folder on another drive`,
      `tinybackup: warning: '${stage.destination}' is for temporary files, which the system removes: choose another folder`,
      `tinybackup: warning: the program, '${program}', is among temporary files, which the system removes: copy it to ~/bin, say, and install from there`,
    ]);
  });

  test("of nothing, where all is as it should be", async () => {
    await using stage = await WorldStage.create();
    const script = "mkdir -p /run/drive /run/bin; mount -t tmpfs tmpfs /run/drive; cp $0 /run/bin/tinybackup";
    stage.run(["sh", "-c", script, binary]);
    expect(warnings(stage, "/run/drive", "/run/bin/tinybackup")).toEqual([]);
    stage.run(["mount", "--bind", "/run/drive", stage.destination]);
    expect(warnings(stage, stage.destination, "/run/bin/tinybackup")).toEqual([]);
  });

  test("of a file system that keeps no permissions, unless its mount lets nobody else in", async () => {
    needRoot("ntfs-3g", "mkfs.ntfs");
    await using stage = await WorldStage.create();
    const image = join(stage.root, "image");
    tool("truncate", "--size=10M", image);
    Bun.spawnSync(["mkfs.ntfs", "-F", "-Q", image]);
    const device = tool("losetup", "--find", "--show", image).toString().trim();
    stage.run(["sh", "-c", "mkdir -p /run/bin /run/drive; cp $0 /run/bin/tinybackup", binary]);
    const connect = async (options: string, disk = device) => {
      const words = ["ntfs-3g", "-o", `no_detach,${options}`, disk, "/run/drive"];
      void stage.world.start(words);
      while (stage.run(["mountpoint", "-q", "/run/drive"]).code !== 0) await Bun.sleep(20);
    };
    try {
      await connect("rw");
      expect(warnings(stage, "/run/drive", "/run/bin/tinybackup")).toEqual([withoutModes("fuseblk")]);
      stage.run(["umount", "/run/drive"]);
      await connect("rw", image);
      expect(warnings(stage, "/run/drive", "/run/bin/tinybackup")).toEqual([withoutModes("fuse")]);
      stage.run(["umount", "/run/drive"]);
      await connect("umask=077");
      expect(warnings(stage, "/run/drive", "/run/bin/tinybackup")).toEqual([]);
    } finally {
      stage.run(["umount", "/run/drive"]);
      tool("losetup", "--detach", device);
    }
  });
});
