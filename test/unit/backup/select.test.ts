import { expect, test } from "bun:test";
import type { Revision } from "../../../src/backup/revision.ts";
import { parseRevisionSelector, passedOver, selectRevision } from "../../../src/backup/select.ts";
import { DamagedFailure, UsageFailure } from "../../../src/errors.ts";

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
  "yesterday",
  "0x10",
  "４２",
])("%p names no revision", (text) => {
  expect(() => parseRevisionSelector(text)).toThrow(UsageFailure);
});

function revision(number: number, takenAt: string, state: "ok" | "damaged" = "ok"): Revision {
  // Only these fields matter to a selector.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { number, takenAtMs: at(takenAt), state, file: `r${number}-${takenAt}` } as Revision;
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
  expect(selectRevision(history, parseRevisionSelector(text)).file).toBe(file);
});

test.each([
  ["7", "there is no revision number 7"],
  ["2026-11-17", "every good revision there is newer than that"],
  ["3", "two revisions have the number 3: 'r3-2026-11-19T10:00:00Z' and 'r3-2026-11-19T09:00:00Z'"],
])("--revision %s is refused: %s", (text, message) => {
  expect(() => selectRevision(history, parseRevisionSelector(text))).toThrow(message);
});

test("no revision, or none that is good, is said so", () => {
  expect(() => selectRevision([], { by: "latest" })).toThrow(
    "there is no revision of that file in that folder",
  );
  expect(() => selectRevision(history.slice(0, 1), { by: "latest" })).toThrow(DamagedFailure);
});

test.each([
  ["latest", ["r5-2026-11-20T00:00:00Z"]],
  ["2026-11-20", ["r5-2026-11-20T00:00:00Z"]],
  ["2026-11-19", []],
  ["4", []],
])("--revision %s passes over %j, which is damaged", (text, files) => {
  const selector = parseRevisionSelector(text);
  const found = selectRevision(history, selector);
  expect(passedOver(history, selector, found).map(({ file }) => file)).toEqual(files);
});
