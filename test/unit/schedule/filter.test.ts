import { describe, expect, test } from "bun:test";
import { filter } from "../../../src/cli/arguments.ts";
import { UsageFailure } from "../../../src/errors.ts";
import { isSameSchedule, matchesFilter, parseScope, scopeNames } from "../../../src/schedule/filter.ts";

describe("what a person may type", () => {
  test.each([
    ["all", ["all backup jobs", "all", "queue", "ALL", " Queue "]],
    ["files", ["jobs with this source and destination", "files", "same files", "Same Files"]],
    [
      "this",
      [
        "jobs exactly like this one",
        "jobs just like this one",
        "jobs identical to this one",
        "this",
        "this job",
      ].concat(["this time", "exact", "identical", "time", "This Job"]),
    ],
  ] as const)("for %s", (scope, texts) => {
    for (const text of texts) expect(parseScope(text)).toBe(scope);
    for (const text of scopeNames[scope]) expect(parseScope(text)).toBe(scope);
  });

  test.each([
    ["fils", "files"],
    ["jobs exactly like this", "jobs exactly like this one"],
  ])("%p is refused, with what would be right", (text, right) => {
    expect(() => parseScope(text)).toThrow(UsageFailure);
    expect(() => parseScope(text)).toThrow(
      expect.objectContaining({ message: `no such job filter: '${text}'`, instead: { [text]: right } }),
    );
  });

  test("the command line knows every spelling", () => {
    for (const name of Object.values(scopeNames).flat()) expect(filter.fits.test(name)).toBe(true);
    for (const name of ["fils", "notes.txt", "allx", ""]) expect(filter.fits.test(name)).toBe(false);
  });
});

const job = { source: "/a", destination: "/b", time: "2:00am" };

test.each([
  ["all", {}, true],
  ["all", { name: "x" }, false],
  ["files", { source: "/a", destination: "/b" }, true],
  ["files", { source: "/a", destination: "/b", time: "other" }, true],
  ["files", { source: "/a", destination: "/c" }, false],
  // The Python program joined the two without a separator, and took these for the same.
  ["files", { source: "/a/b", destination: "/" }, false],
  ["files", {}, false],
  ["files", { source: "/a" }, false],
  ["this", { source: "/a", destination: "/b", time: "02:00" }, true],
  ["this", { source: "/a", destination: "/b", time: "3:00am" }, false],
  ["this", { source: "/a", destination: "/b" }, false],
] as const)("the filter %s with %j passes the job: %p", (scope, given, passes) => {
  expect(matchesFilter(job, { scope, ...given })).toBe(passes);
});

test("the paths that were typed are meant, whatever they lead to, or are, by now", () => {
  const linked = { ...job, typed: "/link", typedDestination: "/drive" };
  for (const source of ["/a", "/link"])
    for (const destination of ["/b", "/drive"])
      expect(matchesFilter(linked, { scope: "files", source, destination })).toBe(true);
  const moved = { source: "/c", typed: "/link", destination: "/d", typedDestination: "/drive" };
  expect(matchesFilter(linked, { scope: "files", ...moved })).toBe(true);
  expect(matchesFilter(linked, { scope: "files", ...moved, typedDestination: "/d" })).toBe(false);
  expect(matchesFilter(job, { scope: "files", typed: "/a" })).toBe(false);
});

test("a label narrows a filter, and makes two schedules of one", () => {
  const named = { ...job, name: "x" };
  expect(matchesFilter(named, { scope: "all", name: "x" })).toBe(true);
  expect(matchesFilter(named, { scope: "all" })).toBe(true);
  expect(isSameSchedule(named, named)).toBe(true);
  expect(isSameSchedule(job, job)).toBe(true);
  expect(isSameSchedule(named, job)).toBe(false);
  expect(isSameSchedule(job, named)).toBe(false);
});
