// verify: reads revisions from their first byte to their last, and names the damaged ones.
import type { AnyRevision } from "../backup/revision.ts";
import { parseRevisionSelector, passedOver, selectRevision } from "../backup/select.ts";
import { type Verdict, verifyArchives, verifyRevisions } from "../backup/verify.ts";
import * as shared from "../cli/arguments.ts";
import { flag } from "../cli/command.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatLocalTime, formatSize } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { DamagedFailure, ExitCode, Failure, quoteWord, UsageFailure } from "../errors.ts";
import { openFolder, openRevisions } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";
import { renderUtc } from "../time/wall-time.ts";

export const command = defineCommand({
  meta: {
    name: "verify",
    description: "prove that revisions are whole",
    details: [
      "Reads everything: every stored byte, the size and the SHA-256 of the content. Without --revision, all revisions of FILE; with --all and no FILE, all revisions in DIR, whatever their files; or the archives that are named.",
    ],
    examples: {
      "tinybackup verify -d /media/usb/backups --all": "read every revision on the drive",
      "tinybackup verify saved/notes.txt-000042-*.tar.zst": "read one archive",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.damaged, ExitCode.unavailable],
  },
  args: {
    ...shared.known,
    revision: { ...shared.revision, check: parseRevisionSelector },
    all: flag("every revision in DIR, or of FILE"),
    archive: {
      type: "positional",
      completes: "file",
      fits: /\.(?:tar|zst|gz)$/,
      required: false,
      variadic: true,
      description: "archives to read instead, wherever they are",
    },
  },
  async run({ args, data: session }) {
    return tell(await check(args, session), session);
  },
});

interface Choice {
  readonly sourcefile: string | undefined;
  readonly destinationdirectory: string | undefined;
  readonly revision: string | undefined;
  readonly all: boolean;
  /** The archives that are named. */
  readonly _: readonly string[];
}

async function check(choice: Choice, session: Session): Promise<Verdict[]> {
  refuseContradictions(choice);
  const { sourcefile, revision, all, _: archives } = choice;
  const proofs = openProofLog();
  if (archives.length > 0) return verifyArchives(archives, proofs, session);
  if (all && sourcefile === undefined)
    return verifyRevisions(notForeign(await openFolder(choice)), proofs, session);
  const selector = revision === undefined ? undefined : parseRevisionSelector(revision);
  const { revisions } = await openRevisions(choice, proofs);
  if (!selector) return verifyRevisions(notForeign(revisions), proofs, session);
  const found = selectRevision(revisions, selector, true);
  return verifyRevisions([...passedOver(revisions, selector, found), found], proofs, session);
}

/** What somebody else put there is nobody's loss: it is read where it is asked for. */
function notForeign(revisions: readonly AnyRevision[]): AnyRevision[] {
  return revisions.filter(({ state }) => state !== "foreign");
}

function refuseContradictions(choice: Choice): void {
  const { sourcefile, destinationdirectory, revision, all, _: archives } = choice;
  const isChosen = all || (sourcefile ?? destinationdirectory ?? revision) !== undefined;
  if (archives.length > 0 && isChosen) {
    const [named] = archives;
    throw new UsageFailure(`the archive '${named}' is named, and options that choose from a folder as well`, {
      instead: { "--sourcefile": null, "--destinationdirectory": null, "--revision": null, "--all": null },
    });
  }
  if (revision !== undefined && all) {
    throw new UsageFailure("options '--revision' and '--all' exclude each other", {
      instead: { "--all": null },
    });
  }
}

function tell(verdicts: readonly Verdict[], { output, isQuiet, isJson, report }: Session): ExitCode {
  const changed = verdicts
    .filter(({ state, isChanged }) => state === "whole" && isChanged)
    .map(({ path }) => ({ file: path, reason: "whole, of a file that kept changing while it was read" }));
  const found = { damaged: select(verdicts, "damaged"), unreadable: select(verdicts, "unreadable"), changed };
  const { damaged, unreadable } = found;
  const all = verdicts.length === 1 ? "1 revision" : `${verdicts.length} revisions`;
  const provenBytes = verdicts.reduce((sum, verdict) => sum + verdict.provenBytes, 0);
  const nowMs = Date.now();
  if (isJson) {
    output.writeJson({ checked: verdicts.length, ...found, provenBytes, at: renderUtc(nowMs) });
  } else {
    for (const [state, findings] of Object.entries(found))
      for (const { file, reason } of findings) output.write(`${state}: ${escapeControls(file)}: ${reason}\n`);
    if (damaged.length + unreadable.length === 0 && !isQuiet)
      output.write(`${all} read, all whole: ${formatSize(provenBytes)}, at ${formatLocalTime(nowMs)}\n`);
  }
  if (damaged.length > 0) {
    const [{ file } = { file: "" }] = damaged;
    const hint = `nothing can be restored from it; where 'tinybackup list' shows a good one, it can go: rm ${quoteWord(file)}`;
    if (!isJson) report.error(new DamagedFailure(`damaged: ${damaged.length} of ${all}`, { hint }));
    return ExitCode.damaged;
  }
  if (unreadable.length === 0) return ExitCode.done;
  const hint = "check who may read there with: ls -l; and what the system says of the disk with: dmesg";
  if (!isJson) report.error(new Failure(`unreadable: ${unreadable.length} of ${all}`, { hint }));
  return ExitCode.failed;
}

function select(verdicts: readonly Verdict[], wanted: Verdict["state"]) {
  return verdicts
    .filter(({ state }) => state === wanted)
    .map(({ path, reason }) => ({ file: path, reason: reason ?? "" }));
}
