// prune: applies a retention to the revisions of a file, and says of each why it stays or goes.
import { defineCommand } from "citty";
import { readSeries } from "../backup/catalog.ts";
import { pruneRevisions } from "../backup/prune.ts";
import * as shared from "../cli/arguments.ts";
import { formatLocalTime } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { renderTable } from "../cli/table.ts";
import { ExitCode } from "../errors.ts";
import { keeprevisions, parseKeepRevisions } from "./backup-options.ts";
import { openRevisions } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";

const columns = [
  { title: "NUMBER", align: "right" },
  { title: "TAKEN" },
  { title: "FATE" },
  { title: "WHY" },
] as const;

export const command = defineCommand({
  meta: {
    name: "prune",
    description: "remove old revisions of a file",
    details: [
      "Every run does this by itself; here it is done, or only shown, without making a new revision.",
    ],
    examples: [
      { type: "tinybackup prune -f notes.txt -d saved -k 3 --dry-run", does: "what keeping 3 would remove" },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  },
  args: {
    sourcefile: { ...shared.sourcefile, completes: "source", required: true },
    destinationdirectory: { ...shared.destinationdirectory, required: true },
    keeprevisions: { ...keeprevisions, required: true },
    "dry-run": {
      type: "boolean",
      default: false,
      description: "only show what would stay and go, and why",
    },
    json: shared.json,
    ...shared.messages,
  },
  async run({ args, data }) {
    const session: Session = data;
    const retention = { keeprevisions: parseKeepRevisions(args.keeprevisions) };
    const isDryRun = args["dry-run"];
    const { folder, revisions } = await openRevisions(args, readSeries);
    const { keep, removed, warnings, problem } = await pruneRevisions(
      { folder, revisions, retention, isDryRun, asOne: true, proofs: openProofLog() },
      session,
    );
    for (const warning of warnings) session.report.warn(warning);
    if (problem && removed.length === 0) throw problem;
    if (session.isJson) {
      const kept = keep.map(({ revision: { file }, reasons }) => ({ file, reasons }));
      const remove = removed.map(({ revision: { file } }) => ({ file }));
      session.output.writeJson({ keep: kept, remove, dryRun: isDryRun });
    } else if (!session.isQuiet) {
      const fate = isDryRun ? "would be removed" : "removed";
      const rows = [
        ...keep.map(({ revision, reasons }) => ({ revision, fate: "kept", why: reasons.join(", ") })),
        ...removed.map(({ revision, reason }) => ({ revision, fate, why: reason })),
      ].toSorted((one, other) => other.revision.number - one.revision.number);
      const cells = rows.map(({ revision, ...row }) => [
        String(revision.number),
        formatLocalTime(revision.takenAtMs),
        row.fate,
        row.why,
      ]);
      session.output.write(renderTable(columns, cells));
    }
    if (problem) throw problem;
    return ExitCode.done;
  },
});
