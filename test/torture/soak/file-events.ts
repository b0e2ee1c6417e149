// What happens to the files that are saved.
import { days, type EventKinds, pick } from "./event.ts";
import type { Schedule } from "./schedule.ts";

export const fileEvents: EventKinds = {
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

  "a file falls to under a tenth, and is itself again": {
    perYear: 6,
    act({ schedules, random }) {
      // Chapters are reckoned in places: of periods, one that is open may keep more.
      const schedule = pick(
        random,
        schedules.filter(onlyCounts).filter(({ source }) => source.isThere),
      );
      if (!schedule) return "not now";
      schedule.source.resize(true);
      return { afterMs: days(random, 30), act: () => schedule.source.resize(false) };
    },
  },

  "a file's permissions change": {
    perYear: 10,
    act({ schedules, random }) {
      const there = schedules.filter(({ source }) => source.isThere);
      const schedule = pick(random, there);
      if (!schedule) return "not now";
      schedule.source.changeMode();
      return "done";
    },
  },

  "an older state is restored over a file": {
    perYear: 15,
    act({ schedules, random, isProgramThere }) {
      if (!isProgramThere) return "not now";
      // A state that comes back is none of its own to rules by periods.
      const able = schedules
        .filter(onlyCounts)
        .filter(({ source, place }) => source.isThere && place.isThere);
      const schedule = pick(random, able);
      const revision =
        schedule &&
        pick(
          random,
          schedule.series.held.filter((each) => !schedule.series.isDamaged(each)),
        );
      if (!revision) return "not now";
      schedule.restore(revision);
      return "done";
    },
  },
};

const onlyCounts = ({ plan: { policy } }: Schedule): boolean => Object.keys(policy).join("") === "last";
