import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { planRetention } from "../../../src/backup/retention.ts";
import type { Revision } from "../../../src/backup/revision.ts";

type Subject = Pick<Revision, "file" | "number" | "state">;

const revision = (number: number, state: Subject["state"] = "ok"): Subject => ({
  file: `r${number}`,
  number,
  state,
});

test("the newest stay, by number, and each says why", () => {
  const plan = planRetention([revision(9), revision(7), revision(3)], { keeprevisions: 2 });
  expect(plan.keep.map(({ revision: { file }, reasons }) => [file, ...reasons])).toEqual([
    ["r9", "newest 1 of 2"],
    ["r7", "newest 2 of 2"],
  ]);
  expect(plan.remove.map(({ file }) => file)).toEqual(["r3"]);
});

test("a damaged revision never takes the place of a good one, and is not removed", () => {
  const plan = planRetention([revision(4, "damaged"), revision(3), revision(2, "damaged"), revision(1)], {
    keeprevisions: 1,
  });
  expect(plan.keep.map(({ revision: { file } }) => file)).toEqual(["r4", "r3", "r2"]);
  expect(plan.remove.map(({ file }) => file)).toEqual(["r1"]);
});

test("however many there are, as many good ones stay as asked for or as there are, and they are the newest", () => {
  const candidates = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 60 })
    .chain((numbers) =>
      fc.tuple(
        ...numbers
          .toSorted((a, b) => b - a)
          .map((number) =>
            fc.constantFrom<Subject["state"]>("ok", "ok", "damaged").map((state) => revision(number, state)),
          ),
      ),
    );
  fc.assert(
    fc.property(candidates, fc.integer({ min: 1, max: 70 }), (revisions, keeprevisions) => {
      const { keep, remove } = planRetention(revisions, { keeprevisions });
      const good = revisions.filter(({ state }) => state === "ok");
      const keptGood = keep.map((kept) => kept.revision).filter(({ state }) => state === "ok");
      expect(keptGood).toEqual(good.slice(0, keeprevisions));
      expect(remove).toEqual(good.slice(keeprevisions));
      expect(keep.length + remove.length).toBe(revisions.length);
    }),
  );
});

test("when all are kept, nothing goes", () => {
  expect(planRetention([revision(2), revision(1)], { keeprevisions: -1 }).remove).toEqual([]);
});
