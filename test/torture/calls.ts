// Every single system call on the source, the destination, the target and what is remembered fails with each plausible error, is
// cut short, or is killed in its place: the n-th, for every n until there is none any more.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { constants } from "node:os";
import { basename, dirname, join } from "node:path";
import { judgeOrder } from "../support/traced.ts";
import { mixedBytes } from "../support/workshop.ts";
import type { Bench, Case } from "./case.ts";
import { type Command, type Outcome, type Scene, spoilCalls, sourceMode, targetMode } from "./calls-scene.ts";
import { judgeDone } from "./invariants.ts";

const { EEXIST, EINVAL, EPERM } = constants.errno;
const three = [6500, 700, 800].map((size) => mixedBytes(size, size));
const older = mixedBytes(700, 700);
const newest = mixedBytes(800, 800);
const present = "the present file\n";

function runArgs({ paths }: Scene): readonly string[] {
  return ["run", ...paths, "-k", "3"];
}

/** What a revision's name says of its content. */
function digestOf(name: string | undefined): string | undefined {
  return /Z-([0-9a-f]{12})/.exec(name ?? "")?.[1];
}

/** The oldest of three, once there is a newer one; or the newest before, where the new one holds the same: its name tells. */
function mayGoOf({ found, before }: Outcome): readonly string[] {
  const made = [...found.keys()].find((name) => !before.includes(name));
  if (made === undefined) return [];
  return digestOf(made) === digestOf(before.at(-1)) ? before.slice(-1) : before.slice(0, -2);
}

function judgeRun(scene: Scene, { trace, out, found, before, spoil }: Outcome): void {
  for (const name of found.keys()) {
    const mode = statSync(join(scene.destination, name)).mode & 0o7777;
    if ((mode & ~sourceMode) !== 0) throw new Error(`${name} may be read by more people than the source`);
  }
  if (trace.code !== 0) return;
  judgeDone(found, scene.setting.source);
  // Nothing was new.
  if ([...found.keys()].every((name) => before.includes(name))) return;
  if (basename(out.trimEnd()) !== [...found.keys()].at(-1))
    throw new Error("what it printed is not the newest");
  // Where a name was taken all begins anew, with the next number.
  if (spoil.how !== "error" || spoil.errno !== EEXIST) judgeOrder(trace, scene.destination);
}

const saving = { args: runArgs, mayGo: mayGoOf, judge: judgeRun };
const next = mixedBytes(150_000);
const large = mixedBytes((4 << 20) + 1);
const largeNext = Buffer.from(large).fill("changed", 3_000_000, 3_000_100);

function restoreArgs({ paths, target }: Scene): readonly string[] {
  return ["restore", ...paths, "--to", target];
}

function forceArgs(scene: Scene): readonly string[] {
  return [...restoreArgs(scene), "--force"];
}

type Found = "nothing" | "the present file" | "the newest" | "an older one" | "something else";

function readTarget(target: string): Found {
  if (!existsSync(target)) return "nothing";
  const content = readFileSync(target);
  const mode = statSync(target).mode & 0o777;
  if (content.equals(newest) && mode === sourceMode) return "the newest";
  if (content.equals(older) && mode === sourceMode) return "an older one";
  return content.toString() === present && mode === targetMode ? "the present file" : "something else";
}

/** The target is what it was, or a revision; and what was there before is there under one of two names. */
function judgeRestored(scene: Scene, { trace, err, spoil }: Outcome): void {
  const had = scene.setting.target === undefined ? "nothing" : "the present file";
  const found = readTarget(scene.target);
  if (had !== "nothing" && found !== had && !hasSecondName(scene))
    throw new Error("the present file is lost");
  if (found === "something else" && isNarrowed(scene, err)) return;
  judgeSaid(found, trace.code, err);
  if (spoil.how !== "kill" && found === "nothing" && had !== found)
    throw new Error("there is no file any more");
  judgeHalf(scene, found, spoil.how);
}

function hasSecondName({ target }: Scene): boolean {
  const folder = dirname(target);
  return readdirSync(folder).some(
    (name) => name.includes(".before-restore-") && readTarget(join(folder, name)) === "the present file",
  );
}

function judgeSaid(found: Found, code: number | null, err: string): void {
  if (code === 0 && found !== "the newest" && found !== "an older one")
    throw new Error(`it said done, and the target is ${found}`);
  if (found === "an older one" && !/is damaged: .* is restored instead\n/.test(err))
    throw new Error("an older one was restored, and not said");
}

/** Where permissions can't be set, the content is there for fewer people, and that is said. */
function isNarrowed({ target }: Scene, err: string): boolean {
  const isWider = (statSync(target).mode & 0o777 & ~sourceMode) !== 0;
  return err.includes("is without the file's permissions") && !isWider && readFileSync(target).equals(newest);
}

/** Without hard links and exchanges an empty file may have the name for a moment. */
function judgeHalf({ target }: Scene, found: Found, how: string): void {
  if (found !== "something else") return;
  if (how !== "kill" || statSync(target).size > 0) throw new Error("the target is half of something");
}

const restoring: Pick<Command, "args" | "again" | "judge"> = {
  args: restoreArgs,
  again: forceArgs,
  judge: judgeRestored,
};
const over = { ...restoring, args: forceArgs, scene: { contents: three, source: next, target: present } };

function judgePruned(_: Scene, { trace, found }: Outcome): void {
  if (trace.code === 0 && found.size === 3 && trace.calls.some(({ name }) => name === "unlink"))
    throw new Error("it said done, and removed nothing");
}

/** Each with its share of cases where only a part is wanted. */
const commands: readonly (Command & { readonly share: number })[] = [
  { ...saving, name: "run-first", scene: { contents: [], source: next }, share: 0.03 },
  { ...saving, name: "run-second", scene: { contents: three, source: next }, share: 0.05 },
  { ...saving, name: "run-unchanged", scene: { contents: three, source: newest }, share: 0.025 },
  { ...saving, name: "run-large", scene: { contents: [large], source: largeNext }, share: 0.01 },
  {
    ...saving,
    name: "run-no-links",
    scene: { contents: three, source: next },
    refuse: { link: EPERM },
    share: 0.015,
  },
  { ...restoring, name: "restore", scene: { contents: three, source: next }, share: 0.03 },
  { ...over, name: "restore-over", share: 0.03 },
  { ...over, name: "restore-over-no-links", refuse: { link: EPERM }, share: 0.015 },
  { ...over, name: "restore-over-renames", refuse: { link: EPERM, renameat2: EINVAL }, share: 0.015 },
  {
    name: "prune",
    scene: { contents: three, source: newest },
    args: ({ paths }) => ["prune", ...paths, "-k", "1"],
    mayGo: ({ before }) => before.slice(0, -1),
    judge: judgePruned,
    share: 0.03,
  },
  {
    name: "verify",
    scene: { contents: three, source: newest },
    args: ({ paths }) => ["verify", ...paths, "--all"],
    share: 0.025,
  },
];

export async function* family(bench: Bench): AsyncGenerator<Case> {
  for (const { share, ...command } of commands) yield* spoilCalls(bench, command, share);
}
