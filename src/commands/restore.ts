// restore: a revision becomes a file again.
import { askedAgain, type ProofLog } from "../backup/proofs.ts";
import {
  type RestoreRequest,
  restoreRevision,
  type RestoreResult,
  streamRevision,
} from "../backup/restore.ts";
import { isPython, type ReadableRevision, recordOf, titleOf } from "../backup/revision.ts";
import { parseRevisionSelector } from "../backup/select.ts";
import * as shared from "../cli/arguments.ts";
import { flag, valued } from "../cli/command.ts";
import { formatLocalTime } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { DamagedFailure, ExitCode, quoteWord, UsageFailure } from "../errors.ts";
import { isScheduled } from "../schedule/infer-target.ts";
import { baseNameOf } from "../system/paths.ts";
import { openStream, standardOutput } from "../system/stream-target.ts";
import {
  type Chosen,
  chooseRevision,
  openArchive,
  type OpenRevisions,
  openRevisions,
  tellChosen,
} from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";

export const command = defineCommand({
  meta: {
    name: "restore",
    description: "write a revision back as a file",
    details: [
      "Restores FILE to where it was, or to PATH. The revision is read whole and proven before anything gets its name. An existing file is not replaced without --force, and then stays beside it as FILE.before-restore-TIME; so does what SQLite keeps beside a database.",
      "A newest revision that is damaged is passed over, which is said, and the exit code is 5.",
    ],
    examples: {
      "tinybackup restore -f ~/ledger.db -d /media/usb/backups": "bring a lost file back",
      "tinybackup restore -d saved --revision 42 --to /tmp/look.txt": "look at an older state",
      "tinybackup restore notes.txt --revision yesterday --force": "go back to what it was yesterday",
      "tinybackup restore -d saved --to - | less": "look without writing a file",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.damaged, ExitCode.unavailable, ExitCode.unread],
  },
  args: {
    ...shared.known,
    sourcefile: {
      ...shared.known.sourcefile,
      description: "the file, or one of its revisions; may be left out where only one can be meant",
    },
    revision: { ...shared.revision, check: parseRevisionSelector, default: "latest" },
    to: valued("PATH", "where to write the file, or a pipe; - is standard output", {
      completes: "file",
      suggestedUnless: ["sourcefile"],
    }),
    force: flag("replace an existing file, which keeps a second name"),
  },
  async run({ args, data: session }) {
    const proofs = askedAgain(openProofLog());
    const archive = await openArchive(args);
    const selector = archive?.selector ?? parseRevisionSelector(args.revision);
    const opened = archive ?? (await openRevisions(args, proofs));
    const target = args.to ?? (await findOriginalPlace(opened));
    const delivery = await openDelivery({ target, force: args.force }, session);
    let { revisions } = opened;
    for (;;) {
      const chosen = chooseRevision(revisions, selector, "restored", args.force);
      const outcome = await deliver(chosen.revision, delivery, proofs, session);
      if (!("error" in outcome)) {
        tellRestored(chosen, outcome, session);
        return chosen.passed.length > 0 ? ExitCode.damaged : outcome.exitCode;
      }
      // Asked for by its name or number, no other one will do.
      if (isPython(chosen.revision) || selector.by === "number" || selector.by === "file")
        throw outcome.error;
      const { reason } = outcome;
      const broken = { ...chosen.revision, state: "damaged", reason, archive: null } as const;
      revisions = revisions.map((revision) => (revision === chosen.revision ? broken : revision));
    }
  },
});

/** Where it goes: to a file, or to what is there in place of one. */
async function openDelivery(typed: Omit<RestoreRequest, "revision">, { isJson, signal }: Session) {
  const stream = await openStream(typed.target, signal);
  if (!isJson || stream?.descriptor !== standardOutput) return { ...typed, stream };
  throw new UsageFailure("standard output takes the file itself, and no JSON", {
    instead: { "--json": null },
  });
}

interface Restored extends RestoreResult {
  readonly exitCode: ExitCode;
  readonly isStreamed: boolean;
}

/** Where the revision is damaged, that is returned: nothing of it was handed over, and the damage is remembered. */
async function deliver(
  revision: ReadableRevision,
  { stream, ...to }: Awaited<ReturnType<typeof openDelivery>>,
  proofs: ProofLog,
  session: Session,
): Promise<Restored | { readonly error: DamagedFailure; readonly reason: string }> {
  let hasBegun = false;
  try {
    if (!stream) {
      const result = await restoreRevision({ revision, ...to }, session);
      return { ...result, exitCode: ExitCode.done, isStreamed: false };
    }
    const write = (bytes: Uint8Array) => {
      hasBegun = true;
      return session.output.writeChunk(bytes, stream);
    };
    const isTaken = await streamRevision(revision, write, session);
    const nothing = { moved: [], leftOut: [], warnings: [] };
    const exitCode = isTaken ? ExitCode.done : ExitCode.unread;
    return { target: to.target, ...nothing, exitCode, isStreamed: true };
  } catch (error) {
    if (!(error instanceof DamagedFailure) || !error.finding) throw error;
    await proofs.record([error.finding]);
    if (hasBegun) throw error;
    return { error, reason: error.finding.damage };
  }
}

function tellRestored(chosen: Chosen, restored: Restored, { report, output, isJson }: Session): void {
  const { revision, passed } = chosen;
  const { target, leftOut, isStreamed } = restored;
  const moved = restored.moved.map(({ from, to }) => ({ from, to }));
  if (isJson) {
    const warnings = [...restored.warnings];
    tellChosen(chosen, "restored", { warn: (message) => void warnings.push(message) });
    const passedOver = passed.map(({ path }) => path);
    // It was read whole to be restored.
    const record = recordOf(revision, Date.now());
    output.writeJson({ changed: true, revision: record, target, moved, leftOut, passedOver, warnings });
    return;
  }
  for (const warning of restored.warnings) report.warn(warning);
  for (const { from, to } of moved)
    report.info(`${from === target ? "the file that was there" : `SQLite's '${from}'`} is now '${to}'`);
  if (leftOut.length > 0)
    report.warn(`'${target}' is without the file's ${leftOut.join(", ")}`, adviseLeftOut(revision, leftOut));
  if (!isStreamed)
    report.info(
      `restored ${titleOf(revision)}, taken ${formatLocalTime(revision.takenAtMs)}, to '${target}'`,
    );
  tellChosen(chosen, "restored", report);
}

/** How root gets what a restored file is without; undefined where that is not wanted. */
function adviseLeftOut(revision: ReadableRevision, leftOut: readonly string[]): string | undefined {
  const isPrivilege = leftOut.some((noun) => /^(?:set-|sticky|security\.capability)/.test(noun));
  if (!isPrivilege || process.getuid?.() !== 0 || isPython(revision)) return undefined;
  return `where it is wanted, root has all of it in the current folder by: tar -xpf ${quoteWord(revision.path)} --acls --xattrs --xattrs-include='*'`;
}

/** The original place, where a schedule names it: the word of an archive is never enough to write somewhere. */
async function findOriginalPlace({ source, isSourceNamed, folder }: OpenRevisions): Promise<string> {
  if (source !== null && (isSourceNamed || (await isScheduled(source, folder)))) return source;
  const instead = { "--to": source === null ? "PATH" : baseNameOf(source) };
  throw new UsageFailure("it is not said where to restore to", { instead });
}
