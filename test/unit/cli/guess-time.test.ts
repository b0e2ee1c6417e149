// What is suggested for a time text that is none.
import { expect, test } from "bun:test";
import { assert, property, string } from "fast-check";
import { time } from "../../../src/cli/arguments.ts";
import { corrections } from "../../../src/cli/corrections.ts";
import { UsageFailure } from "../../../src/errors.ts";
import { parseTimeSpecification } from "../../../src/time/parse-time.ts";
import { isNow } from "../../../src/time/specification.ts";

const definition = { ...time, check: parseTimeSpecification };

test.each([
  ["0 2 * * *", "2:00"],
  ["*/15 * * * *", "every 15 minutes"],
  ["0 */6 * * *", "every 6 hours"],
  ["30 3 * * 1", "3:30 mon"],
  ["0 0 * * 7", "0:00 sun"],
  ["15 02 * * mon-fri", "2:15"],
  ["0 2 1 * *", "2:00 1 jan + 1 month"],
  ["@daily", "daily"],
  ["weekdays", "daily"],
  ["weekdays at 3am", "3am"],
  ["mon,wed,fri 3:00", "3:00"],
  ["2am and 2pm", "2am"],
  ["daily at 3am", "3am"],
  ["every monday at 3", "monday 3"],
  ["every night", "2:00am"],
  ["at noon", "noon"],
  ["15 minutes", "every 15 minutes"],
  ["every other day", "every 2 day"],
  ["twice a day", "every 12 hours"],
  ["02:00:00", "02:00"],
  ["2026-12-01T03:00", "2026-12-01 03:00"],
  ["14 Uhr", "14"],
  ["in 2 hours", "every 2 hours"],
  ["once a week", "every week"],
  ["weekly on monday", "monday"],
  ["whenever", "2:00am"],
])("%s is refused for %s", (text, right) => {
  expect(() => parseTimeSpecification(text)).toThrow(UsageFailure);
  expect(corrections.guessValue(text, definition)).toBe(right);
  expect(isNow(parseTimeSpecification(right))).toBe(false);
});

test("for any text there is one that is right", () => {
  assert(
    property(string({ unit: "grapheme", maxLength: 30 }), (text) => {
      expect(isNow(parseTimeSpecification(corrections.guessValue(text, definition)))).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
