// list: the revisions of a file, newest first.
import { measureRevisions } from "../backup/catalog.ts";
import { lastProofMs, type ProofLog } from "../backup/proofs.ts";
import {
  adviseOn,
  type AnyRevision,
  describeBroken,
  isMember,
  isPython,
  type Member,
  recordOf,
} from "../backup/revision.ts";
import * as shared from "../cli/arguments.ts";
import { formatAge, formatLocalTime, formatSize } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import { type Column, renderBar, renderTable } from "../cli/table.ts";
import { ExitCode } from "../errors.ts";
import { openRevisions } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";

/** The table fits in 80 columns with it. */
const BAR_COLUMNS = 10;

export const command = defineCommand({
  meta: {
    name: "list",
    description: "list the revisions of a file",
    details: [
      "Shows each revision's number, age, local time, size (as a bar too, so that a sudden change meets the eye), stored size and state, newest first. The state ok means that both ends of the revision are intact, and that no reading has found damage between them; verify reads all of it, and --verbose says when that was last done. The state changed is that of a file that kept changing while it was read: it may be half of one state and half of another.",
      "SAME AS names the newer neighbour that holds the same content.",
    ],
    examples: [{ type: "tinybackup list -d /media/usb/backups", does: "what is there" }],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  },
  args: {
    ...shared.known,
  },
  async run({ args, data: { output, isJson, report } }) {
    const proofs = openProofLog();
    const { folder, source, revisions, unread } = await openRevisions(args, proofs);
    const nowMs = Date.now();
    const rows = revisions.map((revision) => describe(revision, proofs, nowMs));
    if (isJson) {
      const records = rows.map(({ revision, provenMs, state }) => ({
        ...recordOf(revision, provenMs),
        state,
      }));
      output.writeJson({ source, destination: folder, revisions: records });
      return ExitCode.done;
    }
    const shown = listColumns(rows, nowMs, args.verbose);
    output.write(
      renderTable(
        shown,
        rows.map((row) => shown.map(({ tell }) => tell(row))),
      ),
    );
    for (const { revision, damage } of rows) {
      if (!revision.archive) report.warn(describeBroken(revision), adviseOn(revision));
      else if (damage !== null) report.warn(`'${revision.path}' is damaged: ${damage}`);
    }
    if (unread > 0)
      report.warn(
        `${unread} more archives in '${folder}' were not looked into, for their names are not those of its revisions`,
        "one that was renamed is restored by its name: tinybackup restore --revision NAME",
      );
    const taken = measureRevisions(folder, revisions);
    if (taken) report.info(describeTaken(taken));
    return ExitCode.done;
  },
});

/** Where each has blocks of its own, the table says it all but for the sum. */
function describeTaken({
  takenBytes,
  sharedBytes,
}: NonNullable<ReturnType<typeof measureRevisions>>): string {
  const sum = `together they take ${formatSize(takenBytes)} of the disk`;
  if (sharedBytes === 0) return sum;
  return `${sum}: what several have in common is there once, and saves ${formatSize(sharedBytes)}`;
}

type Row = ReturnType<typeof describe>;

function describe(revision: AnyRevision, proofs: ProofLog, nowMs: number) {
  // What is remembered of one that is not counted, whatever its ends look like.
  const damage = revision.archive && revision.state !== "foreign" ? proofs.damageOf(revision.path) : null;
  const state = damage === null ? revision.state : "damaged";
  // What is made here is proven when it is made; of another, nobody may know.
  const provenMs = isMember(revision) ? lastProofMs(revision, proofs, nowMs) : proofs.provenMs(revision.path);
  return { revision, provenMs: state === "damaged" ? null : provenMs, damage, state };
}

/** Of neighbours in the series with equal content the older ones, with the number of the newest. */
function findCopies(rows: readonly Row[]): ReadonlyMap<AnyRevision, number> {
  const copies = new Map<AnyRevision, number>();
  let newest: Member | undefined;
  for (const revision of rows.map((row) => row.revision).filter(isMember)) {
    if (newest?.archive.trailer.sha256 === revision.archive.trailer.sha256)
      copies.set(revision, newest.number);
    else newest = revision;
  }
  return copies;
}

interface CellColumn extends Column {
  readonly tell: (row: Row) => string;
}

function listColumns(rows: readonly Row[], nowMs: number, isVerbose: boolean): CellColumn[] {
  const copies = findCopies(rows);
  const largest = Math.max(...rows.map(({ revision }) => sizeOf(revision) ?? 0));
  const barColumns = copies.size > 0 ? BAR_COLUMNS / 2 : BAR_COLUMNS;
  const columns: CellColumn[] = [
    { title: "NUMBER", align: "right", tell: ({ revision }) => String(revision.number ?? "-") },
    { title: "AGE", align: "right", tell: ({ revision }) => formatAge(revision.takenAtMs, nowMs) },
    { title: "TAKEN", tell: ({ revision }) => formatLocalTime(revision.takenAtMs) },
    { title: "SIZE", align: "right", tell: ({ revision }) => renderSize(sizeOf(revision)) },
    { title: "", tell: ({ revision }) => renderBar(sizeOf(revision) ?? 0, largest, barColumns) },
    { title: "STORED", align: "right", tell: ({ revision }) => formatSize(revision.storedBytes) },
    { title: "STATE", tell: ({ revision, state }) => (isPython(revision) ? `${state} (Python)` : state) },
  ];
  // Only where they tell something: what a copy is one of, which machine made it, and what to type where there is no number.
  if (copies.size > 0)
    columns.push({ title: "SAME AS", tell: ({ revision }) => String(copies.get(revision) ?? "") });
  if (isVerbose)
    columns.push({
      title: "PROVEN",
      tell: ({ provenMs }) => (provenMs === null ? "?" : formatAge(provenMs, nowMs)),
    });
  if (rows.some(({ revision }) => revision.archive && revision.otherHost !== null))
    columns.push({ title: "HOST", tell: ({ revision }) => revision.archive?.trailer?.host ?? "?" });
  if (rows.some(({ revision }) => hasOddName(revision)))
    columns.push({ title: "FILE", tell: ({ revision }) => (hasOddName(revision) ? revision.file : "") });
  return columns;
}

function renderSize(sizeBytes: number | null): string {
  return sizeBytes === null ? "?" : formatSize(sizeBytes);
}

/** Whether it goes by its file name. */
function hasOddName(revision: AnyRevision): boolean {
  return revision.archive !== null && !isMember(revision);
}

function sizeOf(revision: AnyRevision): number | null {
  return revision.archive && revision.sizeBytes;
}
