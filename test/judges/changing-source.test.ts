// A file that somebody writes to while it is read is saved as one of its states, or not at all.
import { expect, test } from "bun:test";
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { noProofs } from "../support/proof-log.ts";
import { backUp } from "../../src/backup/back-up.ts";
import { mayHideWrite } from "../../src/backup/source.ts";
import type { FileFacts } from "../../src/system/disk.ts";
import type { Monitor } from "../../src/system/monitor.ts";
import { judge, mixedBytes, openWorkshop, silentMonitor, type Workshop } from "../support/workshop.ts";

const MIB = 1 << 20;

/** Does something to the source each time that reading has come to a block, at most `times` times. */
function meddling(times: number, meddle: () => void): Monitor {
  let left = times;
  return {
    ...silentMonitor,
    progress: (phase, done) => {
      if (phase !== "saving" || done !== MIB || left-- <= 0) return;
      meddle();
    },
  };
}

function saveWhile(shop: Workshop, source: string, monitor: Monitor) {
  return backUp(
    {
      source,
      folder: shop.destination,
      format: "zstd",
      retention: { keeprevisions: 14 },
      always: true,
      mayShare: true,
      isRaw: false,
      proofs: noProofs,
    },
    monitor,
  );
}

function contentOf(path: string): Buffer {
  return judge("tar", "-xOf", path).stdout;
}

function overwrite(path: string, position: number, text: string): void {
  const fd = openSync(path, "r+");
  writeSync(fd, text, position);
  closeSync(fd);
}

test(
  holds("one-state", "written to once while it is read: read again, and saved as it is then"),
  async () => {
    using shop = openWorkshop();
    const source = shop.write("a", mixedBytes(3 * MIB));
    const { revision } = await saveWhile(
      shop,
      source,
      meddling(1, () => overwrite(source, 10, "CHANGED")),
    );
    expect(
      contentOf(revision?.path ?? "")
        .subarray(10, 17)
        .toString(),
    ).toBe("CHANGED");
  },
);

test(holds("one-state", "written to without end: what was read at last is saved, and marked"), async () => {
  using shop = openWorkshop();
  const source = shop.write("a", mixedBytes(3 * MIB));
  let round = 0;
  const { revision, warnings } = await saveWhile(
    shop,
    source,
    meddling(99, () => overwrite(source, 10, `CHANGED ${round++}`)),
  );
  expect(round).toBe(4);
  expect(revision).toMatchObject({ state: "changed", isChanged: true, number: 1 });
  expect(revision?.file).toMatch(/-[0-9a-f]{12}\.changed\.tar\.zst$/);
  expect(shop.files()).toEqual([revision?.file ?? ""]);
  expect(warnings).toEqual([expect.stringContaining("kept changing while it was read")]);
  expect(contentOf(revision?.path ?? "").length).toBe(3 * MIB);
});

test("cut shorter without end: what it lacks at last is zeros, which is said", async () => {
  using shop = openWorkshop();
  const content = mixedBytes(12 * MIB);
  const source = shop.write("a", content);
  let left = 12 * MIB;
  const meddle = () => truncateSync(source, (left -= MIB / 2));
  const monitor = { ...silentMonitor, progress: (phase: string) => void (phase === "saving" && meddle()) };
  const { revision, warnings } = await saveWhile(shop, source, monitor);
  expect(revision).toMatchObject({ state: "changed" });
  expect(warnings).toEqual([expect.stringContaining("filled with zeros")]);
  const saved = contentOf(revision?.path ?? "");
  const there = readFileSync(source).length;
  expect(saved.length).toBeGreaterThan(there);
  expect(saved.subarray(0, there).equals(content.subarray(0, there))).toBe(true);
  expect(saved.subarray(-1000).every((byte) => byte === 0)).toBe(true);
});

test("gone between two readings: not there now", async () => {
  using shop = openWorkshop();
  const source = shop.write("a", mixedBytes(3 * MIB));
  const saving = saveWhile(
    shop,
    source,
    meddling(1, () => {
      overwrite(source, 10, "CHANGED");
      rmSync(source);
    }),
  );
  expect(await saving.catch((error: unknown) => error)).toMatchObject({ exitCode: 75 });
  expect(shop.files()).toEqual([]);
});

/** What somebody may do to a file at one moment; the text differs each time. */
const meddlings: Record<string, (path: string, text: string) => void> = {
  "is written to at both ends": (path, text) => {
    overwrite(path, 0, text);
    overwrite(path, Math.max(0, statSync(path).size - 8), text);
  },
  "is written to, and its mtime put back": (path, text) =>
    keepingTime(path, () => {
      overwrite(path, 0, text);
      overwrite(path, Math.max(0, statSync(path).size - 8), text);
    }),
  "is cut shorter": (path) => truncateSync(path, Math.max(1, statSync(path).size - 100_000)),
  "is emptied, and written anew": (path, text) => writeFileSync(path, text.repeat(300_000)),
  "is appended to": appendFileSync,
  "is replaced by rename": (path, text) => {
    writeFileSync(`${path}.new`, text.repeat(300_000));
    renameSync(`${path}.new`, path);
  },
  "is written to with its mtime put back, and then replaced": (path, text) => {
    keepingTime(path, () => overwrite(path, 0, text));
    writeFileSync(`${path}.new`, text.repeat(300_000));
    utimesSync(`${path}.new`, 1, 1);
    renameSync(`${path}.new`, path);
  },
};

/** To the nanosecond. */
function keepingTime(path: string, act: () => void): void {
  judge("touch", "-r", path, `${path}.time`);
  act();
  judge("touch", "-r", `${path}.time`, path);
}

const moments = Object.keys(meddlings).flatMap((what) => [1, 99].map((times) => [what, times] as const));

test.each(moments)(
  "a file that %s, %i times, at any block: one of its states, or marked",
  async (what, times) => {
    const meddle = meddlings[what];
    const cases = [1, 8, MIB, 3 * MIB + 5].flatMap((size) =>
      Array.from({ length: Math.ceil(size / MIB) }, (_, block) => ({ size, block: block + 1 })),
    );
    const outcomes = cases.map(async ({ size, block }) => {
      using shop = openWorkshop();
      const states = [mixedBytes(size)];
      const source = shop.write("a", states[0] ?? "");
      let [left, count] = [times, 0];
      const progress: Monitor["progress"] = (phase, done) => {
        if (phase !== "saving" || Math.ceil(done / MIB) !== block || left-- <= 0) return;
        meddle?.(source, `round ${count++}`.slice(0, 8));
        states.push(readFileSync(source));
      };
      const { revision } = await saveWhile(shop, source, { ...silentMonitor, progress });
      const saved = contentOf(revision?.path ?? "");
      expect(count).toBeGreaterThan(0);
      return revision?.state === "changed" || states.some((state) => state.equals(saved));
    });
    expect(await Promise.all(outcomes)).toEqual(cases.map(() => true));
  },
);

test(holds("one-state", "appended to while it is read: what it held at some moment is saved"), async () => {
  using shop = openWorkshop();
  const content = mixedBytes(3 * MIB);
  const source = shop.write("app.log", content);
  const { revision } = await saveWhile(
    shop,
    source,
    meddling(99, () => appendFileSync(source, "one more line\n")),
  );
  expect(revision?.state).toBe("ok");
  const saved = contentOf(revision?.path ?? "");
  expect(saved.subarray(0, content.length).equals(content)).toBe(true);
  // Where it had rested before, the first reading sees it grow, and it is read again.
  expect(saved.subarray(content.length).toString()).toMatch(/^(one more line\n)?$/);
});

test("appended to every few milliseconds, for ever: what it held at first is saved", async () => {
  using shop = openWorkshop();
  const source = shop.write("busy.log", "first line\n");
  const writer = setInterval(() => appendFileSync(source, "one more line\n"), 2);
  await Bun.sleep(20);
  const { revision } = await saveWhile(shop, source, silentMonitor);
  clearInterval(writer);
  expect(contentOf(revision?.path ?? "").toString()).toMatch(/^first line\n(one more line\n)+$/);
});

test.each([
  ["what was read already", 10],
  ["what was not read yet", 3 * MIB - 100],
])("appended to, and changed in %s: saved as it was, or as it is then", async (_, position) => {
  using shop = openWorkshop();
  const before = mixedBytes(3 * MIB);
  const source = shop.write("app.log", before);
  const { revision } = await saveWhile(
    shop,
    source,
    meddling(1, () => {
      appendFileSync(source, "one more line\n");
      overwrite(source, position, "CHANGED");
    }),
  );
  const saved = contentOf(revision?.path ?? "");
  expect(revision).toMatchObject({ state: "ok" });
  expect([before, readFileSync(source)].some((state) => state.equals(saved))).toBe(true);
});

test("one whose head tells how much follows is never saved with a head that tells more, or less", async () => {
  using shop = openWorkshop();
  const source = shop.write("records", "00000000");
  const count = () => statSync(source).size / 8 - 1;
  const writer = setInterval(() => {
    appendFileSync(source, "a record");
    overwrite(source, 0, String(count()).padStart(8, "0"));
  }, 1);
  try {
    for (let round = 0; round < 2; round++) {
      const { revision } = await saveWhile(shop, source, silentMonitor);
      if (revision?.state === "changed") continue;
      const saved = contentOf(revision?.path ?? "");
      expect(saved.length / 8 - 1 - Number(saved.toString("latin1", 0, 8))).toBeOneOf([0, 1]);
    }
  } finally {
    clearInterval(writer);
  }
});

test("cut shorter while it is read: read again", async () => {
  using shop = openWorkshop();
  const source = shop.write("a", mixedBytes(3 * MIB));
  const { revision } = await saveWhile(
    shop,
    source,
    meddling(1, () => truncateSync(source, 2 * MIB)),
  );
  expect(contentOf(revision?.path ?? "").length).toBe(2 * MIB);
});

test(
  holds("one-state", "replaced by rename while it is read: the old one was whole, and is saved"),
  async () => {
    using shop = openWorkshop();
    const content = mixedBytes(3 * MIB);
    const source = shop.write("a", content);
    let reads = 0;
    const monitor = meddling(99, () => {
      reads += 1;
      writeFileSync(join(shop.root, "new"), "the new one");
      renameSync(join(shop.root, "new"), source);
    });
    const { revision } = await saveWhile(shop, source, monitor);
    expect(contentOf(revision?.path ?? "").equals(content)).toBe(true);
    expect(reads).toBe(1);
  },
);

const facts = (mtimeNs: bigint): FileFacts => ({
  kind: "file",
  device: 1n,
  inode: 1n,
  mode: 0o644,
  uid: 0,
  gid: 0,
  sizeBytes: 1,
  allocatedBytes: 512,
  mtimeNs,
  ctimeNs: mtimeNs,
});

test.each([
  ["written long ago", 1_000_000_000_123_456_789n, 1_000_001_000_000, false],
  ["written this very moment", 1_000_000_000_123_456_789n, 1_000_000_000_125, true],
  [
    "written this second, on a disk that counts in seconds",
    1_000_000_000_000_000_000n,
    1_000_000_000_500,
    true,
  ],
  ["written in the future", 2_000_000_000_123_456_789n, 1_000_000_000_000, true],
])("%s: a further write may not show: %p", (_, mtimeNs, nowMs, hides) => {
  expect(mayHideWrite(facts(mtimeNs), nowMs)).toBe(hides);
});
