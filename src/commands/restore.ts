// restore: a revision becomes a file again.
import { defineCommand } from "citty";
import { asBroken, type ProofLog } from "../backup/proofs.ts";
import { restoreRevision, type RestoreResult, streamRevision } from "../backup/restore.ts";
import { isPython, type ReadableRevision, titleOf } from "../backup/revision.ts";
import { parseRevisionSelector } from "../backup/select.ts";
import * as shared from "../cli/arguments.ts";
import { formatLocalTime } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { DamagedFailure, ExitCode, Failure, quoteWord, UsageFailure } from "../errors.ts";
import { isScheduled } from "../schedule/infer-target.ts";
import { chooseRevision, type OpenRevisions, openRevisions, tellChosen } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";

export const command = defineCommand({
  meta: {
    name: "restore",
    description: "write a revision back as a file",
    details: [
      "Restores FILE to where it was, or to PATH. The revision is read whole and proven before anything gets its name. An existing file is not replaced without --force, and then stays beside it as FILE.before-restore-TIME; so does what SQLite keeps beside a database.",
      "A newest revision that is damaged is passed over, which is said, and the exit code is 5.",
    ],
    examples: [
      { type: "tinybackup restore -f ~/ledger.db -d /media/usb/backups", does: "bring a lost file back" },
      {
        type: "tinybackup restore -d saved --revision 42 --to /tmp/look.txt",
        does: "look at an older state",
      },
      { type: "tinybackup restore -d saved --to - | less", does: "look without writing a file" },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.damaged, ExitCode.unavailable],
  },
  args: {
    ...shared.known,
    revision: { ...shared.revision, default: "latest" },
    to: {
      type: "string",
      valueHint: "PATH",
      completes: "file",
      description: "where to write the file; - is standard output",
    },
    force: {
      type: "boolean",
      default: false,
      description: "replace an existing file, which keeps a second name",
    },
    ...shared.messages,
  },
  async run({ args, data }) {
    const session: Session = data;
    const selector = parseRevisionSelector(args.revision);
    const proofs = openProofLog();
    const opened = await openRevisions(args, proofs);
    const target = args.to ?? (await findOriginalPlace(opened));
    let { revisions } = opened;
    for (;;) {
      const chosen = chooseRevision(revisions, selector, "restored", args.force);
      const damaged = await deliver(chosen.revision, { target, force: args.force, proofs }, session);
      if (damaged === null) {
        tellChosen(chosen, "restored", session.report);
        return chosen.passed.length > 0 ? ExitCode.damaged : ExitCode.done;
      }
      // Asked for by its name or number, no other one will do.
      if (isPython(chosen.revision) || selector.by === "number" || selector.by === "file") throw damaged;
      const broken = asBroken(chosen.revision, "damaged", damaged.finding.damage);
      revisions = revisions.map((revision) => (revision === chosen.revision ? broken : revision));
    }
  },
});

interface Delivery {
  /** `-` is standard output. */
  readonly target: string;
  readonly force: boolean;
  readonly proofs: ProofLog;
}

type Damage = DamagedFailure & { readonly finding: NonNullable<DamagedFailure["finding"]> };

/** Null where it was done; otherwise the revision is damaged, nothing of it was handed over, and that is remembered. */
async function deliver(
  revision: ReadableRevision,
  { target, force, proofs }: Delivery,
  session: Session,
): Promise<Damage | null> {
  let hasBegun = false;
  try {
    if (target === "-") {
      if (session.output.isClosed()) throw new Failure("cannot write to standard output: it is closed");
      const write = (bytes: Uint8Array) => {
        hasBegun = true;
        return session.output.writeChunk(bytes);
      };
      await streamRevision(revision, write, session);
      return null;
    }
    tellRestored(revision, await restoreRevision({ revision, target, force }, session), session);
    return null;
  } catch (error) {
    if (!isDamage(error)) throw error;
    await proofs.record([error.finding]);
    if (hasBegun) throw error;
    return error;
  }
}

function isDamage(error: unknown): error is Damage {
  return error instanceof DamagedFailure && error.finding !== undefined;
}

function tellRestored(
  revision: ReadableRevision,
  { moved, warnings, target }: RestoreResult,
  { report }: Session,
): void {
  for (const warning of warnings) report.warn(warning);
  for (const { from, to } of moved)
    report.info(`${from === target ? "the file that was there" : `SQLite's '${from}'`} is now '${to}'`);
  report.info(`restored ${titleOf(revision)}, taken ${formatLocalTime(revision.takenAtMs)}, to '${target}'`);
}

/** The original place, where a schedule names it: the word of an archive is never enough to write somewhere. */
async function findOriginalPlace({ source, isSourceNamed, folder }: OpenRevisions): Promise<string> {
  if (source !== null && (isSourceNamed || (await isScheduled(source, folder)))) return source;
  const example = `tinybackup restore -f ${quoteWord(source ?? "FILE")} -d ${quoteWord(folder)}`;
  throw new UsageFailure("it is not said where to restore to", {
    hint: `add --to PATH, or name the file: ${example}`,
  });
}
