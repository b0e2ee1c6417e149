// File systems that can clone a file: even one that is written to without pause is saved as of one moment.
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, environment, needRoot, tool } from "../support/tools.ts";

beforeAll(() => needRoot("mkfs.btrfs", "mkfs.xfs", "losetup", "strace", "python3", "sqlite3", "tar", "zstd"));

/** A stage whose `saved` is a file system in an image, with the file to save in it as well. */
class ImageStage extends Stage {
  readonly #image = join(tmpdir(), `tinybackup-reflink-${process.pid}-${performance.now()}`);
  readonly #device: string;
  readonly file: string;

  constructor(kind: string) {
    super();
    tool("truncate", "--size=400M", this.#image);
    tool(`mkfs.${kind}`, "-q", this.#image);
    this.#device = tool("losetup", "--find", "--show", this.#image).toString().trim();
    tool("mount", this.#device, this.destination);
    this.file = join(this.destination, "busy.bin");
  }

  override [Symbol.dispose](): void {
    tool("umount", this.destination);
    tool("losetup", "--detach", this.#device);
    rmSync(this.#image);
    super[Symbol.dispose]();
  }

  saveFile(...more: readonly string[]) {
    return this.type(["run", "-f", this.file, "-d", this.destination, "--always", ...more]);
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

describe.each(["btrfs", "xfs"])("%s", (kind) => {
  test("saves a file under a writer that never pauses as of one moment, each time", async () => {
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
        expect(stage.saveFile()).toMatchObject({ code: 0, err: "" });
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
  }, 120_000);

  test("needs no room for that", () => {
    using stage = new ImageStage(kind);
    writeFileSync(stage.file, Buffer.alloc(220 << 20, "0123456789abcdef"));
    expect(stage.saveFile()).toMatchObject({ code: 0, err: "" });
    expect(stage.newest().equals(readFileSync(stage.file))).toBe(true);
    expect(stage.leftovers()).toEqual(["busy.bin"]);
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
    expect(stage.saveFile()).toMatchObject({ code: 0 });
    const copy = join(stage.root, "copy.db");
    writeFileSync(copy, stage.newest());
    expect(tool("sqlite3", copy, "PRAGMA integrity_check; SELECT n FROM t").toString()).toBe("ok\n7\n");
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
