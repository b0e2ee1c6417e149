// What days of runs keep, prove and give up, as people meet it: by hand, and scheduled.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { day, hour, moment, Stage, WorldStage } from "../support/stage.ts";
import { clockAt } from "../support/tools.ts";

setDefaultTimeout(120_000);

const noon = moment("2026-11-23T12:00");

interface Entry {
  readonly event: string;
  readonly folder?: string;
  readonly files?: readonly (readonly [string, number])[];
  readonly revision?: string | null;
  readonly removed?: { readonly count: number; readonly files: readonly string[] };
}

function entries(stage: Stage, wanted: string): Entry[] {
  const lines = stage.journal().split("\n").filter(Boolean);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own program wrote it
  return lines.map((line) => JSON.parse(line) as Entry).filter(({ event }) => event === wanted);
}

const numberOf = (name: string) => Number(/-(\d{6})-\d{4}-/.exec(name)?.[1]);
const numbers = (stage: Stage) => stage.revisions().map(numberOf);

/** Flips a bit where the content is stored, which a listing does not look at. */
function rot(stage: Stage, name: string): string {
  const path = join(stage.destination, name);
  const bytes = readFileSync(path);
  const place = Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
  return path;
}

/** A content of some kilobytes that does not compress, so that its middle is in the middle of the revision. */
function write(stage: Stage, seed: number): void {
  const bytes = Buffer.alloc(8000);
  let state = seed;
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[index] = state >>> 24;
  }
  stage.write("notes.txt", bytes);
}

describe("a run by hand", () => {
  test(
    holds(
      "copies",
      "read-again",
      "of a file that has not changed says since when, prints that revision's path, and after a day proves it again",
    ),
    () => {
      using stage = new Stage();
      const at = (clock: string, ...more: readonly string[]) =>
        stage.type(["run", ...stage.paths, ...more], { env: clockAt(clock) });
      const first = at("2026-11-23 02:15:07");
      expect(first).toMatchObject({ code: 0, err: "" });
      const { out } = first;
      expect(at("2026-11-23 09:00:00")).toEqual({
        code: 0,
        out,
        err: "unchanged since revision 1 of 2026-11-23 02:15:07\n",
      });
      const proven = {
        code: 0,
        out,
        err: "unchanged since revision 1 of 2026-11-23 02:15:07: proven again\n",
      };
      expect(at("2026-11-24 09:00:00")).toEqual(proven);
      expect(at("2026-11-24 10:00:00")).toEqual({ ...proven, err: proven.err.replace(": proven again", "") });
      expect(at("2026-11-24 10:00:00", "--quiet")).toEqual({ code: 0, out: "", err: "" });
      const { err, ...json } = at("2026-11-24 10:00:00", "--json");
      expect([err, JSON.parse(json.out)]).toMatchObject([
        "",
        { skipped: "unchanged", revision: { number: 1 }, pruned: [] },
      ]);
      expect(at("2026-11-24 10:00:00", "--noop").out).toBe(
        "would save nothing: unchanged since revision 1 of 2026-11-23 02:15:07\n",
      );
      expect(at("2026-11-24 10:00:00", "--always")).toMatchObject({ code: 0, err: "" });
      expect(numbers(stage)).toEqual([1, 2]);
    },
  );

  test("says what it removed, by number, and with --verbose by name", () => {
    using stage = new Stage();
    for (const seed of [1, 2, 3]) {
      write(stage, seed);
      expect(stage.save().err).toBe("");
    }
    const [first = "", second = ""] = stage.revisions();
    write(stage, 4);
    expect(stage.save("-k", "2").err).toBe("removed 2 old revisions\n");
    write(stage, 5);
    expect(stage.save("--verbose").err).toMatch(
      /^removed 1 old revision\nproven: .* read back from the disk at .*\nremoved the old revision '.*-000003-.*'\n$/,
    );
    expect([numberOf(first), numberOf(second), ...numbers(stage)]).toEqual([1, 2, 4, 5]);
  });

  test("prunes nothing beyond what the schedule keeps", async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "-k", "30"]);
    for (let seed = 1; seed <= 32; seed++) {
      write(stage, seed);
      await stage.world.passUntil(noon + seed * day);
    }
    expect(numbers(stage)).toHaveLength(30);
    write(stage, 99);
    expect(stage.type(["run", ...stage.paths])).toMatchObject({ code: 0, err: "removed 1 old revision\n" });
    expect(numbers(stage)).toHaveLength(30);
  });

  test(
    holds("nothing-lost", "damaged", "with -k 1 over a newest that rots in its middle keeps what is good"),
    () => {
      using stage = new Stage();
      for (const seed of [1, 2]) {
        write(stage, seed);
        stage.save();
      }
      const [, newest = ""] = stage.revisions();
      const path = rot(stage, newest);
      const pruned = stage.type(["prune", ...stage.paths, "-k", "1", "--quiet"]);
      expect(pruned).toMatchObject({ code: 0, out: "" });
      expect(pruned.err).toContain(`warning: '${path}' is damaged: `);
      expect(numbers(stage)).toEqual([1, 2]);
      const next = stage.type(["run", ...stage.paths, "-k", "1"]);
      expect(next.err).toContain(`warning: '${path}' is damaged: `);
      expect(numbers(stage)).toEqual([2, 3]);
    },
  );

  test("goes on where nothing can be remembered", () => {
    using stage = new Stage();
    const env = { XDG_STATE_HOME: "/dev/null" };
    for (const clock of ["2026-11-23 02:00:00", "2026-11-25 02:00:00", "2026-11-25 03:00:00"]) {
      const { code } = stage.type(["run", ...stage.paths], { env: { ...env, ...clockAt(clock) } });
      expect(code).toBe(0);
    }
    expect(numbers(stage)).toEqual([1]);
  });
});

describe("scheduled", () => {
  test(
    holds(
      "quiet",
      "copies",
      "runs over a file that does not change print nothing, make no copy, and are all that a monitor wants",
    ),
    async () => {
      await using stage = await WorldStage.create();
      expect(stage.type(["install", ...stage.paths, "-t", "2:00am"]).code).toBe(0);
      await stage.world.passUntil(noon + 20 * day);
      expect(numbers(stage)).toEqual([1]);
      expect(stage.world.mails()).toEqual([]);
      const [only] = stage.revisions();
      expect(entries(stage, "run").map(({ revision }) => revision)).toEqual(
        Array.from({ length: 20 }, () => only),
      );
      expect(stage.statusof(["all", "--max-age", "26h"])).toMatchObject({
        code: 0,
        jobs: [{ problems: [] }],
      });
      stage.world.stopDaemon();
      stage.world.setClock(noon + 22 * day);
      expect(stage.statusof(["all", "--max-age", "26h"]).code).toBe(6);
      // What is typed then is what a monitor hears of.
      expect(stage.type(["run", ...stage.paths]).err).toMatch(/^unchanged since revision 1 /);
      stage.world.startDaemon();
      await stage.world.tick();
      expect(stage.statusof(["all", "--max-age", "1h"])).toMatchObject({ code: 0 });
    },
  );

  test(holds("quiet", "runs print nothing of what they remove, and write it down"), async () => {
    await using stage = await WorldStage.create();
    stage.install(["-t", "2:00am", "-k", "2"]);
    for (let seed = 1; seed <= 4; seed++) {
      write(stage, seed);
      await stage.world.passUntil(noon + seed * day);
    }
    expect(stage.world.mails()).toEqual([]);
    expect(numbers(stage)).toEqual([3, 4]);
    expect(
      entries(stage, "run").map(({ removed }) => removed && [removed.count, removed.files.map(numberOf)]),
    ).toEqual([undefined, undefined, [1, [1]], [1, [2]]]);
  });

  test(
    holds(
      "read-again",
      "hourly runs read one old revision a day, until each was read, and tell of a rotten one from then on",
    ),
    async () => {
      await using stage = await WorldStage.create();
      for (let seed = 1; seed <= 5; seed++) {
        write(stage, seed);
        expect(stage.save().code).toBe(0);
      }
      const revisions = stage.revisions();
      const rotten = rot(stage, revisions[2] ?? "");
      expect(stage.type(["install", ...stage.paths, "-t", "+ 1 hour"]).code).toBe(0);
      await stage.world.passUntil(noon + 4 * day + hour);
      const all = entries(stage, "read");
      expect(all.filter(({ folder }) => folder?.startsWith(`${stage.destination}//`))).toHaveLength(4);
      const proofs = all.filter(({ folder }) => folder === stage.destination);
      const read = proofs.flatMap(({ files = [] }) => files.map(([file]) => file));
      expect(new Set(read)).toEqual(new Set(revisions));
      expect(read.filter((file) => numberOf(file) < 5)).toEqual(revisions.slice(0, 4));
      const mails = stage.world.mails();
      expect(mails.length).toBeGreaterThan(24);
      for (const mail of mails) expect(mail).toContain(`tinybackup: warning: '${rotten}' is damaged: `);
      expect(stage.type(["list", ...stage.paths]).out).toMatch(/ 3 .* damaged\n/);
      // Until it is gone.
      rmSync(rotten);
      expect(stage.type(["run", ...stage.paths]).err).not.toContain("damaged");
    },
  );
});

test(holds("nothing-lost", "runs and prunes at once never leave fewer than is to be kept"), async () => {
  using stage = new Stage();
  const sources = Array.from({ length: 3 }, (_, index) => index);
  for (const round of sources) {
    write(stage, round + 1);
    const words = (command: string) => [command, ...stage.paths, "-k", "4"];
    const ended = await Promise.all([
      ...Array.from({ length: 6 }, () => stage.start([...words("run"), "--always"])),
      ...Array.from({ length: round > 0 ? 4 : 0 }, () => stage.start(words("prune"))),
    ]);
    for (const { code, err } of ended) expect([code, err.replaceAll(/^removed .*\n/gm, "")]).toEqual([0, ""]);
    expect(numbers(stage).length).toBeGreaterThanOrEqual(round > 0 ? 4 : 1);
    expect(stage.leftovers()).toEqual([]);
  }
  expect(stage.type(["prune", ...stage.paths, "-k", "4"]).code).toBe(0);
  expect(numbers(stage)).toHaveLength(4);
  expect(numbers(stage).at(-1)).toBe(18);
  expect(stage.type(["verify", ...stage.paths])).toMatchObject({ code: 0 });
});

test(holds("clock", "two clocks that disagree lose nothing"), () => {
  using stage = new Stage();
  for (const [seed, clock] of [
    "2026-11-23 02:00:00",
    "2031-01-01 00:00:00",
    "2026-11-24 02:00:00",
    "1999-01-01 00:00:00",
  ].entries()) {
    write(stage, seed + 1);
    const { code } = stage.type(["run", ...stage.paths, "--keep-daily", "2"], { env: clockAt(clock) });
    expect(code).toBe(0);
  }
  expect(numbers(stage)).toEqual([1, 2, 3, 4]);
});
