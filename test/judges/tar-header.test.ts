import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "../../src/backup/archive/frame.ts";
import { type ArchivedFile, measureHeader, parseHeader, renderHeader } from "../../src/backup/archive/tar.ts";
import { judge, openWorkshop } from "../support/workshop.ts";

const plain: ArchivedFile = {
  source: "/home/me/notes.txt",
  sizeBytes: 0,
  mode: 0o640,
  uid: 1000,
  gid: 1000,
  userName: "me",
  groupName: "staff",
  mtimeNs: 1_700_000_000_123_456_789n,
};

/** Each is a case that tar-stream alone would write wrongly (clamped, wrapped, defaulted or overlong). */
const cases: readonly [string, Partial<ArchivedFile>, string][] = [
  ["an ordinary file", {}, "-rw-r----- me/staff 0 2023-11-14 22:13:20.123456789 notes.txt"],
  [
    "a user id beyond six octal digits",
    { uid: 3_000_000, gid: 2_999_999, userName: undefined, groupName: undefined },
    "-rw-r----- 3000000/2999999 0 2023-11-14 22:13:20.123456789 notes.txt",
  ],
  ["mode 0", { mode: 0 }, "---------- me/staff 0 2023-11-14 22:13:20.123456789 notes.txt"],
  ["all mode bits", { mode: 0o7777 }, "-rwsrwsrwt me/staff 0 2023-11-14 22:13:20.123456789 notes.txt"],
  [
    "a time after 2038",
    { mtimeNs: 8_589_934_592_000_000_001n },
    "-rw-r----- me/staff 0 2242-03-16 12:56:32.000000001 notes.txt",
  ],
  ["a time before 1970", { mtimeNs: -2_000_000_000n }, "-rw-r----- me/staff 0 1969-12-31 23:59:58 notes.txt"],
  ["the first second of 1970", { mtimeNs: 0n }, "-rw-r----- me/staff 0 1970-01-01 00:00:00 notes.txt"],
  [
    "a name of 255 bytes",
    { source: `/x/${"n".repeat(255)}` },
    `-rw-r----- me/staff 0 2023-11-14 22:13:20.123456789 ${"n".repeat(255)}`,
  ],
  [
    "a name beyond ASCII",
    { source: "/x/日記 ü.txt" },
    "-rw-r----- me/staff 0 2023-11-14 22:13:20.123456789 日記 ü.txt",
  ],
  [
    "long and non-ASCII owners",
    { userName: "ü".repeat(20), groupName: "g".repeat(60) },
    `-rw-r----- ${"ü".repeat(20)}/${"g".repeat(60)} 0 2023-11-14 22:13:20.123456789 notes.txt`,
  ],
];

test.each(cases)("GNU tar shows %s as it is, without a word of complaint", async (_, change, listing) => {
  using shop = openWorkshop();
  const file = { ...plain, ...change };
  const header = renderHeader(file);
  const path = join(shop.root, "x.tar");
  writeFileSync(path, Buffer.concat([header, Buffer.alloc(1024)]));
  const { stdout, stderr, status } = judge("tar", "--full-time", "--quoting-style=literal", "-tvf", path);
  expect({ line: stdout.toString().trimEnd().replaceAll(/ +/g, " "), stderr, status }).toEqual({
    line: listing,
    stderr: "",
    status: 0,
  });
});

test.each(cases)("the header of %s is read back as it was written", async (_, change) => {
  const file = { ...plain, ...change };
  const header = renderHeader(file);
  expect(parseHeader(header)).toEqual(file);
  expect(measureHeader(header)).toBe(header.length);
});

test("a file of 9 GiB and one with a newline in its path keep size and path", async () => {
  const file = { ...plain, sizeBytes: 9 * 2 ** 30, source: "/a\nb/it's $(here)\n" };
  expect(parseHeader(renderHeader(file))).toEqual(file);
});

test("a header with any byte changed, or cut anywhere, is read or refused, and nothing worse", async () => {
  const header = renderHeader(plain);
  for (let at = 0; at < header.length; at++) {
    for (const byte of [0, 0x20, 0x39, 0x80, 0xff]) readOrRefuse(header.with(at, byte));
    expect(() => parseHeader(header.subarray(0, at))).toThrow(FormatError);
  }
});

test("a PAX record of another tar is read by its own rules, or refused", async () => {
  const header = Buffer.from(renderHeader(plain));
  for (const row of ["3 a\n", "99999999 a=b\n", "0 a=b\n", "7 a=bcd", "x a=b\n", "5 ab\n"]) {
    const changed = Buffer.from(header);
    changed.write(row, 512);
    expect(() => parseHeader(changed)).toThrow(FormatError);
  }
});

function readOrRefuse(header: Uint8Array): void {
  try {
    parseHeader(header);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
