// prune: applies a retention to the revisions of a file, and says of each why it stays or goes.
import { readSeries } from "../backup/catalog.ts";
import { pruneRevisions } from "../backup/prune.ts";
import * as shared from "../cli/arguments.ts";
import { defineCommand } from "../cli/command.ts";
import { formatLocalTime } from "../cli/format.ts";
import { renderTable } from "../cli/table.ts";
import { parseKeepRevisions } from "../cli/values.ts";
import { watchWork } from "../cli/work.ts";
import { ExitCode } from "../errors.ts";
import { openRevisions } from "./open-revisions.ts";

const columns = [
  { title: "NUMBER", align: "right" },
  { title: "TAKEN" },
  { title: "FATE" },
  { title: "WHY" },
] as const;

export const command = defineCommand({
  name: "prune",
  summary: "remove old revisions of a file",
  details: ["Every run does this by itself; here it is done, or only shown, without making a new revision."],
  args: {
    sourcefile: { ...shared.sourcefile, completes: "source", required: true },
    destinationdirectory: { ...shared.destinationdirectory, required: true },
    keeprevisions: { ...shared.keeprevisions, required: true },
    "dry-run": { ...shared.dryRun, description: "only show what would stay and go, and why" },
    json: shared.json,
    ...shared.messages,
  },
  examples: [
    { type: "tinybackup prune -f notes.txt -d saved -k 3 --dry-run", does: "what keeping 3 would remove" },
  ],
  exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  async run(args, session) {
    const retention = { keeprevisions: parseKeepRevisions(args.keeprevisions) };
    const isDryRun = args["dry-run"];
    const { folder, revisions } = await openRevisions(args, readSeries);
    const request = { folder, revisions, retention, isDryRun };
    const { keep, removed, problem } = await watchWork(session, (watch) => pruneRevisions(request, watch));
    if (problem && removed.length === 0) throw problem;
    if (session.isJson) {
      const kept = keep.map(({ revision: { file }, reasons }) => ({ file, reasons }));
      session.output.writeJson({
        keep: kept,
        remove: removed.map(({ file }) => ({ file })),
        dryRun: isDryRun,
      });
    } else if (!args.quiet) {
      const goes = isDryRun ? "would be removed" : "removed";
      const rows = [
        ...keep.map(({ revision, reasons }) => rowOf(revision, "kept", reasons.join(", "))),
        ...removed.map((revision) => rowOf(revision, goes, `older than the newest ${args.keeprevisions}`)),
      ];
      session.output.write(
        renderTable(
          columns,
          rows.toSorted((one, other) => Number(other[0]) - Number(one[0])),
        ),
      );
    }
    if (problem) throw problem;
    return ExitCode.done;
  },
});

function rowOf(
  revision: { readonly number: number; readonly takenAtMs: number },
  fate: string,
  why: string,
): string[] {
  return [String(revision.number), formatLocalTime(new Date(revision.takenAtMs)), fate, why];
}
