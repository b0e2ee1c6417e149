// The moments at which at(1) is asked: ordinary ones, and those where zones and clocks are at their worst.
import { dayMs, hourMs, minuteMs } from "../../../src/time/wall-time.ts";
import { ianaZone } from "../../support/zones.ts";
import { type Zone, instantMsOf } from "../../../src/time/zone.ts";
import type { Random } from "./random.ts";

export interface Moment {
  readonly zoneName: string;
  readonly zone: Zone;
  /** Milliseconds since 1970, a whole second. */
  readonly nowMs: number;
}

const zoneNames = [
  "America/New_York",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "UTC",
] as const;
const zones = new Map<string, Zone>(zoneNames.map((zoneName) => [zoneName, ianaZone(zoneName)]));

// Wall-clock times around which things happen: changes of the clocks in each zoneName, ends of months, leap days.
const clockChanges = {
  "America/New_York": ["2026-03-08T02:00", "2026-11-01T01:00"],
  "Europe/Berlin": ["2026-03-29T02:00", "2026-10-25T02:00"],
  "Australia/Lord_Howe": ["2026-04-05T01:30", "2026-10-04T02:00"],
  "Asia/Kolkata": ["2026-03-08T02:00", "2026-11-01T01:00"],
  UTC: ["2026-03-29T01:00", "2026-10-25T01:00"],
} as const;
const corners = [
  "2026-01-31T12:00",
  "2026-12-31T23:59",
  "2027-01-01T00:00",
  "2027-02-28T18:30",
  "2028-02-28T09:10",
  "2028-02-29T16:00",
  "2028-03-31T07:45",
] as const;

export function generateMoment(random: Random): Moment {
  const zoneName = random.pick(zoneNames);
  const zone = zones.get(zoneName) ?? ianaZone(zoneName);
  const at = (wall: number): Moment => ({
    zoneName,
    zone,
    nowMs: instantMsOf(zone, wall) + random.pick([0, 1, 30, 59]) * 1000,
  });
  const kind = random.below(6);
  if (kind < 2) {
    const change = Date.parse(`${random.pick(clockChanges[zoneName])}Z`);
    const distance = random.pick([1, 24, 48]) * hourMs + random.below(4) * hourMs - 2 * hourMs;
    const moment = at(change - distance + random.below(60) * minuteMs);
    // Also the second pass through an hour that the clocks show twice.
    return { ...moment, nowMs: moment.nowMs + random.below(3) * hourMs };
  }
  if (kind === 2) return at(Date.parse(`${random.pick(corners)}Z`) + (random.below(5) - 2) * minuteMs);
  const day = Date.UTC(2026, 0, 1) + random.below(5 * 365) * dayMs;
  if (kind === 3) return at(day + (random.below(7) - 3) * minuteMs);
  return at(day + random.below(24 * 60) * minuteMs);
}
