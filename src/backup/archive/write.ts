// Content in, archive out: blocks are compressed on all cores, proven, and stored in order, while the content is hashed.
import type { FileHandle } from "../../system/disk.ts";
import type { Monitor } from "../../system/monitor.ts";
import { type ArchivePlan, encodeContent, readBlocks } from "./content.ts";
import type { Earlier } from "./earlier.ts";
import { BLOCK_BYTES, releaseBlock } from "./frame.ts";
import { isAligned, type Place, renderTable, type Stored } from "./layout.ts";
import type { Body } from "./read.ts";
import { ContentHash, countBytes, cutIntoBlocks, dataBytesOf } from "./sparse.ts";
import { Store } from "./store.ts";
import { renderHeader } from "./tar.ts";
import { digestSource, updateCrc } from "./trailer.ts";

/** Where an archive goes; the path is for messages. */
interface Target {
  readonly handle: FileHandle;
  readonly path: string;
}

/** Content of which so many blocks are the earlier archive's, by the checksums in its table; `hash` has got them. */
export interface Begun {
  readonly hash: ContentHash;
  readonly blocks: number;
  readonly takenAtMs: number;
}

/** Reads the content up to the first block that the earlier archive has not; to its end where it has all of them. */
export async function beginContent(
  { file, source, format, earlier }: ArchivePlan & { readonly earlier: Earlier },
  { signal, progress }: Monitor,
): Promise<Begun> {
  const [hash, takenAtMs, totalBytes] = [new ContentHash(file), Date.now(), dataBytesOf(file)];
  const places = cutIntoBlocks(file);
  let blocks = 0;
  for await (const block of readBlocks({ file, source }, signal)) {
    const pieces = places.next().value ?? [];
    const isWhole = block.length === countBytes(pieces);
    if (!isWhole || earlier.places[blocks]?.checksum !== format.checksum(block)) break;
    hash.update(block, pieces);
    releaseBlock(block);
    progress("comparing", hash.dataBytes, totalBytes);
    blocks++;
  }
  return { hash, blocks, takenAtMs };
}

/** An archive without its trailer. Its last part is not proven yet. */
export interface Written extends Body {
  readonly store: Store;
}

/**
 * Writes an archive from the start of `target`, all but its trailer. Memory is bounded by BLOCKS_IN_FLIGHT blocks, whatever
 * the size. Undefined if the source ended before its size, unless `padsShort`. Throws a FormatError if what was stored reads back
 * differently, a Failure, or the reason of `monitor.signal`.
 */
export async function writeBody(
  plan: ArchivePlan,
  target: Target,
  monitor: Monitor,
  begun?: Begun,
): Promise<Written | undefined> {
  const { format, file, earlier } = plan;
  const { sizeBytes } = file;
  const dataBytes = dataBytesOf(file);
  const aligned = isAligned(format, dataBytes);
  const hash = begun?.hash ?? new ContentHash(file);
  const store = new Store(target.handle, target.path, monitor.signal);
  const places: Omit<Place, "at">[] = [];
  const add = async (stored: Stored) => {
    places.push({ bytes: stored.bytes.length, checksum: stored.checksum });
    await store.add(stored, earlier);
  };
  const addOther = (bytes: Uint8Array) =>
    store.add({ bytes, crc32: updateCrc(bytes), earlierAt: null }, null);
  try {
    const header = await format.encode(renderHeader(file), aligned);
    const [contentAt, headerCrc32] = [header.length, updateCrc(header)];
    await addOther(header);
    const blocks = begun?.blocks ?? 0;
    const taken = earlier && blocks > 0 ? earlier.takeFirst(blocks, file, hash.digestSoFar()) : [];
    for await (const stored of taken) {
      monitor.signal.throwIfAborted();
      monitor.progress("saving", places.length * BLOCK_BYTES, dataBytes);
      await add(stored);
    }
    for await (const stored of encodeContent({ ...plan, firstBlock: blocks }, hash, monitor))
      await add(stored);
    if (hash.dataBytes < dataBytes) return undefined;
    if (aligned) await addOther(renderTable(places));
    // A small one is proven together with its trailer: one sync less.
    await store.finish(aligned);
    const [sha256, trailerAt, storedCrc32] = [hash.digest(), store.position, store.crc32];
    const sourceDigest = digestSource(file.source);
    const trailer = { sha256, sourceDigest, sizeBytes, dataBytes, trailerAt, headerCrc32, storedCrc32 };
    return { format, file, contentAt, trailer, store };
  } finally {
    await store.settle();
  }
}
