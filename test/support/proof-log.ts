// A memory of proofs that lives as long as a test, and goes by the clock that the test has set.
import { isSameDay, type ProofLog, type Series } from "../../src/backup/proofs.ts";

/** Remembers nothing. */
export const noProofs: ProofLog = {
  provenMs: () => null,
  damageOf: () => null,
  equalMs: () => null,
  recordEqual: () => Promise.resolve(false),
  record: () => Promise.resolve(false),
  beginDaily: () => Promise.resolve(false),
};

export interface TestProofLog extends ProofLog {
  /** Files that were read whole, in that order, the damaged ones included. */
  readonly read: string[];
}

export function createProofLog({ isWritable = true } = {}): TestProofLog {
  const proven = new Map<string, number>();
  const damage = new Map<string, string>();
  const equal = new Map<string, number>();
  const daily = new Map<string, number>();
  const read: string[] = [];
  return {
    read,
    provenMs: (path) => proven.get(path) ?? null,
    damageOf: (path) => damage.get(path) ?? null,
    equalMs: (path) => equal.get(path) ?? null,
    record(findings) {
      for (const { path, damage: reason } of findings) {
        read.push(path);
        if (reason === null) {
          proven.set(path, Date.now());
          damage.delete(path);
        } else damage.set(path, reason);
      }
      return Promise.resolve(isWritable);
    },
    recordEqual(path) {
      equal.set(path, Date.now());
      return Promise.resolve(isWritable);
    },
    beginDaily({ folder, source }: Series) {
      const lastMs = daily.get(folder + source);
      if (lastMs !== undefined && isSameDay(lastMs, Date.now())) return Promise.resolve(false);
      daily.set(folder + source, Date.now());
      return Promise.resolve(isWritable);
    },
  };
}
