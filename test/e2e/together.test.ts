// Runs that meet each other, and runs that meet the wrong time.
import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contentOf, type Ended, needRoot, openScene, type Scene } from "../support/scene.ts";

beforeAll(() => needRoot("tar", "zstd"));

function numbersIn(scene: Scene): number[] {
  return scene.revisions().map((name) => Number(/-(\d{6})-\d{4}-/.exec(name)?.[1]));
}

function expectDone(ended: readonly Ended[]): void {
  for (const { code, err } of ended) expect({ code, err }).toEqual({ code: 0, err: "" });
}

test("two runs in one second make two revisions", async () => {
  using scene = openScene();
  expectDone([await scene.save(), await scene.save()]);
  expect(numbersIn(scene)).toEqual([1, 2]);
});

describe("eight runs at once", () => {
  test("all publish, each its own number, nothing is lost", async () => {
    using scene = openScene();
    const ended = await Promise.all(Array.from({ length: 8 }, () => scene.save()));
    expectDone(ended);
    expect(numbersIn(scene)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ended.map(({ out }) => out).toSorted()).toEqual(
      scene.revisions().map((name) => `${join(scene.saved, name)}\n`),
    );
    for (const name of scene.revisions()) {
      expect(contentOf(join(scene.saved, name)).equals(readFileSync(scene.source))).toBe(true);
    }
    expect(scene.leftovers()).toEqual([]);
  });

  test("that prune as well keep the newest, and disturb no other", async () => {
    using scene = openScene();
    for (let round = 0; round < 4; round++) {
      expectDone(await Promise.all(Array.from({ length: 8 }, () => scene.save("-k", "2"))));
    }
    expect(numbersIn(scene)).toEqual([31, 32]);
    expect(scene.leftovers()).toEqual([]);
  });

  test("of eight files with one base name count each for itself", async () => {
    using scene = openScene();
    const sources = Array.from({ length: 8 }, (_, place) => {
      mkdirSync(join(scene.root, String(place)));
      return scene.write(`${place}/notes.txt`, `content ${place}`);
    });
    const save = (source: string) => scene.tinybackup(["run", "-f", source, "-d", scene.saved, "-k", "2"]);
    for (let round = 0; round < 3; round++) expectDone(await Promise.all(sources.map(save)));
    expect(numbersIn(scene)).toEqual(Array.from({ length: 16 }, (_, place) => 2 + (place >> 3)));
    for (const [place, source] of sources.entries()) {
      const args = ["restore", "-f", source, "-d", scene.saved, "--to", "-"];
      expect(await scene.tinybackup(args)).toMatchObject({ code: 0, out: `content ${place}` });
    }
  });

  test("and a reader, who never sees less than a whole revision", async () => {
    using scene = openScene();
    expectDone([await scene.save()]);
    const runs = Promise.all(Array.from({ length: 8 }, () => scene.save("-k", "3")));
    const readings = Promise.all(
      Array.from({ length: 4 }, () =>
        scene.tinybackup(["restore", "-f", scene.source, "-d", scene.saved, "--to", "-"]),
      ),
    );
    expectDone(await runs);
    for (const { code, out, err } of await readings) {
      // The revision that was chosen may have been pruned meanwhile: then that is said.
      if (code === 0) expect(out).toBe(readFileSync(scene.source, "utf8"));
      else expect({ code, out, err }).toMatchObject({ code: 75, out: "" });
    }
  });
});

describe("a clock", () => {
  const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

  async function saveAt(scene: Scene, moment: string, ...more: readonly string[]): Promise<void> {
    if (!existsSync(library)) throw new Error("these tests need libfaketime: install it first");
    const args = ["run", "-f", scene.source, "-d", scene.saved, ...more];
    const env = { LD_PRELOAD: library, FAKETIME: `@${moment}` };
    expectDone([await scene.tinybackup(args, { env })]);
  }

  test("that jumps to 1970 and 2099 makes labels only: the number is the order", async () => {
    using scene = openScene();
    const moments = [
      "2026-11-23 02:00:00",
      "2099-12-31 23:59:58",
      "1970-01-01 00:00:05",
      "2026-11-23 03:00:00",
    ];
    for (const [place, moment] of moments.entries()) {
      scene.write("notes.txt", `content ${place + 1}`.repeat(20));
      await saveAt(scene, moment, "-k", "3");
    }
    expect(scene.revisions().map((name) => name.slice(0, 27))).toEqual([
      "notes.txt-000002-2099-12-31",
      "notes.txt-000003-1970-01-01",
      "notes.txt-000004-2026-11-23",
    ]);
    const restored = await scene.tinybackup(["restore", "-d", scene.saved, "--to", "-"]);
    expect(restored.out).toBe("content 4".repeat(20));
    const verified = await scene.tinybackup(["verify", "-d", scene.saved]);
    expect(verified).toMatchObject({ code: 0 });
    for (const moment of ["1970-01-01 00:00:00", "2099-12-31 23:59:00"]) {
      const env = { LD_PRELOAD: library, FAKETIME: `@${moment}` };
      expectDone([await scene.tinybackup(["list", "-d", scene.saved], { env })]);
    }
  });

  test("that steps back while runs go on loses nothing", async () => {
    using scene = openScene();
    for (const day of ["23", "22", "21", "20"]) await saveAt(scene, `2026-11-${day} 02:00:00`, "-k", "2");
    expect(numbersIn(scene)).toEqual([3, 4]);
  });
});

test("--keeprevisions lowered from 14 to 3 leaves the newest 3, and raised again removes nothing", async () => {
  using scene = openScene();
  for (let count = 0; count < 16; count++) expectDone([await scene.save()]);
  expect(numbersIn(scene)).toEqual(Array.from({ length: 14 }, (_, place) => place + 3));
  const oldest = scene.revisions().slice(0, 12);
  const ended = await scene.save("-k", "3", "--json");
  expect(JSON.parse(ended.out)).toMatchObject({ revision: { number: 17 }, pruned: oldest });
  expect(numbersIn(scene)).toEqual([15, 16, 17]);
  expectDone([await scene.save()]);
  expect(numbersIn(scene)).toEqual([15, 16, 17, 18]);
});

test("a damaged revision is never pruned, and does not count", async () => {
  using scene = openScene();
  for (let count = 0; count < 3; count++) expectDone([await scene.save()]);
  const [first = "", second = ""] = scene.revisions();
  await scene.shell(`truncate -s -1 "$SAVED/${second}"`);
  expectDone([await scene.save("-k", "2")]);
  expect(scene.revisions()).not.toContain(first);
  expect(numbersIn(scene)).toEqual([2, 3, 4]);
});
