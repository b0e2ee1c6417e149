// What people do beside the schedules.
import { days, type EventKinds, pick, type Scene } from "./event.ts";
import type { Schedule } from "./schedule.ts";

/** A schedule all of whose places are there, so that a person can type commands for it. */
function pickAble({ schedules, random, isProgramThere }: Scene): Schedule | undefined {
  return isProgramThere
    ? pick(
        random,
        schedules.filter(({ isAble }) => isAble),
      )
    : undefined;
}

export const peopleEvents: EventKinds = {
  "a person saves by hand": {
    perYear: 40,
    act(scene) {
      const schedule = pickAble(scene);
      if (!schedule) return "not now";
      schedule.saveByHand();
      return "done";
    },
  },

  "a schedule is ended, and installed again": {
    perYear: 10,
    act(scene) {
      const schedule = pickAble(scene);
      if (!schedule) return "not now";
      schedule.uninstall();
      const act = (): "wait" | undefined => {
        if (!schedule.source.isThere || !schedule.place.isThere || !scene.isProgramThere) return "wait";
        schedule.install();
        return undefined;
      };
      return { afterMs: days(scene.random, 6), act };
    },
  },

  "a schedule is installed just as it is": {
    perYear: 10,
    act(scene) {
      const schedule = pickAble(scene);
      if (!schedule) return "not now";
      schedule.installAgain();
      return "done";
    },
  },

  "a schedule is installed in place of one that is equal": {
    perYear: 10,
    act(scene) {
      const schedule = pickAble(scene);
      if (!schedule) return "not now";
      schedule.replace();
      return "done";
    },
  },
};
