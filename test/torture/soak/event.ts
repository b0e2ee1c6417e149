// An event of the soak: an act, and mostly one that ends it some time later.
import { dayMs } from "./calendar.ts";
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
  /** Lets `at` start what is due, and follows each job. */
  readonly pass: () => Promise<void>;
}

export type EventKinds = Readonly<Record<string, EventKind>>;

export interface EventKind {
  /** How often, about. */
  readonly perYear: number;
  /** Does it; "not now" where it could not be done. What it returns happens so much later. */
  readonly act: (scene: Scene) => Outcome | Promise<Outcome>;
}

type Outcome = "not now" | "done" | Later;

export interface Later {
  readonly afterMs: number;
  /** "wait": a day later. */
  readonly act: () => void | "wait";
}

export const pick = <T>(random: () => number, all: readonly T[]): T | undefined =>
  all[Math.floor(random() * all.length)];

export const days = (random: () => number, most: number): number => Math.ceil(random() * most) * dayMs;
