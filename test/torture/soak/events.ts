// What happens in the soak beside the schedules: each kind of event is an act, and mostly one that ends it some time later.
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

export interface EventKind {
  /** How often, about. */
  readonly perYear: number;
  /** Does it; "not now" where it could not be done. What it returns happens so much later. */
  readonly act: (scene: Scene) => "not now" | "done" | Later;
}

interface Later {
  readonly afterMs: number;
  readonly act: () => void;
}

const pick = <T>(random: () => number, all: readonly T[]): T | undefined =>
  all[Math.floor(random() * all.length)];

const days = (random: () => number, most: number): number => Math.ceil(random() * most) * dayMs;

export const kinds: Readonly<Record<string, EventKind>> = {
  "a file vanishes, and comes back": {
    perYear: 25,
    act({ schedules, random }) {
      const there = schedules.filter(({ source }) => source.isThere);
      const schedule = pick(random, there);
      if (!schedule) return "not now";
      schedule.source.vanish();
      return { afterMs: days(random, 4), act: () => schedule.source.comeBack() };
    },
  },

  "a file is emptied, and written anew": {
    perYear: 15,
    act({ schedules, random }) {
      const full = schedules.filter(({ source }) => (source.state?.sizeBytes ?? 0) > 0);
      const schedule = pick(random, full);
      if (!schedule) return "not now";
      schedule.source.empty();
      return { afterMs: days(random, 2), act: () => schedule.source.resize(false) };
    },
  },

  "a drive is unplugged, and comes back": {
    perYear: 20,
    act({ places, random }) {
      const drives = places.filter(({ kind, isThere }) => kind === "drive" && isThere);
      const place = pick(random, drives);
      if (!place) return "not now";
      place.unplug();
      return { afterMs: days(random, 5), act: () => place.plug() };
    },
  },

  "a disk is full for a day": {
    perYear: 12,
    act({ places, random }) {
      const disks = places.filter(({ kind, isFull }) => kind === "small" && !isFull);
      const place = pick(random, disks);
      if (!place) return "not now";
      place.fill();
      return { afterMs: dayMs, act: () => place.makeRoom() };
    },
  },

  "the daemon is killed, and started again": {
    perYear: 8,
    act(scene) {
      if (!scene.isDaemonUp) return "not now";
      scene.stand.world.stopDaemon();
      scene.isDaemonUp = false;
      const act = (): void => {
        scene.stand.world.startDaemon();
        scene.isDaemonUp = true;
      };
      return { afterMs: days(scene.random, 3), act };
    },
  },

  "the machine is off for a week": {
    perYear: 4,
    act(scene) {
      scene.offUntilMs = scene.stand.nowMs + 7 * dayMs - 5 * hourMs;
      return "done";
    },
  },
};
