// Two states of a file side by side: revisions, or the file as it is now. Read once, together, in bounded memory; what
// comes out is proven, as everything that a revision gives.
import type { Monitor } from "../system/monitor.ts";
import { releaseBlock } from "./archive/frame.ts";
import { fillHoles, placeBlocks, readArchive } from "./archive/pieces.ts";
import { ContentHash } from "./archive/sparse.ts";
import { readBlocks } from "./archive/content.ts";
import { findHoles } from "./reading.ts";
import { orDamaged, type ReadableRevision } from "./revision.ts";
import { compareWithBefore, openRegular } from "./source.ts";

export { readUnifiedDiff } from "../system/diff.ts";

export type State = ReadableRevision | { readonly state: "live"; readonly path: string };

export interface Content {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** All of it, if it is text of at most TEXT_BYTES. */
  readonly text: Uint8Array | null;
  /** The file was written to meanwhile, and this may be half of the one and half of the other. */
  readonly hasChanged: boolean;
}

export interface Comparison {
  readonly from: Content;
  readonly to: Content;
  /** The offset of the first byte that only one of them has there; null if they are identical. */
  readonly firstDifferenceAt: number | null;
}

/** More than that nobody reads line by line. */
export const TEXT_BYTES = 8 << 20;

/** Reads both states whole. Throws DamagedFailure if a revision is not what it was. */
export async function compareStates(from: State, to: State, monitor: Monitor): Promise<Comparison> {
  await using one = readState(from, monitor.signal);
  await using other = readState(to, monitor.signal);
  const expected = [from, to].map((state) => (state.state === "live" ? 0 : (state.sizeBytes ?? 0)));
  let firstDifferenceAt: number | null = null;
  let [a, b] = [await one.next(), await other.next()];
  for (let position = 0; a.done !== true || b.done !== true;) {
    const [block, against] = [blockOf(a), blockOf(b)];
    firstDifferenceAt ??= findDifference(block, against, position);
    position += Math.max(block.length, against.length);
    monitor.progress("comparing", position, Math.max(position, ...expected));
    if (a.done !== true) a = await one.next();
    if (b.done !== true) b = await other.next();
  }
  return { from: a.value, to: b.value, firstDifferenceAt };
}

function blockOf({ done, value }: IteratorResult<Uint8Array, Content>): Uint8Array {
  return done === true ? new Uint8Array() : value;
}

/** Where two blocks that begin at `position` differ first; a block that ends before the other one differs there. */
function findDifference(a: Uint8Array, b: Uint8Array, position: number): number | null {
  // The zeros of holes are one memory, and need no look.
  const isOne = a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
  if (isOne || Buffer.compare(a, b) === 0) return null;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return position + (at === -1 ? a.length : at);
}

/** Yields a state block by block, of BLOCK_BYTES but for the last; a block is gone when the next one comes. */
async function* readState(state: State, signal: AbortSignal): AsyncGenerator<Uint8Array, Content, void> {
  const { source, blocks, digest } = await openState(state, signal);
  const hash = new Bun.CryptoHasher("sha256");
  let sizeBytes = 0;
  let text: Uint8Array[] | null = [];
  try {
    for await (const block of blocks) {
      if (!digest) hash.update(block);
      sizeBytes += block.length;
      if (sizeBytes > TEXT_BYTES || block.includes(0)) text = null;
      // A copy: the block's own memory is given back.
      text?.push(Buffer.from(block));
      yield block;
      releaseBlock(block);
    }
    const hasChanged = source !== null && !["unchanged", "moved"].includes(await compareWithBefore(source));
    const sha256 = digest ? digest() : hash.digest("hex");
    return { sizeBytes, sha256, text: text && Buffer.concat(text), hasChanged };
  } catch (error) {
    if (state.state === "live") throw error;
    return orDamaged(state, "compared")(error);
  } finally {
    await source?.handle.close();
  }
}

/** `digest` is known once all is read, as a revision's name has it; null where the blocks are what is to be hashed. */
async function openState(state: State, signal: AbortSignal) {
  if (state.state !== "live") {
    const { trailer } = state.archive;
    const blocks = readArchive(state.path, state.archive, signal);
    return { source: null, blocks, digest: trailer && (() => trailer.sha256) };
  }
  const source = await openRegular(state.path, `cannot read '${state.path}'`);
  const file = { source: state.path, sizeBytes: source.facts.sizeBytes, extents: findHoles(source) };
  const hash = file.extents && new ContentHash(file);
  const stored = readBlocks({ file, source: source.handle }, signal, hash);
  if (!hash) return { source, blocks: stored, digest: null };
  const blocks = fillHoles(placeBlocks(stored, file), file);
  return { source, blocks, digest: () => hash.digest() };
}
