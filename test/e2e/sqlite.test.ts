// Databases of SQLite as they live: written to, left open, broken off, encrypted, broken.
import { beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, type Ended, environment, needRoot, tool } from "../support/tools.ts";

beforeAll(() => needRoot("sqlite3", "python3", "strace", "setpriv", "tar", "zstd"));

const writerScript = join(import.meta.dir, "../support/sqlite-writer.py");
type Work = "count" | "hold" | "alone" | "append" | "reopen" | "spill";

/** A folder with a database in it, which another program has at work. */
class DatabaseStage extends Stage {
  readonly database: string;

  constructor() {
    super();
    const home = join(this.root, "app");
    mkdirSync(home);
    this.database = join(home, "app.db");
  }

  async work(what: Work, mode: string, by: readonly string[] = []) {
    const writer = Bun.spawn([...by, "python3", writerScript, what, mode, this.database], {
      env: environment,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const output = writer.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const ready = await output.read();
    if (!ready.value?.startsWith("ready")) throw new Error(`there is no program that does ${what}`);
    return {
      kill: async () => {
        writer.kill("SIGKILL");
        await writer.exited;
      },
      /** Ends it in peace; what it said at last. */
      end: async () => {
        void writer.stdin.end();
        let said = "";
        for (let part = await output.read(); !part.done; part = await output.read()) said += part.value;
        await writer.exited;
        return said.trim();
      },
    };
  }

  saveDatabase(...more: readonly string[]): Ended {
    return this.type(["run", "-f", this.database, "-d", this.destination, ...more]);
  }

  /** All of what lies beside the database, and the folder itself: names, inodes, owners, sizes, every time. */
  surroundings(): unknown {
    const home = join(this.database, "..");
    return [".", ...readdirSync(home).toSorted()].map((name) => {
      const facts = statSync(join(home, name), { bigint: true });
      const { ino, mode, uid, size, atimeNs, mtimeNs, ctimeNs } = facts;
      return [name, ino, mode, uid, size, name === "." ? 0n : atimeNs, mtimeNs, ctimeNs].map(String);
    });
  }

  /** The newest revision's content, as a file. */
  newest(): string {
    const path = join(this.root, "newest.db");
    writeFileSync(path, contentOf(join(this.destination, this.revisions().at(-1) ?? "")));
    return path;
  }

  /** What the sqlite3 of the system says of the newest revision. */
  ask(sql: string): string {
    return tool("sqlite3", this.newest(), sql).toString().trim();
  }

  /** The number that both tables hold; throws where they differ, or the database is not whole. */
  counted(): number {
    const [integrity, one, last, other, ...rest] = this.ask(
      "PRAGMA integrity_check; SELECT n FROM one WHERE rowid = 1; SELECT n FROM one WHERE rowid = 2000; SELECT n FROM other; SELECT count(*) FROM one",
    ).split("\n");
    expect([integrity, last, other, rest]).toEqual(["ok", one, one, ["2000"]]);
    return Number(one);
  }
}

describe("under a writer that never pauses", () => {
  test.each([
    ["WAL", 100],
    ["DELETE", 100],
    ["TRUNCATE", 20],
    ["PERSIST", 20],
  ])(
    "with journal_mode %s, %d runs in a row each save a state that was, no older than the last",
    async (mode, runs) => {
      using stage = new DatabaseStage();
      const writer = await stage.work("count", mode);
      let last = 0;
      for (let run = 0; run < runs; run++) {
        const { code, err } = stage.saveDatabase("--always", "--compress", "none");
        expect({ run, code, err }).toMatchObject({ run, code: 0 });
        const counted = stage.counted();
        expect(counted).toBeGreaterThanOrEqual(last);
        last = counted;
      }
      expect(last).toBeGreaterThan(20);
      expect(stage.leftovers()).toEqual([]);
      await writer.end();
    },
    600_000,
  );

  test.each(["WAL", "DELETE"])(
    "with journal_mode %s, one that opens and closes it all the time loses nothing, and finds nothing of ours",
    async (mode) => {
      using stage = new DatabaseStage();
      const writer = await stage.work("reopen", mode);
      let last = 0;
      for (let run = 0; run < 20; run++) {
        expect(stage.saveDatabase("--always")).toMatchObject({ code: 0 });
        const [integrity, rows, highest] = stage
          .ask("PRAGMA integrity_check; SELECT count(*) FROM log; SELECT max(n) FROM log")
          .split("\n");
        expect([integrity, rows]).toEqual(["ok", highest ?? ""]);
        expect(Number(rows)).toBeGreaterThanOrEqual(last);
        last = Number(rows);
      }
      const written = await writer.end();
      expect(tool("sqlite3", stage.database, "SELECT count(*), max(n) FROM log").toString().trim()).toBe(
        `${written}|${written}`,
      );
      expect(readdirSync(join(stage.database, ".."))).toEqual(["app.db"]);
    },
    600_000,
  );
});

describe("a database that is", () => {
  test(
    holds(
      "database",
      "open and idle is saved with what only its log holds, and is unchanged until it is written to",
    ),
    async () => {
      using stage = new DatabaseStage();
      const writer = await stage.work("hold", "WAL");
      expect(stage.saveDatabase()).toMatchObject({ code: 0 });
      expect(stage.ask("PRAGMA integrity_check; SELECT n FROM other")).toBe("ok\n1");
      expect(stage.saveDatabase()).toMatchObject({ code: 0, err: expect.stringContaining("unchanged") });
      tool("sqlite3", stage.database, "UPDATE other SET n = 2");
      expect(stage.saveDatabase()).toMatchObject({ code: 0 });
      expect(stage.ask("SELECT n FROM other")).toBe("2");
      // The log's content is then in the file, where it was in the revision.
      await writer.end();
      expect(readdirSync(join(stage.database, ".."))).toEqual(["app.db"]);
      expect(stage.saveDatabase()).toMatchObject({ code: 0, err: expect.stringContaining("unchanged") });
      expect(stage.revisions()).toHaveLength(2);
      expect(
        contentOf(join(stage.destination, stage.revisions()[1] ?? "")).equals(readFileSync(stage.database)),
      ).toBe(true);
    },
  );

  test(holds("database", "left by a crash is saved with its log, whatever is there of it"), async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    await writer.kill();
    for (const missing of [[], ["-shm"]]) {
      for (const suffix of missing) rmSync(stage.database + suffix);
      const before = stage.surroundings();
      expect(stage.saveDatabase("--always")).toMatchObject({ code: 0 });
      expect(stage.ask("PRAGMA integrity_check; SELECT n FROM other")).toBe("ok\n1");
      expect(stage.surroundings()).toEqual(before);
    }
  });

  test.each(["kill", "keep"] as const)(
    "in the middle of a transaction that is in the file already (and then: %s) is saved as before it",
    async (then) => {
      using stage = new DatabaseStage();
      const writer = await stage.work("spill", "DELETE");
      const before = stage.surroundings();
      expect(statSync(`${stage.database}-journal`).size).toBeGreaterThan(0);
      if (then === "kill") await writer.kill();
      expect(stage.saveDatabase()).toMatchObject({ code: 0 });
      expect(stage.counted()).toBe(0);
      expect(stage.surroundings()).toEqual(before);
      await writer.kill();
    },
  );

  test.each(["PERSIST", "TRUNCATE"])(
    "at rest, with a journal left by journal_mode %s, is copied as it is",
    async (mode) => {
      using stage = new DatabaseStage();
      const writer = await stage.work("hold", mode);
      expect(readdirSync(join(stage.database, ".."))).toContain("app.db-journal");
      expect(stage.saveDatabase()).toMatchObject({ code: 0, err: "" });
      expect(readFileSync(stage.newest()).equals(readFileSync(stage.database))).toBe(true);
      await writer.end();
    },
  );

  test(holds("database", "kept by one program for itself is saved all the same"), async () => {
    using stage = new DatabaseStage();
    const holder = await stage.work("alone", "WAL");
    expect(readdirSync(join(stage.database, ".."))).not.toContain("app.db-shm");
    expect(stage.saveDatabase()).toMatchObject({ code: 0 });
    expect(stage.ask("PRAGMA integrity_check; SELECT n FROM other")).toBe("ok\n1");
    await holder.end();
  });

  test("somebody else's, to be read but not written, is saved with its log", async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    chmodSync(stage.destination, 0o777);
    expect(stage.typeAsNobody(["run", "-f", stage.database, "-d", stage.destination])).toMatchObject({
      code: 0,
    });
    expect(stage.ask("SELECT n FROM other")).toBe("1");
    await writer.end();
  });

  test("on a read-only file system is saved with its log", async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    await writer.kill();
    const home = join(stage.database, "..");
    tool("mount", "--bind", home, home);
    tool("mount", "-o", "remount,ro,bind", home);
    try {
      expect(stage.saveDatabase()).toMatchObject({ code: 0 });
      expect(stage.ask("SELECT n FROM other")).toBe("1");
    } finally {
      tool("umount", home);
    }
  });
});

test(
  holds(
    "undisturbed",
    "unlocked",
    "nothing beside a database is created, removed, changed or so much as marked as read",
  ),
  async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    const before = stage.surroundings();
    const trace = join(stage.root, "trace");
    const ended = stage.run(
      [
        "strace",
        "-f",
        "-y",
        "-o",
        trace,
        "-e",
        "trace=%file,ftruncate,fchown,fchmod,utimensat,pwrite64,write,ioctl",
        binary,
      ].concat(["run", "-f", stage.database, "-d", stage.destination]),
    );
    expect(ended).toMatchObject({ code: 0 });
    expect(stage.surroundings()).toEqual(before);
    // Of a call that another one came into, the first half says it all.
    const touches = readFileSync(trace, "utf8")
      .split("\n")
      .filter(
        (line) =>
          line.includes("/app/") && !/O_RDONLY|O_PATH|stat|readlink|access|ENOENT|execve|resumed>/.test(line),
      );
    expect(touches).toEqual([]);
    await writer.end();
  },
);

test(
  holds(
    "interrupted",
    "database",
    "a run that is killed, at whatever moment, leaves only what the next one removes, and one that is ended nothing",
  ),
  async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    const before = stage.surroundings();
    let left = 0;
    for (let round = 0; round < 30; round++) {
      const signal = round % 3 === 0 ? "SIGTERM" : "SIGKILL";
      const child = Bun.spawn([binary, "run", "-f", stage.database, "-d", stage.destination, "--always"], {
        env: { ...environment, XDG_STATE_HOME: stage.root },
        stdout: "ignore",
        stderr: "ignore",
      });
      while (child.exitCode === null && stage.leftovers().length === 0) await Bun.sleep(0);
      await Bun.sleep(round);
      child.kill(signal);
      await child.exited;
      if (signal === "SIGTERM") expect(stage.leftovers()).toEqual([]);
      left += stage.leftovers().length;
      expect(stage.saveDatabase("--always")).toMatchObject({ code: 0 });
      expect(stage.leftovers()).toEqual([]);
    }
    expect(left).toBeGreaterThan(0);
    expect(stage.surroundings()).toEqual(before);
    await writer.end();
  },
);

describe("what is no database to be read", () => {
  test("encrypted, with a log beside it, is copied as it is, and that is said", async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    await writer.kill();
    const content = randomBytes(statSync(stage.database).size);
    writeFileSync(stage.database, content);
    expect(stage.saveDatabase()).toMatchObject({ code: 0, err: expect.stringContaining("encrypted") });
    expect(readFileSync(stage.newest()).equals(content)).toBe(true);
  });

  test("with a broken page is copied as it is, and that is said", async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    await writer.end();
    const file = openSync(stage.database, "r+");
    writeSync(file, randomBytes(4096), 0, 4096, 4 * 4096);
    closeSync(file);
    const content = readFileSync(stage.database);
    const reader = await stage.work("append", "WAL");
    expect(stage.saveDatabase()).toMatchObject({
      code: 0,
      err: expect.stringContaining("was saved without"),
    });
    expect(readFileSync(stage.newest()).equals(content)).toBe(true);
    await reader.kill();
  });

  test("whose log may not be read is not saved without it, but by --raw", async () => {
    using stage = new DatabaseStage();
    const writer = await stage.work("hold", "WAL");
    chmodSync(`${stage.database}-wal`, 0o600);
    chmodSync(stage.destination, 0o777);
    const args = ["run", "-f", stage.database, "-d", stage.destination];
    const sentence = `cannot read '${stage.database}-wal', which holds a part of the database: permission denied`;
    expect(stage.typeAsNobody(args)).toMatchObject({ code: 1, err: expect.stringContaining(sentence) });
    expect(stage.leftovers()).toEqual([]);
    expect(stage.typeAsNobody([...args, "--raw"])).toMatchObject({ code: 0 });
    await writer.end();
  });
});

test("--raw copies the file as it is, whatever lies beside it", async () => {
  using stage = new DatabaseStage();
  const writer = await stage.work("hold", "WAL");
  expect(stage.saveDatabase("--raw")).toMatchObject({ code: 0, err: "" });
  expect(readFileSync(stage.newest()).equals(readFileSync(stage.database))).toBe(true);
  await writer.end();
});

test("without room for the copy, it says how much it needs, and leaves nothing", async () => {
  using stage = new DatabaseStage();
  const writer = await stage.work("hold", "WAL");
  tool("mount", "-t", "tmpfs", "-o", "size=1000k", "none", stage.destination);
  try {
    const [file, log] = [stage.database, `${stage.database}-wal`].map((path) => statSync(path).size);
    const mib = Math.ceil(((file ?? 0) + (log ?? 0)) / (1 << 20));
    const ended = stage.saveDatabase();
    expect(ended).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(new RegExp(String.raw`no room .*\nhint: it needs ${mib} MiB there`)),
    });
    expect(stage.files()).toEqual([]);
  } finally {
    tool("umount", stage.destination);
  }
  await writer.end();
});
