import { describe, expect, test } from "bun:test";
import type { Revision } from "../../../src/backup/revision.ts";
import { parseRevisionSelector, passedOver, selectRevision } from "../../../src/backup/select.ts";
import { DamagedFailure, UsageFailure } from "../../../src/errors.ts";
import { setTimeZone } from "../../../src/system/time-zone.ts";

const at = (text: string) => Date.parse(text);

test.each([
  ["latest", { by: "latest" }],
  ["LATEST", { by: "latest" }],
  ["42", { by: "number", number: 42 }],
  ["000042", { by: "number", number: 42 }],
  ["2026-11-23", { by: "time", beforeMs: at("2026-11-24T00:00:00Z") }],
  ["2026-11-23 02:15", { by: "time", beforeMs: at("2026-11-23T02:16:00Z") }],
  ["2026-11-23T02:15:07Z", { by: "time", beforeMs: at("2026-11-23T02:15:08Z") }],
  ["2026-11-23T02-15-07Z", { by: "time", beforeMs: at("2026-11-23T02:15:08Z") }],
  ["2026-11-23T02:15:07+02:00", { by: "time", beforeMs: at("2026-11-23T00:15:08Z") }],
  ["a-000042.tar.zst", { by: "file", file: "a-000042.tar.zst" }],
  ["2026-11-23T02:15:07.123Z", { by: "time", beforeMs: at("2026-11-23T02:15:08Z") }],
] as const)("%p is understood", (text, selector) => {
  expect(parseRevisionSelector(text)).toEqual(selector);
});

test.each([
  "",
  "0",
  "-1",
  "newest",
  "1.5",
  "1e3",
  "2026-13-01",
  "2026-11-23T25:00",
  "2026-11-23T02:15+25:00",
  "tomorrow",
  "2 days",
  "9:7",
  "T9:26",
  "saved/a-000042.tar.zst",
  "0x10",
  "４２",
])("%p names no revision", (text) => {
  expect(() => parseRevisionSelector(text)).toThrow(UsageFailure);
});

test.each([
  ["today", "2026-11-26T00:00:00"],
  ["yesterday", "2026-11-25T00:00:00"],
  ["Yesterday 18:30", "2026-11-24T18:31:00"],
  // The last such time that was.
  ["9:26", "2026-11-25T09:27:00"],
  ["23:15:07", "2026-11-24T23:15:08"],
  ["2026-11-23 9:26", "2026-11-23T09:27:00"],
  ["2 days ago", "2026-11-23T12:00:00.001"],
  ["an hour ago", "2026-11-25T11:00:00.001"],
  ["1 week ago", "2026-11-18T12:00:00.001"],
  ["3 months ago", "2026-08-25T12:00:00.001"],
])("%p at noon of 25 November is what there was before %s", (text, moment) => {
  const beforeMs = new Date(moment).getTime();
  expect(parseRevisionSelector(text, new Date("2026-11-25T12:00:00").getTime())).toEqual({
    by: "time",
    beforeMs,
  });
});

// The clocks change on 29 March and 25 October; the runtime takes such a zone for UTC.
test.each([
  ["2026-11-23", "2026-11-23T23:00:00Z"],
  ["2026-11-23 9:26", "2026-11-23T08:27:00Z"],
  ["2026-11-23T09:26:00Z", "2026-11-23T09:26:01Z"],
  ["today", "2026-11-25T23:00:00Z"],
  // It is 00:30 on 25 November, and in UTC the day before.
  ["0:10", "2026-11-24T23:11:00Z"],
  ["0:40", "2026-11-23T23:41:00Z"],
  ["yesterday 23:00", "2026-11-24T22:01:00Z"],
  ["23:15Z", "2026-11-24T23:16:00Z"],
  ["2026-03-29 02:30", "2026-03-29T01:31:00Z"],
  ["2026-10-25 02:30", "2026-10-25T00:31:00Z"],
  ["2026-10-25", "2026-10-25T23:00:00Z"],
  ["2 months ago", "2026-09-24T22:30:00.001Z"],
  ["744 hours ago", "2026-10-24T23:30:00.001Z"],
  ["31 days ago", "2026-10-24T22:30:00.001Z"],
])("%p in Berlin, by a rule of POSIX, is what there was before %s", (text, moment) => {
  setTimeZone("CET-1CEST,M3.5.0,M10.5.0/3");
  try {
    const selector = parseRevisionSelector(text, at("2026-11-24T23:30:00Z"));
    expect(selector).toEqual({ by: "time", beforeMs: at(moment) });
  } finally {
    setTimeZone("UTC");
  }
});

test("the oldest and the previous one are whole ones too, and what was passed over is told", () => {
  const revisions = [
    revision(5, "2026-11-25T00:00:00Z"),
    revision(4, "2026-11-24T00:00:00Z", "damaged"),
    revision(3, "2026-11-23T00:00:00Z"),
    revision(2, "2026-11-22T00:00:00Z"),
    revision(1, "2026-11-21T00:00:00Z", "damaged"),
  ];
  const numbersOf = (by: "oldest" | "previous") => {
    const found = selectRevision(revisions, { by }, false);
    return [found, ...passedOver(revisions, { by }, found)].map(({ number }) => number);
  };
  expect(numbersOf("previous")).toEqual([3, 4]);
  expect(numbersOf("oldest")).toEqual([2, 1]);
  expect(() => selectRevision(revisions.slice(0, 2), { by: "previous" }, false)).toThrow("none before it");
});

/** Only these fields matter to a selector. */
function revision(
  number: number,
  takenAt: string,
  state: Revision["state"] = "ok",
  otherHost: string | null = null,
): Revision {
  const archive = state === "damaged" || state === "unreadable" ? null : {};
  const file = `${otherHost ?? "r"}${number}-${takenAt}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { number, takenAtMs: at(takenAt), state, file, path: file, archive, otherHost } as Revision;
}

const history = [
  revision(5, "2026-11-20T00:00:00Z", "damaged"),
  revision(4, "2026-11-19T12:00:00Z"),
  revision(3, "2026-11-19T10:00:00Z"),
  revision(3, "2026-11-19T09:00:00Z"),
  revision(2, "2026-11-18T10:00:00Z"),
];

test.each([
  ["latest", "r4-2026-11-19T12:00:00Z"],
  ["5", "r5-2026-11-20T00:00:00Z"],
  ["2", "r2-2026-11-18T10:00:00Z"],
  ["2026-11-19", "r4-2026-11-19T12:00:00Z"],
  ["2026-11-19T11:59:59Z", "r3-2026-11-19T10:00:00Z"],
  ["2026-11-18 10:00", "r2-2026-11-18T10:00:00Z"],
])("--revision %s is %s", (text, file) => {
  expect(selectRevision(history, parseRevisionSelector(text), false).file).toBe(file);
});

test.each([
  ["7", "there is no revision number 7"],
  ["2026-11-17", "every good revision there is newer than that"],
  ["3", "two revisions have the number 3: 'r3-2026-11-19T10:00:00Z' and 'r3-2026-11-19T09:00:00Z'"],
])("--revision %s is refused: %s", (text, message) => {
  expect(() => selectRevision(history, parseRevisionSelector(text), false)).toThrow(message);
});

test("no revision, or none that is good, is said so", () => {
  expect(() => selectRevision([], { by: "latest" }, false)).toThrow(
    "there is no revision of that file in that folder",
  );
  expect(() => selectRevision(history.slice(0, 1), { by: "latest" }, false)).toThrow(DamagedFailure);
});

test.each([
  ["latest", ["r5-2026-11-20T00:00:00Z"]],
  ["2026-11-20", ["r5-2026-11-20T00:00:00Z"]],
  ["2026-11-19", []],
  ["4", []],
])("--revision %s passes over %j, which is damaged", (text, files) => {
  const selector = parseRevisionSelector(text);
  const found = selectRevision(history, selector, false);
  expect(passedOver(history, selector, found).map(({ file }) => file)).toEqual(files);
});

describe("what the history is not made of", () => {
  const odd = [
    revision(90, "2026-11-22T00:00:00Z", "pinned"),
    revision(80, "2026-11-22T00:00:00Z", "foreign"),
    revision(4, "2026-11-22T00:00:00Z", "foreign"),
    ...history,
    revision(70, "2026-11-22T00:00:00Z", "ok", "other"),
  ];

  test.each(["latest", "4", "2026-11-22", "2026-11-19"])(
    "changes nothing of what --revision %s means",
    (text) => {
      const selector = parseRevisionSelector(text);
      expect(selectRevision(odd, selector, true)).toBe(selectRevision(history, selector, true));
    },
  );

  test("is taken by its file name, the foreign only by who takes them", () => {
    for (const wanted of odd) {
      const select = (takesForeign: boolean) =>
        selectRevision(odd, { by: "file", file: wanted.file }, takesForeign);
      expect(select(true).file).toBe(wanted.file);
      if (wanted.state === "foreign") expect(() => select(false)).toThrow("is foreign: it belongs to");
      else expect(select(false).file).toBe(wanted.file);
    }
    expect(() => selectRevision(odd, { by: "file", file: "x.tar" }, true)).toThrow(
      "no revision of that file is called 'x.tar'",
    );
  });

  test("is taken by its number where it is foreign, and no other has that number", () => {
    expect(selectRevision(odd, { by: "number", number: 80 }, true).number).toBe(80);
    expect(() => selectRevision(odd, { by: "number", number: 80 }, false)).toThrow("is foreign");
  });

  test.each([
    [90, "r90-2026-11-22T00:00:00Z"],
    [70, "other70-2026-11-22T00:00:00Z"],
  ])("has no number otherwise: %d is refused, and the hint names the file", (number, file) => {
    expect(() => selectRevision(odd, { by: "number", number }, true)).toThrow(
      expect.objectContaining({
        message: `there is no revision number ${number}`,
        instead: { "--revision": file },
      }),
    );
  });
});

describe("on a new machine, whose folder holds another one's revisions only", () => {
  const inherited = [
    revision(9, "2026-11-10T00:00:00Z", "foreign"),
    revision(3, "2026-11-19T00:00:00Z", "ok", "old"),
    revision(2, "2026-11-18T00:00:00Z", "ok", "old"),
    revision(7, "2026-11-17T00:00:00Z", "ok", "older"),
    revision(2, "2026-11-16T00:00:00Z", "ok", "older"),
  ];

  test.each([
    ["latest", "old3-2026-11-19T00:00:00Z"],
    ["7", "older7-2026-11-17T00:00:00Z"],
    ["2026-11-17", "older7-2026-11-17T00:00:00Z"],
  ])("--revision %s is %s", (text, file) => {
    expect(selectRevision(inherited, parseRevisionSelector(text), false).file).toBe(file);
  });

  test("a number that two of them have is refused", () => {
    expect(() => selectRevision(inherited, { by: "number", number: 2 }, false)).toThrow(
      "two revisions have the number 2",
    );
  });
});

test.each([
  [[revision(1, "2026-11-10T00:00:00Z", "foreign")], "every revision there is foreign or pinned"],
  [[revision(1, "2026-11-10T00:00:00Z", "unreadable")], "no revision there can be read"],
])("where none is to be had, that is said", (revisions, message) => {
  expect(() => selectRevision(revisions, { by: "latest" }, true)).toThrow(message);
});
