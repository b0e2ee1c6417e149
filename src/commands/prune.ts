// prune: applies a retention to the revisions of a file, and says of each why it stays or goes.
import { findPolicy } from "../backup/catalog.ts";
import { pruneRevisions, type PruneResult } from "../backup/prune.ts";
import { describeRetention, type Retention } from "../backup/retention-policy.ts";
import type { Revision } from "../backup/revision.ts";
import * as shared from "../cli/arguments.ts";
import { flag } from "../cli/command.ts";
import { formatLocalTime } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { renderTable } from "../cli/table.ts";
import { ExitCode, UsageFailure } from "../errors.ts";
import { openSeries } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";
import { readRetention, retentionArguments } from "./retention-options.ts";

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
      "Every run does this by itself; here it is done, or only shown, without making a new revision. What is kept: whatever any of the --keep options keeps. Without one, the policy of the newest revision holds.",
      "A run keeps what was before a file fell to under a tenth by itself; here all revisions are taken as one.",
    ],
    examples: {
      "tinybackup prune -f notes.txt -d saved -k 3 --dry-run": "what keeping 3 would remove",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  },
  args: {
    ...shared.places,
    sourcefile: { ...shared.places.sourcefile, completes: "source" },
    ...retentionArguments,
    "dry-run": flag("only show what would stay and go, and why"),
  },
  async run({ args, data: session }) {
    const typed = readRetention(args);
    const isDryRun = args["dry-run"];
    const { folder, revisions } = await openSeries(args);
    const retention = typed ?? followSeries(revisions, session);
    const result = await pruneRevisions(
      { folder, revisions, retention, isDryRun, asOne: true, proofs: openProofLog() },
      session,
    );
    const { removed, warnings, problem } = result;
    for (const warning of warnings) session.report.warn(warning);
    if (!problem || removed.length > 0) show(result, isDryRun, session);
    if (problem) throw problem;
    return ExitCode.done;
  },
});

function followSeries(revisions: readonly Revision[], { report }: Session): Retention {
  const said = findPolicy(revisions);
  if (!said) {
    throw new UsageFailure("it is not said what to keep, and no revision there says so", {
      hint: "what this keeps, and removes",
      instead: { "--keeprevisions": "14", "--dry-run": "" },
    });
  }
  report.info(`as revision ${said.saidBy.number} says, this keeps ${describeRetention(said.retention)}`);
  return said.retention;
}

function show({ keep, removed }: PruneResult, isDryRun: boolean, session: Session): void {
  const { output, report, screen, isJson, isQuiet } = session;
  if (isJson) {
    const kept = keep.map(({ revision: { file }, reasons }) => ({ file, reasons }));
    const remove = removed.map(({ revision: { file } }) => ({ file }));
    output.writeJson({ keep: kept, remove, dryRun: isDryRun });
    return;
  }
  if (isQuiet) return;
  const fate = isDryRun ? "would be removed" : "removed";
  const rows = [
    ...keep.map(({ revision, reasons }) => ({ revision, fate: "kept", why: reasons.join(", ") })),
    ...removed.map(({ revision, reason }) => ({ revision, fate, why: reason })),
  ].toSorted((one, other) => other.revision.number - one.revision.number);
  const cells = rows.map(({ revision, ...row }) => {
    return [String(revision.number), formatLocalTime(revision.takenAtMs), row.fate, row.why];
  });
  output.write(renderTable(columns, cells, screen));
  const count = removed.length === 1 ? "1 old revision" : `${removed.length} old revisions`;
  if (removed.length > 0 && !isDryRun) report.info(`removed ${count}`);
}
