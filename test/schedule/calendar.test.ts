// Between instants and wall-clock times: the rules for skipped and repeated hours, and zones against date(1).
import { describe, expect, test } from "bun:test";
import { calendarOf } from "../../src/schedule/environment-zone.ts";
import { UsageFailure } from "../../src/errors.ts";
import {
  instantOf,
  systemCalendar,
  utcCalendar,
  wallAt,
  zoneCalendar,
  type Calendar,
} from "../../src/schedule/calendar.ts";
import { posixCalendar } from "../../src/schedule/posix-zone.ts";
import { dayMs, hourMs, minuteMs, parseWall, renderWall } from "../../src/schedule/wall-time.ts";

describe("a wall-clock time becomes an instant", () => {
  test.each([
    ["America/New_York", "2026-07-01T12:00", "2026-07-01T16:00"],
    ["America/New_York", "2026-03-08T02:30", "2026-03-08T07:30"],
    ["America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"],
    ["America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"],
    ["Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:59"],
    ["Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00"],
    ["Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45"],
    ["Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"],
    ["Asia/Kolkata", "2026-01-01T00:00", "2025-12-31T18:30"],
    // Samoa left out 30 December 2011.
    ["Pacific/Apia", "2011-12-30T02:00", "2011-12-30T12:00"],
  ])("in %s, %s is %s in UTC", (zone, wall, utc) => {
    expect(renderWall(instantOf(zoneCalendar(zone), parseWall(wall)))).toBe(utc);
  });

  test("and back, every quarter of an hour for years, but for hours shown twice", () => {
    for (const zone of ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Auckland"]) {
      const calendar = zoneCalendar(zone);
      let repeated = 0;
      for (let instant = Date.UTC(2026, 0, 1); instant < Date.UTC(2028, 0, 1); instant += 15 * minuteMs) {
        const found = instantOf(calendar, wallAt(calendar, instant));
        if (found !== instant) repeated += 1;
        expect(instant - found === 0 || instant - found === hourMs || instant - found === hourMs / 2).toBe(
          true,
        );
      }
      expect(repeated).toBe(zone === "Australia/Lord_Howe" ? 4 : 8);
    }
  });
});

/** What date(1) says of a value of TZ: the offset from UTC at each instant. */
function offsetsOfDate(timeZone: string, instants: readonly number[]): number[] {
  const { stdout } = Bun.spawnSync(["date", "-f", "-", "+%:::z"], {
    env: { TZ: timeZone },
    stdin: Buffer.from(instants.map((instant) => `@${instant / 1000}\n`).join("")),
  });
  const lines = stdout.toString().trim().split("\n");
  return lines.map((line) => {
    const [hours = 0, minutes = 0] = line.slice(1).split(":").map(Number);
    return (hours * hourMs + minutes * minuteMs) * (line.startsWith("-") ? -1 : 1);
  });
}

// Every five hours, so that no change of the clocks goes unseen for long.
const instants = Array.from({ length: 5000 }, (_, index) => Date.UTC(2026, 0, 1) + index * 5 * hourMs);

describe("a value of TZ means what it means to date(1)", () => {
  test.each([
    "UTC",
    "",
    "America/New_York",
    ":America/New_York",
    "posix/Europe/Berlin",
    "/usr/share/zoneinfo/Europe/Berlin",
    ":/usr/share/zoneinfo/Australia/Lord_Howe",
    "Etc/GMT+3",
    "EST5EDT",
    "EST5",
    "GMT-3",
    "IST-5:30",
    "<+0330>-3:30",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "EST5EDT,M3.2.0,M11.1.0",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "AAA3BBB,J60/0,J300/1:30",
    "AAA-4BBB,59,299/-2",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
  ])("%p", (timeZone) => {
    const calendar = calendarOf(timeZone);
    const expected = offsetsOfDate(timeZone, instants);
    const wrong = instants.filter((instant, index) => calendar.offsetAt(instant) !== expected[index]);
    expect(wrong.map((instant) => new Date(instant).toISOString())).toEqual([]);
  });

  test("a rule without days changes on those of the United States, if not at the same hour", () => {
    const calendar = calendarOf("CET-1CEST");
    const expected = offsetsOfDate("CET-1CEST", instants);
    const wrong = instants.filter((instant, index) => calendar.offsetAt(instant) !== expected[index]);
    const days = new Set(wrong.map((instant) => new Date(instant).toISOString().slice(0, 10)));
    expect([...days]).toEqual([
      "2026-03-08",
      "2026-11-01",
      "2027-03-14",
      "2027-11-07",
      "2028-03-12",
      "2028-11-05",
    ]);
  });

  test.each([
    "garbage/zone",
    "Europe/berlin",
    "+03:00",
    " UTC",
    "EST5EDT,M13",
    "EST5EDT,M13.1.0,M11.1.0",
    "EST5EDT,J1",
    ":/etc/nowhere",
  ])("%p, which date(1) silently takes for UTC or for half of it, is refused", (timeZone) => {
    expect(() => calendarOf(timeZone)).toThrow(UsageFailure);
  });

  test("not set at all, it is the system's", () => {
    expect(calendarOf(undefined)).toBe(systemCalendar);
  });

  test.each(["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])(
    "the system's own zone, where it is %s, is read like a named one",
    (timeZone) => {
      const script = `
        import { systemCalendar } from "${import.meta.dir}/../../src/schedule/calendar.ts";
        const offsets = ${JSON.stringify(instants)}.map((instant) => systemCalendar.offsetAt(instant));
        process.stdout.write(JSON.stringify(offsets));`;
      const { stdout } = Bun.spawnSync([process.execPath, "-e", script], { env: { TZ: timeZone } });
      const calendar = zoneCalendar(timeZone);
      expect(JSON.parse(stdout.toString())).toEqual(instants.map((instant) => calendar.offsetAt(instant)));
    },
  );
});

test("no rule at all is no calendar", () => {
  expect(["", "UT", "5", "EST", "EST5EDT,M3.2.0", "EST5EDT,M3.6.0,M11.1.0"].map(posixCalendar)).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test("a hundred thousand questions to a named zone are quick", () => {
  const calendar: Calendar = zoneCalendar("Europe/Berlin");
  const begin = performance.now();
  for (let index = 0; index < 100_000; index += 1) wallAt(calendar, index * minuteMs);
  expect(performance.now() - begin).toBeLessThan(1000);
});

test("UTC is UTC", () => {
  expect(wallAt(utcCalendar, 20_000 * dayMs)).toBe(20_000 * dayMs);
});

test.each(["", "2026-11-17", "2026-11-17T12:47Z", "2026-11-17T12:47:00", "x"])(
  "%p is no wall time",
  (text) => {
    expect(parseWall(text)).toBeNaN();
  },
);
