// The policy that is typed: whatever is no plain rule is refused, and none that keeps nothing can be made.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { isRetention } from "../../../src/backup/retention-policy.ts";
import {
  readRetention,
  retentionArguments,
  retentionNames,
} from "../../../src/commands/retention-options.ts";
import { splitRun } from "../../../src/schedule/job.ts";
import { UsageFailure } from "../../../src/errors.ts";

const counts = retentionNames.filter((name) => retentionArguments[name].valueHint === "N");
const durations = retentionNames.filter((name) => retentionArguments[name].valueHint === "DURATION");

const noCounts = "0|-0|00|-2|1e3|5.5|0x10|９|+5| 5|5 ||-|--1|five|ALL|Infinity|NaN|1_000|7d|none".split("|");

test("nothing typed is no policy, and several rules are one", () => {
  expect(readRetention({})).toBeUndefined();
  expect([counts.length, durations.length]).toEqual([6, 6]);
  const typed = { keeprevisions: "3", "keep-daily": "all", "keep-yearly": "-1", "keep-within": "12h2d" };
  expect(readRetention(typed)).toEqual({
    keeprevisions: 3,
    "keep-daily": -1,
    "keep-yearly": -1,
    "keep-within": "2d12h",
  });
});

test.each(counts)("--%s", (name) => {
  for (const [text, count] of [
    ["1", 1],
    ["14", 14],
    ["007", 7],
    ["999999999999999", 999_999_999_999_999],
    ["-1", -1],
    ["all", -1],
  ] as const)
    expect(readRetention({ [name]: text })).toEqual({ [name]: count });
  for (const text of [...noCounts, "9".repeat(16)]) {
    const read = () => readRetention({ [name]: text });
    expect(read).toThrow(`'--${name}' `);
    expect(read).toThrow(UsageFailure);
    const instead = text === "7d" && name === "keeprevisions" ? "--keep-within" : `--${name}`;
    expect(read).toThrow(
      expect.objectContaining({ instead: expect.objectContaining({ [instead]: expect.anything() }) }),
    );
  }
});

test.each(durations)("--%s", (name) => {
  expect(readRetention({ [name]: "6m1y" })).toEqual({ [name]: "1y6m" });
  for (const text of ["0", "7", "0d", "-1", "all", "7 d", "1w", "7D", "1d1d", "-3d", "1.5d", "", "999999d"]) {
    const read = () => readRetention({ [name]: text });
    expect(read).toThrow(`'--${name}': cannot read the duration '${text}': `);
    expect(hintOf(read)).toContain("as in 1y6m, 30d or 2d12h");
  }
});

function hintOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    if (error instanceof UsageFailure) return error.hint;
  }
  return undefined;
}

test("whatever passes is a policy, as a job and a revision carry it", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("all", "-1", "1", "7d", "1y", "0"),
    fc.integer().map(String),
  );
  const typed = fc.dictionary(fc.constantFrom(...retentionNames), text, { minKeys: 1 });
  fc.assert(
    fc.property(typed, (args) => {
      let policy;
      try {
        policy = readRetention(args);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageFailure);
        return;
      }
      expect(isRetention(policy)).toBe(true);
      expect(splitRun({ run: { ...policy, noop: false, compress: "zstd" } }).policy).toEqual({ ...policy });
    }),
  );
});
