// What is scheduled, with five hundred jobs in the real queue of at: in a world of its own, where no job of the machine's is
// touched and none of these ever runs.
import { truncateSync } from "node:fs";
import { World } from "../support/world.ts";
import { duration, peak, type Group } from "./compare.ts";
import { makeText } from "./corpus.ts";
import { whyNoMounts } from "./machine.ts";
import type { Contender } from "./measure.ts";
import type { Bench } from "./workspace.ts";

export async function* planStatus({ binary, isQuick, rounds, space }: Bench): AsyncGenerator<Group> {
  const jobs = isQuick ? 50 : 500;
  const name = "`tinybackup statusof all`";
  const title = `${jobs} schedules`;
  const comparisons = [duration(name, 1), peak(name)];
  const why = whyNoMounts("at", "unshare", "nsenter");
  if (why !== null) {
    yield { title, note: `Not measured: ${why}.`, contenders: [], comparisons, rounds, touchedBytes: 0 };
    return;
  }
  await using world = await World.create(Math.floor(Date.now() / 1000));
  // Its clock is of no use here, and whatever runs would pay for it.
  truncateSync(world.path("etc/ld.so.preload"));
  const folder = space.renew("saved");
  for (let job = 0; job < jobs; job++) {
    const file = space.path(`file-${job}.txt`);
    await makeText(file, 2000 + job);
    const time = `${String(job % 24).padStart(2, "0")}:${String(job % 60).padStart(2, "0")}`;
    const { code, err } = world.run([
      binary,
      "install",
      "-f",
      file,
      "-d",
      folder,
      "-t",
      time,
      "--run",
      "--quiet",
    ]);
    if (code !== 0) throw new Error(`install ended with ${code}: ${err}`);
  }
  const plan = (what: string, command: readonly string[]): Contender => {
    const [words] = world.enter(command);
    return { name: what, command: words, env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin" } };
  };
  yield {
    title,
    note: "All of them into one folder, which holds a revision of each. Entering the world is part of each time.",
    contenders: [plan(name, [binary, "statusof", "all"]), plan("`atq`", ["atq"]), plan("`true`", ["true"])],
    comparisons,
    rows: [{ act: "manage", label: `\`statusof all\`, ${jobs} schedules`, by: { tinybackup: name } }],
    rounds,
    touchedBytes: 128 << 20,
  };
}
