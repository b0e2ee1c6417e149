// While a database is copied, SQLite itself keeps its file and its log as they are: each lock that we take for that is one
// that it heeds.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openSource } from "../../src/system/disk.ts";
import { lockDatabase } from "../../src/system/sqlite-locks.ts";
import { openWorkshop, type Workshop } from "../support/workshop.ts";

let shop: Workshop;
let path: string;
let sqlite: ReturnType<typeof startSqlite>;

/** Another program that has the database open. */
function startSqlite(file: string) {
  const child = Bun.spawn(["sqlite3", file], { stdin: "pipe", stdout: "pipe" });
  const reader = child.stdout.getReader();
  return {
    async ask(sql: string): Promise<string> {
      await child.stdin.write(`${sql};\n.print done\n`);
      let text = "";
      while (!text.endsWith("done\n")) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`sqlite3 has ended: ${text}`);
        text += Buffer.from(value).toString();
      }
      return text.slice(0, -"done\n".length);
    },
    async close(): Promise<void> {
      await child.stdin.end();
      await child.exited;
    },
  };
}

/** A random number that each log has in its head, from 16 on (https://sqlite.org/walformat.html). */
const saltOf = () => readFileSync(`${path}-wal`).subarray(16, 24).toString("hex");

async function whileLocked(act: () => Promise<void>): Promise<void> {
  await using handle = await openSource(path);
  await using lock = await lockDatabase(path, handle, new AbortController().signal);
  expect(lock).not.toBeNull();
  await act();
}

beforeEach(async () => {
  shop = openWorkshop();
  path = join(shop.root, "a.db");
  sqlite = startSqlite(path);
  await sqlite.ask("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)");
});
afterEach(async () => {
  await sqlite.close();
  shop[Symbol.dispose]();
});

test("no log is begun anew, of which the copy would have one half", async () => {
  const first = saltOf();
  await sqlite.ask("PRAGMA wal_checkpoint(PASSIVE); INSERT INTO t VALUES (1)");
  const second = saltOf();
  expect(second).not.toBe(first);
  await sqlite.ask("PRAGMA wal_checkpoint(PASSIVE)");
  await whileLocked(async () => {
    await sqlite.ask("INSERT INTO t VALUES (2)");
    expect(saltOf()).toBe(second);
  });
});

test("no checkpoint writes to the file, and whoever wants to write goes on", async () => {
  await whileLocked(async () => {
    const before = readFileSync(path);
    await sqlite.ask("INSERT INTO t VALUES (1)");
    expect(await sqlite.ask("PRAGMA wal_checkpoint(PASSIVE)")).toMatch(/^1\|/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
  expect(await sqlite.ask("PRAGMA wal_checkpoint(PASSIVE)")).toMatch(/^0\|/);
});

test("the last one to close a database leaves its log", async () => {
  await whileLocked(async () => {
    await sqlite.close();
    expect(existsSync(`${path}-wal`)).toBe(true);
  });
  await startSqlite(path).close();
});

test("nobody writes to one without a write-ahead log", async () => {
  await sqlite.ask("PRAGMA journal_mode = DELETE");
  await whileLocked(async () => {
    const before = readFileSync(path);
    await sqlite.ask("INSERT INTO t VALUES (1)");
    expect(readFileSync(path).equals(before)).toBe(true);
  });
  expect(await sqlite.ask("INSERT INTO t VALUES (2); SELECT count(*) FROM t")).toBe("1\n");
});
