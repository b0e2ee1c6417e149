// list: the revisions of a file, newest first; or, where several can be meant, a line for each.
import { findPolicy, measureRevisions } from "../backup/catalog.ts";
import { lastProofMs, type ProofLog } from "../backup/proofs.ts";
import { describeRetention } from "../backup/retention-policy.ts";
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
import { valued } from "../cli/command.ts";
import { formatAge, formatLocalTime, formatSize } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Screen } from "../cli/screen.ts";
import type { Session } from "../cli/session.ts";
import { type Column, renderBar, renderTable } from "../cli/table.ts";
import { parseCount } from "../cli/values.ts";
import { ExitCode } from "../errors.ts";
import { openAll, type OpenRevisions } from "./open-revisions.ts";
import { openProofLog } from "./proof-log.ts";
import { renderUtc } from "../time/wall-time.ts";

/** The table fits in 80 columns with it. */
const BAR_COLUMNS = 10;
/** From there on a screen has room for what --verbose shows. */
const WIDE_COLUMNS = 100;

export const command = defineCommand({
  meta: {
    name: "list",
    description: "list the revisions of a file",
    details: [
      "Shows each revision's number, age, local time, size (as a bar too, so that a sudden change meets the eye), stored size and state, newest first: what one looks for is mostly there. The state ok means that both ends of the revision are intact, and that no reading has found damage between them; verify reads all of it, and --verbose says when that was last done. The state changed is that of a file that kept changing while it was read: it may be half of one state and half of another.",
      "SAME AS names the newer neighbour that holds the same content. On a terminal, a last line says how many there are, since when, how much room they take, and what is kept.",
      "Without FILE and DIR, or where DIR holds revisions of several files, each file with revisions is shown in one line.",
    ],
    examples: {
      "tinybackup list -d /media/usb/backups": "what is there",
      "tinybackup list -f notes.txt -d saved -n 5": "the newest five",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.unavailable],
  },
  args: {
    ...shared.known,
    count: valued("N", "show the newest N only", { alias: ["n"] }),
  },
  async run({ args, data: session }) {
    const count = args.count === undefined ? Infinity : parseCount(args.count, { name: "--count", min: 1 });
    const proofs = openProofLog();
    const [only, ...others] = await openAll(args, proofs);
    if (only && others.length === 0) listOne(only, { count, proofs, isVerbose: args.verbose }, session);
    else listFiles(only ? [only, ...others] : [], count, session);
    return ExitCode.done;
  },
});

interface Wish {
  readonly count: number;
  readonly proofs: ProofLog;
  readonly isVerbose: boolean;
}

function listOne(opened: OpenRevisions, { count, proofs, isVerbose }: Wish, session: Session): void {
  const { folder, source, unread } = opened;
  const { output, isJson, isQuiet, report, screen } = session;
  const nowMs = Date.now();
  const rows = opened.revisions.slice(0, count).map((revision) => describe(revision, proofs, nowMs));
  if (isJson) {
    const records = rows.map(({ revision, provenMs, state }) => ({
      ...recordOf(revision, provenMs),
      state,
    }));
    output.writeJson({ source, destination: folder, revisions: records });
    return;
  }
  const shown = listColumns(rows, { nowMs, isVerbose, screen });
  const cells = rows.map((row) => shown.map(({ tell }) => tell(row)));
  output.write(renderTable(shown, cells, screen));
  for (const { revision, damage } of rows) {
    if (!revision.archive) report.warn(describeBroken(revision), adviseOn(revision));
    else if (damage !== null) report.warn(`'${revision.path}' is damaged: ${damage}`);
  }
  if (unread > 0)
    report.warn(
      `${unread} more archives in '${folder}' were not looked into, for their names are not those of its revisions`,
      "one that was renamed is restored by its name: tinybackup restore --revision NAME",
    );
  if (screen.isTerminal && !isQuiet)
    output.write(`${Bun.wrapAnsi(describeAll(opened, rows.length), screen.columns)}\n`);
}

/** `14 revisions since 2026-11-01 02:00:00, together 38 KiB; each run keeps the newest 14 revisions`. */
function describeAll({ folder, revisions }: OpenRevisions, shown: number): string {
  const since = formatLocalTime(Math.min(...revisions.map(({ takenAtMs }) => takenAtMs)));
  const number = revisions.length === 1 ? "1 revision" : `${revisions.length} revisions`;
  const policy = findPolicy(revisions.filter((revision) => !isPython(revision)));
  const { takenBytes, sharedBytes } = measureRevisions(folder, revisions) ?? {
    takenBytes: sumStored(revisions),
    sharedBytes: 0,
  };
  return [
    shown < revisions.length ? `${shown} of ` : "",
    `${number} since ${since}, together ${formatSize(takenBytes)}`,
    sharedBytes > 0
      ? ` (what several have in common is there once, and saves ${formatSize(sharedBytes)})`
      : "",
    policy ? `; each run keeps ${describeRetention(policy.retention)}` : "",
  ].join("");
}

function sumStored(revisions: readonly AnyRevision[]): number {
  return revisions.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
}

const fileColumns = [
  { title: "REVISIONS", align: "right" },
  { title: "NEWEST", align: "right" },
  { title: "STORED", align: "right" },
  { title: "FILE" },
  { title: "FOLDER" },
] as const;

/** A line for each file, the one with the newest revision first. */
function listFiles(all: readonly OpenRevisions[], count: number, { output, isJson, screen }: Session): void {
  const files = all
    .map(({ source, folder, revisions }) => {
      const newestMs = revisions.length === 0 ? null : Math.max(...revisions.map((each) => each.takenAtMs));
      return { source, folder, number: revisions.length, newestMs, storedBytes: sumStored(revisions) };
    })
    .toSorted((one, other) => (other.newestMs ?? 0) - (one.newestMs ?? 0))
    .slice(0, count);
  if (isJson) {
    const records = files.map(({ source, folder, number, newestMs, storedBytes }) => {
      const newest = newestMs === null ? null : renderUtc(newestMs);
      return { source, destination: folder, revisions: number, newest, storedBytes };
    });
    output.writeJson({ files: records });
    return;
  }
  const cells = files.map(({ source, folder, number, newestMs, storedBytes }) => {
    const age = newestMs === null ? "none" : formatAge(newestMs, Date.now());
    return [String(number), age, formatSize(storedBytes), source ?? "?", folder];
  });
  output.write(renderTable(fileColumns, cells, screen));
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

interface View {
  readonly nowMs: number;
  readonly isVerbose: boolean;
  readonly screen: Pick<Screen, "isUnicode">;
}

function listColumns(rows: readonly Row[], { nowMs, isVerbose, screen }: View): CellColumn[] {
  const copies = findCopies(rows);
  const largest = Math.max(...rows.map(({ revision }) => sizeOf(revision) ?? 0));
  const barColumns = copies.size > 0 ? BAR_COLUMNS / 2 : BAR_COLUMNS;
  const renderOwnBar = ({ revision }: Row) =>
    renderBar(sizeOf(revision) ?? 0, largest, barColumns, screen.isUnicode);
  const columns: CellColumn[] = [
    { title: "NUMBER", align: "right", tell: ({ revision }) => String(revision.number ?? "-") },
    { title: "AGE", align: "right", tell: ({ revision }) => formatAge(revision.takenAtMs, nowMs) },
    { title: "TAKEN", tell: ({ revision }) => formatLocalTime(revision.takenAtMs) },
    { title: "SIZE", align: "right", tell: ({ revision }) => renderSize(sizeOf(revision)) },
    { title: "", tell: renderOwnBar, extraFrom: 0, tint: () => "cyan" },
    { title: "STORED", align: "right", tell: ({ revision }) => formatSize(revision.storedBytes) },
    { title: "STATE", tell: renderState, tint: tintState },
  ];
  // Only where they tell something: what a copy is one of, which machine made it, and what to type where there is no number.
  if (copies.size > 0)
    columns.push({ title: "SAME AS", tell: ({ revision }) => String(copies.get(revision) ?? "") });
  columns.push({
    title: "PROVEN",
    tell: ({ provenMs }) => (provenMs === null ? "?" : formatAge(provenMs, nowMs)),
    ...(!isVerbose && { extraFrom: WIDE_COLUMNS }),
  });
  if (rows.some(({ revision }) => revision.archive && revision.otherHost !== null))
    columns.push({ title: "HOST", tell: ({ revision }) => revision.archive?.trailer?.host ?? "?" });
  if (rows.some(({ revision }) => hasOddName(revision)))
    columns.push({ title: "FILE", tell: ({ revision }) => (hasOddName(revision) ? revision.file : "") });
  else columns.push({ title: "FILE", tell: ({ revision }) => revision.file, extraFrom: WIDE_COLUMNS });
  return columns;
}

function renderState({ revision, state }: Row): string {
  return isPython(revision) ? `${state} (Python)` : state;
}

function tintState(state: string) {
  if (state.startsWith("ok")) return "green";
  return state === "damaged" || state === "unreadable" ? "red" : "yellow";
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
