// Revisions that were cut, grown, swapped, forged and planted: nothing but what the source held is ever restored without being
// asked for, no good revision goes for a bad one, and no path in an archive leads anywhere.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { archive } from "../support/archives.ts";
import { tool } from "../support/tools.ts";
import type { Bench, Case } from "./case.ts";
import { Ground, listTree, pick } from "./ground.ts";
import { judgeDone } from "./invariants.ts";

type Spoil = (bytes: Buffer, random: () => number, other: Buffer) => Buffer;

/** Ways to spoil a file that has a revision's name. */
const spoils: Readonly<Record<string, Spoil>> = {
  emptied: () => Buffer.alloc(0),
  "one-byte": (bytes) => bytes.subarray(0, 1),
  "short-by-one": (bytes) => bytes.subarray(0, -1),
  "cut-anywhere": (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  "cut-at-trailer": (bytes) => bytes.subarray(0, -1025),
  "head-missing": (bytes) => bytes.subarray(512),
  "grown-by-zeros": (bytes) => Buffer.concat([bytes, Buffer.alloc(4096)]),
  "grown-by-itself": (bytes) => Buffer.concat([bytes, bytes]),
  "grown-by-another": (bytes, _, other) => Buffer.concat([bytes, other]),
  "another-before": (bytes, _, other) => Buffer.concat([other, bytes]),
  zeros: (bytes) => Buffer.alloc(bytes.length),
  rubbish: (bytes, random) => Buffer.from(bytes.map(() => random() * 256)),
  "anothers-trailer": (bytes, _, other) => Buffer.concat([bytes.subarray(0, -1500), other.subarray(-1500)]),
  "middle-of-another": (bytes, _, other) =>
    Buffer.concat([bytes.subarray(0, 700), other.subarray(700, 900), bytes.subarray(900)]),
  "page-of-zeros": (bytes, random) => {
    const place = Math.floor(random() * (bytes.length - 512));
    return Buffer.from(bytes).fill(0, place, place + 512);
  },
  "bit-flipped": flipAnywhere,
  "bit-of-trailer": (bytes, random) => flip(bytes, bytes.length - 1 - Math.floor(random() * 1000), random),
  "number-forged": (bytes) => replace(bytes, /"number":\d+/, '"number":9'),
  "size-forged": (bytes) => replace(bytes, /"sizeBytes":\d+/, '"sizeBytes":9999'),
  "digest-forged": (bytes) => replace(bytes, /"sha256":"..../, '"sha256":"0000'),
  "time-forged": (bytes) => replace(bytes, /"takenAtMs":\d/, '"takenAtMs":9'),
};

function flipAnywhere(bytes: Buffer, random: () => number): Buffer {
  return flip(bytes, Math.floor(random() * bytes.length), random);
}

function flip(bytes: Buffer, place: number, random: () => number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[place] = (flipped[place] ?? 0) ^ (1 << Math.floor(random() * 8));
  return flipped;
}

function replace(bytes: Buffer, what: RegExp, by: string): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(what, by), "latin1");
}

/** One of three revisions is spoiled, and all commands meet it. */
async function meetSpoiled(bench: Bench, which: number, spoil: Spoil): Promise<void> {
  using ground = new Ground(bench);
  const names = ground.fill(3);
  const bad = names[which] ?? "";
  const good = names.filter((name) => name !== bad);
  const path = join(ground.destination, bad);
  const whole = readFileSync(path);
  const other = readFileSync(join(ground.destination, good[0] ?? ""));
  let spoiled = spoil(whole, bench.random, other);
  while (spoiled.equals(whole)) spoiled = spoil(whole, bench.random, other);
  writeFileSync(path, spoiled);
  await judgeRestore(ground, which === 2);
  const verified = await ground.tell(["verify", ...ground.paths, "--all"]);
  if (verified.code !== 5)
    throw new Error(`verify ended with ${verified.code}: ${verified.out}${verified.err}`);
  await ground.tell(["list", ...ground.paths]);
  // By a run and a prune that keep two, no good one goes for the damaged one.
  const present = ground.change();
  const ended = await ground.tell(["run", ...ground.paths, "-k", "2"]);
  if (ended.code !== 0) throw new Error(`run ended with ${ended.code}: ${ended.err}`);
  if (!ended.err.includes("damaged")) throw new Error(`run did not tell of the damage: ${ended.err}`);
  judgeDone(ground.judge(good.slice(-1), [bad]), present);
  await ground.tell(["prune", ...ground.paths, "-k", "1"]);
  judgeDone(ground.judge([], [bad]), present);
  if (!existsSync(path) || !readFileSync(path).equals(spoiled))
    throw new Error("the damaged one was touched");
}

/** What is restored is the newest good content, or said to be an older one. */
async function judgeRestore(ground: Ground, isNewestBad: boolean): Promise<void> {
  const { code, err } = await ground.tell(["restore", ...ground.paths, "--to", ground.target]);
  if (!existsSync(ground.target)) throw new Error(`nothing was restored though there are good ones: ${err}`);
  const restored = readFileSync(ground.target);
  const place = ground.contents.findLastIndex((content) => content.equals(restored));
  const newest = ground.contents.length - 1;
  if (place !== (isNewestBad ? newest - 1 : newest)) throw new Error(`the content ${place} was restored`);
  if (isNewestBad && (code !== 5 || !err.includes("is damaged")))
    throw new Error(`an older one, not said: ${err}`);
}

/** Names in an archive by which something else than the target could be written. */
const paths = [
  "../../escaped",
  "/etc/../tmp/../../escaped",
  "./.././../escaped",
  "notes.txt/../../escaped",
  "",
  ".",
  "..",
  "/",
  "a\nb",
  `${"x/".repeat(90)}y`,
];

/** A whole archive of the program's own making, but for the path in it. */
async function escape(bench: Bench, path: string): Promise<void> {
  using ground = new Ground(bench);
  ground.fill(2);
  const evil = ground.write("evil", "evil\n".repeat(400));
  const planted = join(ground.destination, "notes.txt-000009-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst");
  try {
    await archive(evil, planted, "zstd", { source: path });
  } catch {
    // Our own writer refuses such a path: so it can't be in an archive of ours; tar's own is next.
    return;
  }
  await judgeConfined(ground, planted);
}

/** What another program packed: several files, links, folders, nothing. */
const foreign: Readonly<Record<string, string>> = {
  "leaves-upward": "printf evil >evil; tar -cPf - --transform 's,^,../../,' evil",
  absolute: 'printf evil >evil; tar -cPf - "$PWD/evil"',
  symlink: "ln -s /etc/passwd notes.txt; tar -cf - notes.txt",
  "symlink-then-file": "ln -s /tmp d; tar -cf one d; rm d; mkdir d; echo evil >d/x; tar -rf one d/x; cat one",
  hardlink: "echo a >a; ln a b; tar -cf - a b",
  folder: "mkdir d; tar -cf - d",
  two: "echo a >a; echo b >b; tar -cf - a b",
  nothing: "tar -cf - -T /dev/null",
  fifo: "mkfifo p; tar -cf - p",
  device: "mknod n c 1 5; tar -cf - n",
  sparse: "truncate -s 8G s; tar -cSf - s",
  "negative-size": "printf a >a; tar -cf - a | sed 's/00000000001 /77777777777 /'",
};

async function meetForeign(bench: Bench, script: string): Promise<void> {
  using ground = new Ground(bench);
  ground.fill(2);
  const work = bench.makeFolder();
  const planted = join(ground.destination, "notes.txt-000009-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst");
  tool("sh", "-euc", `cd '${work}'; { ${script}; } | zstd -q >'${planted}'`);
  await judgeConfined(ground, planted);
}

/** What was written beside the ground, or beside that. */
function listEscaped(ground: Ground): string[] {
  return [join(ground.root, ".."), "/"].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith("escaped")),
  );
}

/** Whatever is asked of a planted archive, nothing is written but the target. */
async function judgeConfined(ground: Ground, planted: string): Promise<void> {
  const before = listTree(ground.root, ["restored"]);
  const above = listEscaped(ground);
  for (const args of [
    ["restore", planted, "--to", ground.target],
    ["restore", planted, "--to", "-"],
    ["restore", ...ground.paths, "--to", ground.target, "--force"],
    ["restore", ...ground.paths, "--revision", "9", "--to", ground.target, "--force"],
    ["verify", planted],
    ["list", "-d", ground.destination],
    ["diff", ...ground.paths],
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- each meets what the one before left
    await ground.tell(args);
    if (existsSync(ground.target) && !statSync(ground.target).isFile())
      throw new Error(`${args[0]} made no file`);
  }
  const after = listTree(ground.root, ["restored"]).filter(
    (name) => !name.startsWith("restored.before-restore"),
  );
  if (after.join("\n") !== before.join("\n"))
    throw new Error(`something else was written: ${after.join(", ")}`);
  const beside = listEscaped(ground);
  if (beside.join("\n") !== above.join("\n")) throw new Error("something was written outside");
  await ground.recover([], [basename(planted)]);
}

/** Gibibytes that fit into kibibytes take no memory, no room and no patience. */
async function meetBomb(bench: Bench): Promise<void> {
  using ground = new Ground(bench);
  const [, , newest = ""] = ground.fill(3);
  const bytes = bench.isBounded ? "300M" : "4G";
  const bomb = join(ground.destination, newest);
  tool("sh", "-euc", `head -c ${bytes} /dev/zero | zstd -q -3 -f -o '${bomb}'`);
  for (const args of [
    ["verify", bomb],
    ["restore", bomb, "--to", ground.target],
    ["list", ...ground.paths],
    ["restore", ...ground.paths, "--to", ground.target, "--force"],
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- each meets what the one before left
    const { maxBytes } = await ground.tell(args);
    if (maxBytes > 250 << 20) throw new Error(`${args[0]} took ${maxBytes >> 20} MiB of memory`);
  }
  await ground.recover([], [newest]);
}

/** A good archive under a name that says something else: what its own end says counts, and the present one is restored. */
const planted = [
  "notes.txt-999999999-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000000-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000004-9999-12-31T23-59-59Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000004-0000-00-00T00-00-00Z-3f2a9c1b7d5e.tar.zst",
  "notes.txt-000004-2026-11-23T02-15-07Z-3f2a9c1b7d5e.changed.tar.zst",
  "notes.txt-000004-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.gz",
  "notes.txt-000004-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar",
  "notes.txt-9999999999999999999999-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "zz notes.txt\n.tar.zst",
];

async function meetPlanted(bench: Bench, name: string, isRubbish: boolean): Promise<void> {
  using ground = new Ground(bench);
  const names = ground.fill(3);
  const path = join(ground.destination, name);
  if (isRubbish) writeFileSync(path, "rubbish\n".repeat(300));
  else copyFileSync(join(ground.destination, names[0] ?? ""), path);
  const { code } = await ground.tell(["restore", ...ground.paths, "--to", ground.target]);
  const restored = readFileSync(ground.target);
  const newest = ground.contents.at(-1) ?? Buffer.alloc(0);
  if (!restored.equals(newest)) throw new Error(`restore ended with ${code} and gave another content`);
  await ground.recover(names, [name]);
  const present = ground.change();
  const { code: ran, err } = await ground.tell(["run", ...ground.paths, "-k", "1"]);
  if (ran !== 0) throw new Error(`run ended with ${ran}: ${err}`);
  const ours = ground.judge([], [name]);
  judgeDone(new Map([...ours].filter(([each]) => each !== name)), present);
}

/** A whole revision of somebody who has no business there is not restored, and pushes none out. */
async function meetOthers(bench: Bench): Promise<void> {
  using ground = new Ground(bench);
  const names = ground.fill(2);
  chmodSync(ground.destination, 0o1777);
  const evil = ground.write("evil", "evil\n".repeat(100));
  const others = ["000008", "000009"].map((number) =>
    join(ground.destination, `notes.txt-${number}-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst`),
  );
  for (const path of others) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await archive(evil, `${path}.new`, "zstd", { source: ground.source });
    renameSync(`${path}.new`, path);
    chownSync(path, 65_534, 65_534);
  }
  const { err } = await ground.tell(["restore", ...ground.paths, "--to", ground.target]);
  if (!readFileSync(ground.target).equals(ground.contents.at(-1) ?? Buffer.alloc(0)))
    throw new Error(`what somebody else planted was restored: ${err}`);
  await ground.recover(
    names,
    others.map((path) => basename(path)),
  );
}

export function* family(bench: Bench): Generator<Case> {
  /** All, or the first. */
  const some = <T>(all: readonly T[]): readonly T[] => (bench.isBounded ? all.slice(0, 1) : all);
  const names = Object.keys(spoils);
  for (const name of bench.isBounded ? [pick(bench.random, names)] : names) {
    for (const which of some([2, 1, 0]))
      yield {
        name: `${name}/${which + 1}`,
        run: () => meetSpoiled(bench, which, spoils[name] ?? flipAnywhere),
      };
  }
  for (const round of some([...Array.from({ length: 40 }).keys()]))
    yield { name: `bit-anywhere/${round}`, run: () => meetSpoiled(bench, 2, flipAnywhere) };
  for (const path of some(paths))
    yield { name: `path/${paths.indexOf(path)}`, run: () => escape(bench, path) };
  for (const [name, script] of some(Object.entries(foreign)))
    yield { name: `foreign/${name}`, run: () => meetForeign(bench, script) };
  for (const name of some(planted)) {
    yield { name: `planted/${planted.indexOf(name)}`, run: () => meetPlanted(bench, name, false) };
    yield { name: `rubbish/${planted.indexOf(name)}`, run: () => meetPlanted(bench, name, true) };
  }
  yield { name: "others", run: () => meetOthers(bench) };
  yield { name: "bomb", run: () => meetBomb(bench) };
}
