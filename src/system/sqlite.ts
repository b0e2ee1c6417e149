// One state of an SQLite database, of its file and of the log beside it: both are copied to a private place while nobody
// changes them, and there SQLite makes one file of them, as it would have in their own place. It never opens the database
// itself, which is only read: so nothing beside that can ever be created, removed or touched.
import { copyFile } from "./clone.ts";
import * as disk from "./disk.ts";
import { attempt, isErrno } from "./errno.ts";
import { lockDatabase } from "./sqlite-locks.ts";

const HEAD = "SQLite format 3\0";

/** Whether an open file begins as every database of SQLite does, unless it is encrypted; and whether it has nothing in it. */
export async function lookAtHead(handle: disk.FileHandle) {
  const head = Buffer.alloc(HEAD.length);
  const bytes = await disk.readAt(handle, head, 0);
  return { isEmpty: bytes === 0, isOfDatabase: head.toString("latin1", 0, bytes) === HEAD };
}

/**
 * How a log begins that says something. A write-ahead log holds what is not in the file yet
 * (https://sqlite.org/walformat.html); a rollback journal holds what was in the file before a transaction that is under way
 * or was broken off (https://sqlite.org/fileformat.html). Emptied, or begun with zeros, both say nothing.
 */
const logs = [
  ["-wal", /^(377f068[23]|unreadable)$/],
  ["-journal", /^(d9d505f9|unreadable)$/],
] as const;
const BEGIN_BYTES = 4;

/** The suffixes of the logs beside a file that say something, as one may that can't be read: mostly none. */
async function listLogs(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const [suffix, begin] of logs) if (begin.test(await readBegin(path + suffix))) found.push(suffix);
  return found;
}

/** The first bytes, in hex digits; none where nothing is, or no file. */
async function readBegin(path: string): Promise<string> {
  try {
    // Mostly there is none: that is told without an error.
    if ((await disk.statEntry(path)) === null) return "";
    await using handle = await disk.openSource(path);
    const begin = Buffer.alloc(BEGIN_BYTES);
    return begin.toString("hex", 0, await disk.readAt(handle, begin, 0));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ENAMETOOLONG", "EISDIR")) return "";
    if (isErrno(error, "EACCES", "EPERM")) return "unreadable";
    throw error;
  }
}

/** Whether a file, if it is a database, is all of it: no log beside it says otherwise. */
export async function isDatabaseAtRest(path: string): Promise<boolean> {
  return (await listLogs(path)).length === 0;
}

/**
 * Makes `target`, a path where nothing is, the one file of a database that is open in `handle`.
 * @returns false if somebody changed it meanwhile, and there was no way to keep him from it
 * @throws UnusableDatabase where SQLite can make nothing of it
 */
export async function copyDatabase(
  path: string,
  handle: disk.FileHandle,
  target: string,
  signal: AbortSignal,
): Promise<boolean> {
  {
    await using lock = await lockDatabase(path, handle, signal);
    const kept = lock ? [""] : ["", ...logs.map(([suffix]) => suffix)];
    const look = async () => Promise.all(kept.map(async (suffix) => disk.statEntry(path + suffix)));
    const before = await look();
    if (!disk.isUnwritten(before[0] ?? null, await disk.statHandle(handle))) return false;
    // Two looks with the same facts a step apart: nobody wrote in between.
    if (!lock) await Bun.sleep(Math.max(...before.map((facts) => (facts ? disk.measureStep(facts) : 0))));
    await (await copyFile(handle, target, signal)).close();
    for (const suffix of await listLogs(path))
      if (!(await copyLog(path + suffix, target + suffix, signal))) return false;
    const after = await look();
    if (!before.every((facts, index) => disk.isUnwritten(facts, after[index] ?? null))) return false;
  }
  await mergeLogs(target);
  return true;
}

/** False where the log is gone meanwhile: its last program has closed the database. */
async function copyLog(from: string, to: string, signal: AbortSignal): Promise<boolean> {
  await using log = await attempt(`cannot read '${from}', which holds a part of the database`, () =>
    disk.openSource(from).catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) return null;
      throw error;
    }),
  );
  if (log) await (await copyFile(log, to, signal)).close();
  return log !== null;
}

/** What SQLite is handed is no database that it can read: encrypted, or damaged. */
export class UnusableDatabase extends Error {}

/** Primary result codes (https://sqlite.org/rescode.html). */
const [CORRUPT, FULL, NOTADB] = [11, 13, 26];
/** An SQL error: the schema wants what only its program has, a function or a collation; its pages could be read. */
const FOREIGN_SCHEMA = 1;
/** Findings about rows that break rules of the schema: the program's business, and no damage. */
const RULES = /^(NULL value in|CHECK constraint failed|NUMERIC value in|TEXT value in|non-\w+ value in)/;

/** Has SQLite bring a private database and its logs together in its one file, and check that. Nobody else may have it open. */
async function mergeLogs(path: string): Promise<void> {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  try {
    // Nobody is locked out, and the index of the log is in memory: not every file system has what those take.
    const database = new DatabaseSync(`${Bun.pathToFileURL(path).href}?vfs=unix-none`);
    try {
      database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF");
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      const found = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
      const finding = String(found).split("\n").at(-1) ?? "";
      if (finding !== "ok" && !RULES.test(finding)) throw new UnusableDatabase(finding);
    } finally {
      database.close();
    }
    if (!(await isDatabaseAtRest(path))) throw new UnusableDatabase("its log does not belong to it");
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
    if (code !== FOREIGN_SCHEMA) throw translate(error, code);
  }
}

function translate(error: unknown, code: number | undefined): unknown {
  if (!(error instanceof Error) || code === undefined) return error;
  if (code === CORRUPT || code === NOTADB) return new UnusableDatabase(error.message, { cause: error });
  // Of the private place, as the system's own are.
  return Object.assign(error, { code: code === FULL ? "ENOSPC" : "EIO" });
}
