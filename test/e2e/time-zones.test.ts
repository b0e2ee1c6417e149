// Local times are those of date(1), however TZ or the system say which zone that is.
import { expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, rmSync } from "node:fs";
import { moment, Stage, WorldStage } from "../support/stage.ts";

setDefaultTimeout(60_000);

test.each([
  "CET-1CEST",
  "<+03>-3",
  "NZST-12NZDT,M9.5.0,M4.1.0/3",
  ":Europe/Berlin",
  "/usr/share/zoneinfo/Asia/Kathmandu",
  "America/New_York",
  "",
])("with TZ=%p", (zone) => {
  using stage = new Stage();
  const env = { TZ: zone };
  stage.save();
  const takenAt = /-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-/.exec(stage.revisions()[0] ?? "");
  const [, day = "", ...clock] = takenAt ?? [];
  const asDate = (utc: string) => stage.run(["date", "-d", utc, "+%F %T"], { env }).out.trim();
  const local = asDate(`${day}T${clock.join(":")}Z`);
  expect(stage.type(["list", ...stage.paths], { env }).out).toContain(local);
  expect(stage.type(["restore", ...stage.paths, "--to", "-", "--revision", local], { env }).err).toBe("");
  const early = stage.run(["date", "-d", `${day}T${clock.join(":")}Z - 1 minute`, "+%F %H:%M"], { env });
  const none = stage.type(["restore", ...stage.paths, "--to", "-", "--revision", early.out.trim()], { env });
  expect(none.err).toContain("every good revision there is newer than that");
  for (const from of ["2026-07-01T10:00:00Z", "2026-12-01T10:00:00Z"]) {
    const shown = stage.type(["preview", "-t", "2:00am", "-n", "1", "--from", from], { env }).out;
    const [, at = "", utc = ""] = /^(\S+ \S+) +(\S+Z) /m.exec(shown) ?? [];
    expect(at).toEndWith(" 02:00:00");
    expect(asDate(utc)).toBe(at);
  }
});

test("doctor says how far local time is from UTC, whatever says so", async () => {
  await using stage = await WorldStage.create({ zone: "Europe/Berlin" });
  const examine = (env = {}) => /time zone +(.*)/.exec(stage.type(["doctor"], { env }).out)?.[1];
  expect(examine()).toBe("local time is UTC+01:00 now");
  expect(examine({ TZ: "<-0330>3:30" })).toBe("local time is UTC-03:30 now");
  const place = stage.world.path("etc/localtime");
  rmSync(place);
  expect(examine()).toBe("local time is UTC+00:00 now");
  copyFileSync("/usr/share/zoneinfo/Europe/Berlin", place);
  expect(examine()).toBe("local time is UTC+01:00 now");
});

test("a zone that there is no more ends no schedule, and is told", async () => {
  await using stage = await WorldStage.create({ zone: "Europe/Berlin" });
  const zone = stage.world.path("run/zone");
  copyFileSync("/usr/share/zoneinfo/Asia/Tokyo", zone);
  stage.install(["-t", "2:00am"], { env: { TZ: "/run/zone" } });
  expect(await stage.world.passUntil(moment("2026-11-23T18:00"))).toEqual([moment("2026-11-23T17:00")]);
  expect(stage.statusof()).toMatchObject({ code: 0 });
  rmSync(zone);
  await stage.world.passUntil(moment("2026-11-24T18:00"));
  expect(stage.world.mails().join()).toContain("there is no time zone '/run/zone' any more");
  const { next, problems } = stage.only();
  expect(next).toBe("2026-11-25T02:00:00Z");
  expect(problems.map(({ message }) => message)).toEqual([
    "there is no time zone '/run/zone' any more: its times are those of UTC",
  ]);
});
