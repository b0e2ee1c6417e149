// Between instants and wall time. Whoever asks says by which zone.
import { hourMs } from "./wall-time.ts";

/** A time zone: how far its clocks are ahead of UTC, in milliseconds, at an instant (milliseconds since 1970). */
export interface Zone {
  readonly offsetMsAt: (instantMs: number) => number;
}

export const utcZone: Zone = { offsetMsAt: () => 0 };

export function wallMsAt(zone: Zone, instantMs: number): number {
  return instantMs + zone.offsetMsAt(instantMs);
}

// POSIX lets a zone be so far from UTC. None has changed its rules twice within two days.
const reachMs = 25 * hourMs;

/**
 * The instant at which the clocks show a wall time. One that they show twice is the first; one that they never
 * show moves forward by the gap, as if the clocks had not been put forward.
 */
export function instantMsOf(zone: Zone, wallMs: number): number {
  const before = wallMs - zone.offsetMsAt(wallMs - reachMs);
  const after = wallMs - zone.offsetMsAt(wallMs + reachMs);
  const shown = [before, after].filter((instantMs) => wallMsAt(zone, instantMs) === wallMs);
  return shown.length === 0 ? before : Math.min(...shown);
}
