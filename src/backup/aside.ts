// What a restore replaces is never gone: it keeps a second name beside the restored file, and so does what SQLite has
// beside a database. Not a byte is copied: that needs no room, and whoever is writing to the file goes on writing to it.
import { dirname, join } from "node:path";
import { Failure } from "../errors.ts";
import { removeName, renameOver, statEntry, syncFolder } from "../system/disk.ts";
import { isErrno } from "../system/errno.ts";
import { exchangeNames } from "../system/libc.ts";
import { baseNameOf } from "../system/paths.ts";
import { lookAtHead, isDatabaseAtRest } from "../system/sqlite.ts";
import { renderUtc } from "../time/wall-time.ts";
import { giveName, isSame, type Partial } from "./partial.ts";
import { cutToBytes } from "./revision.ts";

/** A file that has another name now, or both for the moment. */
export interface Moved {
  readonly from: string;
  readonly to: string;
  readonly isLinked: boolean;
}

const MAX_NAME_BYTES = 255;
/** What SQLite keeps beside a database, in the order in which it is moved: the database is the last. */
const BESIDE = ["-shm", "-wal", "-journal"];

/** `NAME.before-restore-2026-11-23T02-15-07Z`; the name is cut where SQLite's `-journal` behind that would find no room. */
export function renderSecondName(name: string, nowMs: number, count: number): string {
  const rest = `.before-restore-${renderUtc(nowMs).replaceAll(":", "-")}${count === 1 ? "" : `-${count}`}`;
  return cutToBytes(name, MAX_NAME_BYTES - Buffer.byteLength(`${rest}-journal`)) + rest;
}

/**
 * Gives a finished partial the name `target`. What has that name, if it may be replaced, gets a second one first; and so
 * does what lies beside it by which SQLite would undo or break the restored database. At each moment all that was there is
 * under the one name or under the other. Where it fails, all is as it was, and what the system said is thrown.
 * @returns what was moved; null where `target` is there, and may not be replaced
 */
export async function nameRestored(
  partial: Partial,
  target: string,
  mayReplace: boolean,
  what: string,
): Promise<readonly Moved[] | null> {
  const moved: Moved[] = [];
  try {
    for (;;) {
      const beside = await listBeside(partial, target);
      const present = await setAside(target, mayReplace ? [...beside, ""] : beside, moved, what);
      if (present) await replace(partial, present, moved, what);
      else if (!(await giveName(partial.path, target, what))) {
        // Saved anew at this very moment: that is set aside as well.
        if (mayReplace) continue;
        await putBack(moved);
        return null;
      }
      return moved;
    }
  } catch (error) {
    await putBack(moved);
    throw error;
  }
}

/** Which files of SQLite beside `target` are in the way of what is restored to it. */
async function listBeside({ handle }: Partial, target: string): Promise<string[]> {
  const isThere = await Promise.all(BESIDE.map((suffix) => isTaken(target + suffix)));
  const present = BESIDE.filter((_, index) => isThere[index]);
  if (present.length === 0) return [];
  const isOfSqlite = (await lookAtHead(handle)).isOfDatabase || !(await isDatabaseAtRest(target));
  return isOfSqlite ? present : [];
}

/**
 * Gives `target` with each suffix that is there a second name, durably, and takes the first one from what SQLite keeps
 * beside it. @returns what still has the name `target` as well
 */
async function setAside(
  target: string,
  suffixes: readonly string[],
  moved: Moved[],
  what: string,
): Promise<Moved | undefined> {
  const second = await findFreeName(target);
  const fresh: Moved[] = [];
  for (const suffix of suffixes) {
    const move = await giveSecondName(target + suffix, second + suffix, what);
    if (move === null) continue;
    fresh.push(move);
    moved.push(move);
  }
  const isBeside = ({ from, isLinked }: Moved) => isLinked && from !== target;
  const folder = dirname(target);
  if (fresh.length > 0) await syncFolder(folder);
  for (const { from } of fresh.filter(isBeside)) await removeName(from);
  if (fresh.some(isBeside)) await syncFolder(folder);
  return fresh.find(({ from, isLinked }) => isLinked && from === target);
}

/** Null where there is no such file. */
async function giveSecondName(from: string, to: string, what: string): Promise<Moved | null> {
  while (await isTaken(from)) {
    try {
      const given = await giveName(from, to, what);
      if (given) return { from, to, isLinked: given === "linked" };
    } catch (error) {
      // Replaced at this very moment: the one that was meant has no name any more.
      if (error instanceof Failure && isErrno(error.cause, "ENOENT")) continue;
      throw error;
    }
    throw new Failure(`${what}: '${to}' was made at this very moment`, { hint: "try again" });
  }
  return null;
}

/** Puts the partial in the place of `present`. What comes out may have been saved there since: that is worth a name too. */
async function replace({ path }: Partial, present: Moved, moved: Moved[], what: string): Promise<void> {
  const { from, to } = present;
  if (!exchangeNames(path, from)) {
    await renameOver(path, from);
    return;
  }
  try {
    if (await isSame(path, to)) return;
    const next = await findFreeName(from);
    await giveName(path, next, what);
    moved.push({ from, to: next, isLinked: true });
  } catch (error) {
    exchangeNames(path, from);
    throw error;
  }
}

/** The first second name under which, and beside which, nothing is. */
async function findFreeName(target: string): Promise<string> {
  const nowMs = Date.now();
  for (let count = 1; ; count++) {
    const name = join(dirname(target), renderSecondName(baseNameOf(target), nowMs, count));
    const taken = await Promise.all(["", ...BESIDE].map((suffix) => isTaken(name + suffix)));
    if (!taken.includes(true)) return name;
  }
}

/** Undoes what can be: where something else has the first name by now, nothing is lost by having a second one. */
async function putBack(moved: readonly Moved[]): Promise<void> {
  for (const { from, to } of moved.toReversed()) {
    try {
      if (await giveName(to, from, "")) await removeName(to);
    } catch {
      // ENOENT: it was moved back. Anything else: the failure that led here is the one to be told.
    }
  }
}

async function isTaken(path: string): Promise<boolean> {
  try {
    return (await statEntry(path)) !== null;
  } catch (error) {
    if (isErrno(error, "ENAMETOOLONG")) return false;
    throw error;
  }
}
