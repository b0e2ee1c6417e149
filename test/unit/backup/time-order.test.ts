// Which times are not believed.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { findMisdated } from "../../../src/backup/time-order.ts";

const membersOf = (times: readonly number[]) => times.map((takenAtMs) => ({ takenAtMs }));

function believed(times: readonly number[]): number[] {
  const members = membersOf(times);
  const misdated = findMisdated(members);
  return members.filter((member) => !misdated.has(member)).map(({ takenAtMs }) => takenAtMs);
}

test.each([
  [[], []],
  [[5], [5]],
  [
    [5, 4, 4, 3],
    [5, 4, 4, 3],
  ],
  // One of the future, one of the past, and both.
  [
    [5, 4, 9, 3, 2],
    [5, 4, 3, 2],
  ],
  [
    [5, 0, 4, 3, 2],
    [5, 4, 3, 2],
  ],
  [
    [5, 0, 9, 4, 3],
    [5, 4, 3],
  ],
  // The first is believed, even against all others; of two series as long, the later one is.
  [[1, 5, 4, 3], [1]],
  [
    [5, 1, 4],
    [5, 4],
  ],
  [
    [5, 1, 0, 4, 3],
    [5, 4, 3],
  ],
])("of %j these are believed: %j", (times, expected) => {
  expect(believed(times)).toEqual(expected);
});

test("as many as can be are believed, from the first on, and their times never rise", () => {
  /** The longest series that goes on from a member, by trying all. */
  const longestFrom = (times: readonly number[], index: number): number =>
    1 +
    Math.max(
      0,
      ...times.map((time, next) =>
        next > index && time <= (times[index] ?? 0) ? longestFrom(times, next) : 0,
      ),
    );
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 10, size: "max" }),
      (times) => {
        const found = believed(times);
        expect(found).toEqual(found.toSorted((one, other) => other - one));
        expect(found[0]).toBe(times[0]);
        expect(found.length).toBe(longestFrom(times, 0));
      },
    ),
    { numRuns: 500 },
  );
});
