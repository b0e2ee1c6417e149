// File systems that can clone a file: even one that is written to without pause is saved as of one moment.
import { beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, environment, needRoot, tool } from "../support/tools.ts";

beforeAll(() =>
  needRoot("mkfs.btrfs", "mkfs.xfs", "losetup", "strace", "python3", "sqlite3", "tar", "bsdtar", "zstd"),
);

/** A stage whose `saved` is a file system in an image, with the file to save in it as well. */
class ImageStage extends Stage {
  readonly #image = join(tmpdir(), `tinybackup-reflink-${process.pid}-${performance.now()}`);
  readonly #device: string;
  readonly file: string;
  readonly savingFile: readonly string[];

  constructor(kind: string) {
    super();
    tool("truncate", "--size=400M", this.#image);
    tool(`mkfs.${kind}`, "-q", this.#image);
    this.#device = tool("losetup", "--find", "--show", this.#image).toString().trim();
    tool("mount", this.#device, this.destination);
    this.file = join(this.destination, "busy.bin");
    this.savingFile = ["run", "-f", this.file, "-d", this.destination, "--always"];
  }

  override [Symbol.dispose](): void {
    tool("umount", this.destination);
    tool("losetup", "--detach", this.#device);
    rmSync(this.#image);
    super[Symbol.dispose]();
  }

  /** Fills the file system until only that much room is left. */
  leave(mebibytes: number): void {
    const { bavail, bsize } = statfsSync(this.destination);
    tool("fallocate", `--length=${bavail * bsize - (mebibytes << 20)}`, join(this.destination, "ballast"));
  }

  newest(): Buffer {
    return contentOf(join(this.destination, this.revisions().at(-1) ?? ""));
  }
}

/** Writes two MiB of one number in one call, the next number in the next, until it is killed. */
const counter = `
import os, struct, sys
file, n = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), 0
while True:
    n += 1
    os.pwrite(file, struct.pack("<Q", n) * (1 << 18), 0)
    if n == 10:
        print("ready", flush=True)
`;

// Side by side, since a clone waits for the disk.
describe("a file under a writer that never pauses", () => {
  test.concurrent.each(["btrfs", "xfs"])(
    "%s: is saved as of one moment, each time",
    async (kind) => {
      using stage = new ImageStage(kind);
      const writer = Bun.spawn(["python3", "-c", counter, stage.file], {
        env: environment,
        stdout: "pipe",
        stderr: "inherit",
      });
      try {
        await writer.stdout.getReader().read();
        const seen = new Set<bigint>();
        for (let run = 0; run < 12; run++) {
          expect(await stage.start(stage.savingFile)).toMatchObject({ code: 0, err: "" });
          const words = stage.newest();
          const first = words.readBigUInt64LE(0);
          const whole = Buffer.alloc(2 << 20, words.subarray(0, 8));
          expect(words.equals(whole)).toBe(true);
          seen.add(first);
        }
        expect(seen.size).toBe(12);
        expect(stage.leftovers()).toEqual(["busy.bin"]);
      } finally {
        writer.kill("SIGKILL");
        await writer.exited;
      }
    },
    120_000,
  );
});

describe.each(["btrfs", "xfs"])("%s", (kind) => {
  test("needs no room for that", () => {
    using stage = new ImageStage(kind);
    stage.leave(90);
    writeFileSync(stage.file, Buffer.alloc(55 << 20, "0123456789abcdef"));
    expect(stage.type(stage.savingFile)).toMatchObject({ code: 0, err: "" });
    expect(stage.newest().equals(readFileSync(stage.file))).toBe(true);
    expect(stage.leftovers()).toEqual(["ballast", "busy.bin"]);
  });

  test("saves what lies on another file system as well", () => {
    using stage = new ImageStage(kind);
    expect(stage.save()).toMatchObject({ code: 0, err: "" });
    expect(stage.newest().equals(readFileSync(stage.source))).toBe(true);
    expect([stage.revisions().length, stage.leftovers()]).toEqual([1, []]);
  });

  test("saves a database in use together with its log", () => {
    using stage = new ImageStage(kind);
    const script = `PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (7);`;
    const log = `.dbconfig no_ckpt_on_close on`;
    tool("sqlite3", stage.file, log, script);
    expect(stage.type(stage.savingFile)).toMatchObject({ code: 0 });
    const copy = join(stage.root, "copy.db");
    writeFileSync(copy, stage.newest());
    expect(tool("sqlite3", copy, "PRAGMA integrity_check; SELECT n FROM t").toString()).toBe("ok\n7\n");
  });
});

/** What the whole file system holds, in bytes. */
function usedBytes({ destination }: ImageStage): number {
  tool("sync", "--file-system", destination);
  const { blocks, bfree, bsize } = statfsSync(destination);
  return (blocks - bfree) * bsize;
}

/** Saves a file of 20 MiB ten times, with a few bytes of it changed. Gives how much room each revision took. */
function saveTenTimes(stage: ImageStage, ...more: readonly string[]): number[] {
  const content = randomBytes(20 << 20);
  let before = usedBytes(stage);
  return Array.from({ length: 10 }, (_, time) => {
    content.write(`change ${time}`, (time * 2 + 1) << 20);
    writeFileSync(join(stage.root, "large.bin"), content);
    const run = ["run", "-f", join(stage.root, "large.bin"), "-d", stage.destination, ...more];
    expect(stage.type(run)).toMatchObject({ code: 0, err: "" });
    expect(stage.newest().equals(content)).toBe(true);
    const newest = join(stage.destination, stage.revisions().at(-1) ?? "");
    expect(tool("bsdtar", "-xOf", newest).equals(content)).toBe(true);
    const taken = usedBytes(stage) - before;
    before += taken;
    return taken;
  });
}

describe.each(["btrfs", "xfs"])("%s", (kind) => {
  test("stores once what has not changed", () => {
    using stage = new ImageStage(kind);
    const [first = 0, ...others] = saveTenTimes(stage);
    expect(first).toBeGreaterThan(20 << 20);
    for (const taken of others) expect(taken).toBeLessThan(first / 10);
    expect(stage.type(["verify", "-d", stage.destination, "--all"]).code).toBe(0);
  });

  test("asks for no room that it does not need", () => {
    using stage = new ImageStage(kind);
    stage.leave(80);
    const content = randomBytes(50 << 20);
    for (const text of ["one", "two"]) {
      content.write(text, 25 << 20);
      stage.write("notes.txt", content);
      expect(stage.type(["run", ...stage.paths])).toMatchObject({ code: 0, err: "" });
    }
    expect(stage.newest().equals(content)).toBe(true);
  });

  test("stores each revision on its own where that is asked for", () => {
    using stage = new ImageStage(kind);
    stage.type(["run", ...stage.paths]);
    stage.write("notes.txt", randomBytes(20 << 20));
    const before = usedBytes(stage);
    for (const text of ["one", "two"]) {
      stage.write("notes.txt", Buffer.concat([readFileSync(stage.source), Buffer.from(text)]));
      expect(stage.type(["run", ...stage.paths, "--no-share"])).toMatchObject({ code: 0, err: "" });
    }
    expect(usedBytes(stage) - before).toBeGreaterThan(40 << 20);
  });

  test.each(["EXDEV", "EIO", "EOPNOTSUPP", "EINVAL"])("writes what it refuses to share: %s", (errno) => {
    using stage = new ImageStage(kind);
    stage.write("notes.txt", randomBytes(8 << 20));
    stage.type(["run", ...stage.paths]);
    writeFileSync(stage.source, Buffer.concat([readFileSync(stage.source), Buffer.from("more")]));
    const inject = ["-e", "trace=copy_file_range", "-e", `inject=copy_file_range:error=${errno}:when=2+`];
    const log = join(stage.root, "trace");
    const ended = stage.run(["strace", "-f", "-o", log, ...inject, binary, "run", ...stage.paths]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    // The first was shared, the second refused, and nobody asked again.
    expect(readFileSync(log, "utf8").match(/copy_file_range\(/g)).toHaveLength(2);
    expect(stage.newest().equals(readFileSync(stage.source))).toBe(true);
    expect(stage.type(["verify", "-d", stage.destination, "--all"]).code).toBe(0);
  });
});

test("elsewhere no clone is tried", () => {
  using stage = new ImageStage("ext4");
  writeFileSync(stage.file, "content");
  const trace = join(stage.root, "trace");
  const traced = ["strace", "-f", "-o", trace, "-e", "trace=ioctl,mkdir", binary];
  const ended = stage.run([...traced, "run", "-f", stage.file, "-d", stage.destination]);
  expect(ended).toMatchObject({ code: 0 });
  expect(readFileSync(trace, "utf8")).not.toMatch(/FICLONE|0x40049409|\.tinybackup-/);
});
