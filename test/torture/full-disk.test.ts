// A disk with room for so many blocks, and for one less, and so on to none: what does not fit is refused, in one line, and leaves
// nothing behind; what was there stays; and once there is room, all goes on.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { makeImage, fileSystems } from "../support/power.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, needRoot, run, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import { isWhole } from "./extent.ts";

setDefaultTimeout(300_000);

let stage: Stage;
let root: string;
let disk: string;
let destination: string;
const BLOCK = 4096;
const contents = [1, 2, 3].map((seed) => mixedBytes(120_000 + seed, seed));
const [, newest = Buffer.alloc(0), present = Buffer.alloc(0)] = contents;

beforeAll(() => {
  needRoot("mount", "umount", "mkfs.ext4", "fallocate", "tar", "zstd");
  const [ext4] = fileSystems;
  if (!ext4) throw new Error("no file system");
  stage = new Stage();
  root = mkdtempSync(join(tmpdir(), "tinybackup-full-"));
  disk = join(root, "disk");
  destination = join(disk, "saved");
  const image = join(root, "image");
  // As few inodes as there can be.
  const small = { ...ext4, mkfs: [...ext4.mkfs, "-N", "32", "-m", "0"] };
  makeImage(image, small, disk, () => mkdirSync(destination));
  tool("mount", "-o", "loop", image, disk);
});
afterAll(() => {
  tool("umount", disk);
  rmSync(root, { recursive: true });
  stage[Symbol.dispose]();
});

const paths = () => ["-f", stage.source, "-d", destination];
/** Also the journal is on that disk. */
const type = (...args: readonly string[]) =>
  stage.type(args, { env: { XDG_STATE_HOME: join(disk, "state") } });

function empty(): void {
  for (const name of readdirSync(disk))
    if (name !== "lost+found") rmSync(join(disk, name), { recursive: true });
  mkdirSync(destination);
  for (const content of [contents[0] ?? "", newest]) {
    stage.write("notes.txt", content);
    expect(type("run", ...paths())).toMatchObject({ code: 0 });
  }
  stage.write("notes.txt", present);
}

/** Takes all blocks but so many, or nearly. */
function leave(blocks: number): void {
  const filler = join(disk, "filler");
  const { bavail, bsize } = statfsSync(disk);
  // Where that file lies takes some blocks as well.
  const bytes = bavail * bsize - blocks * BLOCK;
  for (let less = 0; less < 8 && bytes > less * BLOCK; less++)
    if (run(["fallocate", "-l", String(bytes - less * BLOCK), filler]).code === 0) return;
}

/** Takes all inodes but so many. */
function leaveInodes(inodes: number): void {
  mkdirSync(join(disk, "fillers"), { recursive: true });
  for (let index = 0; statfsSync(disk).ffree > inodes; index++)
    writeFileSync(join(disk, "fillers", `${index}`), "");
}

const names = () => readdirSync(destination).toSorted();

/** @returns whether there was room */
function tryRun(what: string): boolean {
  const before = names();
  const { code, err, out } = type("run", ...paths(), "-k", "2");
  const after = names();
  if (code === 0) {
    expect(contentOf(out.trim()).equals(present)).toBe(true);
    expect(after).toHaveLength(2);
    return true;
  }
  expect({ what, code, err }).toEqual({
    what,
    code: 1,
    err: expect.stringMatching(
      /^tinybackup: [^\n]*(no space left|no room|are free)[^\n]*\n(hint: [^\n]*\n)?$/,
    ),
  });
  expect(after).toEqual(before);
  return false;
}

describe("a disk", () => {
  test(
    holds(
      "interrupted",
      "nothing-lost",
      "with less and less room: a run saves, or says so, and loses nothing",
    ),
    () => {
      empty();
      const results: boolean[] = [];
      for (let blocks = 60; blocks >= 0; blocks -= isWhole || blocks < 4 ? 1 : 7) {
        empty();
        leave(blocks);
        results.push(tryRun(`${blocks} blocks`));
        rmSync(join(disk, "filler"));
        expect(type("run", ...paths())).toMatchObject({ code: 0 });
        expect(type("verify", "--all", "-d", destination)).toMatchObject({ code: 0 });
      }
      // Both were tried, and more room is never worse.
      expect([results[0], results.at(-1)]).toEqual([true, false]);
      expect(results.toSorted((one, other) => Number(other) - Number(one))).toEqual(results);
    },
  );

  test(holds("interrupted", "with fewer and fewer inodes: the same"), () => {
    const results: boolean[] = [];
    for (let inodes = 4; inodes >= 0; inodes--) {
      empty();
      leaveInodes(inodes);
      results.push(tryRun(`${inodes} inodes`));
      rmSync(join(disk, "fillers"), { recursive: true });
      expect(type("run", ...paths())).toMatchObject({ code: 0 });
    }
    expect([results[0], results.at(-1)]).toEqual([true, false]);
  });

  test(
    holds("interrupted", "restore-safe", "with less and less room: a restore gives all, or nothing"),
    () => {
      const target = join(disk, "restored");
      const results: boolean[] = [];
      for (let blocks = 40; blocks >= 0; blocks -= isWhole || blocks < 4 ? 1 : 6) {
        empty();
        writeFileSync(target, "the present file\n");
        leave(blocks);
        const { code, err } = type("restore", ...paths(), "--to", target, "--force", "--quiet");
        const content = readFileSync(target);
        if (code === 0) expect(content.equals(newest)).toBe(true);
        else
          expect({ blocks, code, err, content: content.toString() }).toMatchObject({
            code: 1,
            content: "the present file\n",
          });
        const beside = readdirSync(disk).filter((name) => /partial|before-restore/.test(name));
        expect(beside).toHaveLength(code === 0 ? 1 : 0);
        results.push(code === 0);
      }
      expect([results[0], results.at(-1)]).toEqual([true, false]);
      expect(existsSync(target)).toBe(true);
    },
  );

  test("without any room is pruned all the same", () => {
    empty();
    leave(0);
    expect(type("prune", ...paths(), "-k", "1", "--quiet")).toMatchObject({ code: 0 });
    expect(names()).toHaveLength(1);
  });
});
