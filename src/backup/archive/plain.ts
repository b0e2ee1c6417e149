// A file as gzip(1) compresses it: nothing in it says what it should hold but gzip's own checksum.
import { type FileHandle, readAt } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { BLOCK_BYTES, FormatError } from "./frame.ts";
import type { ArchivedFile } from "./tar.ts";

export interface PlainArchive {
  /** As the compressed file has it: gzip(1) and logrotate hand down the mode, the owner and the time. */
  readonly file: ArchivedFile;
  readonly trailer: null;
}

/** No byte of deflate stands for more (RFC 1951: a match of 258 bytes takes two bits at least). */
const MOST_TO_ONE = 1032;

/** How long the content is, by the last four bytes, which count up to 4 GiB only; null where it may be more. */
export function measurePlain(storedBytes: number, tail: Uint8Array): number | null {
  if (tail.length < 4 || storedBytes * MOST_TO_ONE >= 2 ** 32) return null;
  return Buffer.from(tail).readUInt32LE(tail.length - 4);
}

/** Yields the content in blocks of BLOCK_BYTES, the last one excepted. Throws FormatError, or a Failure if reading fails. */
export async function* readPlain(
  handle: FileHandle,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let rest = Buffer.alloc(0);
  try {
    for await (const part of decompress(readStored(handle, path, signal))) {
      rest = Buffer.concat([rest, part]);
      for (; rest.length >= BLOCK_BYTES; rest = rest.subarray(BLOCK_BYTES))
        yield Buffer.from(rest.subarray(0, BLOCK_BYTES));
    }
  } catch (cause) {
    throw isOfGzip(cause) ? new FormatError(`gzip can't read it: ${cause.message}`, { cause }) : cause;
  }
  if (rest.length > 0) yield rest;
}

function decompress(stored: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const gunzip = process.getBuiltinModule("node:zlib").createGunzip({ chunkSize: BLOCK_BYTES });
  const { pipeline } = process.getBuiltinModule("node:stream");
  // What goes wrong is thrown to whoever reads the other end.
  return pipeline(stored, gunzip, () => undefined);
}

async function* readStored(
  handle: FileHandle,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let position = 0; ;) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    const from = position;
    const bytes = await attempt(`cannot read '${path}'`, () => readAt(handle, chunk, from));
    if (bytes === 0) return;
    yield chunk.subarray(0, bytes);
    position += bytes;
  }
}

function isOfGzip(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
