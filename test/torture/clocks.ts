// Clocks that jump between runs and during them, by minutes and by decades: a time is a label, the number is the order, and what
// is odd removes nothing.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { clockAt } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import type { Bench, Case } from "./case.ts";
import { Ground } from "./ground.ts";
import { judgeDone, judgeTidy } from "./invariants.ts";

/** A moment of UTC as clockAt takes it. */
function momentOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

const present = Date.parse("2026-11-23T02:00:00Z") / 1000;
const year = 365 * 86_400;

/** From one moment to the next: a usual day, or a jump. */
function nextMoment(now: number, random: () => number): number {
  const jumps = [86_400, 86_400, 86_400, 3600, 1, 0, -1, -3600, -86_400, -30 * year, 30 * year, year, -year];
  const jump = jumps[Math.floor(random() * jumps.length)] ?? 0;
  return Math.min(Math.max(now + jump, 5), present + 60 * year);
}

/** By number the newest are kept, whatever the clock says. */
async function keepsByNumber(bench: Bench): Promise<void> {
  using ground = new Ground(bench);
  const made: string[] = [];
  for (let now = present, run = 0; run < (bench.isBounded ? 7 : 14); run++) {
    const content = ground.change();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { code, out, err } = await ground.tell(
      ["run", ...ground.paths, "-k", "3"],
      [],
      clockAt(momentOf(now)),
    );
    if (code !== 0) throw new Error(`a run of ${momentOf(now)} ended with ${code}: ${err}`);
    made.push(basename(out.trim()));
    const found = ground.judge(made.slice(-3));
    if (found.size > 3) throw new Error(`${found.size} are kept, not 3`);
    judgeDone(found, content);
    now = nextMoment(now, bench.random);
  }
}

/** By periods nothing is removed by a run whose clock went back, and never the newest. */
async function keepsByPeriods(bench: Bench): Promise<void> {
  using ground = new Ground(bench);
  let before: readonly string[] = [];
  let latest = -Infinity;
  for (let now = present, run = 0; run < 14; run++) {
    const content = ground.change();
    const args = ["run", ...ground.paths, "--keep-daily", "3", "--keep-yearly", "2"];
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { code, err } = await ground.tell(args, [], clockAt(momentOf(now)));
    if (code !== 0) throw new Error(`a run of ${momentOf(now)} ended with ${code}: ${err}`);
    const found = ground.judge(now < latest ? before : []);
    judgeDone(found, content);
    judgeTidy(ground.destination);
    before = [...found.keys()];
    latest = now;
    now = nextMoment(now, bench.random);
  }
}

/** While a run is at work its clock jumps, again and again. */
async function jumpsMeanwhile(bench: Bench): Promise<void> {
  using ground = new Ground(bench);
  const clock = join(ground.root, "clock");
  const set = (seconds: number): void => writeFileSync(clock, `@${momentOf(seconds)}\n`);
  set(present);
  const { LD_PRELOAD = "" } = clockAt(momentOf(present));
  const env = { LD_PRELOAD, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: "1" };
  const names = ground.fill(2);
  const content = ground.change(mixedBytes(8 << 20, 5));
  const hand = new AbortController();
  const running = ground.tell(["run", ...ground.paths, "-k", "20"], [], env).finally(() => hand.abort());
  for (let now = present; !hand.signal.aborted; now = nextMoment(now, bench.random)) {
    set(now);
    // oxlint-disable-next-line no-await-in-loop -- until it is over
    await Bun.sleep(5);
  }
  const { code, err } = await running;
  if (code !== 0) throw new Error(`the run ended with ${code}: ${err}`);
  judgeDone(ground.judge(names), content);
  await ground.recover(names);
}

export function* family(bench: Bench): Generator<Case> {
  for (let round = 0; round < (bench.isBounded ? 1 : 8); round++) {
    yield { name: `by-number/${round}`, run: () => keepsByNumber(bench) };
    if (bench.isBounded) break;
    yield { name: `by-periods/${round}`, run: () => keepsByPeriods(bench) };
    yield { name: `meanwhile/${round}`, run: () => jumpsMeanwhile(bench) };
  }
}
