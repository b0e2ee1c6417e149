// What happens to the machine, its clock, its daemon and its drives.
import { dayMs, hourMs } from "./calendar.ts";
import { days, type EventKinds, pick } from "./event.ts";

const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"];

export const machineEvents: EventKinds = {
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

  "the clock jumps ahead by hours": {
    perYear: 12,
    act({ stand, random }) {
      stand.nowMs += Math.ceil(random() * 30) * hourMs;
      return "done";
    },
  },

  "the clock is set back by hours": {
    perYear: 12,
    act({ stand, random }) {
      stand.nowMs -= Math.ceil(random() * 20) * hourMs;
      return "done";
    },
  },

  "the clock is far ahead while jobs run, and then set right": {
    perYear: 4,
    async act(scene) {
      if (!scene.isDaemonUp || !scene.isProgramThere) return "not now";
      const { stand, schedules, random } = scene;
      const aheadMs = Math.ceil(3 + random() ** 3 * 800) * dayMs;
      stand.nowMs += aheadMs;
      await scene.pass();
      stand.nowMs -= aheadMs;
      return {
        afterMs: 2 * hourMs,
        act: () => {
          if (!scene.isProgramThere) return "wait";
          for (const schedule of schedules) if (schedule.isAble) schedule.installAgain();
          return schedules.some((schedule) => schedule.isFarOff) ? "wait" : undefined;
        },
      };
    },
  },

  "the machine is taken to another time zone": {
    perYear: 8,
    act({ stand, random }) {
      stand.zone = pick(random, zones) ?? "UTC";
      return "done";
    },
  },

  "the program is not there for days": {
    perYear: 5,
    act(scene) {
      if (!scene.isProgramThere) return "not now";
      scene.stand.hideProgram();
      scene.isProgramThere = false;
      const act = (): void => {
        scene.stand.showProgram();
        scene.isProgramThere = true;
      };
      return { afterMs: days(scene.random, 4), act };
    },
  },
};
