import { expect, test } from "bun:test";
import { type ListedJob, parseListing } from "../../../../src/system/at/answers.ts";
import type { AtFamily } from "../../../../src/system/at/platform.ts";

const dueMs = Date.UTC(2026, 10, 26, 2, 35);
const queued = { dueMs, queue: "z", state: "queued" as const };

// Formats after the sources of each system's at.c; Debian's was seen running.
test.each<[string, AtFamily, string, ListedJob[]]>([
  ["an empty queue", "linux", "", []],
  [
    "Debian",
    "linux",
    "2\tThu Nov 26 02:35:00 2026 z root\n1\tThu Nov 26 02:35:00 2026 = root\n0\tThu Nov  5 02:35:00 2026 a bob\n",
    [
      { ...queued, id: "2" },
      { dueMs, queue: null, state: "running", id: "1" },
      { id: "0", dueMs: Date.UTC(2026, 10, 5, 2, 35), queue: "a", state: "queued" },
    ],
  ],
  [
    "Debian with a user that has no name, and one with a blank in it",
    "linux",
    "2\tThu Nov 26 02:35:00 2026 z\n3\tThu Nov 26 02:35:00 2026 z a b\n",
    [
      { ...queued, id: "2" },
      { ...queued, id: "3" },
    ],
  ],
  ["macOS", "macos", "12\tThu Nov 26 02:35:00 2026\n", [{ ...queued, id: "12" }]],
  [
    "FreeBSD",
    "freebsd",
    "Date\t\t\t\tOwner\t\tQueue\tJob#\nThu Nov 26 02:35:00 UTC 2026\troot            z\t12\n" +
      "Thu Nov 26 02:35:00 UTC 2026\troot            z(done)\t13\n" +
      "Thu Nov 26 02:35:00 UTC 2026\t???             z\t14\n",
    [
      { ...queued, id: "12" },
      { ...queued, id: "14" },
    ],
  ],
  [
    "FreeBSD with a name as wide as its column",
    "freebsd",
    "Thu Nov 26 02:35:00 UTC 2026\tabcdefghijklmnopz\t12\n",
    [{ ...queued, id: "12" }],
  ],
])("the listing of %s is read", (_, family, text, jobs) => {
  expect(parseListing(family, text)).toEqual(jobs);
});

test("a line that is no job is passed over", () => {
  const noise = "no files in queue.\n2\tThu Foo 26 02:35:00 2026 z root\nDate Owner\n\t\n12\n";
  for (const family of ["linux", "macos", "freebsd"] as const)
    expect(parseListing(family, noise)).toEqual([]);
});
