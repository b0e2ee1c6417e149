// The variable TZ against date(1).
import { afterEach, describe, expect, test } from "bun:test";
import { setTimeZone } from "../../src/system/libc.ts";
import { checkTimeZone, isTimeZone, localZone } from "../../src/system/time-zone.ts";
import { hourMs, minuteMs } from "../../src/time/wall-time.ts";
import { ianaZone } from "../support/zones.ts";

/** What date(1) says of a value of TZ: the offset from UTC at each instant. */
function offsetsOfDate(timeZone: string): number[] {
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

afterEach(() => setTimeZone("UTC"));

const offsetsHere = () => instants.map((instant) => localZone.offsetMsAt(instant));

describe("a value of TZ means what it means to date(1)", () => {
  test.each([
    "UTC",
    "America/New_York",
    ":America/New_York",
    "posix/Europe/Berlin",
    "/usr/share/zoneinfo/Europe/Berlin",
    ":/usr/share/zoneinfo/Australia/Lord_Howe",
    "Etc/GMT+3",
    "EST5EDT",
    "EST5",
    "CET-1CEST",
    "GMT-3",
    "IST-5:30",
    "<+03>-3",
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
    expect(isTimeZone(timeZone)).toBe(true);
    setTimeZone(timeZone);
    expect(offsetsHere()).toEqual(offsetsOfDate(timeZone));
  });

  test.each([
    "garbage/zone",
    "Europe/berlin",
    "Europe",
    "tzdata.zi",
    "+03:00",
    " UTC",
    "UT",
    "5",
    "XYZ",
    "EST25",
    "EST5EDT,M13",
    "EST5EDT,M3.2.0",
    "EST5EDT,M13.1.0,M11.1.0",
    "EST5EDT,M3.6.0,M11.1.0",
    "EST5EDT,J1",
    "EST5EDT,J1,J400",
    ":/etc/nowhere",
    "/etc/hostname",
  ])("%p, which date(1) silently takes for UTC or for half of it, is refused", (timeZone) => {
    setTimeZone(timeZone);
    expect(checkTimeZone).toThrow(`the variable TZ names no time zone: '${timeZone}'`);
  });

  test.each(["America/New_York", "Australia/Lord_Howe", "CET-1CEST", ":Europe/Berlin", ""])(
    "also where a process begins with it: %p",
    (timeZone) => {
      const script = `
        import { localZone, readTimeZone } from "${import.meta.dir}/../../src/system/time-zone.ts";
        const offsets = ${JSON.stringify(instants)}.map((instant) => localZone.offsetMsAt(instant));
        process.stdout.write(JSON.stringify([readTimeZone(), ...offsets]));`;
      const { stdout } = Bun.spawnSync([process.execPath, "-e", script], { env: { TZ: timeZone } });
      expect(JSON.parse(stdout.toString())).toEqual([timeZone || "UTC", ...offsetsOfDate(timeZone)]);
    },
  );

  test.each(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])(
    "of %s ICU thinks alike",
    (timeZone) => {
      const zone = ianaZone(timeZone);
      setTimeZone(timeZone);
      expect(offsetsHere()).toEqual(instants.map((instant) => zone.offsetMsAt(instant)));
    },
  );

  test("not set at all, there is nothing to say against it", () => {
    expect(isTimeZone(undefined)).toBe(true);
  });
});
