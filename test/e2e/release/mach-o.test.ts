// The signature of the macOS programs, read here by another reader than the one that made it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { signAdHoc } from "../../../.release/mach-o.ts";
import { compile } from "../../../build.ts";

const source = resolve(import.meta.dir, "../../../src/main.ts");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tinybackup-mach-o-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Signature {
  readonly identifier: string;
  readonly flags: number;
  /** What is wrong with it. */
  readonly faults: readonly string[];
}

/** Reads the signature as the kernel does: every page of the file must have the digest that the signature gives it. */
function readSignature(program: Buffer): Signature {
  const commands = readCommands(program);
  const place = commands.find(({ type }) => type === 0x1d)?.at ?? Number.NaN;
  const [offset, size] = [program.readUInt32LE(place + 8), program.readUInt32LE(place + 12)];
  const blob = program.subarray(offset, offset + size);
  const directory = blob.subarray(blob.readUInt32BE(16));
  const field = (index: number) => directory.readUInt32BE(index * 4);
  const [flags, hashesAt, identifierAt, slots, limit] = [field(3), field(4), field(5), field(7), field(8)];
  const rules: readonly (readonly [isKept: boolean, fault: string])[] = [
    [offset + size === program.length, "it does not end the file"],
    [blob.readUInt32BE(0) === 0xfade0cc0 && blob.readUInt32BE(4) <= size, "it is no signature"],
    [field(0) === 0xfade0c02 && field(1) <= directory.length, "it has no directory"],
    [limit === offset, "it does not cover all"],
    [slots === Math.ceil(limit / 4096), "it has a wrong number of pages"],
  ];
  const faults = rules.flatMap(([isKept, fault]) => (isKept ? [] : [fault]));
  for (let slot = 0; slot < slots; slot++) {
    const page = program.subarray(slot * 4096, Math.min((slot + 1) * 4096, limit));
    const digest = directory.subarray(hashesAt + slot * 32, hashesAt + slot * 32 + 32);
    if (!createHash("sha256").update(page).digest().equals(digest)) faults.push(`page ${slot} differs`);
  }
  const identifier = directory.toString("latin1", identifierAt, directory.indexOf(0, identifierAt));
  return { identifier, flags, faults: [...faults, ...findSegmentFaults(program)] };
}

function readCommands(program: Buffer): readonly { readonly at: number; readonly type: number }[] {
  const commands = [];
  for (let at = 32, left = program.readUInt32LE(16); left > 0; left--, at += program.readUInt32LE(at + 4)) {
    commands.push({ at, type: program.readUInt32LE(at) });
  }
  return commands;
}

/** What the loader would refuse: segments that lie over each other, are cut, or leave the end of the file out. */
function findSegmentFaults(program: Buffer): readonly string[] {
  const segments = readCommands(program)
    .filter(({ type }) => type === 0x19)
    .map(({ at }) => [24, 32, 40, 48].map((field) => program.readBigUInt64LE(at + field)))
    .map(([address = 0n, memory = 0n, offset = 0n, bytes = 0n]) => ({ address, memory, offset, bytes }));
  const last = segments.at(-1);
  const faults = segments.flatMap(({ address, memory, bytes }, index) => {
    const next = segments[index + 1]?.address ?? address + memory;
    return address + memory > next || bytes > memory ? [`segment ${index} is wrong`] : [];
  });
  const isWhole = last !== undefined && last.offset + last.bytes === BigInt(program.length);
  return isWhole ? faults : [...faults, "the last segment does not reach the end"];
}

test("the program for Intel has a signature that is right, ad hoc, and asks for no hardened runtime", async () => {
  const binary = join(folder, "tinybackup");
  await compile(source, binary, "bun-darwin-x64");
  const program = readFileSync(binary);
  expect(readSignature(program)).toEqual({ identifier: "tinybackup", flags: 0x20002, faults: [] });
  const damaged = Buffer.from(program);
  damaged[5_000_000] = (damaged[5_000_000] ?? 0) ^ 1;
  expect(readSignature(damaged).faults).toEqual(["page 1220 differs"]);
});

test("what Bun signs for Apple silicon would be signed here just so, bit for bit", async () => {
  const binary = join(folder, "tinybackup");
  await compile(source, binary, "bun-darwin-arm64");
  const program = readFileSync(binary);
  const { identifier, faults } = readSignature(program);
  expect(faults).toEqual([]);
  expect(signAdHoc(program, identifier).equals(program)).toBe(true);
});

test("what is no signed program is refused", () => {
  expect(() => signAdHoc(Buffer.from("\x7fELF".padEnd(100, "\0")), "x")).toThrow(
    "not a 64-bit Mach-O program",
  );
  const empty = Buffer.alloc(32);
  empty.writeUInt32LE(0xfeedfacf);
  expect(() => signAdHoc(empty, "x")).toThrow("without __TEXT");
});
