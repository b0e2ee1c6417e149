// What the journal remembers of revisions, as the backup asks for it.
import { basename, dirname, join } from "node:path";
import { isSameDay, type ProofLog } from "../backup/proofs.ts";
import { DamagedFailure } from "../errors.ts";
import type { Job } from "../schedule/job.ts";
import { journalOf, readProofs, recordProofs } from "../schedule/journal.ts";
import type { ProofEvent } from "../schedule/proof-journal.ts";

interface Known {
  readonly provenMs: Map<string, number>;
  readonly damage: Map<string, string>;
  readonly equalMs: Map<string, number>;
  /** By series: when an old revision was last about to be read whole. */
  readonly dailyMs: Map<string, number>;
}

/** Of a job's journal, or else of the caller's own. It is read when it is first asked, and is no more than a log. */
export function openProofLog(job: Pick<Job, "journal"> = {}): ProofLog {
  const journal = journalOf(job);
  let known: Known | undefined;
  const ask = (): Known => (known ??= learn(readProofs(journal), Date.now()));
  return {
    provenMs: (path) => ask().provenMs.get(path) ?? null,
    equalMs: (path) => ask().equalMs.get(path) ?? null,
    recordEqual(path) {
      const about = { folder: dirname(path), file: basename(path), damage: "" };
      const event: ProofEvent = { event: "equal", atMs: Date.now(), ...about };
      take(event, ask());
      return recordProofs([event], journal);
    },
    damageOf: (path) => ask().damage.get(path) ?? null,
    async record(findings) {
      const atMs = Date.now();
      const events = findings.map(({ path, damage }): ProofEvent => {
        const event = damage === null ? "proven" : "damaged";
        return { event, atMs, folder: dirname(path), file: basename(path), damage: damage ?? "" };
      });
      for (const event of events) take(event, ask());
      return recordProofs(events, journal);
    },
    async beginDaily({ folder, source }) {
      const atMs = Date.now();
      const lastMs = ask().dailyMs.get(keyOf(folder, source));
      if (lastMs !== undefined && isSameDay(lastMs, atMs)) return false;
      const event: ProofEvent = { event: "daily", atMs, folder, source };
      take(event, ask());
      return recordProofs([event], journal);
    },
  };
}

/** Has the next command know of the damage that reading a revision has shown. Throws the error on. */
export async function rememberDamage(error: unknown, proofs: ProofLog): Promise<never> {
  if (error instanceof DamagedFailure && error.finding) await proofs.record([error.finding]);
  throw error;
}

/** Events of the future count for nothing: a clock was wrong then, or is now. */
function learn(events: readonly ProofEvent[], nowMs: number): Known {
  const known: Known = { provenMs: new Map(), damage: new Map(), equalMs: new Map(), dailyMs: new Map() };
  for (const event of events) if (event.atMs <= nowMs) take(event, known);
  return known;
}

function take(event: ProofEvent, { provenMs, damage, equalMs, dailyMs }: Known): void {
  if (event.event === "daily") {
    dailyMs.set(keyOf(event.folder, event.source), event.atMs);
    return;
  }
  const path = join(event.folder, event.file);
  if (event.event === "equal") equalMs.set(path, event.atMs);
  else if (event.event === "damaged") damage.set(path, event.damage);
  else {
    provenMs.set(path, event.atMs);
    damage.delete(path);
  }
}

function keyOf(folder: string, source: string): string {
  return `${folder}\0${source}`;
}
