// The second name of a file that a restore replaces.
import { expect, test } from "bun:test";
import { renderSecondName } from "../../../src/backup/aside.ts";

const now = Date.UTC(2026, 10, 23, 2, 15, 7, 999);

test.each([
  ["notes.txt", 1, "notes.txt.before-restore-2026-11-23T02-15-07Z"],
  ["notes.txt", 2, "notes.txt.before-restore-2026-11-23T02-15-07Z-2"],
  [".env", 11, ".env.before-restore-2026-11-23T02-15-07Z-11"],
])("of %s, taken %d times, is %s", (name, count, expected) => {
  expect(renderSecondName(name, now, count)).toBe(expected);
});

test.each(["n", "ü", "\u{1F469}\u{1F3FD}\u{200D}\u{1F680}", "a\u0301"])(
  "of a name of many '%s' is cut between characters, and leaves room for what SQLite appends",
  (character) => {
    for (let length = 1; length * Buffer.byteLength(character) <= 255; length++) {
      for (const count of [1, 2, 10]) {
        const second = renderSecondName(character.repeat(length), now, count);
        expect(Buffer.byteLength(`${second}-journal`)).toBeLessThanOrEqual(255);
        const kept = second.slice(0, second.indexOf(".before-restore-"));
        expect(kept).toBe(character.repeat(kept.length / character.length));
        expect(kept).not.toBe("");
      }
    }
  },
);
