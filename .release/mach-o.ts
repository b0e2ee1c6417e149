// The signature of a macOS program, made where there is no codesign. Bun 1.4 signs what it builds for Apple silicon, and
// leaves the one for Intel with the signature of bun itself, which is wrong there and demands to be right (hardened
// runtime): macOS would kill the program. What is made here is what Apple's linker makes: an ad-hoc signature, which
// says nothing of who signed, only that the file is as it was.
//
// The structures: <mach-o/loader.h>, <kern/cs_blobs.h>. Load commands are little-endian, signatures big-endian.

import { createHash } from "node:crypto";

const magic64 = 0xfeedfacf;
const loadSegment64 = 0x19;
const loadCodeSignature = 0x1d;

const superBlobMagic = 0xfade0cc0;
const codeDirectoryMagic = 0xfade0c02;
/** The first version with the fields on the executable segment. */
const codeDirectoryVersion = 0x20400;
const codeDirectoryBytes = 88;
const superBlobBytes = 20;
/** CS_ADHOC and CS_LINKER_SIGNED: codesign replaces such a signature without being forced to. */
const flags = 0x20002;
const sha256Type = 2;
const sha256Bytes = 32;
const pageBits = 12;
const pageBytes = 1 << pageBits;
/** CS_EXECSEG_MAIN_BINARY. */
const mainBinary = 1n;

interface Layout {
  /** Where the load commands stand. */
  readonly signatureCommand: number;
  readonly linkeditCommand: number;
  readonly textBytes: bigint;
  /** What is signed: everything up to the signature. */
  readonly codeLimit: number;
}

/**
 * The same program with a signature that is right. It must have one already, as its last part, which is replaced.
 * Throws if the file is not laid out so.
 */
export function signAdHoc(program: Buffer, identifier: string): Buffer {
  const layout = readLayout(program);
  const pages = Math.ceil(layout.codeLimit / pageBytes);
  const hashesAt = codeDirectoryBytes + Buffer.byteLength(identifier) + 1;
  const signatureBytes = superBlobBytes + hashesAt + pages * sha256Bytes;
  const signed = Buffer.alloc(layout.codeLimit + signatureBytes);
  program.copy(signed, 0, 0, layout.codeLimit);
  announce(signed, layout, signatureBytes);
  const signature = signed.subarray(layout.codeLimit);
  writeFields(signature, [superBlobMagic, signatureBytes, 1, 0, superBlobBytes]);
  const directory = signature.subarray(superBlobBytes);
  writeFields(directory, [
    codeDirectoryMagic,
    directory.length,
    codeDirectoryVersion,
    flags,
    hashesAt,
    codeDirectoryBytes,
    0,
    pages,
    layout.codeLimit,
  ]);
  directory.set([sha256Bytes, sha256Type, 0, pageBits], 36);
  directory.writeBigUInt64BE(layout.textBytes, 72);
  directory.writeBigUInt64BE(mainBinary, 80);
  directory.write(`${identifier}\0`, codeDirectoryBytes);
  for (let page = 0; page < pages; page++) {
    const bytes = signed.subarray(page * pageBytes, Math.min((page + 1) * pageBytes, layout.codeLimit));
    createHash("sha256")
      .update(bytes)
      .digest()
      .copy(directory, hashesAt + page * sha256Bytes);
  }
  return signed;
}

function readLayout(program: Buffer): Layout {
  if (program.readUInt32LE(0) !== magic64) throw new Error("not a 64-bit Mach-O program");
  let at = 32;
  let signatureCommand: number | undefined;
  const segments = new Map<string, number>();
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    const command = program.readUInt32LE(at);
    if (command === loadCodeSignature) signatureCommand = at;
    if (command === loadSegment64)
      segments.set(program.toString("latin1", at + 8, at + 24).replace(/\0+$/, ""), at);
    at += program.readUInt32LE(at + 4);
  }
  const [text, linkedit] = [segments.get("__TEXT"), segments.get("__LINKEDIT")];
  if (signatureCommand === undefined || text === undefined || linkedit === undefined) {
    throw new Error("a Mach-O program without __TEXT, __LINKEDIT or a signature to replace");
  }
  const codeLimit = program.readUInt32LE(signatureCommand + 8);
  const linkeditEnd = program.readBigUInt64LE(linkedit + 40) + program.readBigUInt64LE(linkedit + 48);
  const isLast = codeLimit + program.readUInt32LE(signatureCommand + 12) === program.length;
  if (!isLast || linkeditEnd !== BigInt(program.length) || codeLimit % 16 !== 0) {
    throw new Error("a Mach-O program whose signature is not its last part");
  }
  return {
    signatureCommand,
    linkeditCommand: linkedit,
    textBytes: program.readBigUInt64LE(text + 48),
    codeLimit,
  };
}

/** The load commands are part of what is signed: they must know the signature's size before. */
function announce(signed: Buffer, layout: Layout, signatureBytes: number): void {
  const { signatureCommand, linkeditCommand, codeLimit } = layout;
  signed.writeUInt32LE(signatureBytes, signatureCommand + 12);
  const linkeditBytes = BigInt(codeLimit + signatureBytes) - signed.readBigUInt64LE(linkeditCommand + 40);
  signed.writeBigUInt64LE(linkeditBytes, linkeditCommand + 48);
  const page = BigInt(pageBytes);
  signed.writeBigUInt64LE(((linkeditBytes + page - 1n) / page) * page, linkeditCommand + 32);
}

function writeFields(target: Buffer, fields: readonly number[]): void {
  for (const [place, field] of fields.entries()) target.writeUInt32BE(field, place * 4);
}
