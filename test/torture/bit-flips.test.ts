// A disk that gives one bit back flipped, while what the system has in memory of the file is as it was written: whoever
// reads that instead of the disk notices nothing.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { clockAt, contentOf, needRoot, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import { isWhole, random } from "./extent.ts";

setDefaultTimeout(300_000);

let stage: Stage;
let root: string;
/** Where the rotting disk is mounted, and what says where it rots. */
let disk: string;
let rot: string;

beforeAll(async () => {
  needRoot("dd", "umount", "tar", "zstd");
  stage = new Stage();
  root = realpathSync(mkdtempSync(join(tmpdir(), "tinybackup-rotting-")));
  const backing = join(root, "backing");
  disk = join(root, "disk");
  rot = join(root, "rot");
  for (const folder of [backing, disk]) mkdirSync(folder);
  const program = resolve(import.meta.dir, "../support/rotting-disk.py");
  const server = Bun.spawn([program, backing, disk, rot], { stdio: ["ignore", "ignore", "pipe"] });
  const { dev } = statSync(root);
  while (statSync(disk).dev === dev) {
    if (server.exitCode !== null) throw new Error(await new Response(server.stderr).text());
    await Bun.sleep(5);
  }
});

afterAll(() => {
  tool("umount", disk);
  rmSync(root, { recursive: true });
  stage[Symbol.dispose]();
});

/** Restores the newest revision, and returns what was given, if anything. */
function restoreTo(to: string, paths: readonly string[]): { code: number; content: Buffer } {
  const given = join(stage.root, "given");
  const { code } = stage.shell(`tinybackup restore ${[...paths, "--to", to].join(" ")} >${given}`);
  const path = to === "-" ? given : to;
  return { code, content: existsSync(path) ? readFileSync(path) : Buffer.alloc(0) };
}

test("whose a file is proves nothing on a file system that maps owners, as those of FUSE may", () => {
  chmodSync(disk, 0o777);
  const paths = ["-f", stage.source, "-d", disk];
  const path = stage.type(["run", ...paths]).out.trim();
  chownSync(path, 12_345, 12_345);
  expect(stage.type(["list", ...paths]).out).toMatch(/ ok\n$/);
  expect(stage.type(["run", ...paths, "-k", "1", "--always", "--quiet"])).toMatchObject({ code: 0, err: "" });
  expect(readdirSync(disk)).toEqual([expect.stringContaining("-000002-")]);
  for (const name of readdirSync(disk)) rmSync(join(disk, name));
});

test(
  holds(
    "nothing-lost",
    "damaged",
    "read-again",
    "a revision that has rotted is noticed by a run over the same content, and by one that would remove another for it",
  ),
  () => {
    const paths = ["-f", stage.source, "-d", disk];
    const at = (clock: string, ...words: readonly string[]) =>
      stage.type([...words, ...paths], { env: clockAt(`2026-11-${clock}:00:00`) });
    stage.write("notes.txt", mixedBytes(9000, 1));
    const path = at("23 02", "run").out.trim();
    writeFileSync(rot, `2000 ${basename(path)}`);
    // Its ends are as they were, and its proof is of this day.
    expect(at("23 03", "run")).toMatchObject({ code: 0, out: `${path}\n` });
    const anew = at("25 02", "run");
    expect(anew.err).toMatch(/^tinybackup: warning: '.*-000001-.*' is damaged: .*\n$/);
    expect(anew.out).toContain("-000002-");
    stage.write("notes.txt", mixedBytes(9000, 2));
    const newest = at("25 03", "run").out.trim();
    writeFileSync(rot, `2000 ${basename(newest)}`);
    const pruned = at("25 04", "prune", "-k", "1", "--quiet");
    expect([pruned.code, pruned.err]).toEqual([0, expect.stringMatching(/-000003-.*' is damaged: /)]);
    expect(readdirSync(disk)).toHaveLength(3);
    rmSync(rot);
    for (const name of readdirSync(disk)) rmSync(join(disk, name));
  },
);

test(
  holds(
    "read-back",
    "whole",
    "of a large file, a bit that is flipped in any part is noticed, also of one that was taken over",
  ),
  () => {
    rmSync(rot, { force: true });
    const content = mixedBytes(20 << 20, 3);
    stage.write("notes.txt", content);
    const args = ["run", "-f", stage.source, "-d", disk];
    const path = stage.type(args).out.trim();
    content.write("changed", 9 << 20);
    stage.write("notes.txt", content);
    const before = readdirSync(disk);
    const { size } = statSync(path);
    const missed: number[] = [];
    for (const part of [0.00001, 0.1, 0.3, 0.45, 0.6, 0.99999]) {
      writeFileSync(rot, `${Math.floor(size * part)} .partial`);
      const { code, err } = stage.type(args);
      if (code !== 1 || !err.includes("reads back differently")) missed.push(part);
      expect(readdirSync(disk)).toEqual(before);
    }
    expect(missed).toEqual([]);
    // What has rotted of the old revision is made anew, and that it has is said.
    writeFileSync(rot, `${Math.floor(size * 0.3)} ${basename(path)}`);
    const { code, err, out } = stage.type(args);
    expect([code, err]).toEqual([0, expect.stringMatching(/-000001-.*' is damaged: /)]);
    rmSync(rot);
    expect(contentOf(out.trim()).equals(content)).toBe(true);
    for (const name of readdirSync(disk)) rmSync(join(disk, name));
  },
);

describe.each(["zstd", "gzip", "none"])("%s", (format) => {
  test(
    holds(
      "restore-proven",
      "a bit that is flipped at any reading of it, where a revision is given back: that is said, or it is the true content",
    ),
    () => {
      rmSync(rot, { force: true });
      const states = [7, 8].map((seed) => mixedBytes(9000, seed));
      const paths = ["-f", stage.source, "-d", disk];
      for (const state of states) {
        stage.write("notes.txt", state);
        expect(stage.type(["run", ...paths, "--compress", format])).toMatchObject({ code: 0, err: "" });
      }
      const [, newest = ""] = readdirSync(disk).toSorted();
      const { size } = statSync(join(disk, newest));
      const told = new Set<string>();
      for (let round = 0; round < (isWhole ? 150 : 12); round++) {
        const [offset, spared] = [Math.floor(random() * size), round % 3];
        const to = round % 2 === 0 ? "-" : join(stage.root, "restored.txt");
        rmSync(join(stage.root, "restored.txt"), { force: true });
        writeFileSync(rot, `${offset} ${newest} ${spared}`);
        // What is in memory is as it was written.
        stage.run(["dd", `if=${join(disk, newest)}`, "iflag=nocache", "count=0", "status=none"]);
        const { code, content } = restoreTo(to, paths);
        // Exit 5 with an older state: that it is one is said.
        const isTrue =
          code === 0
            ? content.equals(states[1] ?? content)
            : code !== 5 || content.length === 0 || content.equals(states[0] ?? content);
        expect({ offset, spared, to, code, isTrue }).toEqual({ offset, spared, to, code, isTrue: true });
        told.add(`${code}`);
      }
      expect(told).toContain("5");
      rmSync(rot);
      for (const name of readdirSync(disk)) rmSync(join(disk, name));
    },
  );

  test(
    holds(
      "read-back",
      "whole",
      "a bit that is flipped anywhere is noticed by run, which publishes nothing, and by verify",
    ),
    () => {
      rmSync(rot, { force: true });
      stage.write("notes.txt", "a line of notes\n".repeat(200));
      const args = ["run", "-f", stage.source, "-d", disk, "--compress", format, "--always"];
      const healthy = stage.type(args);
      expect(healthy).toMatchObject({ code: 0, err: "" });
      const path = healthy.out.trim();
      const content = readFileSync(path);
      const before = readdirSync(disk);
      const missed: [string, number][] = [];
      const step = Math.ceil(content.length / (isWhole ? 300 : 20));
      for (let offset = Math.floor(random() * step); offset < content.length; offset += step) {
        writeFileSync(rot, `${offset} .partial`);
        const { code, err } = stage.type(args);
        if (code !== 1 || !err.includes("reads back differently")) missed.push(["run", offset]);
        expect(readdirSync(disk)).toEqual(before);
        // The system may have forgotten it meanwhile, for want of memory.
        readFileSync(path);
        writeFileSync(rot, `${offset} ${path.slice(-30)}`);
        // It is in memory as it was written: only the disk tells.
        expect(readFileSync(path).equals(content)).toBe(true);
        const verified = stage.type(["verify", path]);
        if (verified.code !== 5) missed.push(["verify", offset]);
        rmSync(rot);
        // In memory again, as it was written.
        stage.type(["verify", path]);
        readFileSync(path);
      }
      expect(missed).toEqual([]);
      expect(stage.type(["verify", "-d", disk, "--all"]).code).toBe(0);
      for (const name of readdirSync(disk)) rmSync(join(disk, name));
    },
  );
});
