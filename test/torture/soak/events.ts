// What happens in the soak beside the schedules: each kind of event is an act, and the one that ends it some time later.
import { dayMs, hourMs } from "./calendar.ts";
import type { Schedule } from "./schedule.ts";
import type { Place, Stand } from "./stand.ts";

export interface Scene {
  readonly stand: Stand;
  readonly schedules: readonly Schedule[];
  readonly places: readonly Place[];
  readonly random: () => number;
  isDaemonUp: boolean;
  isProgramThere: boolean;
  /** Until when the machine is off. */
  offUntilMs: number;
}

/** An act; what it returns, if anything, happens so much later. null: it could not be done now. */
export interface Later {
  readonly afterMs: number;
  readonly act: () => void;
}
export type EventKind = (scene: Scene) => Later | null;

const pick = <T>(random: () => number, all: readonly T[]): T | null =>
  all[Math.floor(random() * all.length)] ?? null;

const days = (random: () => number, most: number): number => Math.ceil(random() * most) * dayMs;

export const kinds: Readonly<Record<string, EventKind>> = {
  "a file vanishes, and comes back": ({ schedules, random }) => {
    const schedule = pick(
      random,
      schedules.filter(({ source }) => source.isThere),
    );
    if (schedule === null) return null;
    schedule.source.vanish();
    return { afterMs: days(random, 4), act: () => schedule.source.comeBack() };
  },

  "a file is emptied, and written anew": ({ schedules, random }) => {
    const schedule = pick(
      random,
      schedules.filter(({ source }) => (source.state?.sizeBytes ?? 0) > 0),
    );
    if (schedule === null) return null;
    schedule.source.empty();
    return { afterMs: days(random, 2), act: () => schedule.source.resize(false) };
  },

  "a drive is unplugged, and comes back": ({ places, random }) => {
    const place = pick(
      random,
      places.filter(({ kind, isThere }) => kind === "drive" && isThere),
    );
    if (place === null) return null;
    place.unplug();
    return { afterMs: days(random, 5), act: () => place.plug() };
  },

  "a disk is full for a day": ({ places, random }) => {
    const place = pick(
      random,
      places.filter(({ kind, isFull }) => kind === "small" && !isFull),
    );
    if (place === null) return null;
    place.fill();
    return { afterMs: dayMs, act: () => place.makeRoom() };
  },

  "the daemon is killed, and started again": (scene) => {
    if (!scene.isDaemonUp) return null;
    scene.stand.world.stopDaemon();
    scene.isDaemonUp = false;
    return {
      afterMs: days(scene.random, 3),
      act: () => {
        scene.stand.world.startDaemon();
        scene.isDaemonUp = true;
      },
    };
  },

  "the machine is off for a week": (scene) => {
    scene.offUntilMs = scene.stand.nowMs + 7 * dayMs - 5 * hourMs;
    return null;
  },
};
