// The stored blocks of an archive as the parts of a file that they are, and the holes between them.
import { openExisting } from "../../system/disk.ts";
import { attempt } from "../../system/errno.ts";
import { BLOCK_BYTES, releaseBlock } from "./frame.ts";
import type { PlainArchive } from "./plain.ts";
import { type Archive, readContent } from "./read.ts";
import { cutIntoBlocks, type Shape, zeros } from "./sparse.ts";

export interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Yields the content of the archive at `path` in blocks of BLOCK_BYTES, the last one excepted, holes as the zeros that they
 * read as. Nobody may write into them. Proven at the end, and throwing, as `readContent`.
 */
export async function* readArchive(
  path: string,
  archive: Archive | PlainArchive,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  yield* fillHoles(readPieces(path, archive, signal), archive.file);
}

/** Blocks of what lies between the pieces as well; of nothing but a hole, `zeros`. */
export async function* fillHoles(
  pieces: AsyncIterable<Piece>,
  { sizeBytes, extents }: Shape,
): AsyncGenerator<Uint8Array, void, void> {
  if (!extents) {
    for await (const { bytes } of pieces) yield bytes;
    return;
  }
  let position = 0;
  let block: Uint8Array | undefined;
  for await (const { at, bytes } of pieces) {
    for (let from = 0; from < bytes.length;) {
      for (; at + from >= position + BLOCK_BYTES; position += BLOCK_BYTES) {
        yield block ?? zeros(sizeBytes - position);
        block = undefined;
      }
      block ??= new Uint8Array(Math.min(BLOCK_BYTES, sizeBytes - position));
      const part = bytes.subarray(from, position + BLOCK_BYTES - at);
      block.set(part, at + from - position);
      from += part.length;
    }
    releaseBlock(bytes);
  }
  for (; position < sizeBytes; position += BLOCK_BYTES) {
    yield block ?? zeros(sizeBytes - position);
    block = undefined;
  }
}

/**
 * Yields the data of the archive at `path`, and where it belongs, each in memory of its own (see `releaseBlock`); holes are
 * left out. Proven as by `readContent`.
 */
export async function* readPieces(
  path: string,
  archive: Archive | PlainArchive,
  signal: AbortSignal,
  isProven = false,
): AsyncGenerator<Piece, void, void> {
  await using handle = await attempt(`cannot read '${path}'`, () => openExisting(path, "read"));
  yield* placeBlocks(readContent(handle, path, archive, signal, isProven), archive.file);
}

export async function* placeBlocks(blocks: AsyncIterable<Uint8Array>, shape: Shape): AsyncGenerator<Piece> {
  const places = shape.extents && cutIntoBlocks(shape);
  let position = 0;
  for await (const block of blocks) {
    const pieces = places?.next().value ?? [{ at: position, bytes: block.length }];
    position += block.length;
    if (pieces[0]?.bytes === block.length) yield { at: pieces[0].at, bytes: block };
    else {
      let from = 0;
      for (const { at, bytes } of pieces)
        yield { at, bytes: new Uint8Array(block.subarray(from, (from += bytes))) };
      releaseBlock(block);
    }
  }
}
