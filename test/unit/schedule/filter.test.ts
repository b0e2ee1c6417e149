import { describe, expect, test } from "bun:test";
import { UsageFailure } from "../../../src/errors.ts";
import { filterNames, isSameSchedule, matchesFilter, parseFilter } from "../../../src/schedule/filter.ts";

const refused = (): unknown => {
  try {
    return parseFilter("nonsense");
  } catch (error) {
    return error;
  }
};

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
  ] as const)("for %s", (filter, texts) => {
    for (const text of texts) expect(parseFilter(text)).toBe(filter);
    for (const text of filterNames(filter)) expect(parseFilter(text)).toBe(filter);
  });

  test.each([
    ["fils", "did you mean 'files'?"],
    ["jobs exactly like this", "did you mean 'jobs exactly like this one'?"],
    ["", "no such job filter: ''"],
    ["everything", "no such job filter: 'everything'"],
  ])("%p is refused, with what would be right", (text, sentence) => {
    expect(() => parseFilter(text)).toThrow(UsageFailure);
    expect(() => parseFilter(text)).toThrow(sentence);
  });

  test("the hint names every spelling", () => {
    const spellings = ["all", "files", "this"] as const;
    for (const name of spellings.flatMap(filterNames))
      expect(refused()).toMatchObject({ hint: expect.stringContaining(`'${name}'`) });
  });
});

const job = { source: "/a", destination: "/b", canonicalTime: "daily 02:00" };

test.each([
  ["all", {}, true],
  ["all", { name: "x" }, false],
  ["files", { source: "/a", destination: "/b" }, true],
  ["files", { source: "/a", destination: "/b", canonicalTime: "other" }, true],
  ["files", { source: "/a", destination: "/c" }, false],
  // The Python program joined the two without a separator, and took these for the same.
  ["files", { source: "/a/b", destination: "/" }, false],
  ["files", {}, false],
  ["files", { source: "/a" }, false],
  ["this", { source: "/a", destination: "/b", canonicalTime: "daily 02:00" }, true],
  ["this", { source: "/a", destination: "/b", canonicalTime: "daily 03:00" }, false],
  ["this", { source: "/a", destination: "/b" }, false],
] as const)("the filter %s with %j passes the job: %p", (filter, wanted, passes) => {
  expect(matchesFilter(filter, job, wanted)).toBe(passes);
});

test("a label narrows a filter, and makes two schedules of one", () => {
  const named = { ...job, name: "x" };
  expect(matchesFilter("all", named, { name: "x" })).toBe(true);
  expect(matchesFilter("all", named, {})).toBe(true);
  expect(isSameSchedule(named, named)).toBe(true);
  expect(isSameSchedule(job, job)).toBe(true);
  expect(isSameSchedule(named, job)).toBe(false);
  expect(isSameSchedule(job, named)).toBe(false);
});
