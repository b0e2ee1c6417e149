// The newest good revision of many sources, without reading more than it takes: what a status of many schedules needs.
import { findNewest, listRevisionNames } from "./catalog.ts";

export interface NewestRevision {
  readonly file: string;
  /** Seconds since 1970. */
  readonly takenAt: number;
}

/** Makes a function that finds the newest good revision of a source in a folder, or null. Each folder is listed once. */
export function newestFinder(): (source: string, folder: string) => Promise<NewestRevision | null> {
  const listings = new Map<string, ReturnType<typeof listRevisionNames>>();
  return async (source, folder) => {
    const listing = listings.get(folder) ?? listRevisionNames(folder);
    listings.set(folder, listing);
    const revision = await findNewest(folder, await listing, source);
    return revision && { file: revision.file, takenAt: revision.takenAtMs / 1000 };
  };
}
