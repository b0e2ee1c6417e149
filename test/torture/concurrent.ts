// Runs, prunes, restores and readers at once in one folder, some of them killed at any moment: each that ended well told the truth,
// and nothing is lost that must stay.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { environment } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import type { Bench, Case } from "./case.ts";
import { Ground, judgeTold, pick } from "./ground.ts";
import { guardSource } from "./invariants.ts";

/** How many revisions are kept: more than runs at a time, so that none has to go that was made in that very moment. */
const kept = 12;

/** What is done at the same time; by name, with what it needs beside the paths. */
const deeds = {
  run: ["--always", "-k", String(kept)],
  prune: ["-k", String(kept)],
  restore: [],
  list: [],
  verify: ["--all"],
  diff: [],
} as const satisfies Record<string, readonly string[]>;
type Deed = keyof typeof deeds;
const likely: readonly Deed[] = [
  "run",
  "run",
  "run",
  "run",
  "prune",
  "restore",
  "restore",
  "list",
  "verify",
  "diff",
];

interface Ended {
  readonly deed: Deed;
  readonly code: number | null;
  readonly out: string;
  readonly target: string;
}

/** Does it, and kills it after a while where `killedMs` says so. */
async function doOne(
  bench: Bench,
  ground: Ground,
  deed: Deed,
  place: string,
  killedMs: number | null,
): Promise<Ended> {
  const target = join(ground.root, `restored-${place}`);
  const more = deed === "restore" ? ["--to", target] : deeds[deed];
  const args = [deed, ...ground.paths, ...more];
  const child = Bun.spawn([bench.binary, ...args], {
    cwd: ground.root,
    env: { ...environment, XDG_STATE_HOME: `${ground.root}.state` },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const killing = killedMs === null ? undefined : setTimeout(() => child.kill("SIGKILL"), killedMs);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  clearTimeout(killing);
  if (child.signalCode !== null) return { deed, code: null, out: "", target };
  judgeTold(args, { code, out, err });
  // A reader may meet a revision that is gone by the time it is read; whoever saves or removes must not fail by the others.
  const codes = deed === "run" || deed === "prune" ? [0] : [0, 1, 75];
  if (!codes.includes(code)) throw new Error(`${deed} ended with ${code}: ${err}`);
  return { deed, code, out, target };
}

async function atOnce(bench: Bench, count: number, hasKills: boolean): Promise<void> {
  using ground = new Ground(bench);
  const { random } = bench;
  const good = ground.fill(3);
  for (let round = 0; round < 3; round++) {
    ground.change(mixedBytes(20_000 + Math.floor(random() * 400_000), 77 + round));
    const judgeSource = guardSource(ground.source);
    const planned = Array.from({ length: count }, () => ({
      deed: pick(random, likely),
      killedMs: hasKills && random() < 0.5 ? Math.floor(random() ** 2 * 400) : null,
    }));
    // oxlint-disable-next-line no-await-in-loop -- a round after the other
    const ended = await Promise.all(
      planned.map(({ deed, killedMs }, place) => doOne(bench, ground, deed, `${round}-${place}`, killedMs)),
    );
    judgeSource();
    judgeEnded(ground, ended, good);
  }
  await ground.recover();
}

/** What ended well is true; `good` are revisions that were there before, the oldest first, and are brought up to date. */
function judgeEnded(ground: Ground, ended: readonly Ended[], good: string[]): void {
  const made = ended
    .filter(({ deed, code }) => deed === "run" && code === 0)
    .map(({ out }) => basename(out.trim()));
  if (new Set(made).size !== made.length) throw new Error("two runs made one revision");
  const found = ground.judge();
  // Of revisions with the same content only the newest has to stay, and there are fewer contents than are kept.
  const all = [...new Set([...good, ...made, ...found.keys()])].toSorted();
  const newest = new Map(all.map((name) => [/Z-([0-9a-f]{12})/.exec(name)?.[1], name]));
  const lost = [...newest.values()].filter((name) => !found.has(name));
  if (lost.length > 0) throw new Error(`a good revision is lost: ${lost.join(", ")}`);
  const numbers = [...found.keys()].map((name) => /-(\d{6})-/.exec(name)?.[1]);
  if (new Set(numbers).size !== numbers.length) throw new Error("two revisions have one number");
  good.splice(0, good.length, ...found.keys());
  for (const { deed, code, target } of ended) {
    if (deed !== "restore" || !existsSync(target)) {
      if (deed === "restore" && code === 0) throw new Error("restore said done, and there is nothing");
      continue;
    }
    const content = readFileSync(target);
    if (!ground.contents.some((each) => each.equals(content))) throw new Error("half a file was restored");
  }
}

export function* family(bench: Bench): Generator<Case> {
  const rounds = bench.isBounded ? 1 : 15;
  for (let round = 0; round < rounds; round++) {
    const count = bench.isBounded ? 6 : 4 + (round % 9);
    yield { name: `at-once/${round}`, run: () => atOnce(bench, count, false) };
    yield { name: `killed/${round}`, run: () => atOnce(bench, count, true) };
  }
}
