// The newest good revision of many sources, without reading more than it takes: what a status of many schedules needs.
import { findNewest, listRevisionNames, type NamedFile } from "./catalog.ts";
import { foldStem, stemOf } from "./revision-name.ts";
import { baseNameOf } from "./tar-header.ts";

export interface NewestRevision {
  readonly file: string;
  /** Seconds since 1970. */
  readonly takenAt: number;
}

type Index = ReadonlyMap<string, readonly NamedFile[]>;

/** Makes a function that finds the newest good revision of a source in a folder, or null. Each folder is listed once. */
export function newestFinder(): (source: string, folder: string) => Promise<NewestRevision | null> {
  const indexes = new Map<string, Promise<Index>>();
  return async (source, folder) => {
    const index = indexes.get(folder) ?? indexNames(folder);
    indexes.set(folder, index);
    const candidates = (await index).get(foldStem(stemOf(baseNameOf(source)))) ?? [];
    const revision = findNewest(folder, candidates, source);
    return revision && { file: revision.file, takenAt: revision.takenAtMs / 1000 };
  };
}

async function indexNames(folder: string): Promise<Index> {
  return Map.groupBy(await listRevisionNames(folder), ({ stem }) => foldStem(stem));
}
