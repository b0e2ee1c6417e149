// A simulated year of twenty schedules in one world, with the real `at` and the real program, while files change and drives,
// disks, clocks and the daemon misbehave. A model of its own says all the time what must be queued, which revisions there
// must be and what statusof must say: `bun test/torture/soak.ts [--bounded] [--weeks N] [--schedules N] [--seed N] [--binary FILE]`.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { binary } from "../support/binary.ts";
import { dayMs, hourMs, minuteMs } from "./soak/calendar.ts";
import { cast, places } from "./soak/cast.ts";
import type { EventKind, Later, Scene } from "./soak/event.ts";
import { kinds } from "./soak/events.ts";
import { compareFolder, compareQueue, compareStatus, openRevisions } from "./soak/judge.ts";
import { Schedule } from "./soak/schedule.ts";
import { Source } from "./soak/source.ts";
import { Place, Stand } from "./soak/stand.ts";

const { values } = parseArgs({
  options: {
    bounded: { type: "boolean", default: false },
    weeks: { type: "string" },
    schedules: { type: "string" },
    seed: { type: "string", default: "1" },
    binary: { type: "string", default: binary },
  },
});
// In a few weeks as much happens as in half a year otherwise.
const [defaultWeeks, defaultCount, pace] = values.bounded
  ? (["2", "7", 10] as const)
  : (["52", String(cast.length), 1] as const);
const { weeks = defaultWeeks, schedules: members = defaultCount } = values;
const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), 61 | bits);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Act {
  readonly atMs: number;
  readonly name: string;
  readonly act: () => void | Promise<void>;
}

// A winter, a spring with its lost hour, an autumn with its doubled one; far from the machine's own present.
const beginMs = Date.parse("2031-01-06T00:10:10Z");
const random = makeRandom(Number(values.seed));
const endMs = beginMs + Number(weeks) * 7 * dayMs;

await using stand = await Stand.create(beginMs, "Europe/Berlin", values.binary);
const folders = new Map(Object.entries(places).map(([name, kind]) => [name, new Place(stand, name, kind)]));
const schedules = cast.slice(0, Number(members)).map((member) => {
  const source = new Source(join(stand.root, "files", member.name), member.bytes, random);
  const place = folders.get(member.place);
  if (place === undefined) throw new Error(`no place ${member.place}`);
  return new Schedule(stand, member, source, place);
});
const scene: Scene = {
  stand,
  schedules,
  places: [...folders.values()].filter((place) => schedules.some((schedule) => schedule.place === place)),
  random,
  isDaemonUp: true,
  isProgramThere: true,
  offUntilMs: 0,
  pass,
};
const opened = new Set<string>();
const told = new Map<string, number>();
const acts: Act[] = [];
let last = "the beginning";

function plan(atMs: number, name: string, act: Act["act"]): void {
  acts.push({ atMs, name, act });
  acts.sort((one, other) => one.atMs - other.atMs);
}

/** A kind of event at a moment, and its end, each followed by a look at statusof. */
function planEvent(atMs: number, name: string, kind: EventKind): void {
  plan(atMs, name, async () => {
    const later = await kind.act(scene);
    if (later === "not now") return;
    told.set(name, (told.get(name) ?? 0) + 1);
    if (later !== "done") planEnd(name, later);
    if (scene.offUntilMs < stand.nowMs) lookAtStatus();
  });
}

function planEnd(name: string, { afterMs, act }: Later): void {
  plan(stand.nowMs + afterMs, `the end of: ${name}`, () => {
    if (act() === "wait") planEnd(name, { afterMs: dayMs, act });
    lookAtStatus();
  });
}

/** Where the program is not there, nobody can type it. */
function lookAtStatus(): void {
  if (scene.isProgramThere) compareStatus(stand, schedules, scene);
}

function planDay(dayStartMs: number): void {
  plan(dayStartMs + 37 * minuteMs, "work on the files", () => {
    for (const { source } of schedules) source.live();
  });
  for (const [name, kind] of Object.entries(kinds)) {
    if (random() > (kind.perYear * pace) / 365) continue;
    planEvent(dayStartMs + Math.floor(6 + random() * 17) * hourMs + 33 * minuteMs, name, kind);
  }
}

/** Lets `at` start what is due, and follows each job. */
async function pass(): Promise<void> {
  const fromMs = stand.nowMs;
  const due = schedules.filter(({ startMs }) => startMs !== null && startMs <= fromMs);
  await stand.tick();
  const window = { fromMs, toMs: stand.nowMs + 1000 };
  const loud: (boolean | null)[] = [];
  for (const schedule of due) {
    last = `the run of ${schedule.plan.name}`;
    loud.push(schedule.follow(window, scene.isProgramThere));
  }
  compareMails(stand.takeMails(), loud);
  compareQueue(stand, schedules);
  for (const schedule of due) compareFolder(schedule);
}

/** Who has nothing to say is quiet, and who has is not. */
function compareMails(count: number, loud: readonly (boolean | null)[]): void {
  const least = loud.filter((is) => is === true).length;
  const most = loud.filter((is) => is !== false).length;
  if (count < least || count > most) throw new Error(`${count} mails, and there must be ${least} to ${most}`);
}

async function goTo(momentMs: number): Promise<void> {
  for (;;) {
    if (scene.offUntilMs > stand.nowMs) stand.nowMs = scene.offUntilMs;
    const startMs = scene.isDaemonUp
      ? Math.min(...schedules.map((each) => each.startMs ?? Infinity))
      : Infinity;
    const actMs = acts[0]?.atMs ?? Infinity;
    const nextMs = Math.min(startMs, actMs);
    if (nextMs > momentMs) return;
    stand.nowMs = Math.max(nextMs + 5000, stand.nowMs);
    if (startMs <= actMs) await pass();
    else {
      const act = acts.shift();
      last = act?.name ?? "";
      if (process.env["DEBUG"]) say(`${new Date(stand.nowMs).toISOString()} ${last}`);
      await act?.act();
    }
  }
}

function judgeWeek(number: number): void {
  last = "the end of the week";
  for (const schedule of schedules) {
    compareFolder(schedule);
    openRevisions(schedule, opened, false);
  }
  lookAtStatus();
  const runs = sum(schedules.map((schedule) => schedule.runs));
  const made = sum(schedules.map(({ series }) => series.made));
  const removed = sum(schedules.map(({ series }) => series.removed));
  say(`ok week ${number}: ${runs} runs, ${made} revisions, ${removed} of them removed`);
}

try {
  for (const schedule of schedules) schedule.install();
  compareQueue(stand, schedules);
  compareStatus(stand, schedules, scene);
  for (let dayMsFrom = beginMs; dayMsFrom < endMs; dayMsFrom += dayMs) {
    planDay(dayMsFrom);
    await goTo(dayMsFrom + dayMs - minuteMs);
    if ((dayMsFrom + dayMs - beginMs) % (7 * dayMs) === 0)
      judgeWeek((dayMsFrom + dayMs - beginMs) / (7 * dayMs));
  }
  const whole = schedules.reduce((total, schedule) => total + openRevisions(schedule, opened, true), 0);
  for (const [name, count] of told) say(`   ${count} times: ${name}`);
  say(
    `ok: ${schedules.length} schedules, ${weeks} weeks, ${opened.size} revisions opened, ${whole} at the end`,
  );
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  say(`FAILED at ${new Date(stand.nowMs).toISOString()}, at ${last}: ${why}`);
  const same = process.argv.slice(2).filter((word) => !word.startsWith("--seed"));
  say(`to see it again: npm run soak -- ${[...same, `--seed=${values.seed}`].join(" ")}`);
  if (error instanceof Error && process.env["DEBUG"]) say(error.stack ?? "");
  process.exitCode = 1;
}
