// Between instants and wall-clock times: the rules for skipped and repeated hours, and named zones.
import { describe, expect, test } from "bun:test";
import { localZone, setTimeZone } from "../../../src/system/time-zone.ts";
import { dayMs, hourMs, minuteMs, parseWall, renderWall } from "../../../src/time/wall-time.ts";
import { ianaZone } from "../../support/zones.ts";
import { instantMsOf, utcZone, wallMsAt } from "../../../src/time/zone.ts";

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
    expect(renderWall(instantMsOf(ianaZone(zone), parseWall(wall)))).toBe(utc);
  });

  test("and back, every quarter of an hour for years, but for hours shown twice", () => {
    for (const name of ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Auckland"]) {
      const zone = ianaZone(name);
      let repeated = 0;
      for (let instant = Date.UTC(2026, 0, 1); instant < Date.UTC(2028, 0, 1); instant += 15 * minuteMs) {
        const found = instantMsOf(zone, wallMsAt(zone, instant));
        if (found !== instant) repeated += 1;
        expect(instant - found === 0 || instant - found === hourMs || instant - found === hourMs / 2).toBe(
          true,
        );
      }
      expect(repeated).toBe(name === "Australia/Lord_Howe" ? 4 : 8);
    }
  });
});

test("a hundred thousand questions to the local zone are quick", () => {
  setTimeZone("Europe/Berlin");
  const begin = performance.now();
  for (let index = 0; index < 100_000; index += 1) wallMsAt(localZone, index * minuteMs);
  expect(performance.now() - begin).toBeLessThan(1000);
  setTimeZone("UTC");
});

test("UTC is UTC", () => {
  expect(wallMsAt(utcZone, 20_000 * dayMs)).toBe(20_000 * dayMs);
});
