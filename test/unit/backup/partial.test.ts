// What is left behind by whom, and what the next run makes of it.
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  createPartial,
  discardPartial,
  giveName,
  listPartials,
  removeAbandonedPartials,
} from "../../../src/backup/partial.ts";
import { createFolder } from "../../../src/system/disk.ts";
import { identifyMachine } from "../../../src/system/machine.ts";
import { TestFolder } from "../../support/folder.ts";
import { silentMonitor } from "../../support/workshop.ts";

const ours = identifyMachine().id.slice(0, 8);
const another = ours === "00000000" ? "11111111" : "00000000";
const nameOf = (machine: string) => `.tinybackup-${machine}-0123456789abcdef.partial`;

async function clean(folder: TestFolder): Promise<string[]> {
  const notes: string[] = [];
  const monitor = { ...silentMonitor, note: (line: string) => notes.push(line) };
  const partials = listPartials(readdirSync(folder.destination));
  await removeAbandonedPartials(folder.destination, partials, monitor);
  return notes;
}

function age(path: string, hours: number): void {
  const then = new Date(Date.now() - hours * 3_600_000);
  utimesSync(path, then, then);
}

describe("of this machine", () => {
  test("what is in the works stays, and what a dead writer left goes at once", async () => {
    using folder = new TestFolder();
    const live = [
      await createPartial(folder.destination),
      await createPartial(folder.destination, createFolder),
    ];
    writeFileSync(join(live[1]?.path ?? "", "tinybackup-copy"), "half");
    for (const { path } of live) age(path, 100);
    await clean(folder);
    expect(folder.files()).toHaveLength(2);
    // As a kill does it: the lock goes with the process.
    for (const { handle } of live) await handle.close();
    expect(await clean(folder)).toHaveLength(2);
    expect(folder.files()).toEqual([]);
  });

  test("what is made is for its owner only, whatever the umask", async () => {
    using folder = new TestFolder();
    const umask = process.umask(0);
    try {
      const [file, inner] = [
        await createPartial(folder.destination),
        await createPartial(folder.destination, createFolder),
      ];
      expect([file, inner].map(({ path }) => (statSync(path).mode & 0o7777).toString(8))).toEqual([
        "600",
        "700",
      ]);
      expect(folder.files().every((name) => name.startsWith(`.tinybackup-${ours}-`))).toBe(true);
      for (const each of [file, inner]) expect(await discardPartial(each)).toBeUndefined();
      expect(folder.files()).toEqual([]);
    } finally {
      process.umask(umask);
    }
  });
});

describe("of another machine", () => {
  test.each(["file", "folder"])("a %s is left for a day, though nobody here holds its lock", async (kind) => {
    using folder = new TestFolder();
    const path = join(folder.destination, nameOf(another));
    if (kind === "file") writeFileSync(path, "half");
    else mkdirSync(path);
    age(path, 23);
    expect(await clean(folder)).toEqual([]);
    expect(existsSync(path)).toBe(true);
    age(path, 25);
    expect(await clean(folder)).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });
});

describe("what was planted under such a name", () => {
  test("leads nowhere: neither links nor what a folder holds beside ours is touched", async () => {
    using folder = new TestFolder();
    const precious = folder.write("precious", "precious");
    const home = join(folder.root, "home");
    mkdirSync(home);
    writeFileSync(join(home, "tinybackup-copy"), "somebody's");
    symlinkSync(precious, join(folder.destination, `.tinybackup-${ours}-0000000000000001.partial`));
    symlinkSync(home, join(folder.destination, `.tinybackup-${ours}-0000000000000002.partial`));
    const planted = join(folder.destination, `.tinybackup-${ours}-0000000000000003.partial`);
    mkdirSync(join(planted, "work"), { recursive: true });
    writeFileSync(join(planted, "work", "letter"), "somebody's");
    linkSync(precious, join(planted, "tinybackup-copy"));
    symlinkSync(home, join(planted, "tinybackup-copy-wal"));
    const notes = await clean(folder);
    expect(notes).toHaveLength(3);
    for (const note of notes) expect(note).toStartWith("left '");
    expect(readFileSync(precious, "utf8")).toBe("precious");
    expect(readdirSync(home)).toEqual(["tinybackup-copy"]);
    expect(readdirSync(planted)).toEqual(["work"]);
    expect(folder.files()).toHaveLength(3);
  });

  test.if(process.getuid?.() === 0)("is left where it is somebody else's folder", async () => {
    using folder = new TestFolder();
    const path = join(folder.destination, nameOf(ours));
    mkdirSync(path);
    chownSync(path, 65534, 65534);
    expect(await clean(folder)).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  test("and can't be removed is noted, and stops nobody", async () => {
    using folder = new TestFolder();
    const path = join(folder.destination, nameOf(ours));
    mkdirSync(path);
    writeFileSync(join(path, "unknown"), "");
    chmodSync(path, 0o500);
    const [note] = await clean(folder);
    expect(note).toMatch(/^left '.*' alone: /);
    expect(readdirSync(path)).toEqual(["unknown"]);
    rmSync(path, { recursive: true });
  });

  test("names that are not quite ours stay", async () => {
    using folder = new TestFolder();
    const names = [
      ".tinybackup-0123456789abcdef.partial",
      `.tinybackup-${ours}-0123456789abcdeF.partial`,
      `.tinybackup-${ours}-0123456789abcdef.partial2`,
      `x.tinybackup-${ours}-0123456789abcdef.partial`,
    ];
    for (const name of names) writeFileSync(join(folder.destination, name), "");
    expect(await clean(folder)).toEqual([]);
    expect(folder.files()).toEqual(names.toSorted());
  });
});

test("a name that the file has already is its own, as where NFS did it twice; one of another file is not", async () => {
  using folder = new TestFolder();
  const [from, to] = [join(folder.destination, "partial"), join(folder.destination, "revision")];
  for (const path of [from, to]) writeFileSync(path, "content");
  expect(await giveName(from, to, "cannot publish")).toBe(false);
  rmSync(to);
  linkSync(from, to);
  expect(await giveName(from, to, "cannot publish")).toBe("linked");
  expect(folder.files()).toEqual(["partial", "revision"]);
});
