// A temporary folder with a source and a destination in it, and the shortest way to save and look.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backUp, type BackupRequest, type BackupResult } from "../../src/backup/back-up.ts";
import { readRevisions } from "../../src/backup/catalog.ts";
import type { IntactRevision, Revision } from "../../src/backup/revision.ts";
import type { Monitor } from "../../src/system/monitor.ts";

export const silentMonitor: Monitor = {
  signal: new AbortController().signal,
  progress: () => undefined,
  note: () => undefined,
};

export interface Workshop extends Disposable {
  readonly root: string;
  readonly destination: string;
  /** Writes a file under the root and returns its path. */
  write(name: string, content: string | Uint8Array): string;
  /** Backs a file up, and fails the test if that saved nothing. */
  save(source: string, options?: Partial<BackupRequest>): Promise<IntactRevision>;
  run(source: string, options?: Partial<BackupRequest>): Promise<BackupResult>;
  revisions(source?: string): Promise<Revision[]>;
  /** What the destination holds, sorted. */
  files(): string[];
}

export function openWorkshop(): Workshop {
  const root = mkdtempSync(join(tmpdir(), "tinybackup-test-"));
  const destination = join(root, "saved");
  mkdirSync(destination);
  const run = (source: string, options: Partial<BackupRequest> = {}) =>
    backUp(
      {
        source,
        folder: destination,
        format: "zstd",
        verify: true,
        retention: { keeprevisions: 14 },
        ...options,
      },
      silentMonitor,
    );
  return {
    root,
    destination,
    run,
    write(name, content) {
      const path = join(root, name);
      writeFileSync(path, content);
      return path;
    },
    async save(source, options) {
      const { revision, problem } = await run(source, options);
      if (problem) throw problem;
      if (!revision) throw new Error("nothing was saved");
      return revision;
    },
    revisions: (source) => readRevisions(destination, source),
    files: () => readdirSync(destination).toSorted(),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The intact ones; fails the test if one is damaged. */
export function allIntact(revisions: readonly Revision[]): IntactRevision[] {
  return revisions.map((revision) => {
    if (!revision.archive) throw new Error(`${revision.file}: ${revision.reason}`);
    return revision;
  });
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a foreign judge (tar, zstd, gzip, sha256sum) and returns what it said. */
export function judge(command: string, ...args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    maxBuffer: 1 << 30,
    env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC" },
  });
  if (error) throw error;
  return { status, stdout, stderr: stderr.toString() };
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
