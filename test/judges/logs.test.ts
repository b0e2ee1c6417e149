import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendJournalLine, readJournalText } from "../../src/system/state-folder.ts";
import { openDebugLog } from "../../src/system/streams.ts";

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "tinybackup-log-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("texts are appended, for the owner only", () => {
  inFolder((folder) => {
    const path = join(folder, "log");
    openDebugLog(path)("one\n");
    openDebugLog(path)("two\n");
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

test("a link, a FIFO, a folder and a folder that is not there are refused at once", () => {
  inFolder((folder) => {
    symlinkSync("elsewhere", join(folder, "link"));
    Bun.spawnSync(["mkfifo", join(folder, "fifo")]);
    chmodSync(folder, 0o700);
    for (const name of ["link", "fifo", ".", "missing/log"]) {
      expect(() => openDebugLog(join(folder, name))).toThrow();
    }
  });
});

test("a journal that is a FIFO is none, and nobody waits for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinybackup-log-"));
  try {
    const path = join(folder, "fifo");
    Bun.spawnSync(["mkfifo", path]);
    expect(readJournalText(path)).toBe("");
    expect(await appendJournalLine(path, "a\n", (text) => text)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
