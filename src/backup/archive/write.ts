// Content in, archive out: blocks are compressed on all cores, proven, and stored in order, while the content is hashed.
import type { FileHandle } from "../../system/disk.ts";
import type { Monitor } from "../../system/monitor.ts";
import { encodeContent, type EncodingPlan } from "./content.ts";
import type { Earlier } from "./earlier.ts";
import { FormatError, releaseBlock } from "./frame.ts";
import { isAligned, type Place, renderTable, type Stored } from "./layout.ts";
import type { Body } from "./read.ts";
import { ContentHash, dataBytesOf } from "./sparse.ts";
import { Store } from "./store.ts";
import { type ArchivedFile, renderHeader } from "./tar.ts";
import { digestSource, updateCrc } from "./trailer.ts";

export interface ArchivePlan extends EncodingPlan {
  /** What the header says. */
  readonly file: ArchivedFile;
}

/** Where an archive goes; the path is for messages. */
export interface Target {
  readonly handle: FileHandle;
  readonly path: string;
}

/** Content of which is known so far that the earlier archive has it, block for block; and the first block that it has not. */
export interface Begun extends AsyncDisposable {
  readonly hash: ContentHash;
  /** CRC-32 of the stored form of each of those blocks. */
  readonly equal: readonly number[];
  readonly first: Stored | null;
  /** What follows. */
  readonly rest: AsyncGenerator<Stored, void, void>;
  readonly takenAtMs: number;
}

/** Begins to read the content. Its digest is told by `hash` where nothing of it is new, and `first` is null then. */
export async function beginContent(
  plan: ArchivePlan & { readonly earlier: Earlier },
  monitor: Monitor,
): Promise<Begun> {
  const { earlier } = plan;
  earlier.isThorough = true;
  const [hash, takenAtMs] = [new ContentHash(plan.file), Date.now()];
  const rest = encodeContent(plan, hash, monitor);
  const end = async () => void (await rest.return());
  const equal: number[] = [];
  for (;;) {
    const { value: stored } = await rest.next();
    if (stored && stored.earlierAt !== null) {
      equal.push(stored.crc32);
      releaseBlock(stored.bytes);
      continue;
    }
    earlier.isThorough = false;
    return { hash, equal, first: stored ?? null, rest, takenAtMs, [Symbol.asyncDispose]: end };
  }
}

async function* readBegun({ equal, first }: Begun, earlier: Earlier | null): AsyncGenerator<Stored> {
  for (const [index, crc32] of equal.entries()) {
    const stored = await earlier?.readAgain(index, crc32);
    if (!stored) throw new FormatError("what was to be taken over has changed");
    yield stored;
  }
  if (first) yield first;
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
  const rest = begun?.rest ?? encodeContent(plan, hash, monitor);
  try {
    const header = await format.encode(renderHeader(file), aligned);
    const [contentAt, headerCrc32] = [header.length, updateCrc(header)];
    await addOther(header);
    if (begun) for await (const stored of readBegun(begun, earlier)) await add(stored);
    for await (const stored of rest) await add(stored);
    if (hash.dataBytes < dataBytes) return undefined;
    if (aligned) await addOther(renderTable(places));
    // A small one is proven together with its trailer: one sync less.
    await store.finish(aligned);
    const [sha256, trailerAt, storedCrc32] = [hash.digest(), store.position, store.crc32];
    const sourceDigest = digestSource(file.source);
    const trailer = { sha256, sourceDigest, sizeBytes, dataBytes, trailerAt, headerCrc32, storedCrc32 };
    return { format, file, contentAt, trailer, store };
  } finally {
    await rest.return();
    await store.settle();
  }
}
