// Schedules through the calendar: the compiled program, the real at and atd, a year in seconds.
import { expect, test } from "bun:test";
import { holds } from "../support/promises.ts";
import { day, hour, minute, moment, WorldStage } from "../support/stage.ts";

const long = 300_000;

/** Local date and time of an instant: `2027-03-14 03:00`. */
function localOf(seconds: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  return format.format(seconds * 1000);
}

function datesBetween(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) =>
    new Date((moment(`${first}T00:00`) + number * day) * 1000).toISOString().slice(0, 10),
  );
}

/** Lets `count` days of a daily schedule pass; the local dates and times at which it ran. */
async function passDays(first: string, count: number, zone: string, time: string): Promise<string[]> {
  const now = moment(`${first}T12:00`) - day;
  await using stage = await WorldStage.create({ now, zone });
  stage.install(["-t", time, "-k", "2", "--compress", "none"]);
  const instants = await stage.world.passUntil(now + count * day);
  expect(stage.world.mails()).toEqual([]);
  expect(stage.files().at(-1)).toContain(`-${String(count).padStart(6, "0")}-`);
  expect(stage.only()).toMatchObject({ state: "armed", problems: [] });
  return instants.map((instant) => localOf(instant, zone));
}

// What does not exist, for the clocks go forward past it, comes later by the gap.
test.each([
  ["2026-11-24", 400, "America/New_York", "2:30am", "02:30", "2027-03-14 03:30"],
  ["2027-03-20", 15, "Europe/Berlin", "02:00", "02:00", "2027-03-28 03:00"],
  ["2027-10-24", 15, "Europe/Berlin", "2:30am", "02:30", ""],
])(
  "from %s a daily schedule runs for %d days once a day at the right time in %s",
  async (first, count, zone, typed, time, moved) => {
    const expected = datesBetween(first, count).map((date) => `${date} ${time}`);
    expect(await passDays(first, count, zone, typed)).toEqual(
      expected.map((instant) => (moved.startsWith(instant.slice(0, 10)) ? moved : instant)),
    );
  },
  long,
);

const changes = [
  ["America/New_York", "2027-03-14T06:30"],
  ["America/New_York", "2027-11-07T05:00"],
  ["Europe/Berlin", "2027-03-28T00:30"],
  ["Europe/Berlin", "2027-10-31T00:00"],
] as const;

async function passChange([zone, begin]: readonly [string, string]): Promise<void> {
  await using stage = await WorldStage.create({ now: moment(begin) + 11, zone });
  stage.install(["-t", "+1 hour", "-k", "2"]);
  stage.install(["-t", "+ 7 minutes", "-k", "2", "--noop"]);
  const instants = await stage.world.passUntil(moment(begin) + 3 * hour, { lateSeconds: 20 });
  const expected = Array.from({ length: 180 }, (_, number) => number + 1)
    .filter((passed) => passed % 60 === 0 || passed % 7 === 0)
    .map((passed) => moment(begin) + passed * minute);
  expect(instants).toEqual(expected);
  expect(stage.files().length).toBe(2);
  expect(stage.world.queue().length).toBe(2);
}

test(
  "hourly, and every seven minutes, it runs through the changes of the clocks without a loop, a gap or a drift",
  async () => {
    await Promise.all(changes.map(passChange));
  },
  long,
);

test(holds("calendar", "after a week of downtime it runs once, and then in its old rhythm"), async () => {
  const now = moment("2026-11-23T12:00");
  await using stage = await WorldStage.create({ now });
  stage.install(["-t", "2:00am"]);
  stage.install(["-t", "+ 5 hours", "--name", "rhythm", "--compress", "none"]);
  stage.world.setClock(now + 7 * day + 90 * minute);
  await stage.world.tick();
  expect(stage.takenAt()).toEqual(["2026-11-30T13-30", "2026-11-30T13-30"]);
  // Seven days are 168 hours; the run after them is the 34th, at 170.
  expect(stage.statusof().jobs.map(({ next }) => next)).toEqual([
    "2026-11-30T14:00:00Z",
    "2026-12-01T02:00:00Z",
  ]);
});

test(
  holds("calendar", "the zone that was set at install governs, whatever the system's becomes"),
  async () => {
    await using stage = await WorldStage.create({ zone: "Europe/Berlin" });
    stage.install(["-t", "2:00am"], { env: { TZ: "Asia/Tokyo" } });
    stage.install(["-t", "2:00am", "--name", "utc"], { env: { TZ: "" } });
    stage.install(["-t", "2:00am", "--name", "rule"], { env: { TZ: "<+03>-3" } });
    stage.install(["-t", "2:00am", "--name", "system"]);
    stage.world.setZone("America/New_York");
    const instants = await stage.world.passUntil(moment("2026-11-26T00:00"));
    expect(instants.map((instant) => new Date(instant * 1000).toISOString().slice(5, 16))).toEqual([
      "11-23T17:00",
      "11-23T23:00",
      "11-24T01:00",
      "11-24T02:00",
      "11-24T07:00",
      "11-24T17:00",
      "11-24T23:00",
      "11-25T02:00",
      "11-25T07:00",
      "11-25T17:00",
      "11-25T23:00",
    ]);
  },
);
