// Every form of time that at(1) takes, what it means, and what is refused with which words.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { UsageFailure } from "../../../src/errors.ts";
import { parseTimeSpecification } from "../../../src/time/parse-time.ts";
import { describeRecurrence, isNow, renderCanonical } from "../../../src/time/specification.ts";
import { timeText } from "../../support/arbitrary-time-text.ts";

function meaning(text: string): string {
  const specification = parseTimeSpecification(text);
  return `${renderCanonical(specification)} | ${describeRecurrence(specification)}`;
}

describe("the README of the Python program", () => {
  test.each([
    ["00:00", "00:00 | daily"],
    ["3:00pm 4/27", "15:00 apr 27 | yearly"],
    ["15:00 4/27", "15:00 apr 27 | yearly"],
    ["+1day", "now + 1 day | daily"],
    ["+7 minutes", "now + 7 minutes | every 7 minutes"],
    ["+2 days", "now + 2 days | every 2 days"],
    ["3:00 +1 year", "03:00 + 1 year | yearly"],
    ["2:00am", "02:00 | daily"],
    ["teatime", "16:00 | daily"],
  ])("%s is %s", (text, expected) => {
    expect(meaning(text)).toBe(expected);
  });
});

describe("beyond at(1)", () => {
  test.each([
    ["hourly", "now + 1 hour | hourly"],
    ["daily", "now + 1 day | daily"],
    ["Weekly", "now + 1 week | weekly"],
    ["monthly", "now + 1 month | monthly"],
    ["yearly", "now + 1 year | yearly"],
    ["every 2 hours", "now + 2 hours | every 2 hours"],
    ["every day", "now + 1 day | daily"],
    ["every 90min", "now + 90 minutes | every 90 minutes"],
    ["monday 3am", "03:00 mon | weekly"],
    ["mon 10:00", "10:00 mon | weekly"],
    ["2026-12-01 03:00", "03:00 2026-12-01 | once"],
    ["dec 24 14:30", "14:30 dec 24 | yearly"],
    ["dec 24 3am", "03:00 dec 24 | yearly"],
    ["24 dec 2026 14:30", "14:30 2026-12-24 | once"],
    ["tomorrow 3am", "03:00 + 1 day | daily"],
    ["14h", "14:00 | daily"],
    ["14h30 fri", "14:30 fri | weekly"],
    ["2 a.m.", "02:00 | daily"],
    ["2:00 P.M. fri", "14:00 fri | weekly"],
  ])("%s is %s", (text, expected) => {
    expect(meaning(text)).toBe(expected);
  });
});

describe("Debian", () => {
  test.each([
    // Times of day.
    ["0200", "02:00 | daily"],
    ["2am", "02:00 | daily"],
    ["2 AM", "02:00 | daily"],
    ["12am", "00:00 | daily"],
    ["0am", "00:00 | daily"],
    ["12pm", "12:00 | daily"],
    ["0pm", "12:00 | daily"],
    ["2:30 pm", "14:30 | daily"],
    ["8h30", "08:30 | daily"],
    ["8'30", "08:30 | daily"],
    ["8,30", "08:30 | daily"],
    ["8.30", "08:30 | daily"],
    ["18.11", "18:11 | daily"],
    ["noon", "12:00 | daily"],
    ["midnight", "00:00 | daily"],
    ["20:00 utc", "20:00 utc | daily"],
    ["2am UTC", "02:00 utc | daily"],
    // Its oddities.
    ["24:00", "00:00 | daily"],
    ["23:60", "00:00 | daily"],
    ["1260", "13:00 | daily"],
    ["24:60", "01:00 | daily"],
    ["24:60 tue", "24:60 tue | weekly"],
    // Dates with a time, and without.
    ["10:00 nov 16", "10:00 nov 16 | yearly"],
    ["16 November", "nov 16 | yearly"],
    ["feb 29", "feb 29 | yearly"],
    ["10am Nov 16 2028", "10:00 2028-11-16 | once"],
    ["10am Nov 16, 2028", "10:00 2028-11-16 | once"],
    ["Nov 16,2028", "2028-11-16 | once"],
    ["16 nov 28", "2028-11-16 | once"],
    ["8 nov 16", "2016-11-08 | once"],
    ["11/16/2028", "2028-11-16 | once"],
    ["11/16/28", "2028-11-16 | once"],
    ["111628", "2028-11-16 | once"],
    ["1162028", "2028-01-16 | once"],
    ["11628", "2028-01-16 | once"],
    ["11162028", "2028-11-16 | once"],
    ["16.11.28", "2028-11-16 | once"],
    ["16.1.2028", "2028-01-16 | once"],
    ["2028-11-16", "2028-11-16 | once"],
    ["28-1-6", "2028-01-06 | once"],
    ["1 jan 70", "1970-01-01 | once"],
    ["1 jan 69", "2069-01-01 | once"],
    // Days by name.
    ["tuesday", "tue | weekly"],
    ["14:00 TUE", "14:00 tue | weekly"],
    ["next tuesday", "next tue | weekly"],
    ["2am today", "02:00 today | daily"],
    ["2am tomorrow", "02:00 + 1 day | daily"],
    ["tomorrow", "now + 1 day | daily"],
    ["2am next day", "02:00 + 1 day | daily"],
    ["next week", "now + 1 week | weekly"],
    ["next month", "now + 1 month | monthly"],
    ["next hour", "now + 1 hour | hourly"],
    ["next min", "now + 1 minute | every minute or two"],
    // Steps.
    ["now + 1 day", "now + 1 day | daily"],
    ["now+1day", "now + 1 day | daily"],
    ["02:00 + 36 hours", "02:00 + 36 hours | every 36 hours"],
    ["10:00 tue + 2 weeks", "10:00 tue + 2 weeks | every 2 weeks"],
    ["10:00 2026-12-01 + 6 hours", "10:00 2026-12-01 + 6 hours | every 6 hours"],
    ["noon - 5 minutes", "12:00 - 5 minutes | daily"],
    ["10:00 fri - 1 day", "10:00 fri - 1 day | weekly"],
    ["next week + 2 days", "next week + 2 days | every 2 days"],
    ["9am next week - 2 days", "09:00 next week - 2 days | weekly"],
    ["now", "now | once"],
    ["today", "now | once"],
    ["today + 3 hours", "now + 3 hours | every 3 hours"],
  ])("%s is %s", (text, expected) => {
    expect(meaning(text)).toBe(expected);
  });
});

describe("the BSDs and macOS", () => {
  test.each([
    ["8", "08:00 | daily"],
    ["08 tomorrow", "08:00 + 1 day | daily"],
    ["8 tue", "08:00 tue | weekly"],
    ["8 + 2 days", "08:00 + 2 days | every 2 days"],
    ["1030am", "10:30 | daily"],
    ["1030 pm mon", "22:30 mon | weekly"],
    ["10:00 11/18", "10:00 nov 18 | yearly"],
    ["10:00 18.11", "10:00 nov 18 | yearly"],
    ["10:00 18.11.27", "10:00 2027-11-18 | once"],
    ["11/18", "nov 18 | yearly"],
    ["+ 1 hour", "now + 1 hour | hourly"],
    ["+5m", "now + 5 minutes | every 5 minutes"],
    ["+5 min", "now + 5 minutes | every 5 minutes"],
    ["+5h", "now + 5 hours | every 5 hours"],
    ["+5 hr", "now + 5 hours | every 5 hours"],
    ["+5d", "now + 5 days | every 5 days"],
    ["+5w", "now + 5 weeks | every 5 weeks"],
    ["+5mo", "now + 5 months | every 5 months"],
    ["+5y", "now + 5 years | every 5 years"],
  ])("%s is %s", (text, expected) => {
    expect(meaning(text)).toBe(expected);
  });
});

describe("one meaning has one canonical text", () => {
  test.each([
    ["+2day", "+ 2 days"],
    ["2:00am", "02:00"],
    ["midnight", "24:00"],
    ["now + 1 day", "+1day"],
    ["tomorrow", "next day"],
    ["+ 60 minutes", "+ 1 hour"],
    ["+ 14 days", "+ 2 weeks"],
    ["+ 24 months", "+ 2 years"],
    ["10:00 today + 1 day", "10:00 tomorrow"],
    ["3pm 4/27", "1500 27 april"],
    ["10:60 mon", "11:00 mon"],
  ])("%s and %s", (one, other) => {
    expect(parseTimeSpecification(one)).toEqual(parseTimeSpecification(other));
    expect(renderCanonical(parseTimeSpecification(one))).toBe(renderCanonical(parseTimeSpecification(other)));
  });

  test.each([
    ["+ 24 hours", "+ 1 day"],
    ["2:00", "2:00 utc"],
    ["2:00", "2:00 tomorrow"],
    ["10:00 tue", "10:00 next tue"],
    ["24:00 tue", "0:00 tue"],
  ])("but not %s and %s", (one, other) => {
    expect(renderCanonical(parseTimeSpecification(one))).not.toBe(
      renderCanonical(parseTimeSpecification(other)),
    );
  });

  test("it is read back as what it was written from", () => {
    fc.assert(
      fc.property(timeText, (text) => {
        const specification = parseTimeSpecification(text);
        expect(parseTimeSpecification(renderCanonical(specification))).toEqual(specification);
      }),
      { numRuns: 3000 },
    );
  });

  test("letter case and blanks around a text change nothing", () => {
    fc.assert(
      fc.property(timeText, (text) => {
        expect(parseTimeSpecification(`\n ${text.toUpperCase()}\t`)).toEqual(parseTimeSpecification(text));
      }),
    );
  });
});

test("only now and what says the same is now", () => {
  expect(["now", "today", " NOW "].map((text) => isNow(parseTimeSpecification(text)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(["+ 1 min", "12:00", "tue"].map((text) => isNow(parseTimeSpecification(text)))).toEqual([
    false,
    false,
    false,
  ]);
});

describe("what cannot be read is refused where the reading stops", () => {
  const period = "minutes, hours, days, weeks, months or years";
  const onlyPeriod = "+ and a period, or nothing more";
  test.each([
    ["", "the time is empty: expected a time of day, a day, or + and a period"],
    [" \t", "the time is empty: expected a time of day, a day, or + and a period"],
    ["sometimes", "cannot read the time 'sometimes': expected a time of day, a day, or + and a period"],
    ["@1795573800", "cannot read the time '@1795573800': expected a time of day, a day, or + and a period"],
    [
      "3:00 fooday",
      "cannot read the time '3:00 fooday': understood '3:00', stopped at 'fooday': expected a day, + and a period, or nothing more",
    ],
    [
      "2:00:30",
      "cannot read the time '2:00:30': understood '2:00', stopped at ':30': expected a day, + and a period, or nothing more",
    ],
    [
      "10:00 GMT",
      "cannot read the time '10:00 GMT': understood '10:00', stopped at 'GMT': expected a day, + and a period, or nothing more",
    ],
    [
      "2am 3am",
      "cannot read the time '2am 3am': understood '2am', stopped at '3am': expected a day, + and a period, or nothing more",
    ],
    [
      "2 :30",
      "cannot read the time '2 :30': understood '2', stopped at ':30': expected a day, + and a period, or nothing more",
    ],
    ["8:5", "cannot read the time '8:5': understood '8:', stopped at '5': expected two digits of minutes"],
    ["800", "cannot read the time '800': expected an hour, as in '2:00am', '0200' or '14'"],
    ["123456789", "cannot read the time '123456789': expected an hour, as in '2:00am', '0200' or '14'"],
    ["tues", "cannot read the time 'tues': expected a time of day, a day, or + and a period"],
    ["nov", "the time 'nov' ends too early: expected a day of the month"],
    ["nov 5,", "the time 'nov 5,' ends too early: expected a year"],
    ["11/", "the time '11/' ends too early: expected a day of the month"],
    ["11/.5", "cannot read the time '11/.5': understood '11/', stopped at '.5': expected a day of the month"],
    ["11/5/", "the time '11/5/' ends too early: expected a year of two or four digits"],
    ["10:00 next", "the time '10:00 next' ends too early: expected a weekday or a unit such as week"],
    [
      "14 h",
      "cannot read the time '14 h': understood '14', stopped at 'h': expected a day, + and a period, or nothing more",
    ],
    [
      "2am every day",
      "cannot read the time '2am every day': understood '2am', stopped at 'every day': expected a day, + and a period, or nothing more",
    ],
    [
      "mon fooday",
      "cannot read the time 'mon fooday': understood 'mon', stopped at 'fooday': expected a time of day, + and a period, or nothing more",
    ],
    [
      "3am mon fooday",
      `cannot read the time '3am mon fooday': understood '3am mon', stopped at 'fooday': expected ${onlyPeriod}`,
    ],
    [
      "now tomorrow",
      `cannot read the time 'now tomorrow': understood 'now', stopped at 'tomorrow': expected ${onlyPeriod}`,
    ],
    ["+", `the time '+' ends too early: expected a number of ${period}`],
    [
      "+ day",
      `cannot read the time '+ day': understood '+', stopped at 'day': expected a number of ${period}`,
    ],
    ["+ 7", `the time '+ 7' ends too early: expected ${period}`],
    [
      "+ 5\nfortnights",
      `cannot read the time '+ 5 fortnights': understood '+ 5', stopped at 'fortnights': expected ${period}`,
    ],
    [
      "+ 1 day + 1 day",
      "cannot read the time '+ 1 day + 1 day': understood '+ 1 day', stopped at '+ 1 day': expected nothing more",
    ],
  ])("%p: %s", (text, message) => {
    expect(() => parseTimeSpecification(text)).toThrow(new UsageFailure(message));
  });

  test.each([
    ["nov 5, 0100", "the time 'nov 5, 0100' cannot be: 100 is before 1970"],
    ["25:00", "the time '25:00' cannot be: there is no hour 25"],
    ["10:61", "the time '10:61' cannot be: there is no minute 61"],
    ["13pm", "the time '13pm' cannot be: 13 is too large an hour for pm"],
    ["1330am", "the time '1330am' cannot be: 13 is too large an hour for am"],
    ["feb 30", "the time 'feb 30' cannot be: there is no 30 Feb"],
    ["nov 0", "the time 'nov 0' cannot be: there is no 0 Nov"],
    ["apr 31 2027", "the time 'apr 31 2027' cannot be: there is no 31 Apr in 2027"],
    ["2027-02-29", "the time '2027-02-29' cannot be: there is no 29 Feb in 2027"],
    ["13/1/2027", "the time '13/1/2027' cannot be: there is no month 13"],
    ["1066-10-14", "the time '1066-10-14' cannot be: 1066 is before 1970"],
    [
      "+ 0 minutes",
      "the time '+ 0 minutes' cannot be: a period of nothing would be at once, again and again",
    ],
    ["+ 101 years", "the time '+ 101 years' cannot be: that is more than a hundred years"],
    [
      `+ ${"9".repeat(400)} days`,
      `the time '+ ${"9".repeat(400)} days' cannot be: that is more than a hundred years`,
    ],
    ["now - 1 hour", "the time 'now - 1 hour' cannot be: it is in the past"],
    ["- 1 hour", "the time '- 1 hour' cannot be: it is in the past"],
  ])("%p: %s", (text, message) => {
    expect(() => parseTimeSpecification(text)).toThrow(new UsageFailure(message));
  });

  test("any other text is a usage failure of one line, with examples", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (text) => {
        try {
          parseTimeSpecification(text);
        } catch (error) {
          if (!(error instanceof UsageFailure)) throw error;
          expect(error.message).not.toMatch(/[\n\t]/);
          expect(error.hint).toMatch(/^such as '2:00am'|^a schedule has one time/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
