// A policy as text, as JSON from outside, and as a sentence.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { UsageFailure } from "../../../src/errors.ts";
import {
  countLimit,
  defaultRetention,
  describeRetention,
  hasPeriodRule,
  isRetention,
  parseRetentionDuration,
  renderRetentionDuration,
  type Retention,
} from "../../../src/backup/retention-policy.ts";

describe("a duration", () => {
  test.each([
    ["1y", "1y"],
    ["1y6m", "1y6m"],
    // restic's own tests: 1y1d1m is a year, a month and a day.
    ["1y1d1m", "1y1m1d"],
    ["6y5m234d37h", "6y5m234d37h"],
    ["12h2d", "2d12h"],
    ["5d5h", "5d5h"],
    ["0y030d", "30d"],
    ["99999h", "99999h"],
  ])("%s reads as restic reads it, and is written %s", (text, canonical) => {
    expect(renderRetentionDuration(parseRetentionDuration(text))).toBe(canonical);
  });

  test.each([
    ["", "not made of numbers"],
    ["30", "not made of numbers"],
    ["d", "not made of numbers"],
    ["2w", "not made of numbers"],
    ["30min", "not made of numbers"],
    ["1Y", "not made of numbers"],
    ["-1d", "not made of numbers"],
    ["1.5d", "not made of numbers"],
    [" 1d", "not made of numbers"],
    ["1d ", "not made of numbers"],
    ["1d\n", "not made of numbers"],
    ["1y 6m", "not made of numbers"],
    ["٣d", "not made of numbers"],
    ["1d2d", "names d twice"],
    ["100000h", "100000h is too long"],
    ["0d", "no time at all"],
    ["0y0m0d0h", "no time at all"],
  ])("%j is refused: %s", (text, reason) => {
    const parse = () => parseRetentionDuration(text);
    expect(parse).toThrow(UsageFailure);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(expect.objectContaining({ hint: expect.stringContaining("a week is 7d") }));
  });

  test("survives being written and read", () => {
    const amount = fc.integer({ min: 0, max: 99_999 });
    const durations = fc
      .record({ years: amount, months: amount, days: amount, hours: amount })
      .filter(({ years, months, days, hours }) => years + months + days + hours > 0);
    fc.assert(
      fc.property(durations, (duration) => {
        const text = renderRetentionDuration(duration);
        expect(parseRetentionDuration(text)).toEqual(duration);
        expect(isRetention({ "keep-within": text })).toBe(true);
      }),
    );
  });
});

const everything: Retention = {
  keeprevisions: 14,
  "keep-hourly": 24,
  "keep-daily": 7,
  "keep-weekly": 5,
  "keep-monthly": 12,
  "keep-yearly": -1,
  "keep-within": "1y6m",
  "keep-within-hourly": "2d12h",
  "keep-within-daily": "7d",
  "keep-within-weekly": "1m",
  "keep-within-monthly": "1y",
  "keep-within-yearly": "75y",
};

describe("JSON from outside", () => {
  test.each([[defaultRetention], [everything], [{ keeprevisions: -1 }], [{ "keep-daily": 1 }]])(
    "%j is a policy, also after a journey",
    (policy) => {
      expect(isRetention(JSON.parse(JSON.stringify(policy)))).toBe(true);
    },
  );

  test.each([
    ["null"],
    ["14"],
    ['"14"'],
    ["[]"],
    ["[14]"],
    ["{}"],
    ['{"keeprevisions":0}'],
    ['{"keeprevisions":-2}'],
    ['{"keeprevisions":1.5}'],
    ['{"keeprevisions":1e300}'],
    ['{"keeprevisions":"14"}'],
    ['{"keeprevisions":null}'],
    ['{"keeprevisions":[14]}'],
    ['{"keeprevisions":14,"keep-minutely":3}'],
    ['{"keep-last":14}'],
    ['{"__proto__":{"keeprevisions":14}}'],
    ['{"constructor":1}'],
    ['{"keep-daily":"7d"}'],
    ['{"keep-within":7}'],
    ['{"keep-within":"1y1d1m"}'],
    ['{"keep-within":"01d"}'],
    ['{"keep-within":"0d"}'],
    ['{"keep-within":""}'],
    ['{"keep-within-daily":["7d"]}'],
  ])("%s is none", (json) => {
    expect(isRetention(JSON.parse(json))).toBe(false);
  });
});

test.each<[string, Retention]>([
  ["the newest 14 revisions", defaultRetention],
  ["the newest revision", { keeprevisions: 1 }],
  ["all revisions", { keeprevisions: -1 }],
  ["the last of each of 7 days", { "keep-daily": 7 }],
  ["the last of each of 1 year", { "keep-yearly": 1 }],
  ["the last of every day", { "keep-daily": -1 }],
  ["the last of each of 12 months, and the last of every year", { "keep-monthly": 12, "keep-yearly": -1 }],
  ["all of the last 30d", { "keep-within": "30d" }],
  [
    "the newest 14 revisions, the last of each of 7 days, the last of each of 12 months, and all of the last 1y6m",
    { keeprevisions: 14, "keep-daily": 7, "keep-monthly": 12, "keep-within": "1y6m" },
  ],
  [
    "the newest 2 revisions, the last of each of 24 hours, the last of every day, the last of each of 5 weeks, and the last of each year of the last 75y",
    { keeprevisions: 2, "keep-hourly": 24, "keep-daily": -1, "keep-weekly": 5, "keep-within-yearly": "75y" },
  ],
])("people read: %s", (sentence, policy) => {
  expect(describeRetention(policy)).toBe(sentence);
});

test.each<[Retention, number, boolean]>([
  [defaultRetention, 14, false],
  [{ keeprevisions: 2, "keep-daily": 7, "keep-monthly": 12 }, 21, true],
  [{ keeprevisions: -1 }, Infinity, false],
  [{ keeprevisions: 3, "keep-within": "1d" }, Infinity, true],
])("%j counts at most so many, and looks at times or not", (policy, limit, byPeriod) => {
  expect(countLimit(policy)).toBe(limit);
  expect(hasPeriodRule(policy)).toBe(byPeriod);
});
