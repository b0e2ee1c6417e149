import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  foldStem,
  isNamed,
  parseRevisionName,
  renderRevisionName,
  type RevisionName,
  stemOf,
} from "../../../src/backup/revision.ts";

const name: RevisionName = {
  stem: "notes.txt",
  number: 42,
  takenAtMs: Date.UTC(2026, 10, 23, 2, 15, 7),
  digest: "3f2a9c1b7d5e",
  isChanged: false,
  format: "zstd",
};
const file = "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst";

test("a name says file, number, second, digest and format", () => {
  expect(renderRevisionName(name)).toBe(file);
  expect(parseRevisionName(file)).toEqual(name);
  const changed = "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.changed.tar.zst";
  expect(renderRevisionName({ ...name, isChanged: true })).toBe(changed);
  expect(parseRevisionName(changed)).toEqual({ ...name, isChanged: true });
});

test("every name that is written is read back, and fits in 255 bytes", () => {
  const names = fc.record({
    stem: fc
      .oneof(
        fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" }),
        fc.string({ minLength: 1, maxLength: 300, unit: "binary" }),
        // One character as a person sees it, of any length.
        fc
          .array(fc.constantFrom("\u0301", "\u200d👨", "\u{e0061}"), { maxLength: 200 })
          .map((marks) => `a${marks.join("")}`),
        fc.constantFrom("*".repeat(255), "\n", "-000001-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar"),
      )
      .map(stemOf),
    number: fc.integer({ min: 1, max: 999_999_999 }),
    takenAtMs: fc.integer({ min: 0, max: 253402300799 }).map((second) => second * 1000),
    digest: fc.stringMatching(/^[0-9a-f]{12}$/),
    isChanged: fc.boolean(),
    format: fc.constantFrom("zstd" as const, "gzip" as const, "none" as const),
  });
  fc.assert(
    fc.property(names, (any) => {
      const text = renderRevisionName(any);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(255);
      expect(text).not.toMatch(/[\p{Cc}"*/:<>?\\|]/u);
      expect(parseRevisionName(text)).toEqual(any);
    }),
  );
});

test.each([
  "notes.txt",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst.bak",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.xz",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tgz",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.changed.changed.tar.zst",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.Changed.tar.zst",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5.tar.zst",
  "notes.txt-000042-2026-11-23T02-15-07Z-3F2A9C1B7D5E.tar.zst",
  "notes.txt-000042-2026-11-23T02-15-07-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000042-2026-02-30T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000042-2026-11-23T25-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-42-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-0000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000000-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e-keep.tar.zst",
  "notes.txt-1000000000-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-999999999999999-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  " (copy) notes.txt-000042-2026-11-23T02-15-07Z-3f2a9c1b7d5e (1).tar.zst",
  "notes.txt-2026-11-23-1795400107.gz",
  ".tinybackup-0123456789abcdef.partial",
])("the foreign name %p is not taken for a revision", (foreign) => {
  expect(parseRevisionName(foreign)).toBeNull();
});

test("what FAT refuses in a name is replaced, and only that", () => {
  expect(stemOf('a<b>c:d"e\\f|g?h*i\nj\u007fk.txt')).toBe("a_b_c_d_e_f_g_h_i_j_k.txt");
  expect(stemOf("-ledger (2) [x] 'q' $(id) ünï 日本.txt")).toBe("-ledger (2) [x] 'q' $(id) ünï 日本.txt");
});

test("a name too long is cut between characters as a person sees them", () => {
  const family = "👨‍👩‍👧";
  const stem = stemOf(family.repeat(30));
  expect(stem).toBe(family.repeat(10));
  expect(stemOf("x".repeat(255))).toBe("x".repeat(195));
});

test("a single character that is too long is cut too, so that something is left", () => {
  expect(stemOf(`a${"\u0301".repeat(127)}`)).toBe(`a${"\u0301".repeat(97)}`);
});

test("letter case and Unicode form make no other stem", () => {
  expect(foldStem("Notes.TXT")).toBe(foldStem("notes.txt"));
  expect(foldStem("é".normalize("NFD"))).toBe(foldStem("é".normalize("NFC")));
  expect(foldStem("notes.txt")).not.toBe(foldStem("notes.txt2"));
});

test("a name that a file system hands back in another Unicode form is still the one that was given", () => {
  const given = { ...name, stem: "größe" };
  const isGiven = (text: string) => isNamed(parseRevisionName(text) ?? name, given);
  expect(isGiven(renderRevisionName(given).normalize("NFD"))).toBe(true);
  expect(isGiven(renderRevisionName({ ...given, number: 43 }))).toBe(false);
  expect(isGiven(renderRevisionName(given).replace("größe", "Größe"))).toBe(false);
});
