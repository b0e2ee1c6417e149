// The power goes at any moment of a run, a pruning one, a restore: what is found when it is back is a file system of the kernel's
// own, from what the disk was given, with all that was flushed, and of the rest nothing, all, or any part. Simulated is the disk,
// which keeps what it said it has; the programs, the kernel's file systems and their recovery are the real ones.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRevisionName } from "../../src/backup/revision.ts";
import { binary } from "../support/binary.ts";
import { TestFolder } from "../support/folder.ts";
import { cutPower, fileSystems, makeImage, record, type Recording, withMounted } from "../support/power.ts";
import { holds } from "../support/promises.ts";
import { contentOf, describeFile, environment, needRoot, run, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import { isWhole, random } from "./extent.ts";

setDefaultTimeout(120_000);
needRoot(
  "losetup",
  "mount",
  "umount",
  "python3",
  "tar",
  "zstd",
  ...fileSystems.map(({ mkfs: [name = ""] }) => name),
);

const stage = new TestFolder();
const root = realpathSync(mkdtempSync(join(tmpdir(), "tinybackup-power-")));
afterAll(() => {
  rmSync(root, { recursive: true });
  stage[Symbol.dispose]();
});

const nothing = Buffer.alloc(0);
const contents = [1, 2, 3, 4].map((seed) => mixedBytes(30_000 + seed, seed));
const [, , newest = nothing, present = nothing] = contents;
/** So large that its blocks are taken over, and what became of it. */
const ledger = mixedBytes(6 << 20, 5);
const ledgers = [ledger, Buffer.concat([ledger.subarray(0, 3 << 20), present, ledger.subarray(3 << 20)])];
const edited = mixedBytes(200_000, 6);

const source = stage.write("notes.txt", present);
const largeSource = join(stage.root, "ledger.db");
const mount = join(root, "mounted");
const destination = join(mount, "saved");
const largeDestination = join(mount, "large");
const target = join(mount, "target.txt");
const paths = ["-f", source, "-d", destination];
const largePaths = ["-f", largeSource, "-d", largeDestination];

/** What it remembers lies on the same disk. */
const type = (...args: readonly string[]) =>
  run([binary, ...args], { env: { ...environment, XDG_STATE_HOME: join(mount, "state") } });

/** Numbers of what has a final name, in their order; each has to be whole, and what the source was at its time. */
function judgeWhole(folder: string, states: readonly Buffer[]): number[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const number = parseRevisionName(name)?.number;
      if (number === undefined) return [];
      const isTrue = contentOf(join(folder, name)).equals(states[number - 1] ?? nothing);
      expect([name, isTrue]).toEqual([name, true]);
      return [number];
    })
    .toSorted((one, other) => one - other);
}

interface Act {
  readonly name: string;
  readonly args: readonly string[];
  readonly besides?: () => Disposable;
  /** @param isOver whether the program had said that all is done */
  readonly judge: (isOver: boolean) => void;
  /** Goes on with what is found. */
  readonly recover: () => void;
}

/** @param kept how many revisions are to stay beside the new one */
function judgeRun(isOver: boolean, kept: number): void {
  const numbers = judgeWhole(destination, contents);
  // The oldest go only for the new one.
  const last = numbers.includes(4) ? [3, 2, 1].slice(0, kept).toReversed().concat(4) : [1, 2, 3];
  expect(numbers.slice(-last.length)).toEqual(last);
  if (isOver) expect(numbers.at(-1)).toBe(4);
}

function recoverByRun(typed = paths, folder = destination, content = present): void {
  const { code, out, err } = type("run", ...typed, "--always");
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) });
  expect(contentOf(out.trim()).equals(content)).toBe(true);
  expect(type("verify", "--all", "-d", folder)).toMatchObject({ code: 0 });
  expect(readdirSync(folder).filter((name) => parseRevisionName(name) === null)).toEqual([]);
}

/** The file is always one of the two, and the edit has another name once it is not that any more. */
function judgeRestoreOver(isOver: boolean): void {
  const found = readFileSync(target);
  if (!isOver && found.equals(edited)) return;
  expect(found.equals(newest)).toBe(true);
  const asides = readdirSync(mount).filter((name) => name.startsWith("target.txt.before-restore-"));
  expect(asides.map((name) => readFileSync(join(mount, name)).equals(edited))).toEqual([true]);
}

function recoverByRestore(to: string): void {
  expect(type("restore", ...paths, "--to", to, "--force")).toMatchObject({ code: 0 });
  expect(readFileSync(to).equals(newest)).toBe(true);
  expect(judgeWhole(destination, contents)).toEqual([1, 2, 3]);
}

/** Another program that has its own file synced all the time, and with it what the file system has to write before that. */
function beginSyncing(): Disposable {
  const script =
    "import os,time\nf=open('other','w')\nwhile 1:\n f.write('x'*99); f.flush(); os.fsync(f.fileno()); time.sleep(.002)";
  const other = Bun.spawn(["python3", "-c", script], { cwd: mount, env: environment });
  while (!existsSync(join(mount, "other"))) Bun.sleepSync(1);
  const isAtWork = () => !readFileSync(`/proc/${other.pid}/stat`, "latin1").includes(") Z ");
  return {
    [Symbol.dispose]() {
      other.kill("SIGKILL");
      while (isAtWork()) Bun.sleepSync(1);
    },
  };
}

const restored = join(mount, "restored.txt");
const acts: readonly Act[] = [
  {
    name: "run",
    args: ["run", ...paths],
    judge: (isOver) => judgeRun(isOver, 3),
    recover: recoverByRun,
  },
  {
    name: "run that prunes",
    args: ["run", ...paths, "-k", "2"],
    judge: (isOver) => judgeRun(isOver, 1),
    recover: recoverByRun,
  },
  {
    name: "run beside a program that syncs all the time",
    args: ["run", ...paths, "-k", "3"],
    besides: beginSyncing,
    judge: (isOver) => judgeRun(isOver, 2),
    recover: recoverByRun,
  },
  {
    name: "run of a large file whose blocks are taken over",
    args: ["run", ...largePaths],
    judge(isOver) {
      const numbers = judgeWhole(largeDestination, ledgers);
      expect(numbers).toEqual(isOver || numbers.length > 1 ? [1, 2] : [1]);
    },
    recover: () => recoverByRun(largePaths, largeDestination, ledgers[1]),
  },
  {
    name: "prune",
    args: ["prune", ...paths, "-k", "1"],
    judge: () => expect(judgeWhole(destination, contents)).toContain(3),
    recover: recoverByRun,
  },
  {
    name: "restore",
    args: ["restore", ...paths, "--to", restored],
    judge(isOver) {
      if (isOver || existsSync(restored)) expect(readFileSync(restored).equals(newest)).toBe(true);
    },
    recover: () => recoverByRestore(restored),
  },
  {
    name: "restore over a file",
    args: ["restore", ...paths, "--to", target, "--force"],
    judge: judgeRestoreOver,
    recover: () => recoverByRestore(target),
  },
];

/** Three revisions of one file, one of a large one, and a file to restore over, all synced. */
function fill(): void {
  for (const folder of [destination, largeDestination]) mkdirSync(folder);
  for (const content of contents.slice(0, 3)) {
    stage.write("notes.txt", content);
    expect(type("run", ...paths)).toMatchObject({ code: 0 });
  }
  stage.write("notes.txt", present);
  stage.write("ledger.db", ledger);
  expect(type("run", ...largePaths)).toMatchObject({ code: 0 });
  stage.write("ledger.db", ledgers[1] ?? nothing);
  writeFileSync(target, edited);
  tool("sync", target);
}

/** In how many parts the time is cut; in each the power goes at some moment. */
const parts = isWhole ? 12 : 1;
const losses = isWhole ? (["nothing", "a part", "all"] as const) : (["a part"] as const);

describe.each(fileSystems.map((fileSystem, index) => [fileSystem.name, fileSystem, index] as const))(
  "%s,",
  (_, fileSystem, index) => {
    // Where there is no time for all, each act has its file system.
    const own = acts.filter((___, place) => isWhole || place % fileSystems.length === index);
    const image = join(root, fileSystem.name);

    describe.each(own.map((act) => [act.name, act] as const))("%s:", (__, act) => {
      let recording: Recording | undefined;

      /** Recorded when it is first wanted. */
      async function recordOnce(): Promise<Recording> {
        if (!existsSync(image)) makeImage(image, fileSystem, mount, fill);
        return (recording ??= await record(
          image,
          mount,
          () => expect(type(...act.args)).toMatchObject({ code: 0 }),
          act.besides,
        ));
      }

      async function judgeCut(chooseMoment: (all: number) => number, remaining: number): Promise<void> {
        const all = await recordOnce();
        const moment = chooseMoment(all.length);
        const found = `${image}.found`;
        cutPower(image, found, all, moment, () => random() < remaining);
        const before = describeFile(source);
        try {
          withMounted(found, mount, () => {
            act.judge(moment === all.length);
            act.recover();
          });
        } catch (error) {
          throw new Error(`behind ${moment} of ${all.length} writes`, { cause: error });
        }
        expect(describeFile(source)).toEqual(before);
      }

      test(
        holds(
          "durable",
          "restore-safe",
          "the power goes once it is done, and all is lost that was not flushed",
        ),
        () => judgeCut((all) => all, 0),
      );
      const moments = Array.from({ length: parts }, (___, part) =>
        losses.map((loss) => [part, loss] as const),
      );
      test.each(moments.flat())(
        holds(
          "durable",
          "interrupted",
          "the power goes in part %d of its time, and %s is lost that was not flushed",
        ),
        (part, loss) =>
          judgeCut(
            (all) => Math.floor(((part + random()) / parts) * all),
            { nothing: 1, "a part": random(), all: 0 }[loss],
          ),
      );
    });
  },
);
