// What happens to what the program keeps: the queue, the journal, and the revisions.
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Row } from "../../support/stage.ts";
import { dayMs } from "./calendar.ts";
import { type EventKinds, pick, type Scene } from "./event.ts";
import type { Schedule } from "./schedule.ts";
import type { Expected } from "./series.ts";

/** An old revision that can be reached, which is not the newest. */
function pickOld({ schedules, random }: Scene): { schedule: Schedule; revision: Expected } | null {
  const schedule = pick(
    random,
    schedules.filter(({ place, series }) => place.isThere && !place.isFull && series.held.length > 2),
  );
  const old = schedule?.series.held.slice(1).filter((each) => !schedule.series.isDamaged(each)) ?? [];
  const revision = pick(random, old);
  return schedule && revision ? { schedule, revision } : null;
}

function flipByte(path: string): void {
  const descriptor = openSync(path, "r+");
  try {
    const at = Math.floor(statSync(path).size / 2);
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, at);
    writeSync(descriptor, Buffer.from([(byte[0] ?? 0) ^ 0x10]), 0, 1, at);
  } finally {
    closeSync(descriptor);
  }
}

export const damageEvents: EventKinds = {
  "the queue is lost, and what statusof says is typed": {
    perYear: 4,
    act(scene) {
      const { stand, schedules } = scene;
      if (schedules.some(({ startMs, isWritten }) => startMs !== null && !isWritten)) return "not now";
      stand.loseQueue();
      for (const schedule of schedules) schedule.lose();
      const act = (): "wait" | undefined => {
        if (!scene.isProgramThere) return "wait";
        const { jobs }: { jobs: Row[] } = JSON.parse(stand.type(["statusof", "--json"]).out || '{"jobs":[]}');
        const lost = schedules.filter(({ isLost }) => isLost);
        for (const schedule of lost.filter(({ place, source }) => place.isThere && source.isThere)) {
          const row = jobs.find(({ name }) => name === schedule.plan.name);
          schedule.revive(row?.problems.find(({ code }) => code === "not-armed")?.hint ?? "false");
        }
        return schedules.some(({ isLost }) => isLost) ? "wait" : undefined;
      };
      return { afterMs: dayMs, act };
    },
  },

  "the journal is lost": {
    perYear: 4,
    act({ stand, schedules }) {
      // Nobody but the journal knows of those that are not in the queue.
      if (schedules.some(({ isLost }) => isLost)) return "not now";
      stand.loseJournal();
      for (const schedule of schedules) schedule.forget();
      return "done";
    },
  },

  "a byte of an old revision rots": {
    perYear: 6,
    act(scene) {
      const old = pickOld(scene);
      if (!old) return "not now";
      const { schedule, revision } = old;
      flipByte(join(schedule.place.path, revision.file));
      schedule.series.damage(revision);
      return "done";
    },
  },

  "an old revision is pinned by another name": {
    perYear: 6,
    act(scene) {
      const old = pickOld(scene);
      if (!old) return "not now";
      const { schedule, revision } = old;
      const { place, series } = schedule;
      const name = `keep ${revision.file}`;
      renameSync(join(place.path, revision.file), join(place.path, name));
      series.give(revision);
      place.hold(name);
      return "done";
    },
  },

  "something is planted that has the name of a revision": {
    perYear: 8,
    act(scene) {
      const old = pickOld(scene);
      if (!old) return "not now";
      const { place } = old.schedule;
      const { number, file } = old.revision;
      const planted = file.replace(`-${String(number).padStart(6, "0")}-`, `-${String(number + 900_000)}-`);
      const path = join(place.path, planted);
      if (statSync(path, { throwIfNoEntry: false })) return "not now";
      const chance = scene.random();
      if (chance < 0.4) copyFileSync(join(place.path, file), path);
      else if (chance < 0.7) mkdirSync(path);
      else symlinkSync(file, path);
      place.hold(planted);
      return "done";
    },
  },
};
