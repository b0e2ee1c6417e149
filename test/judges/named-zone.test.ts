// The variable TZ against date(1).
import { describe, expect, test } from "bun:test";
import { UsageFailure } from "../../src/errors.ts";
import { hourMs, minuteMs } from "../../src/time/wall-time.ts";
import { ianaZone, posixZone, systemZone, zoneOf } from "../../src/time/zone.ts";

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
    const zone = zoneOf(timeZone);
    const expected = offsetsOfDate(timeZone, instants);
    const wrong = instants.filter((instant, index) => zone.offsetMsAt(instant) !== expected[index]);
    expect(wrong.map((instant) => new Date(instant).toISOString())).toEqual([]);
  });

  test("a rule without days changes on those of the United States, if not at the same hour", () => {
    const zone = zoneOf("CET-1CEST");
    const expected = offsetsOfDate("CET-1CEST", instants);
    const wrong = instants.filter((instant, index) => zone.offsetMsAt(instant) !== expected[index]);
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
    expect(() => zoneOf(timeZone)).toThrow(UsageFailure);
  });

  test("not set at all, it is the system's", () => {
    expect(zoneOf(undefined)).toBe(systemZone);
  });

  test.each(["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])(
    "the system's own zone, where it is %s, is read like a named one",
    (timeZone) => {
      const script = `
        import { systemZone } from "${import.meta.dir}/../../src/time/zone.ts";
        const offsets = ${JSON.stringify(instants)}.map((instant) => systemZone.offsetMsAt(instant));
        process.stdout.write(JSON.stringify(offsets));`;
      const { stdout } = Bun.spawnSync([process.execPath, "-e", script], { env: { TZ: timeZone } });
      const zone = ianaZone(timeZone);
      expect(JSON.parse(stdout.toString())).toEqual(instants.map((instant) => zone.offsetMsAt(instant)));
    },
  );
});

test("no rule at all is no zone", () => {
  expect(["", "UT", "5", "EST", "EST5EDT,M3.2.0", "EST5EDT,M3.6.0,M11.1.0"].map(posixZone)).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});
