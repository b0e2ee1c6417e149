// What happens to histories by accident or by malice, each told by itself: an emptied file, copies, wrong clocks, slow decay,
// and things in a folder that only look like revisions.
import { expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { formatNamed } from "../../src/backup/archive/formats.ts";
import { parseTrailer, renderTrailer, TAIL_BYTES, updateCrc } from "../../src/backup/archive/trailer.ts";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { clockAt, run } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";

setDefaultTimeout(120_000);

const numbers = (stage: Stage) => stage.revisions().map((name) => Number(/-(\d{6})-\d{4}-/.exec(name)?.[1]));

/** Saves another content, some kilobytes long unless said. Throws where that is not done. */
function saveNext(stage: Stage, seed: number, words: readonly string[] = [], bytes = 8000): string {
  stage.write("notes.txt", mixedBytes(bytes, seed));
  const { code, out, err } = stage.type(["run", ...stage.paths, ...words]);
  if (code !== 0) throw new Error(`run ended with ${code}: ${err}`);
  return out.trim();
}

/** Flips a bit where the content is stored. */
function rot(path: string): void {
  const bytes = readFileSync(path);
  const place = bytes.length >> 1;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}

test(holds("shrunk", "a file that lost its content pushes out nothing of what it was"), () => {
  using stage = new Stage();
  for (const seed of [1, 2, 3]) saveNext(stage, seed, ["-k", "3"]);
  for (const seed of [4, 5, 6, 7, 8]) saveNext(stage, seed, ["-k", "3"], 200);
  expect(numbers(stage)).toEqual(expect.arrayContaining([2, 3, 7, 8]));
});

test(holds("copies", "copies of one state push out no other"), () => {
  using stage = new Stage();
  saveNext(stage, 1, ["-k", "2"]);
  saveNext(stage, 2, ["-k", "2"]);
  for (let times = 0; times < 4; times++) expect(stage.save("-k", "2").code).toBe(0);
  expect(numbers(stage)).toEqual([1, 6]);
});

test(holds("clock", "read-again", "a revision of the future is read again when the clock is right"), () => {
  using stage = new Stage();
  const at = (clock: string) => stage.type(["run", ...stage.paths], { env: clockAt(clock) });
  stage.write("notes.txt", mixedBytes(8000, 1));
  rot(at("2099-01-01 00:00:00").out.trim());
  const { code, err } = at("2026-11-25 02:00:00");
  expect([code, err]).toEqual([0, expect.stringMatching(/-000001-.*' is damaged: /)]);
  expect(numbers(stage)).toEqual([1, 2]);
});

test(
  holds("read-again", "an old revision that rots is told of within days, though nobody asks for it"),
  () => {
    using stage = new Stage();
    const at = (day: number): string => {
      stage.write("notes.txt", mixedBytes(8000, day));
      const { code, err } = stage.type(["run", ...stage.paths], {
        env: clockAt(`2026-11-${String(day).padStart(2, "0")} 02:00:00`),
      });
      expect(code).toBe(0);
      return err;
    };
    for (const day of [1, 2, 3]) at(day);
    const [oldest = ""] = stage.revisions();
    rot(join(stage.destination, oldest));
    const said = [4, 5, 6, 7].map(at);
    expect(said.join("")).toMatch(/-000001-.*' is damaged: /);
  },
);

test(
  holds("planted", "a partial of another machine, whose lock may not reach here, is left for a day"),
  () => {
    using stage = new Stage();
    const name = ".tinybackup-0badcafe-0123456789abcdef.partial";
    const path = join(stage.destination, name);
    writeFileSync(path, "half a revision");
    saveNext(stage, 1);
    expect(stage.leftovers()).toEqual([name]);
    const longAgo = new Date(Date.now() - 30 * 3_600_000);
    utimesSync(path, longAgo, longAgo);
    saveNext(stage, 2);
    expect(stage.leftovers()).toEqual([]);
  },
);

test(holds("planted", "a revision that was copied under another name neither counts nor goes"), () => {
  using stage = new Stage();
  const first = saveNext(stage, 1);
  const copy = first.replace("-000001-", "-000002-");
  copyFileSync(first, copy);
  const next = saveNext(stage, 2, ["-k", "2"]);
  saveNext(stage, 3, ["-k", "2"]);
  expect(existsSync(first)).toBe(false);
  expect([copy, next].map((path) => existsSync(path))).toEqual([true, true]);
});

test(holds("planted", "a link with the name of a revision is not followed, not counted, and stays"), () => {
  using stage = new Stage();
  const first = saveNext(stage, 1);
  const elsewhere = join(stage.root, "elsewhere");
  renameSync(first, elsewhere);
  symlinkSync(elsewhere, first);
  saveNext(stage, 2, ["-k", "1"]);
  expect(readFileSync(first).equals(readFileSync(elsewhere))).toBe(true);
  rmSync(first);
  expect(stage.revisions()).toHaveLength(1);
});

test(holds("planted", "a pipe with the name of a revision has nobody wait"), () => {
  using stage = new Stage();
  const first = saveNext(stage, 1);
  rmSync(first);
  run(["mkfifo", first]);
  for (const words of [["run"], ["list"], ["verify", "--all"], ["prune", "-k", "1"]]) {
    const { code } = stage.run(["timeout", "-s", "KILL", "20", binary, ...words, ...stage.paths]);
    expect([words, code]).toEqual([words, 0]);
  }
});

test(
  holds("bounded", "damaged", "a bomb, as somebody would make it who knows the format, takes no memory"),
  () => {
    using stage = new Stage();
    const path = saveNext(stage, 1);
    const zstd = formatNamed("zstd");
    const bytes = readFileSync(path);
    const trailer = parseTrailer(zstd, bytes.subarray(-TAIL_BYTES), bytes.length);
    const header = bytes.subarray(0, zstd.measureFrame(bytes));
    // 120 MiB of zeros, as much as a decoder takes without being asked to: a frame of repeated bytes (RFC 8878), whose checksum is looked at when all of it was unpacked.
    const bomb = Buffer.alloc(9 + 4 * 960 + 4);
    bomb.writeUInt32LE(0xfd2fb528, 0);
    bomb[4] = 0xa4;
    bomb.writeUInt32LE(120 << 20, 5);
    for (let block = 0; block < 960; block++)
      bomb.writeUIntLE(((128 << 10) << 3) | (1 << 1) | (block === 959 ? 1 : 0), 9 + 4 * block, 3);
    const stored = Buffer.concat([header, bomb]);
    const forged = { ...trailer, trailerAt: stored.length, storedCrc32: updateCrc(stored) };
    writeFileSync(path, Buffer.concat([stored, renderTrailer(zstd, forged)]));
    const { exitCode, resourceUsage } = Bun.spawnSync([binary, "verify", path], {
      env: { XDG_STATE_HOME: `${stage.root}.state` },
    });
    expect(exitCode).toBe(5);
    expect(resourceUsage.maxRSS / (1 << 20)).toBeLessThan(120);
  },
);

test(holds("nothing-lost", "evidence", "a file that is rewritten in its old size and time is saved"), () => {
  using stage = new Stage();
  // Both are written with one time.
  saveNext(stage, 1);
  saveNext(stage, 2);
  expect(numbers(stage)).toEqual([1, 2]);
});

test(
  holds(
    "evidence",
    "a folder that is not there, nor a file, may come back: exit code 75, and nothing is made",
  ),
  () => {
    using stage = new Stage();
    const away = join(stage.root, "away");
    expect(stage.type(["run", "-f", stage.source, "-d", away]).code).toBe(75);
    expect(stage.type(["run", "-f", away, "-d", stage.destination]).code).toBe(75);
    expect([existsSync(away), stage.files()]).toEqual([false, []]);
  },
);

test(holds("restore-safe", "a file that is there is not touched without --force"), () => {
  using stage = new Stage();
  saveNext(stage, 1);
  stage.write("notes.txt", "of today\n");
  expect(stage.type(["restore", ...stage.paths]).code).toBe(1);
  expect(readFileSync(stage.source, "utf8")).toBe("of today\n");
});
