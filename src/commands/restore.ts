// restore: a revision becomes a file again.
import { defineCommand } from "citty";
import { restoreRevision, streamRevision } from "../backup/restore.ts";
import { parseRevisionSelector } from "../backup/select.ts";
import * as shared from "../cli/arguments.ts";
import { formatLocalTime } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { ExitCode, Failure, quoteWord, UsageFailure } from "../errors.ts";
import { isScheduled } from "../schedule/infer-target.ts";
import { chooseRevision, type OpenRevisions, openRevisions } from "./open-revisions.ts";

export const command = defineCommand({
  meta: {
    name: "restore",
    description: "write a revision back as a file",
    details: [
      "Restores FILE to where it was, or to PATH. The revision is read whole and proven before anything gets its name. An existing file is not replaced without --force, and with it is saved as a revision first.",
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
    sourcefile: shared.knownSource,
    destinationdirectory: shared.knownDestination,
    revision: { ...shared.revision, default: "latest" },
    to: shared.to,
    force: { ...shared.force, description: "replace an existing file, after saving it as a revision" },
    ...shared.messages,
  },
  async run({ args, data }) {
    const session: Session = data;
    const selector = parseRevisionSelector(args.revision);
    const opened = await openRevisions(args);
    const target = args.to ?? (await findOriginalPlace(opened));
    const revision = chooseRevision(opened.revisions, selector, "restored", session.report, args.force);
    if (target === "-") {
      if (session.output.isClosed()) throw new Failure("cannot write to standard output: it is closed");
      await streamRevision(revision, session.output.writeChunk, session);
      return ExitCode.done;
    }
    const request = { revision, target, force: args.force };
    const { safety, warnings, target: restored } = await restoreRevision(request, session);
    for (const warning of warnings) session.report.warn(warning);
    if (safety)
      session.report.info(`saved the file that was there as revision ${safety.number}: '${safety.path}'`);
    const taken = formatLocalTime(revision.takenAtMs);
    session.report.info(`restored revision ${revision.number}, taken ${taken}, to '${restored}'`);
    return ExitCode.done;
  },
});

/** The original place, where a schedule names it: the word of an archive is never enough to write somewhere. */
async function findOriginalPlace({ source, isSourceNamed, folder }: OpenRevisions): Promise<string> {
  if (source !== null && (isSourceNamed || (await isScheduled(source, folder)))) return source;
  const example = `tinybackup restore -f ${quoteWord(source ?? "FILE")} -d ${quoteWord(folder)}`;
  throw new UsageFailure("it is not said where to restore to", {
    hint: `add --to PATH, or name the file: ${example}`,
  });
}
