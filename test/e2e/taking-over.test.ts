// A large file of which little has changed: what is the same is taken over from the newest revision, and each revision stays
// a whole archive of its own, whatever has happened to that one.
import { beforeAll, beforeEach, afterEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, judge, needRoot, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";

const MIB = 1 << 20;
const content = mixedBytes(12 * MIB + 345);
let stage: Stage;

beforeAll(() => needRoot("tar", "bsdtar", "zstd", "strace"));
beforeEach(() => {
  stage = new Stage();
  stage.write("notes.txt", content);
});
afterEach(() => stage[Symbol.dispose]());

const run = (...more: readonly string[]) => stage.type(["run", ...stage.paths, ...more]);
const stored = (number: number) => {
  const name = stage.revisions().find((each) => each.includes(`-${String(number).padStart(6, "0")}-`)) ?? "";
  return join(stage.destination, name);
};

/** Changes a few bytes in the middle, now. */
function change(text = "changed", at = 7 * MIB): void {
  const bytes = readFileSync(stage.source);
  bytes.write(text, at);
  writeFileSync(stage.source, bytes);
}

/** Every tool gives the present content of the source. */
function expectWhole(number: number): void {
  const [path, source] = [stored(number), readFileSync(stage.source)];
  expect(contentOf(path).equals(source)).toBe(true);
  expect(tool("bsdtar", "-xOf", path).equals(source)).toBe(true);
  expect(judge("zstd", "-tq", path)).toMatchObject({ status: 0 });
  const restored = join(stage.root, "restored");
  expect(stage.type(["restore", ...stage.paths, "--to", restored]).code).toBe(0);
  expect(readFileSync(restored).equals(source)).toBe(true);
  rmSync(restored);
  expect(stage.type(["verify", path]).code).toBe(0);
}

/** The blocks of 4 KiB of a file. */
function blocksOf(path: string): Set<string> {
  const bytes = readFileSync(path);
  const starts = Array.from({ length: Math.floor(bytes.length / 4096) }, (_, index) => index * 4096);
  return new Set(starts.map((at) => bytes.toString("base64", at, at + 4096)));
}

test(
  holds("plain", "whole", "what is the same is stored as it was, at multiples of 4 KiB, and the rest is new"),
  () => {
    run();
    change();
    expect(run()).toMatchObject({ code: 0, err: "" });
    expectWhole(1 + 1);
    const [before, after] = [blocksOf(stored(1)), blocksOf(stored(2))];
    const fresh = [...after].filter((block) => !before.has(block)).length;
    // One block of the content, the header and the table.
    expect(fresh).toBeLessThan(after.size / 10);
    expect(judge("zstd", "-lv", stored(2)).stdout.toString()).toMatch(/# Skippable Frames: 1[3-5]/);
  },
);

test.each<[string, () => void]>([
  ["longer", () => appendFileSync(stage.source, mixedBytes(3 * MIB, 2))],
  ["longer by one byte", () => appendFileSync(stage.source, "x")],
  ["shorter", () => truncateSync(stage.source, 9 * MIB + 1)],
  ["so short that nothing is taken over", () => truncateSync(stage.source, 2 * MIB)],
  ["another from the first byte on", () => writeFileSync(stage.source, mixedBytes(12 * MIB, 7))],
  ["shifted by a byte", () => writeFileSync(stage.source, Buffer.concat([Buffer.from("x"), content]))],
  ["changed in its first byte", () => change("!", 0)],
  ["changed in its last byte", () => change("!", content.length - 1)],
  ["full of holes", () => (truncateSync(stage.source, 0), truncateSync(stage.source, 12 * MIB), change())],
])("a file that is %s is saved as it is", (_, act) => {
  run();
  act();
  expect(run()).toMatchObject({ code: 0, err: "" });
  expectWhole(2);
  change("once more", MIB);
  expect(run()).toMatchObject({ code: 0, err: "" });
  expectWhole(3);
});

test("a file that was only touched is unchanged, and nothing is written", () => {
  const path = run().out;
  const { mtimeNs } = statSync(stage.destination, { bigint: true });
  utimesSync(stage.source, new Date(), new Date());
  const again = run();
  expect([again.code, again.out, stage.revisions().length]).toEqual([0, path, 1]);
  // Not even a file that is gone by now.
  expect(statSync(stage.destination, { bigint: true }).mtimeNs).toBe(mtimeNs);
});

test(
  holds("whole", "a block of the newest revision that has rotted is made anew, and that it has is said"),
  () => {
    run();
    const [path, bytes] = [stored(1), readFileSync(stored(1))];
    const rotten = Math.floor(bytes.length / 3);
    bytes[rotten] = (bytes[rotten] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    change();
    const { code, err } = run();
    expect([code, err]).toEqual([0, expect.stringContaining("-000001-")]);
    expect(err).toMatch(/^tinybackup: warning: '[^']*' is damaged: [^\n]*\n$/);
    expectWhole(2);
  },
);

test("another format takes nothing over, and neither does what follows it", () => {
  run();
  for (const [index, format] of ["gzip", "none", "zstd"].entries()) {
    change(format);
    expect(run("--compress", format)).toMatchObject({ code: 0, err: "" });
    expect(contentOf(stored(index + 2)).equals(readFileSync(stage.source))).toBe(true);
  }
  expect(stage.type(["verify", "-d", stage.destination, "--all"]).code).toBe(0);
});

test.each(["zstd", "gzip", "none"])("%s: what is restored of many blocks is what was saved", (format) => {
  // Long enough for the memory that was read into to be read into again, and more than what is held back for a pipe.
  const large = randomBytes(64 * MIB);
  for (const bytes of [large, large.subarray(0, 16 * MIB)]) {
    stage.write("notes.txt", bytes);
    expect(run("--compress", format)).toMatchObject({ code: 0, err: "" });
    const restored = join(stage.root, "restored");
    expect(stage.type(["restore", ...stage.paths, "--to", restored]).code).toBe(0);
    expect(readFileSync(restored).equals(bytes)).toBe(true);
    rmSync(restored);
    const piped = stage.shell('tinybackup restore -f "$SOURCE" -d "$SAVED" --to - --quiet | sha256sum').out;
    expect(piped).toStartWith(new Bun.CryptoHasher("sha256").update(bytes).digest("hex"));
  }
});

test("what could not be read of the newest revision is made anew, and that is no failure", () => {
  run();
  change();
  const log = join(stage.root, "trace");
  const inject = ["-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=3", "-P", stored(1)];
  const ended = stage.run(["strace", "-f", "-o", log, ...inject, binary, "run", ...stage.paths]);
  expect(ended.code).toBe(0);
  expect(readFileSync(log, "utf8")).toContain("(INJECTED)");
  expectWhole(2);
});

test.each<[string, number]>([
  ["zstd", 3000],
  ["none", 40 * MIB],
])("%s, %d bytes: what is read back is forgotten with the pages that it shares", (format, bytes) => {
  stage.write("notes.txt", randomBytes(bytes));
  const log = join(stage.root, "trace");
  const traced = ["strace", "-f", "-y", "-o", log, "-e", "trace=fadvise64", binary];
  expect(stage.run([...traced, "run", ...stage.paths, "--compress", format]).code).toBe(0);
  const calls = [...readFileSync(log, "utf8").matchAll(/\.partial>, (\d+), (\d+), POSIX_FADV_DONTNEED/g)];
  expect(calls.length).toBeGreaterThan(1);
  // What is forgotten in part stays (posix_fadvise(2)): a page, and of many pages what the system keeps as one (large folios).
  for (const [, at, length] of calls) expect([Number(at), Number(length)]).toEqual([0, 0]);
});

test("runs at once take over from the same revision, also while it is removed", async () => {
  run();
  change();
  const ended = await Promise.all(
    Array.from({ length: 4 }, () => stage.start(["run", ...stage.paths, "--always", "-k", "1"])),
  );
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(stage.type(["verify", "-d", stage.destination, "--all"]).code).toBe(0);
  for (const name of stage.revisions())
    expect(contentOf(join(stage.destination, name)).equals(readFileSync(stage.source))).toBe(true);
});
