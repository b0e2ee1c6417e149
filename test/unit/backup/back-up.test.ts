// What a run saves, proves and gives up, day after day.
import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type BackupRequest, planBackup } from "../../../src/backup/back-up.ts";
import { defaultRetention } from "../../../src/backup/retention-policy.ts";
import { identifyMachine } from "../../../src/system/machine.ts";
import type { Monitor } from "../../../src/system/monitor.ts";
import { createProofLog } from "../../support/proof-log.ts";
import { mixedBytes, openWorkshop, silentMonitor, type Workshop } from "../../support/workshop.ts";

const startMs = Date.parse("2026-11-23T02:15:07Z");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

afterEach(() => {
  setSystemTime();
});

/** A file whose runs come as a schedule makes them: nothing is typed, and what was found is remembered. */
class Series implements Disposable {
  readonly proofs = createProofLog();
  readonly #shop: Workshop = openWorkshop();
  #nowMs = startMs;
  readonly source: string;

  constructor(content: string | Buffer = "content 0") {
    setSystemTime(startMs);
    this.source = this.#shop.write("notes.txt", content);
  }

  [Symbol.dispose](): void {
    this.#shop[Symbol.dispose]();
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    setSystemTime(this.#nowMs);
  }

  write(content: string | Buffer): void {
    this.#shop.write("notes.txt", content);
  }

  run(options: Partial<BackupRequest> = {}) {
    return this.#shop.run(this.source, this.#complete(options));
  }

  plan(options: Partial<BackupRequest> = {}) {
    const request = { source: this.source, folder: this.#shop.destination, format: "zstd" } as const;
    return planBackup({ ...request, ...this.#complete(options) }, silentMonitor);
  }

  #complete(options: Partial<BackupRequest>) {
    return {
      retention: undefined,
      always: false,
      mayShare: true,
      isRaw: false,
      proofs: this.proofs,
      ...options,
    };
  }

  /** Runs with content of its own each. */
  async save(contents: readonly (string | Buffer)[], options: Partial<BackupRequest> = {}): Promise<void> {
    for (const content of contents) {
      this.write(content);
      this.pass(hourMs);
      const { revision, skipped, problem } = await this.run(options);
      expect({ skipped, problem, isSaved: revision !== null }).toEqual({
        skipped: null,
        problem: null,
        isSaved: true,
      });
    }
  }

  async numbers(): Promise<number[]> {
    return (await this.#shop.revisions(this.source)).map(({ number }) => number);
  }

  async path(number: number): Promise<string> {
    const found = (await this.#shop.revisions(this.source)).find((revision) => revision.number === number);
    if (!found) throw new Error(`no revision ${number}`);
    return found.path;
  }

  /** Flips a bit of the content, which the ends don't show. */
  async rot(number: number): Promise<string> {
    const found = (await this.#shop.revisions(this.source)).find((revision) => revision.number === number);
    if (!found?.archive) throw new Error(`no good revision ${number}`);
    const { path, archive } = found;
    const bytes = readFileSync(path);
    const place = archive.contentAt + 10;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    chmodSync(path, 0o600);
    writeFileSync(path, bytes);
    return path;
  }
}

const contents = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `content ${from + index}`);
const countDown = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe("nothing good is pushed out", () => {
  test("a run by hand without -k keeps the 30 revisions of the schedule", async () => {
    using series = new Series();
    await series.save(contents(30), { retention: { keeprevisions: 30 } });
    series.write("by hand");
    const { pruned, retention } = await series.run();
    expect(retention).toEqual({ keeprevisions: 30 });
    expect(pruned).toHaveLength(1);
    expect(await series.numbers()).toEqual(countDown(31, 2));
  });

  test("fourteen and more runs over an unchanged file push nothing out", async () => {
    using series = new Series();
    await series.save(contents(14));
    for (let round = 0; round < 20; round++) {
      series.pass(dayMs);
      expect(await series.run()).toMatchObject({
        skipped: "unchanged",
        revision: { number: 14 },
        pruned: [],
      });
    }
    expect(await series.numbers()).toEqual(countDown(14, 1));
  });

  test("nor do fourteen copies that somebody asked for", async () => {
    using series = new Series();
    await series.save(contents(14));
    for (let round = 0; round < 14; round++) {
      series.pass(hourMs);
      expect(await series.run({ always: true })).toMatchObject({ skipped: null });
    }
    expect(await series.numbers()).toEqual([28, ...countDown(13, 1)]);
  });

  test("with -k 2 and a newest one that rots in its middle, the good one before it stays", async () => {
    using series = new Series();
    await series.save(contents(3), { retention: { keeprevisions: 2 } });
    await series.rot(3);
    series.pass(2 * dayMs);
    // Unchanged, it would be one to keep: it is read before anything goes.
    const first = await series.run({ retention: { keeprevisions: 2 } });
    expect(first).toMatchObject({ skipped: null, revision: { number: 4 }, problem: null });
    expect(first.warnings.join()).toContain("-000003-");
    expect(await series.numbers()).toEqual([4, 3, 2]);
  });

  test("a policy that is typed while the file is unchanged is not forgotten", async () => {
    using series = new Series();
    await series.save(contents(3), { retention: { keeprevisions: 3 } });
    const retention = { keeprevisions: 30 };
    expect(await series.plan({ retention })).toMatchObject({ skipped: null, number: 4, pruned: [] });
    expect(await series.run({ retention })).toMatchObject({ skipped: null, revision: { number: 4 } });
    expect(await series.run({ retention })).toMatchObject({ skipped: "unchanged" });
    await series.save(contents(3, 4));
    expect(await series.numbers()).toEqual(countDown(7, 1));
  });

  test("what comes after a drop in size, for twenty runs more, pushes out nothing that was before", async () => {
    using series = new Series();
    await series.save(Array.from({ length: 14 }, (_, index) => mixedBytes(50_000 + index, index + 1)));
    series.write("fell");
    series.pass(hourMs);
    const { warnings } = await series.run();
    expect(warnings).toEqual([
      expect.stringMatching(/^it shrank from 50013 to 4 bytes: it is saved, and what was before /),
    ]);
    await series.save(Array.from({ length: 20 }, (_, index) => `fell ${index}`));
    const numbers = await series.numbers();
    expect(numbers.filter((number) => number <= 14)).toEqual(countDown(14, 1));
    expect(numbers.length).toBeLessThanOrEqual(28);
  });

  test("a file emptied, or encrypted by ransom, costs no revision but the oldest", async () => {
    using series = new Series();
    await series.save(contents(14));
    series.write("");
    for (let round = 0; round < 20; round++) {
      series.pass(dayMs);
      expect(await series.run()).toMatchObject({ skipped: "empty", revision: null, pruned: [] });
    }
    series.write(mixedBytes(100, 7));
    for (let round = 0; round < 20; round++) {
      series.pass(dayMs);
      await series.run();
    }
    expect(await series.numbers()).toEqual(countDown(15, 2));
  });
});

describe("unchanged", () => {
  test("is what differs in its times only", async () => {
    using series = new Series();
    await series.run();
    utimesSync(series.source, new Date(), new Date("2021-01-01"));
    expect(await series.run()).toMatchObject({
      skipped: "unchanged",
      revision: { number: 1 },
      isProvenAgain: false,
    });
  });

  test.each<[string, (series: Series) => void]>([
    ["content of the same size", (series) => series.write("content 1")],
    ["content of another size", (series) => series.write("content")],
    ["mode", ({ source }) => chmodSync(source, 0o600)],
  ])("is not what differs in its %s", async (_, change) => {
    using series = new Series();
    await series.run();
    change(series);
    expect(await series.run()).toMatchObject({ skipped: null, revision: { number: 2 } });
  });

  test("is compared with the newest only: what comes back after another state is saved", async () => {
    using series = new Series();
    await series.save(["a", "b", "a"]);
    expect(await series.numbers()).toEqual([3, 2, 1]);
  });

  test("has the newest read whole again where its last proof is older than a day, and not before", async () => {
    using series = new Series();
    await series.run();
    const said: boolean[] = [];
    for (let hour = 0; hour < 60; hour++) {
      series.pass(hourMs);
      said.push((await series.run()).isProvenAgain);
    }
    expect(said.flatMap((isProvenAgain, hour) => (isProvenAgain ? [hour + 1] : []))).toEqual([25, 50]);
  });

  test("a newest that does not prove whole is damaged from then on, and the state is saved anew", async () => {
    using series = new Series();
    await series.run();
    const path = await series.rot(1);
    series.pass(2 * dayMs);
    expect(await series.run()).toMatchObject({ skipped: null, revision: { number: 2 } });
    expect(series.proofs.damageOf(path)).toBeString();
    const { warnings, skipped } = await series.run();
    expect([skipped, warnings]).toEqual([
      "unchanged",
      [`'${path}' is damaged: ${series.proofs.damageOf(path)}`],
    ]);
  });

  test("what a run that was killed left behind is removed", async () => {
    using series = new Series();
    const { revision } = await series.run();
    const machine = identifyMachine().id.slice(0, 8);
    const left = join(revision?.path ?? "", "..", `.tinybackup-${machine}-0123456789abcdef.partial`);
    writeFileSync(left, "half");
    expect(await series.run()).toMatchObject({ skipped: "unchanged" });
    expect(existsSync(left)).toBe(false);
  });
});

describe("the policy", () => {
  test("is the default where no revision says one, and from then on that of the newest that does", async () => {
    using series = new Series();
    expect((await series.run()).retention).toEqual(defaultRetention);
    const policy = { keeprevisions: 5, "keep-daily": 7 };
    series.write("b");
    expect((await series.run({ retention: policy })).retention).toEqual(policy);
    series.write("c");
    expect((await series.run()).retention).toEqual(policy);
    await series.rot(3);
    expect((await series.plan()).retention).toEqual(policy);
  });

  test("a run that only says what it would do says the same", async () => {
    using series = new Series();
    await series.save(contents(5), { retention: { keeprevisions: 2 } });
    series.write("another");
    const plan = await series.plan();
    expect(plan).toMatchObject({ number: 6, revision: null, skipped: null, retention: { keeprevisions: 2 } });
    const before = await series.numbers();
    const { pruned } = await series.run();
    expect([plan.pruned, before]).toEqual([pruned, [5, 4]]);
    const unchanged = await series.plan();
    expect(unchanged).toMatchObject({
      number: null,
      skipped: "unchanged",
      revision: { number: 6 },
      pruned: [],
    });
    expect(await series.plan({ always: true })).toMatchObject({ number: 7, skipped: null });
    series.write("");
    expect(await series.plan()).toMatchObject({ number: null, skipped: "empty", pruned: [] });
  });
});

describe("the proof of old revisions", () => {
  test("after as many days as there are revisions each was read whole; hourly runs read one a day", async () => {
    using series = new Series();
    await series.save(contents(8));
    series.pass(dayMs - (series.proofs.read.length + 10) * hourMs);
    const paths = await Promise.all((await series.numbers()).map((number) => series.path(number)));
    expect(series.proofs.read).toEqual([]);
    for (let hour = 0; hour < 8 * 24; hour++) {
      series.pass(hourMs);
      expect(await series.run()).toMatchObject({ skipped: "unchanged", problem: null, warnings: [] });
    }
    expect(new Set(series.proofs.read)).toEqual(new Set(paths));
    const newest = paths[0] ?? "";
    expect(series.proofs.read.filter((path) => path !== newest).length).toBeLessThanOrEqual(9);
    // The oldest proof first.
    expect(series.proofs.read.filter((path) => path !== newest).slice(0, 7)).toEqual(
      paths.slice(1).toReversed(),
    );
  });

  test("a damaged one is told from then on, does not count, and an older one stays in its place", async () => {
    using series = new Series();
    await series.save(contents(4), { retention: { keeprevisions: 3 } });
    const path = await series.rot(3);
    series.pass(dayMs);
    series.write("another");
    const { warnings } = await series.run();
    expect(warnings).toEqual([expect.stringContaining(`'${path}' is damaged: `)]);
    expect(await series.numbers()).toEqual([5, 4, 3, 2]);
    await series.save(contents(3, 10));
    expect(await series.numbers()).toEqual([8, 7, 6, 3]);
    // Until it reads well again, or is gone.
    rmSync(path);
    expect((await series.run()).warnings).toEqual([]);
  });

  test("where nothing can be remembered there is none", async () => {
    using series = new Series();
    await series.save(contents(4));
    series.pass(3 * dayMs);
    const proofs = createProofLog({ isWritable: false });
    series.write("another");
    await series.run({ proofs });
    expect(proofs.read).toEqual([]);
  });

  test("one that is ended by a signal meanwhile leaves a backup that is saved", async () => {
    using series = new Series();
    await series.save([mixedBytes(3 << 20), ...contents(3)]);
    series.pass(dayMs);
    series.write("another");
    const controller = new AbortController();
    const { proofs } = series;
    const beginDaily = (of: { folder: string; source: string }) => {
      controller.abort(new Error("the end"));
      return proofs.beginDaily(of);
    };
    const monitor: Monitor = { ...silentMonitor, signal: controller.signal };
    const { backUp } = await import("../../../src/backup/back-up.ts");
    const folder = join(await series.path(1), "..");
    const request = {
      source: series.source,
      folder,
      format: "zstd",
      retention: undefined,
      always: false,
      mayShare: true,
      isRaw: false,
    } as const;
    const result = await backUp({ ...request, proofs: { ...proofs, beginDaily } }, monitor);
    expect(result).toMatchObject({
      revision: { number: 5 },
      skipped: null,
      pruned: [],
      problem: { message: "the end" },
    });
    expect(await series.numbers()).toEqual([5, 4, 3, 2, 1]);
  });

  test("a clock that jumps ahead and back believes no proof of the future", async () => {
    using series = new Series();
    await series.save(contents(2));
    series.pass(400 * dayMs);
    await series.run();
    series.pass(-399 * dayMs);
    expect(await series.run()).toMatchObject({ skipped: "unchanged", problem: null });
  });
});

test("damaged and unreadable ones are told one by one, and from six on by their number", async () => {
  using series = new Series();
  await series.save(contents(9));
  for (const number of [1, 2, 3, 4, 5, 6, 7]) copyFileSync(series.source, await series.path(number));
  const { warnings } = await series.run();
  expect(warnings).toHaveLength(6);
  expect(warnings[5]).toBe(
    `and 2 more: tinybackup list -f ${series.source} -d ${join(await series.path(1), "..")}`,
  );
});

test("with --raw a plan finds an unchanged file unchanged as well, whatever lies beside it", async () => {
  using series = new Series();
  writeFileSync(`${series.source}-journal`, Buffer.from("d9d505f920a163d7", "hex"));
  await series.run({ isRaw: true });
  expect(await series.plan({ isRaw: true })).toMatchObject({ skipped: "unchanged", revision: { number: 1 } });
  expect(await series.run({ isRaw: true })).toMatchObject({ skipped: "unchanged", revision: { number: 1 } });
});
