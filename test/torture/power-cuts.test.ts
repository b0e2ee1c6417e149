// The power goes at any moment of a run, a pruning one, a restore: what is found when it is back is a file system of the kernel's
// own, from what the disk was given, with all that was flushed and any part of the rest. Simulated is the disk; the programs, the
// kernel's file systems and their recovery are the real ones.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRevisionName } from "../../src/backup/revision.ts";
import { binary } from "../support/binary.ts";
import { cutPower, fileSystems, makeImage, record, type Recording, withMounted } from "../support/power.ts";
import { holds } from "../support/promises.ts";
import { contentOf, describeFile, environment, needRoot, run } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import { TestFolder } from "../support/folder.ts";
import { isWhole, random } from "./extent.ts";

setDefaultTimeout(120_000);
needRoot("mount", "umount", "tar", "zstd", ...fileSystems.map(({ mkfs: [name = ""] }) => name));

const stage = new TestFolder();
const root = mkdtempSync(join(tmpdir(), "tinybackup-power-"));
afterAll(() => {
  rmSync(root, { recursive: true });
  stage[Symbol.dispose]();
});

const contents = [1, 2, 3, 4].map((seed) => mixedBytes(30_000 + seed, seed));
const [, , newest = Buffer.alloc(0), present = Buffer.alloc(0)] = contents;
const source = stage.write("notes.txt", present);
const mount = join(root, "mounted");
const destination = join(mount, "saved");
const target = join(mount, "restored.txt");

const type = (...args: readonly string[]) =>
  run([binary, ...args], { env: { ...environment, XDG_STATE_HOME: join(root, "state") } });

function listRevisions(): readonly string[] {
  return readdirSync(destination).filter((name) => parseRevisionName(name) !== null);
}

/** Numbers and contents of what has a final name, which all has to be whole. */
function readRevisions(): readonly { readonly number: number; readonly content: Buffer }[] {
  return listRevisions().map((name) => ({
    number: parseRevisionName(name)?.number ?? 0,
    content: contentOf(join(destination, name)),
  }));
}

interface Act {
  readonly name: string;
  readonly args: readonly string[];
  /** @param isOver whether the program had said that all is done */
  readonly judge: (isOver: boolean) => void;
}

const paths = ["-f", source, "-d", destination];

function judgeRevisions(isOver: boolean, kept: number): void {
  const found = readRevisions();
  const numbers = found.map(({ number }) => number).toSorted((one, other) => one - other);
  for (const { number, content } of found)
    expect(content.equals(contents[number - 1] ?? Buffer.alloc(0))).toBe(true);
  // The oldest goes only for the new one.
  if (!numbers.includes(4)) expect(numbers).toEqual([1, 2, 3]);
  expect(numbers.length).toBeGreaterThanOrEqual(kept);
  if (isOver) expect(numbers).toContain(4);
}

const acts: readonly Act[] = [
  { name: "run", args: ["run", ...paths], judge: (isOver) => judgeRevisions(isOver, 3) },
  {
    name: "run that prunes",
    args: ["run", ...paths, "-k", "2"],
    judge: (isOver) => judgeRevisions(isOver, 2),
  },
  {
    name: "restore",
    args: ["restore", ...paths, "--to", target],
    judge(isOver) {
      expect(listRevisions()).toHaveLength(3);
      if (isOver || existsSync(target)) expect(readFileSync(target).equals(newest)).toBe(true);
    },
  },
];

/** What a later run finds is what it can go on with. */
function judgeRecovery(): void {
  expect(type("run", ...paths, "--always")).toMatchObject({ code: 0 });
  expect(type("verify", "--all", "-d", destination)).toMatchObject({ code: 0, err: expect.any(String) });
  expect(readdirSync(destination).filter((name) => name.endsWith(".partial"))).toEqual([]);
}

for (const fileSystem of fileSystems) {
  const image = join(root, fileSystem.name);
  makeImage(image, fileSystem, mount, () => {
    mkdirSync(destination);
    for (const content of contents.slice(0, 3)) {
      stage.write("notes.txt", content);
      expect(type("run", ...paths)).toMatchObject({ code: 0 });
    }
    stage.write("notes.txt", present);
  });
  const recordings = new Map<Act, Recording>();
  for (const act of acts)
    recordings.set(
      act,
      await record(image, mount, () => expect(type(...act.args)).toMatchObject({ code: 0 })),
    );

  describe.each(acts.map((act) => [act.name, act] as const))(`${fileSystem.name}, %s:`, (_, act) => {
    const recording = recordings.get(act) ?? [];
    const moments = Array.from({ length: recording.length + 1 }, (__, index) => index);
    const few = [0.3, 0.5, 0.7, 0.9, 1].map((part) => Math.round(part * recording.length));
    test.each(isWhole ? moments.flatMap((moment) => [moment, moment, moment]) : few)(
      holds("durable", "interrupted", "the power goes behind %d writes"),
      (moment) => {
        const found = `${image}.found`;
        cutPower(image, found, recording, moment, () => random() < 0.5);
        const before = describeFile(source);
        withMounted(found, mount, () => {
          act.judge(moment === recording.length);
          judgeRecovery();
        });
        expect(describeFile(source)).toEqual(before);
        rmSync(found);
      },
    );
  });
}
