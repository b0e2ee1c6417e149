// Runs that meet each other, and runs that meet the wrong time.
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { type Ended, clockAt, contentOf, needRoot } from "../support/tools.ts";

beforeAll(() => needRoot("tar", "zstd"));

function numbersIn(stage: Stage): number[] {
  return stage.revisions().map((name) => Number(/-(\d{6})-\d{4}-/.exec(name)?.[1]));
}

/** Of what was removed is told; of nothing else. */
function expectDone(ended: readonly Ended[]): void {
  for (const { code, err } of ended)
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^(removed \d+ old revisions?\n)?$/),
    });
}

test("two runs in one second make two revisions", () => {
  using stage = new Stage();
  expectDone([stage.save(), stage.save()]);
  expect(numbersIn(stage)).toEqual([1, 2]);
});

describe("eight runs at once", () => {
  test(holds("nothing-lost", "all publish, each its own number, nothing is lost"), async () => {
    using stage = new Stage();
    const ended = await Promise.all(
      Array.from({ length: 8 }, () => stage.start(["run", ...stage.paths, "--always"])),
    );
    expectDone(ended);
    expect(numbersIn(stage)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ended.map(({ out }) => out).toSorted()).toEqual(
      stage.revisions().map((name) => `${join(stage.destination, name)}\n`),
    );
    for (const name of stage.revisions()) {
      expect(contentOf(join(stage.destination, name)).equals(readFileSync(stage.source))).toBe(true);
    }
    expect(stage.leftovers()).toEqual([]);
  });

  test(holds("nothing-lost", "that prune as well keep the newest, and disturb no other"), async () => {
    using stage = new Stage();
    for (let round = 0; round < 4; round++) {
      expectDone(
        await Promise.all(
          Array.from({ length: 8 }, () => stage.start(["run", ...stage.paths, "--always", "-k", "2"])),
        ),
      );
    }
    expect(numbersIn(stage)).toEqual([31, 32]);
    expect(stage.leftovers()).toEqual([]);
  });

  test("of eight files with one base name count each for itself", async () => {
    using stage = new Stage();
    const sources = Array.from({ length: 8 }, (_, place) => {
      mkdirSync(join(stage.root, String(place)));
      return stage.write(`${place}/notes.txt`, `content ${place}`);
    });
    const save = (source: string) =>
      stage.start(["run", "-f", source, "-d", stage.destination, "--always", "-k", "2"]);
    for (let round = 0; round < 3; round++) expectDone(await Promise.all(sources.map(save)));
    expect(numbersIn(stage)).toEqual(Array.from({ length: 16 }, (_, place) => 2 + (place >> 3)));
    for (const [place, source] of sources.entries()) {
      const args = ["restore", "-f", source, "-d", stage.destination, "--to", "-"];
      expect(stage.type(args)).toMatchObject({ code: 0, out: `content ${place}` });
    }
  });

  test(holds("whole", "and a reader, who never sees less than a whole revision"), async () => {
    using stage = new Stage();
    expectDone([stage.save()]);
    const runs = Promise.all(
      Array.from({ length: 8 }, () => stage.start(["run", ...stage.paths, "--always", "-k", "3"])),
    );
    const readings = Promise.all(
      Array.from({ length: 4 }, () => stage.start(["restore", ...stage.paths, "--to", "-"])),
    );
    expectDone(await runs);
    for (const { code, out, err } of await readings) {
      // The revision that was chosen may have been pruned meanwhile: then that is said.
      if (code === 0) expect(out).toBe(readFileSync(stage.source, "utf8"));
      else expect({ code, out, err }).toMatchObject({ code: 75, out: "" });
    }
  });
});

function saveAt(stage: Stage, moment: string, ...more: readonly string[]): void {
  expectDone([stage.type(["run", ...stage.paths, "--always", ...more], { env: clockAt(moment) })]);
}

describe("a clock", () => {
  test(holds("clock", "that jumps to 1970 and 2099 makes labels only: the number is the order"), () => {
    using stage = new Stage();
    const moments = [
      "2026-11-23 02:00:00",
      "2099-12-31 23:59:58",
      "1970-01-01 00:00:05",
      "2026-11-23 03:00:00",
    ];
    for (const [place, moment] of moments.entries()) {
      stage.write("notes.txt", `content ${place + 1}`.repeat(20));
      saveAt(stage, moment, "-k", "3");
    }
    expect(stage.revisions().map((name) => name.slice(0, 27))).toEqual([
      "notes.txt-000002-2099-12-31",
      "notes.txt-000003-1970-01-01",
      "notes.txt-000004-2026-11-23",
    ]);
    const restored = stage.type(["restore", "-d", stage.destination, "--to", "-"]);
    expect(restored.out).toBe("content 4".repeat(20));
    const verified = stage.type(["verify", "-d", stage.destination]);
    expect(verified).toMatchObject({ code: 0 });
    for (const moment of ["1970-01-01 00:00:00", "2099-12-31 23:59:00"]) {
      expectDone([stage.type(["list", "-d", stage.destination], { env: clockAt(moment) })]);
    }
  });

  test(holds("clock", "that steps back while runs go on loses nothing"), () => {
    using stage = new Stage();
    for (const day of ["23", "22", "21", "20"]) saveAt(stage, `2026-11-${day} 02:00:00`, "-k", "2");
    expect(numbersIn(stage)).toEqual([3, 4]);
  });
});

test("--keeprevisions lowered from 14 to 3 leaves the newest 3, also where it is not typed, and raised again removes nothing", () => {
  using stage = new Stage();
  for (let count = 0; count < 16; count++) expectDone([stage.save()]);
  expect(numbersIn(stage)).toEqual(Array.from({ length: 14 }, (_, place) => place + 3));
  const oldest = stage.revisions().slice(0, 12);
  const ended = stage.save("-k", "3", "--json");
  expect(JSON.parse(ended.out)).toMatchObject({ revision: { number: 17 }, pruned: oldest });
  expect(numbersIn(stage)).toEqual([15, 16, 17]);
  expectDone([stage.save()]);
  expect(numbersIn(stage)).toEqual([16, 17, 18]);
  expectDone([stage.save("-k", "14")]);
  expect(numbersIn(stage)).toEqual([16, 17, 18, 19]);
});

test(holds("damaged", "a damaged revision is never pruned, does not count, and is told by every run"), () => {
  using stage = new Stage();
  for (let count = 0; count < 3; count++) expectDone([stage.save()]);
  const [first = "", second = ""] = stage.revisions();
  stage.shell(`truncate -s -1 "$SAVED/${second}"`);
  const warning = `tinybackup: warning: '${join(stage.destination, second)}' is damaged: `;
  const ended = [stage.save("-k", "2"), stage.save("-k", "2")];
  for (const { code, err } of ended) {
    expect([code, err.split("\n").length]).toEqual([0, 3]);
    expect(err).toStartWith(warning);
    expect(err).toMatch(/\nremoved \d old revisions?\n$/);
  }
  expect(stage.revisions()).not.toContain(first);
  expect(numbersIn(stage)).toEqual([2, 4, 5]);
});
