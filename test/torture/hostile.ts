// Folders, sources and targets as nobody would have them: what is in the place of a file is no file, cannot be written, or changes
// under the program's hands. Nothing hangs, nothing that a link leads to is touched, and no good revision is lost.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  appendFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { identifyMachine } from "../../src/system/machine.ts";
import { asNobody, tool } from "../support/tools.ts";
import { mixedBytes } from "../support/workshop.ts";
import type { Bench, Case } from "./case.ts";
import { Ground, listTree, pick } from "./ground.ts";
import { guardSource, judgeDone, listPartials } from "./invariants.ts";

/** What can be in the place of a file; `$P` is the path, `$V` a file that must not be touched. */
const things: Readonly<Record<string, string>> = {
  folder: 'mkdir "$P"; echo x >"$P/inside"',
  fifo: 'mkfifo "$P"',
  device: 'mknod "$P" c 1 5',
  "full-device": 'mknod "$P" c 1 7',
  socket: `python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$P"`,
  link: 'ln -s "$V" "$P"',
  dangling: 'ln -s "$P.nowhere" "$P"',
  loop: 'ln -s "$P" "$P"',
  "link-to-folder": 'ln -s / "$P"',
  "hard-link": 'ln "$V" "$P"',
};

function put(ground: Ground, thing: string, path: string): void {
  rmSync(path, { recursive: true, force: true });
  const script = `P='${path}' V='${join(ground.root, "victim")}'; ${things[thing]}`;
  tool("sh", "-euc", script);
}

function openGround(bench: Bench): { ground: Ground; names: readonly string[]; judgeVictim: () => void } {
  const ground = new Ground(bench);
  const victim = ground.write("victim", "somebody's\n");
  return { ground, names: ground.fill(2), judgeVictim: () => judgeUntouched(victim) };
}

/** What is not the program's holds what it held, as it was. */
function judgeUntouched(victim: string): void {
  const { mode, uid } = statSync(victim);
  if (readFileSync(victim, "utf8") !== "somebody's\n" || (mode & 0o777) !== 0o644 || uid !== 0)
    throw new Error("somebody else's file was touched");
}

/** Names in a folder of revisions that something else has. */
const places: Readonly<Record<string, string>> = {
  "next-revision": "notes.txt-000003-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "high-revision": "notes.txt-999999-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst",
  "python-revision": "notes.txt_2026-11-23_02-15-07.tar.gz",
  partial: `.tinybackup-${identifyMachine().id.slice(0, 8)}-0123456789abcdef.partial`,
};

async function meetInFolder(bench: Bench, thing: string, place: string): Promise<void> {
  const { ground, names, judgeVictim } = openGround(bench);
  using _ = ground;
  const name = places[place] ?? "";
  put(ground, thing, join(ground.destination, name));
  for (const args of [
    ["list", ...ground.paths],
    ["verify", ...ground.paths, "--all"],
    ["restore", ...ground.paths, "--to", ground.target],
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await ground.tell(args);
  }
  if (!readFileSync(ground.target).equals(ground.contents.at(-1) ?? Buffer.alloc(0)))
    throw new Error("not the newest content was restored");
  const present = ground.change();
  const { code, err } = await ground.tell(["run", ...ground.paths, "-k", "20"]);
  if (code !== 0) throw new Error(`run ended with ${code}: ${err}`);
  const found = ground.judge(names, [name]);
  judgeDone(found, present);
  judgeVictim();
}

/** The source is no file: that is said, and nothing is saved. */
async function meetAsSource(bench: Bench, thing: string): Promise<void> {
  const { ground, names, judgeVictim } = openGround(bench);
  using _ = ground;
  put(ground, thing, ground.source);
  const { code, err } = await ground.tell(["run", ...ground.paths, "-k", "1"]);
  const isFile = thing === "link" || thing === "hard-link";
  if (isFile !== (code === 0)) throw new Error(`run ended with ${code}: ${err}`);
  judgeVictim();
  ground.contents.push(readFileSync(join(ground.root, "victim")));
  if (!isFile) ground.judge(names);
}

/** The folder is none: that is said, and nothing is written. */
async function meetAsFolder(bench: Bench, thing: string): Promise<void> {
  const { ground, judgeVictim } = openGround(bench);
  using _ = ground;
  const other = join(ground.root, "other");
  put(ground, thing, other);
  // A root folder is one into which everybody who may can save; a folder is one.
  if (thing === "link-to-folder" || thing === "folder") return;
  const before = listTree(ground.root);
  for (const command of ["run", "prune", "list", "verify", "restore"]) {
    const more = command === "restore" ? ["--to", ground.target] : [];
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { code, out } = await ground.tell([command, "-f", ground.source, "-d", other, ...more]);
    if (code === 0 && command !== "list") throw new Error(`${command} said done: ${out}`);
  }
  if (listTree(ground.root).join("\n") !== before.join("\n")) throw new Error("something was written");
  judgeVictim();
}

/** What a restore replaces, by force, keeps a second name; what is no file is not replaced. */
async function meetAsTarget(bench: Bench, thing: string): Promise<void> {
  const { ground, names } = openGround(bench);
  using _ = ground;
  put(ground, thing, ground.target);
  const judgeSource = guardSource(ground.source);
  await ground.tell(["restore", ...ground.paths, "--to", ground.target]);
  await ground.tell(["restore", ...ground.paths, "--to", ground.target, "--force"]);
  // What a link leads to is what is replaced: it keeps a second name.
  const victims = readdirSync(ground.root).filter((name) => name.startsWith("victim"));
  if (!victims.some((name) => readFileSync(join(ground.root, name), "utf8") === "somebody's\n"))
    throw new Error("somebody else's file is lost");
  judgeSource();
  ground.judge(names);
  if (listPartials(ground.root).length > 0) throw new Error("a temporary file was left");
}

/** Somebody who may not write, and a file system that nobody may write to: what is there can be read all the same. */
async function meetReadOnly(bench: Bench, by: readonly string[], isRoot: boolean): Promise<void> {
  using ground = new Ground(bench);
  const names = ground.fill(3);
  if (!isRoot) chmodSync(ground.destination, 0o555);
  const copy = join(ground.root, "program");
  copyFileSync(bench.binary, copy);
  chmodSync(copy, 0o755);
  chmodSync(ground.source, 0o644);
  const type = (...args: readonly string[]) => ground.run([...by, copy, ...args]);
  for (const args of [
    ["run", ...ground.paths, "--always", "-k", "1"],
    ["prune", ...ground.paths, "-k", "1"],
  ]) {
    const { code, err } = type(...args);
    // What can't be read is not counted, and nothing goes.
    if (args[0] === "prune" && code === 0 && !isRoot) continue;
    if (code === 0 || !err.startsWith("tinybackup: "))
      throw new Error(`${args[0]} ended with ${code}: ${err}`);
  }
  ground.judge(names);
  if (isRoot) {
    const { code, out, err } = type("restore", ...ground.paths, "--to", "-");
    if (code !== 0 || out === "") throw new Error(`restore ended with ${code}: ${err}`);
  }
  chmodSync(ground.destination, 0o755);
  await ground.recover(names);
}

/** What somebody does to the folder while a run is at work in it. */
const meddlings: Readonly<Record<string, (ground: Ground, partial: string, random: () => number) => void>> = {
  "partial-removed": (_, partial) => rmSync(partial),
  "partial-cut": (_, partial, random) => truncateSync(partial, Math.floor(random() * 100_000)),
  "partial-grown": (_, partial) => appendFileSync(partial, "more"),
  "partial-overwritten": (_, partial) => writeFileSync(partial, "something else"),
  "partial-replaced"(ground, partial) {
    rmSync(partial);
    symlinkSync(ground.source, partial);
  },
  "partial-moved": (ground, partial) => renameSync(partial, join(ground.root, "moved")),
  "partial-widened": (_, partial) => chmodSync(partial, 0o666),
  "revisions-removed"(ground) {
    for (const name of ground.revisions().slice(0, 1)) rmSync(join(ground.destination, name));
  },
  "next-planted"(ground) {
    const [name = ""] = ground.revisions();
    for (let number = 3; number < 6; number++)
      copyFileSync(
        join(ground.destination, name),
        join(ground.destination, name.replace("-000001-", `-00000${number}-`)),
      );
  },
  "folder-moved"(ground) {
    renameSync(ground.destination, `${ground.destination}.away`);
    mkdirSync(ground.destination);
  },
  "folder-replaced"(ground) {
    renameSync(ground.destination, `${ground.destination}.away`);
    symlinkSync("/proc", ground.destination);
  },
};

/** Waits for a partial, and does it then. */
async function meddleOnce(bench: Bench, ground: Ground, what: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const [partial] = listPartials(ground.destination);
    if (partial !== undefined) {
      try {
        meddlings[what]?.(ground, join(ground.destination, partial), bench.random);
      } catch (error) {
        // It was quicker.
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      }
      return;
    }
    // oxlint-disable-next-line no-await-in-loop -- until it has begun
    await Bun.sleep(1);
  }
}

/** Throws unless what is there is right, with what somebody planted or moved taken for what it is. */
function judgeMeddled(
  ground: Ground,
  what: string,
  kept: readonly string[],
  done: Buffer | null,
): readonly string[] {
  const found = ground.judge(kept);
  const isOurs = what !== "next-planted" && !what.startsWith("folder-");
  if (done && isOurs) judgeDone(found, done);
  if (isOurs) return [];
  const [first = Buffer.alloc(0)] = ground.contents;
  return ground.revisions().filter((name) => /-00000[345]-/.test(name) && found.get(name)?.equals(first));
}

async function meddle(bench: Bench, what: string): Promise<void> {
  using ground = new Ground(bench);
  const names = ground.fill(2);
  const present = ground.change(mixedBytes(6 << 20, 99));
  const judgeSource = guardSource(ground.source);
  const running = ground.tell(["run", ...ground.paths, "-k", "20"]);
  const hand = new AbortController();
  const { code, err } = await Promise.all([
    running.finally(() => hand.abort()),
    meddleOnce(bench, ground, what, hand.signal),
  ]).then(([ended]) => ended);
  judgeSource();
  const away = `${ground.destination}.away`;
  if (what.startsWith("folder-")) {
    // What is true is told of the folder in which it was written: the file system's, wherever it lies now.
    rmSync(ground.destination, { recursive: true });
    if (readdirSync(ground.root).includes("saved.away")) renameSync(away, ground.destination);
  }
  const kept = what === "revisions-removed" ? names.slice(1) : names;
  const planted = judgeMeddled(ground, what, kept, code === 0 ? present : null);
  if (![0, 1, 5, 75].includes(code)) throw new Error(`run ended with ${code}: ${err}`);
  if (what === "partial-moved") rmSync(join(ground.root, "moved"), { force: true });
  await ground.recover(kept, planted);
}

const readOnly = `mount --bind "$D" "$D" && mount -o remount,ro,bind "$D" && exec "$@"`;

const byReadOnly = ["unshare", "-m", "sh", "-c", readOnly.replaceAll("$D", "saved"), "sh"];

export function* family(bench: Bench): Generator<Case> {
  const { isBounded, random } = bench;
  const all = Object.keys(things);
  const some = (): readonly string[] => (isBounded ? [pick(random, all)] : all);
  for (const place of isBounded ? [pick(random, Object.keys(places))] : Object.keys(places)) {
    for (const thing of some())
      yield { name: `in-folder/${place}/${thing}`, run: () => meetInFolder(bench, thing, place) };
  }
  for (const thing of some()) yield { name: `source/${thing}`, run: () => meetAsSource(bench, thing) };
  for (const thing of some()) yield { name: `destination/${thing}`, run: () => meetAsFolder(bench, thing) };
  // Into a FIFO it writes, and waits for whoever reads it.
  for (const thing of some().filter((each) => each !== "fifo"))
    yield { name: `target/${thing}`, run: () => meetAsTarget(bench, thing) };
  yield { name: "read-only/mount", run: () => meetReadOnly(bench, byReadOnly, true) };
  yield { name: "read-only/nobody", run: () => meetReadOnly(bench, asNobody, false) };
  for (const what of isBounded ? [pick(random, Object.keys(meddlings))] : Object.keys(meddlings)) {
    for (let round = 0; round < (isBounded ? 1 : 3); round++)
      yield { name: `meddling/${what}/${round}`, run: () => meddle(bench, what) };
  }
}
