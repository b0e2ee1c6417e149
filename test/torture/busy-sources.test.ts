// Files that other programs write to while they are saved: savers that truncate first, memory maps, leases; and what becomes
// of a file that never rests.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { moment, Stage, WorldStage } from "../support/stage.ts";
import { clockAt, contentOf, type Ended, environment, needRoot, tool } from "../support/tools.ts";

setDefaultTimeout(100_000);

const writer = join(import.meta.dir, "../support/busy-writer.py");

interface Busy {
  /** The process, or what stands for it, ends. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A program that writes to a file until it is disposed of. */
async function startWriter(...words: readonly (string | number)[]): Promise<Busy> {
  const child = Bun.spawn(["python3", writer, ...words.map(String)], {
    env: environment,
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  expect(Buffer.from(value ?? []).toString()).toBe("ready\n");
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

describe("a program that truncates the file, pauses, and writes it anew", () => {
  test.each([
    ["thirty runs, one after the other", 0.1, 0.4],
    ["the same with long pauses between two halves", 0.2, 0.5],
  ])("%s: each saves one whole state", async (_title, halfPause, pause) => {
    using stage = new Stage();
    await using _ = await startWriter("saver", stage.source, halfPause, pause);
    for (let round = 0; round < 30; round++) {
      const { code, err } = await stage.start(["run", ...stage.paths, "-k", "50"]);
      expect({ code, err: err.replace(/^unchanged.*\n/, "") }).toEqual({ code: 0, err: expect.any(String) });
    }
    const contents = stage.revisions().map((name) => contentOf(join(stage.destination, name)).toString());
    for (const content of contents) {
      expect(content.length).toBeGreaterThanOrEqual(7 * 200);
      expect(content).toMatch(/^(\d{6}\n)\1+end of \1$/);
    }
  });
});

/** A file system of its own at `mounted` in a stage. */
class MountedStage extends Stage {
  readonly mounted = join(this.root, "mounted");

  constructor(kind: string) {
    super();
    mkdirSync(this.mounted);
    if (kind === "tmpfs") {
      tool("mount", "-t", "tmpfs", "-o", "size=64M", "none", this.mounted);
      return;
    }
    const image = join(this.root, "image");
    tool("truncate", "--size=400M", image);
    tool(`mkfs.${kind}`, "-q", image);
    tool("mount", "-o", "loop", image, this.mounted);
  }

  override [Symbol.dispose](): void {
    tool("umount", this.mounted);
    super[Symbol.dispose]();
  }
}

describe("a program that counts in the first and the last word of a memory map, that one after this one", () => {
  // Side by side, since most of it is waiting for a rest that never comes.
  test.concurrent.each(["ext4", "xfs", "btrfs", "tmpfs"])(
    "on %s: no clean revision holds two counts",
    async (kind) => {
      needRoot("mount", "umount", `mkfs.${kind === "tmpfs" ? "ext4" : kind}`);
      using stage = new MountedStage(kind);
      const counts = [0, 0.001, 0.01, 0.1].map(async (pause) => {
        const source = join(stage.mounted, `map-${pause}`);
        await using _ = await startWriter("mapper", source, 4, pause);
        const found: string[] = [];
        for (let round = 0; round < 4; round++) {
          const { code, out } = await stage.start(["run", "-f", source, "-d", stage.destination, "--always"]);
          const content = contentOf(out.trimEnd());
          const [first, last] = [content.readBigUInt64LE(0), content.readBigUInt64LE(content.length - 8)];
          const isState = first === last || first === last + 1n;
          found.push(
            code === 3 || (code === 0 && isState) ? "" : `pause ${pause}: ${code}, ${first}, ${last}`,
          );
        }
        return found.join("");
      });
      expect(await Promise.all(counts)).toEqual(["", "", "", ""]);
    },
  );
});

describe("an empty file", () => {
  test(holds("shrunk", "evidence", "is waited for a few seconds, and then not saved, which is said"), () => {
    using stage = new Stage();
    stage.write("notes.txt", "");
    const beganMs = performance.now();
    expect(stage.type(["run", ...stage.paths])).toMatchObject({
      code: 0,
      out: "",
      err: expect.stringContaining("is empty"),
    });
    expect(performance.now() - beganMs).toBeWithin(2500, 8000);
    expect(stage.files()).toEqual([]);
  });

  test("that gets content meanwhile is saved with that", async () => {
    using stage = new Stage();
    stage.write("notes.txt", "");
    const saving = stage.start(["run", ...stage.paths]);
    await Bun.sleep(1500);
    stage.write("notes.txt", "content");
    expect(await saving).toMatchObject({ code: 0, err: "" });
    expect(stage.revisions().map((name) => contentOf(join(stage.destination, name)).toString())).toEqual([
      "content",
    ]);
  });

  test("that only says so, as those of /proc, is read to its end; one that gives nothing is empty", () => {
    using stage = new Stage();
    const read = (source: string) => stage.type(["run", "-f", source, "-d", stage.destination, "--json"]);
    const told = JSON.parse(read("/proc/cpuinfo").out);
    expect(contentOf(told.revision.path).toString()).toContain("processor");
    expect(read("/proc/self/limits").code).toBe(0);
    // Says that it has 4096 bytes, and gives a few.
    const { revision } = JSON.parse(read("/sys/devices/system/cpu/online").out);
    expect(contentOf(revision.path).toString()).toMatch(/^0[-,\d]*\n$/);
  });
});

test("a log that only grows is neither delayed nor read many times", async () => {
  using stage = new Stage();
  const timer = setInterval(() => appendFileSync(stage.source, "one more line\n"), 3);
  try {
    await stage.start(["run", ...stage.paths]);
    for (let round = 0; round < 5; round++) {
      const beganMs = performance.now();
      expect(await stage.start(["run", ...stage.paths])).toMatchObject({ code: 0, err: "" });
      expect(performance.now() - beganMs).toBeLessThan(1000);
    }
  } finally {
    clearInterval(timer);
  }
  expect(stage.revisions()).toHaveLength(6);
});

test("a write lease of another program is waited for until that gives it back", async () => {
  using stage = new Stage();
  await using _ = await startWriter("lease", stage.source, 3);
  const beganMs = performance.now();
  expect(stage.save()).toMatchObject({ code: 0, err: "" });
  expect(performance.now() - beganMs).toBeGreaterThan(2000);
});

/** A file with two clean revisions and then three that were made while it kept changing; and it still does. */
async function openRestless(): Promise<AsyncDisposable & { readonly stage: Stage; readonly ended: Ended }> {
  const stage = new Stage();
  const policy = ["-k", "2"];
  for (const content of ["one", "two"]) {
    writeFileSync(stage.source, content);
    stage.type(["run", ...stage.paths, ...policy]);
  }
  const busy = await startWriter("mapper", stage.source, 16, 0);
  const command = ["run", ...stage.paths, "--json"];
  const [ended] = await Promise.all([1, 2, 3].map(() => stage.start(command)));
  if (!ended) throw new Error("nothing was run");
  return {
    stage,
    ended,
    async [Symbol.asyncDispose]() {
      await busy[Symbol.asyncDispose]();
      stage[Symbol.dispose]();
    },
  };
}

interface Listed {
  readonly number: number;
  readonly state: string;
}

describe("a file that never rests", () => {
  let restless: Awaited<ReturnType<typeof openRestless>>;
  beforeAll(async () => {
    restless = await openRestless();
  });
  afterAll(() => restless[Symbol.asyncDispose]());

  test(holds("one-state", "evidence", "is saved with exit code 3, and that is said"), () => {
    const { stage, ended } = restless;
    const { revision, warnings } = JSON.parse(ended.out);
    expect(ended.code).toBe(3);
    expect(revision).toMatchObject({ state: "changed", file: expect.stringMatching(/\.changed\.tar\.zst$/) });
    expect(warnings).toEqual([expect.stringContaining("kept changing while it was read")]);
    expect(stage.leftovers()).toEqual([]);
  });

  test(
    holds(
      "one-state",
      "nothing-lost",
      "pushes no clean revision out, and has a history of its own by the same policy",
    ),
    () => {
      const { stage } = restless;
      const listed: { revisions: Listed[] } = JSON.parse(stage.type(["list", ...stage.paths, "--json"]).out);
      expect(listed.revisions.map(({ number, state }) => [number, state])).toEqual([
        [5, "changed"],
        [4, "changed"],
        [2, "ok"],
        [1, "ok"],
      ]);
      const table = stage.type(["list", ...stage.paths]).out;
      expect(table.match(/ changed\n/g)).toHaveLength(2);
      const plan = stage.type(["prune", ...stage.paths, "-k", "1", "--dry-run"]);
      expect(
        plan.out.split("\n").map((line) =>
          line
            .replace(/\d{4}-\S+ \S+/, "")
            .trim()
            .split(/ {2,}/),
        ),
      ).toEqual([
        ["NUMBER", "TAKEN", "FATE", "WHY"],
        ["5", "kept", "newest 1 of 1, of those that kept changing"],
        ["4", "would be removed", "older than the newest 1, of those that kept changing"],
        ["2", "kept", "newest 1 of 1"],
        ["1", "would be removed", "older than the newest 1"],
        [""],
      ]);
    },
  );

  test("is whole to verify, which says what it is", () => {
    const { stage } = restless;
    const { code, out } = stage.type(["verify", ...stage.paths, "--json"]);
    const { changed, damaged } = JSON.parse(out);
    expect({ code, damaged, changed: changed.length }).toEqual({ code: 0, damaged: [], changed: 2 });
    expect(stage.type(["verify", ...stage.paths]).out).toMatch(
      /^(changed: \S+: whole, of a file that kept changing.*\n){2}4 revisions read, all whole/,
    );
  });

  test(
    holds("one-state", "gives its last clean state back, and one that changed by its number or name only"),
    () => {
      const { stage } = restless;
      const restore = (...words: readonly string[]) =>
        stage.type(["restore", ...stage.paths, "--to", "-", ...words]);
      expect(restore()).toEqual({
        code: 0,
        out: "two",
        err: expect.stringContaining("revision 5 is newer, of a file that kept changing"),
      });
      expect(restore("--revision", new Date().toISOString().slice(0, 10))).toMatchObject({
        code: 0,
        out: "two",
      });
      const name = stage.revisions().findLast((file) => file.includes("-000005-")) ?? "";
      for (const revision of ["5", name]) {
        const taken = restore("--revision", revision);
        expect(taken).toMatchObject({
          code: 0,
          err: expect.stringContaining("revision 5 is of a file that kept"),
        });
        expect(taken.out.length).toBeGreaterThan(100_000);
      }
    },
  );

  test("has only such revisions: the latest is the newest of them, and said to be one", () => {
    const { stage } = restless;
    const folder = join(stage.root, "only");
    mkdirSync(folder);
    for (const name of stage.revisions().filter((file) => file.includes(".changed.")))
      copyFileSync(join(stage.destination, name), join(folder, name));
    const taken = stage.type(["restore", "-f", stage.source, "-d", folder, "--to", "-"]);
    expect(taken).toMatchObject({
      code: 0,
      err: expect.stringContaining("revision 5 is of a file that kept"),
    });
    expect(taken.out.length).toBeGreaterThan(100_000);
  });
});

test("a time before which there is none but of a file that kept changing is no answer, and the hint names that one", async () => {
  using stage = new Stage();
  {
    await using _ = await startWriter("mapper", stage.source, 16, 0);
    expect(stage.type(["run", ...stage.paths], { env: clockAt("2026-11-20 12:00:00") }).code).toBe(3);
  }
  expect(stage.type(["run", ...stage.paths], { env: clockAt("2026-11-22 12:00:00") }).code).toBe(0);
  const refused = stage.type(["restore", ...stage.paths, "--to", "-", "--revision", "2026-11-21"]);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toContain("--revision 1");
});

test("a schedule whose file kept changing needs attention, and so says install --run", async () => {
  await using stage = await WorldStage.create();
  await using _ = await startWriter("mapper", stage.source, 16, 0);
  expect(stage.type(["install", ...stage.paths, "-t", "noon", "--run"]).code).toBe(3);
  await stage.world.passUntil(moment("2026-11-24T12:05"));
  expect(stage.statusof().code).toBe(6);
  expect(stage.only()).toMatchObject({
    lastRun: { exitCode: 3 },
    problems: [{ message: expect.stringContaining("kept changing while it was read") }],
  });
});
