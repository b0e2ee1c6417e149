// What the journal remembers of revisions, as the backup asks for it.
import { isSameDay, type ProofLog } from "../backup/proofs.ts";
import { DamagedFailure } from "../errors.ts";
import type { Job } from "../schedule/job.ts";
import { journalOf, type Proof, proofReader, recordProofs } from "../schedule/journal.ts";

/** Of a job's journal, or else of the caller's own. It is read when it is first asked, and is no more than a log. */
export function openProofLog(job: Pick<Job, "journal"> = {}): ProofLog {
  const journal = journalOf(job);
  let read: ReturnType<typeof proofReader> | undefined;
  const known = new Map<string, Map<string, Proof>>();
  const ask = (path: string) => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const its = known.get(folder) ?? learn((read ??= proofReader(journal))(folder), Date.now());
    known.set(folder, its);
    return its;
  };
  const record: ProofLog["record"] = (findings) => {
    const atMs = Date.now();
    const proofs = findings.map(({ path, damage }) => ({ path, atMs, damage }));
    for (const proof of proofs) ask(proof.path).set(proof.path, proof);
    return recordProofs(proofs, journal);
  };
  return {
    provenMs(path) {
      const last = ask(path).get(path);
      return last?.damage === null ? last.atMs : null;
    },
    damageOf: (path) => ask(path).get(path)?.damage ?? null,
    record,
    // What is no proof is kept as if it were one of a file whose path has two slashes: there is none.
    equalMs: (path) => ask(`${path}//equal`).get(`${path}//equal`)?.atMs ?? null,
    recordEqual: (path) => record([{ path: `${path}//equal`, damage: null }]),
    async beginDaily({ folder, source }) {
      const path = `${folder}/${source}`;
      const last = ask(path).get(path);
      return !(last && isSameDay(last.atMs, Date.now())) && record([{ path, damage: null }]);
    },
  };
}

/** Has the next command know of the damage that reading a revision has shown. Throws the error on. */
export async function rememberDamage(error: unknown, proofs: ProofLog): Promise<never> {
  if (error instanceof DamagedFailure && error.finding) await proofs.record([error.finding]);
  throw error;
}

/** The last of each file. What is of the future counts for nothing: a clock was wrong then, or is now. */
function learn(proofs: readonly Proof[], nowMs: number): Map<string, Proof> {
  const past = proofs.filter(({ atMs }) => atMs <= nowMs);
  return new Map(past.map((proof) => [proof.path, proof]));
}
