// A temporary folder in which the backup's functions are at work, in this process: the shortest way to save and look.
import { backUp, type BackupRequest, type BackupResult } from "../../src/backup/back-up.ts";
import { readRevisions } from "../../src/backup/catalog.ts";
import { noProofs } from "./proof-log.ts";
import { type IntactRevision, isPython, type Revision } from "../../src/backup/revision.ts";
import type { Monitor } from "../../src/system/monitor.ts";
import { TestFolder } from "./folder.ts";

export { judge } from "./tools.ts";

export const silentMonitor: Monitor = {
  signal: new AbortController().signal,
  progress: () => undefined,
  note: () => undefined,
};

export interface Workshop extends Pick<TestFolder, "root" | "destination" | "write" | "files">, Disposable {
  /** Backs a file up, also one that has not changed, and fails the test if that saved nothing. */
  save(source: string, options?: Partial<BackupRequest>): Promise<IntactRevision>;
  run(source: string, options?: Partial<BackupRequest>): Promise<BackupResult>;
  revisions(source?: string): Promise<Revision[]>;
}

export function openWorkshop(): Workshop {
  const folder = new TestFolder();
  const { root, destination } = folder;
  const run = (source: string, options: Partial<BackupRequest> = {}) =>
    backUp(
      {
        source,
        folder: destination,
        format: "zstd",
        retention: { keeprevisions: 14 },
        always: true,
        mayShare: true,
        isRaw: false,
        proofs: noProofs,
        ...options,
      },
      silentMonitor,
    );
  return {
    root,
    destination,
    run,
    write: folder.write.bind(folder),
    async save(source, options) {
      const { revision, problem } = await run(source, options);
      if (problem) throw problem;
      if (!revision) throw new Error("nothing was saved");
      return revision;
    },
    revisions: async (source) =>
      (await readRevisions(destination, source)).filter((each): each is Revision => !isPython(each)),
    files: () => folder.files(),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** The intact ones; fails the test if one is damaged. */
export function allIntact(revisions: readonly Revision[]): IntactRevision[] {
  return revisions.map((revision) => {
    if (!revision.archive) throw new Error(`${revision.file}: ${revision.reason}`);
    return revision;
  });
}

/** Bytes that compress about as well as text does, and are the same every time. */
export function mixedBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[index] = (state >>> 16) % 7 === 0 ? state >>> 24 : 32 + ((state >>> 20) % 16);
  }
  return bytes;
}
