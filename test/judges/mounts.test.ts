import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findMount, isMounted, parseMounts } from "../../src/system/mounts.ts";

const run = (...command: string[]) => expect(Bun.spawnSync(command).exitCode).toBe(0);

describe("reading /proc/self/mountinfo", () => {
  test.each([
    [
      String.raw`36 35 98:0 /mnt1 /mnt/my\040usb\134x rw,noatime master:1 - ext3 /dev/root rw,errors=continue`,
      [{ point: "/mnt/my usb\\x", fileSystem: "ext3" }],
    ],
    ["22 1 0:20 / / rw - overlay overlay rw,lowerdir=/a", [{ point: "/", fileSystem: "overlay" }]],
    [
      "40 22 0:41 / /mnt/bücher rw shared:7 master:2 propagate_from:1 unbindable - nfs4 host:/x rw",
      [{ point: "/mnt/bücher", fileSystem: "nfs4" }],
    ],
    ["41 22 0:42 / /net rw - autofs systemd-1 rw", []],
  ])("%s", (line, mounts) => {
    expect(parseMounts(`${line}\n`)).toEqual(mounts);
  });

  test("a line that is cut off, or of no known shape, is left out", () => {
    expect(parseMounts("36 35 98:0 /mnt1 /mnt\n\nnonsense\n1 2 3 4 5 6 - \n")).toEqual([]);
  });
});

test("a folder on the root file system has nothing to guard", () => {
  expect(findMount("/")).toBeNull();
});

test("a tmpfs is seen while it is mounted, from a folder within it, and missed when it is gone", () => {
  const point = join(mkdtempSync(join(tmpdir(), "mounts ")), "usb é");
  const folder = join(point, "a", "b");
  mkdirSync(point);
  run("mount", "-t", "tmpfs", "stick", point);
  try {
    mkdirSync(folder, { recursive: true });
    expect(findMount(folder)).toBe(point);
    expect(isMounted(point)).toBe(true);
  } finally {
    run("umount", point);
  }
  expect(isMounted(point)).toBe(false);
  expect(isMounted(folder)).toBe(false);
  rmSync(join(point, ".."), { recursive: true });
});
