import { expect, test } from "bun:test";
import { measurePlain } from "../../../src/backup/archive/plain.ts";
import { parsePythonName } from "../../../src/backup/python-revision.ts";

test.each([
  ["notes.txt-2026-11-23-1795400107.gz", "notes.txt"],
  // West of UTC the date is the day before, east of it the day after.
  ["notes.txt-2026-11-22-1795400107.gz", "notes.txt"],
  ["notes.txt-2026-11-24-1795400107.gz", "notes.txt"],
  ["a-2026-11-23-1795400107.gz-2026-11-23-1795400107.gz", "a-2026-11-23-1795400107.gz"],
  ["two\nlines é [*]-2026-11-23-1795400107.gz", "two\nlines é [*]"],
])("%j is a revision of %j", (file, baseName) => {
  expect(parsePythonName(file)).toEqual({ baseName, takenAtMs: 1_795_400_107_000 });
});

test.each([
  "-2026-11-23-1795400107.gz",
  "notes.txt-2026-11-23-1795400107",
  "notes.txt-2026-11-23-1795400107.tar.gz",
  "notes.txt-2026-11-23-1795400107.gz.old",
  "notes.txt-2026-11-23.gz",
  "notes.txt-2026-13-23-1795400107.gz",
  "notes.txt-2026-11-20-1795400107.gz",
  "notes.txt-2026-11-23-17954001070000.gz",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.gz",
])("%j is none", (file) => {
  expect(parsePythonName(file)).toBeNull();
});

test("a size is told only where four bytes can count it", () => {
  const tail = Uint8Array.of(1, 2, 0, 0);
  expect(measurePlain(100, tail)).toBe(513);
  expect(measurePlain(4_161_790, tail)).toBe(513);
  expect(measurePlain(4_161_791, tail)).toBeNull();
  expect(measurePlain(3, Uint8Array.of(1, 2, 3))).toBeNull();
});
