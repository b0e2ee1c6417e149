// `restore --force`: what was there is there under a second name, whatever it was, and whatever the disk allows.
import { beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { type Ended, needRoot, tool } from "../support/tools.ts";

beforeAll(() => needRoot("mount", "umount", "setpriv", "sqlite3", "python3", "chattr"));

/** A stage whose file was saved, and then written anew. */
function openStage(content = "present"): Stage {
  const stage = new Stage();
  stage.save();
  stage.write("notes.txt", content, 0o604);
  return stage;
}

function restore(stage: Stage, ...more: readonly string[]): Ended {
  return stage.type(["restore", ...stage.paths, "--force", ...more]);
}

function secondNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.includes(".before-restore-"))
    .toSorted();
}

const saved = "a line of notes\n".repeat(200);

test.each(["", "present"])("a file that holds %j has a second name", (content) => {
  using stage = openStage(content);
  expect(restore(stage)).toMatchObject({ code: 0 });
  const [second = ""] = secondNames(stage.root);
  expect(readFileSync(join(stage.root, second), "utf8")).toBe(content);
  expect(readFileSync(stage.source, "utf8")).toBe(saved);
});

test("many in one second have a second name each", async () => {
  using stage = openStage();
  for (let count = 0; count < 4; count++) expect(restore(stage)).toMatchObject({ code: 0 });
  expect(secondNames(stage.root)).toHaveLength(4);
  const ended = await Promise.all(
    Array.from({ length: 4 }, () => stage.start(["restore", ...stage.paths, "--force"])),
  );
  for (const { code, err } of ended) if (code !== 0) expect(err).toContain("try again");
  expect(readFileSync(stage.source, "utf8")).toBe(saved);
  const contents = secondNames(stage.root).map((name) => readFileSync(join(stage.root, name), "utf8"));
  expect(contents.filter((content) => content === "present")).toHaveLength(1);
});

test("a name of 255 bytes is cut", () => {
  using stage = new Stage();
  const name = `${"ü".repeat(127)}n`;
  const source = stage.write(name, saved);
  stage.type(["run", "-f", source, "-d", stage.destination]);
  writeFileSync(source, "present");
  expect(stage.type(["restore", "-f", source, "-d", stage.destination, "--force"])).toMatchObject({
    code: 0,
  });
  const [second = ""] = secondNames(stage.root);
  expect(second).toMatch(/^ü+\.before-restore-/);
  expect(readFileSync(join(stage.root, second), "utf8")).toBe("present");
});

test("who has the file open goes on writing to the one with the second name", () => {
  using stage = openStage();
  const descriptor = openSync(stage.source, constants.O_WRONLY | constants.O_APPEND);
  expect(restore(stage)).toMatchObject({ code: 0 });
  writeSync(descriptor, ", and this");
  closeSync(descriptor);
  const [second = ""] = secondNames(stage.root);
  expect(readFileSync(join(stage.root, second), "utf8")).toBe("present, and this");
  expect(readFileSync(stage.source, "utf8")).toBe(saved);
});

test(
  holds(
    "restore-safe",
    "of a file that is saved by rename all the time, the last state before the restored one is there",
  ),
  async () => {
    using stage = openStage();
    let count = 0;
    for (let round = 0; round < 5; round++) {
      const restoring = stage.start(["restore", ...stage.paths, "--force"]);
      const restored = { isDone: false };
      void restoring.then(() => (restored.isDone = true));
      let last = "present";
      while (!restored.isDone && readFileSync(stage.source, "utf8") !== saved) {
        last = `state ${count++}`;
        writeFileSync(join(stage.root, "new"), last);
        renameSync(join(stage.root, "new"), stage.source);
        await Bun.sleep(0);
      }
      expect(await restoring).toMatchObject({ code: 0 });
      const names = [...secondNames(stage.root), "notes.txt"];
      expect(names.map((name) => readFileSync(join(stage.root, name), "utf8"))).toContain(last);
      stage.write("notes.txt", "present");
    }
  },
);

describe("the folder of the revisions", () => {
  test.each([
    ["read-only", ["remount,ro,bind"]],
    ["full", []],
  ])("%s is no hindrance", (how, remount) => {
    using stage = new Stage();
    tool("mount", "-t", "tmpfs", "-o", "size=1m", "none", stage.destination);
    try {
      stage.save();
      stage.write("notes.txt", "present");
      for (const options of remount) tool("mount", "-o", options, stage.destination);
      if (how === "full") stage.shell('dd if=/dev/zero of="$SAVED/fill" bs=4k 2>/dev/null');
      expect(restore(stage)).toMatchObject({ code: 0 });
      expect(readFileSync(stage.source, "utf8")).toBe(saved);
      expect(secondNames(stage.root)).toHaveLength(1);
    } finally {
      tool("umount", stage.destination);
    }
  });
});

describe("where a hard link is refused,", () => {
  test("the file is renamed: vfat", () => {
    using stage = openStage();
    const image = join(stage.root, "image");
    const mounted = join(stage.root, "mounted");
    mkdirSync(mounted);
    tool("truncate", "--size=4M", image);
    tool("mkfs.vfat", image);
    const mount = stage.run(["mount", "-o", "loop,umask=077", image, mounted]);
    // Where the kernel has no vfat, sshfs and exFAT say it (test/e2e/file-systems.test.ts).
    if (mount.code !== 0) return;
    try {
      const target = join(mounted, "notes.txt");
      writeFileSync(target, "present");
      const ended = restore(stage, "--to", target);
      expect(ended).toMatchObject({ code: 0 });
      expect(readFileSync(target, "utf8")).toBe(saved);
      const [second = ""] = secondNames(mounted);
      expect(readFileSync(join(mounted, second), "utf8")).toBe("present");
      expect(readdirSync(mounted)).toHaveLength(2);
    } finally {
      tool("umount", mounted);
    }
  });

  test("and a rename too, the file stays, and one line says so", () => {
    using stage = openStage();
    tool("chattr", "+i", stage.source);
    try {
      const ended = restore(stage);
      expect(ended.code).toBe(1);
      expect(ended.err).toMatch(
        /^tinybackup: cannot restore to '[^\n]*notes.txt': operation not permitted\n/,
      );
      expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", "saved"]);
    } finally {
      tool("chattr", "-i", stage.source);
    }
    expect(readFileSync(stage.source, "utf8")).toBe("present");
  });

  test("as of somebody else's file, it is renamed", () => {
    using stage = openStage();
    const shared = join(stage.root, "shared");
    mkdirSync(shared);
    tool("chmod", "777", shared);
    const target = join(shared, "x");
    writeFileSync(target, "present", { mode: 0o600 });
    stage.shell('chmod 755 "$SAVED"; chmod 644 "$SAVED"/*');
    const ended = stage.typeAsNobody(["restore", "-d", stage.destination, "--to", target, "--force"]);
    expect(ended).toMatchObject({ code: 0 });
    const [second = ""] = secondNames(shared);
    const { uid, mode } = statSync(join(shared, second));
    expect([uid, mode & 0o777]).toEqual([0, 0o600]);
  });
});

/** A database of ten rows, saved at rest. */
function openDatabase(): { readonly stage: Stage; readonly path: string; [Symbol.dispose](): void } {
  const stage = new Stage();
  const path = join(stage.root, "app.db");
  tool(
    "sqlite3",
    path,
    "CREATE TABLE t(x); WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n LIMIT 10) INSERT INTO t SELECT i FROM n;",
  );
  expect(stage.type(["run", "-f", path, "-d", stage.destination])).toMatchObject({ code: 0 });
  return { stage, path, [Symbol.dispose]: () => stage[Symbol.dispose]() };
}

/** Has a program write to the database and die in the middle. */
function crash(path: string, statements: string): void {
  const script = `import sqlite3,os,sys
c=sqlite3.connect(sys.argv[1],isolation_level=None)
${statements}
os.kill(os.getpid(),9)`;
  Bun.spawnSync(["python3", "-c", script, path]);
}

const inWal = `c.execute("PRAGMA journal_mode=WAL"); c.execute("PRAGMA wal_autocheckpoint=0")
for i in range(2490): c.execute("INSERT INTO t VALUES(?)",(i,))`;
const inJournal = `c.execute("PRAGMA cache_size=1"); c.execute("PRAGMA cache_spill=1"); c.execute("BEGIN")
for i in range(20000): c.execute("INSERT INTO t VALUES(?)",(i,))
c.execute("DELETE FROM t WHERE x<5")`;

function expectRows(path: string, rows: number): void {
  expect(tool("sqlite3", path, "PRAGMA integrity_check; SELECT count(*) FROM t").toString()).toBe(
    `ok\n${rows}\n`,
  );
}

describe("a database", () => {
  test.each([
    ["with 2,490 rows in its -wal", inWal, "-wal", 2500],
    ["with a transaction broken off", inJournal, "-journal", 10],
  ])(
    "%s is whole under its second name, and the restored one is as it was",
    (_, statements, suffix, rows) => {
      using database = openDatabase();
      const { stage, path } = database;
      crash(path, statements);
      expect(statSync(path + suffix).size).toBeGreaterThan(1000);
      const ended = stage.type(["restore", "-f", path, "-d", stage.destination, "--force"]);
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.err).toContain(`SQLite's '${path}${suffix}' is now '${path}.before-restore-`);
      expect(existsSync(path + suffix)).toBe(false);
      expectRows(path, 10);
      const second = secondNames(stage.root).find((name) => name.endsWith("Z")) ?? "";
      expectRows(join(stage.root, second), rows);
    },
  );

  test.each([
    ["-wal", inWal, ["-shm"]],
    ["-journal", inJournal, []],
    ["-shm", inWal, ["-wal"]],
  ])("that is gone, with a stale %s left: restored as it was", (suffix, statements, others) => {
    using database = openDatabase();
    const { stage, path } = database;
    crash(path, statements);
    for (const other of ["", ...others]) rmSync(path + other);
    const stale = readFileSync(path + suffix);
    const ended = stage.type(["restore", "-f", path, "-d", stage.destination]);
    expect(ended).toMatchObject({ code: 0 });
    const [second = ""] = secondNames(stage.root);
    expect(second).toEndWith(`Z${suffix}`);
    expect(readFileSync(join(stage.root, second)).equals(stale)).toBe(true);
    expectRows(path, 10);
  });

  test(
    holds("restore-safe", "database", "that a program has open goes on under its second name"),
    async () => {
      using database = openDatabase();
      const { stage, path } = database;
      const script = `import sqlite3,sys
c=sqlite3.connect(sys.argv[1],isolation_level=None); c.execute("PRAGMA journal_mode=WAL")
c.execute("INSERT INTO t VALUES(11)"); print("open",flush=True); sys.stdin.readline()
c.execute("INSERT INTO t VALUES(12)"); c.execute("PRAGMA wal_checkpoint"); print("done",flush=True); sys.stdin.readline()
import os; os.kill(os.getpid(),9)`;
      const program = Bun.spawn(["python3", "-c", script, path], { stdin: "pipe", stdout: "pipe" });
      const reader = program.stdout.getReader();
      await reader.read();
      expect(stage.type(["restore", "-f", path, "-d", stage.destination, "--force"])).toMatchObject({
        code: 0,
      });
      void program.stdin.write("\n");
      await reader.read();
      expectRows(path, 10);
      void program.stdin.write("\n");
      await program.exited;
      const second = secondNames(stage.root).find((name) => name.endsWith("Z")) ?? "";
      expectRows(join(stage.root, second), 12);
      expectRows(path, 10);
    },
  );

  test("of which one name is taken in this second has the next one", () => {
    using database = openDatabase();
    const { stage, path } = database;
    crash(path, inWal);
    rmSync(path);
    expect(stage.type(["restore", "-f", path, "-d", stage.destination])).toMatchObject({ code: 0 });
    expect(stage.type(["restore", "-f", path, "-d", stage.destination, "--force"])).toMatchObject({
      code: 0,
    });
    const second = secondNames(stage.root).find((name) => /Z(-2)?$/.test(name)) ?? "";
    // A -wal that is not its own would undo it.
    expectRows(join(stage.root, second), 10);
  });
});

test("files that only look like those of a database stay where they are", () => {
  using stage = openStage();
  for (const suffix of ["-wal", "-shm", "-journal"]) appendFileSync(stage.source + suffix, "of mine");
  expect(restore(stage)).toMatchObject({ code: 0 });
  expect(secondNames(stage.root)).toHaveLength(1);
  expect(readFileSync(`${stage.source}-journal`, "utf8")).toBe("of mine");
});

test("a log of SQLite is taken along also where the file does not show that it is a database, as an encrypted one", () => {
  using stage = openStage();
  const log = Buffer.alloc(4128);
  log.writeUInt32BE(0x377f0682);
  writeFileSync(`${stage.source}-wal`, log);
  expect(restore(stage)).toMatchObject({ code: 0 });
  expect(secondNames(stage.root).map((name) => name.replace(/^.*Z/, ""))).toEqual(["", "-wal"]);
  expect(existsSync(`${stage.source}-wal`)).toBe(false);
});
