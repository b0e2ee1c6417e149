// Two machines, and two that have no id, save into one folder, in turns and at once: none pushes out what another one saved, or
// passes off another one's as its own newest.
import { readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import type { Bench, Case } from "./case.ts";
import { Ground, pick } from "./ground.ts";

interface Machine {
  readonly name: string;
  /** What a command is started by to be there. */
  readonly by: readonly string[];
  /** What it saved, the oldest first, as it must be there. */
  readonly kept: { readonly file: string; readonly content: Buffer }[];
}

/** A machine with an id and a name of its own, or a name only. */
function makeMachine(ground: Ground, name: string, hasId: boolean): Machine {
  const text = hasId ? `${Bun.hash(name).toString(16).padStart(16, "0").repeat(2)}\n` : "";
  const id = ground.write(`${name}.id`, text);
  const mounts = `for file in /etc/machine-id /var/lib/dbus/machine-id; do [ ! -e $file ] || mount --bind ${id} $file; done`;
  const script = `${mounts}; hostname ${name}; exec "$@"`;
  return { name, by: ["unshare", "--mount", "--uts", "sh", "-c", script, "sh"], kept: [] };
}

async function save(ground: Ground, machine: Machine, keep: number): Promise<void> {
  const content = ground.contents.at(-1) ?? Buffer.alloc(0);
  const { code, out, err } = await ground.tell(
    ["run", ...ground.paths, "--always", "-k", String(keep)],
    machine.by,
  );
  if (code !== 0) throw new Error(`a run of ${machine.name} ended with ${code}: ${err}`);
  machine.kept.push({ file: basename(out.trim()), content });
  machine.kept.splice(0, machine.kept.length - keep);
}

/** Every machine has what it saved last, and nothing else of its own. */
async function judge(ground: Ground, machines: readonly Machine[]): Promise<void> {
  const must = machines.flatMap(({ kept }) => kept.map(({ file }) => file));
  const found = ground.judge(must);
  const surplus = [...found.keys()].filter((file) => !must.includes(file));
  if (surplus.length > 0) throw new Error(`kept beyond the retention: ${surplus.join(", ")}`);
  for (const { name, by, kept } of machines) {
    const newest = kept.at(-1);
    if (newest === undefined) continue;
    rmSync(ground.target, { force: true });
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { code, err } = await ground.tell(["restore", ...ground.paths, "--to", ground.target], by);
    if (code !== 0) throw new Error(`a restore on ${name} ended with ${code}: ${err}`);
    if (!readFileSync(ground.target).equals(newest.content))
      throw new Error(`${name} was given what is not its newest`);
  }
}

async function inTurns(bench: Bench, hasIds: boolean): Promise<void> {
  using ground = new Ground(bench);
  const machines = ["desk", "lap", "shed"].map((name) => makeMachine(ground, name, hasIds));
  for (let deed = 0; deed < (bench.isBounded ? 5 : 14); deed++) {
    const machine = pick(bench.random, machines);
    ground.change();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await save(ground, machine, 2);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await judge(ground, machines);
  }
}

/** Two save at the same time, each its own numbers; what the other one has made is whole, or not there. */
async function atOnce(bench: Bench, hasIds: boolean): Promise<void> {
  using ground = new Ground(bench);
  const machines = ["desk", "lap"].map((name) => makeMachine(ground, name, hasIds));
  for (let round = 0; round < 5; round++) {
    ground.change();
    // oxlint-disable-next-line no-await-in-loop -- a round after the other
    await Promise.all(machines.map((machine) => save(ground, machine, 2)));
    // oxlint-disable-next-line no-await-in-loop -- a round after the other
    await judge(ground, machines);
  }
}

/** Whoever has nothing of its own there removes nothing, whatever it is told to keep. */
async function prunesNothing(bench: Bench): Promise<void> {
  using ground = new Ground(bench);
  const [desk, lap] = [makeMachine(ground, "desk", true), makeMachine(ground, "lap", true)];
  for (let made = 0; made < 3; made++) {
    ground.change();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await save(ground, desk, 5);
  }
  await ground.tell(["prune", ...ground.paths, "-k", "1"], lap.by);
  await judge(ground, [desk]);
  ground.change();
  await save(ground, lap, 1);
  await ground.tell(["prune", ...ground.paths, "-k", "1"], lap.by);
  await judge(ground, [desk, lap]);
  const verified = await ground.tell(["verify", "-d", ground.destination, "--all"], lap.by);
  if (verified.code !== 0) throw new Error(`verify ended with ${verified.code}: ${verified.err}`);
}

export function* family(bench: Bench): Generator<Case> {
  for (let round = 0; round < (bench.isBounded ? 1 : 6); round++) {
    yield { name: `in-turns/${round}`, run: () => inTurns(bench, true) };
    if (bench.isBounded) break;
    yield { name: `in-turns-without-ids/${round}`, run: () => inTurns(bench, false) };
    yield { name: `at-once/${round}`, run: () => atOnce(bench, true) };
    yield { name: `at-once-without-ids/${round}`, run: () => atOnce(bench, false) };
  }
  yield { name: "prunes-nothing", run: () => prunesNothing(bench) };
}
