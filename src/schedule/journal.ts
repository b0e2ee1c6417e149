// The journal: what was installed, removed and run, and which revisions were read whole. A log, never the truth about what
// is scheduled. Lines that are torn, foreign, or of a later version are passed over: a damaged log must never stop a backup.
import {
  type Checked,
  isListOf,
  isNumber,
  isOneOf,
  isRecord,
  isShaped,
  isString,
  isText,
  parseJson,
} from "../system/json.ts";
import { appendJournalLine, locateJournal, readJournalText } from "../system/state-folder.ts";
import { decodeJob, encodeJob, type Job, seriesOf } from "./job.ts";

const isInstalled = isShaped({
  event: isOneOf("installed"),
  atMs: isNumber,
  binary: isText,
  /** The whole job, so that a schedule that vanished from the queue can be armed again. */
  job: isRecord,
  /** The folder held revisions of the file when all that was typed was done. */
  hasBegun: isOneOf(true, undefined),
});

const isRemoved = isShaped({
  event: isOneOf("removed"),
  atMs: isNumber,
  schedule: isText,
  /** "ended": by itself, through `--once`, `--times` or `--until`. */
  reason: isOneOf("uninstalled", "replaced", "ended"),
});

/** How many, and the names of the first of them. */
const isRemovedFiles = isShaped({ count: isNumber, files: isListOf(isString) });

const isRun = isShaped({
  event: isOneOf("run"),
  atMs: isNumber,
  schedule: isText,
  dueMs: isNumber,
  exitCode: isNumber,
  /** The file name of the revision that holds what the source held then, new or not; null where none does. */
  revision: isOneOf(isString, null),
  /** What went wrong or was skipped, as it was said; null after a run with nothing to say. */
  message: isOneOf(isString, null),
  /** When the successor is due; null where none was armed. */
  nextMs: isOneOf(isNumber, null),
  /** Old revisions that it removed; left out where there were none. */
  removed: isOneOf(isRemovedFiles, undefined),
});

type InstalledEvent = Omit<Checked<typeof isInstalled>, "binary" | "job"> & { readonly job: Job };
export type RemovedEvent = Checked<typeof isRemoved>;
export type RunEvent = Checked<typeof isRun>;

/** Something that happened to a schedule. Instants are milliseconds since 1970. */
export type JournalEvent = InstalledEvent | RemovedEvent | RunEvent;

const MOST_NAMES = 20;

export function summarizeRemoved(files: readonly string[]): RunEvent["removed"] {
  return files.length === 0 ? undefined : { count: files.length, files: files.slice(0, MOST_NAMES) };
}

export const scheduleOf = (event: JournalEvent): string =>
  event.event === "installed" ? event.job.schedule : event.schedule;

/** One line of JSON, with its newline. */
export function encodeEvent(event: JournalEvent): string {
  if (event.event !== "installed") return `${JSON.stringify(event)}\n`;
  const { job, ...rest } = event;
  return `${JSON.stringify({ ...rest, binary: job.binary, job: encodeJob(job) })}\n`;
}

/** The events in a journal's text, in its order. */
export function decodeEvents(text: string): JournalEvent[] {
  return text.split("\n").flatMap((line) => decodeEvent(line) ?? []);
}

function decodeEvent(line: string): JournalEvent | null {
  const data = parseJson(line);
  if (isRemoved(data) || isRun(data)) return data;
  if (!isInstalled(data)) return null;
  const job = decodeJob(data.job, data.binary);
  return job && { event: "installed", atMs: data.atMs, job, hasBegun: data.hasBegun };
}

// A removal is what a running job looks for after it armed its successor, seconds after it was written at the latest.
// A thousand newer removals in that time do not happen.
const keptRemovals = 1000;

/**
 * What a journal that has grown too long can be cut down to, in the same order: the newest removals; and of every
 * schedule that is not removed, its installation, its last run, and the last one that left the file saved.
 */
export function compactEvents(events: readonly JournalEvent[]): JournalEvent[] {
  const removals = events.filter(({ event }) => event === "removed");
  const removed = new Set(removals.map(scheduleOf));
  const latest = new Map<string, JournalEvent>();
  for (const event of events) {
    const schedule = scheduleOf(event);
    if (removed.has(schedule)) continue;
    latest.set(`${event.event} ${schedule}`, event);
    if (event.event === "run" && event.revision !== null) latest.set(`good ${schedule}`, event);
  }
  const kept = new Set([...removals.slice(-keptRemovals), ...latest.values()]);
  return events.filter((event) => kept.has(event));
}

/** The jobs of schedules that were installed and never removed, yet are not in the queue, by the first that was heard of each. */
export function listUnarmed(events: readonly JournalEvent[], queued: ReadonlySet<string>): Job[] {
  return [...Map.groupBy(events, scheduleOf)].flatMap(([schedule, own]) => {
    const isOver = queued.has(schedule) || own.some(({ event }) => event === "removed");
    return (isOver ? undefined : findInstalled(own)?.job) ?? [];
  });
}

/** How a schedule was installed, among its events. */
export function findInstalled(events: readonly JournalEvent[]): InstalledEvent | undefined {
  return events.findLast((event) => event.event === "installed");
}

/** Where a job writes down what happens to it. */
export const journalOf = ({ journal }: Pick<Job, "journal">): string => journal ?? locateJournal();

/** Writes down that the folder of a schedule that was just installed holds revisions of its file. */
export function recordBeginning(job: Job): Promise<boolean> {
  return recordEvent({ event: "installed", atMs: Date.now(), job, hasBegun: true }, journalOf(job));
}

/** Writes an event down, and says whether it is on the disk. Never throws: a log is no reason to stop a backup. */
export function recordEvent(event: JournalEvent, path = locateJournal()): Promise<boolean> {
  return appendJournalLine(path, encodeEvent(event), compactText);
}

/** As `recordEvent`, of any number of proofs at once. */
export function recordProofs(proofs: readonly Proof[], path: string): Promise<boolean> {
  return appendJournalLine(path, encodeProofs(proofs), compactText);
}

function compactText(text: string): string {
  const events = compactEvents(decodeEvents(text)).map(encodeEvent).join("");
  return events + encodeProofs(compactProofs(decodeProofs(text)));
}

/** Makes a function that gives the proofs of a folder's files, oldest first. It parses no other lines: they may be thousands. */
export function proofReader(path: string): (folder: string) => Proof[] {
  const lines = readJournalText(path).split("\n");
  return (folder) => {
    const head = `${PROOF_HEAD},"folder":${JSON.stringify(folder)},`;
    return lines.filter((line) => line.startsWith(head)).flatMap(decodeProofs);
  };
}

/** What is written down, oldest first; nothing where a journal can't be read. */
export function readEvents(path = locateJournal()): JournalEvent[] {
  return decodeEvents(readJournalText(path));
}

/** What is written down in the journals of these jobs, and in the caller's own. */
export function readEventsOf(jobs: readonly Pick<Job, "journal">[]): JournalEvent[] {
  const paths = new Set([locateJournal(), ...jobs.map(journalOf)]);
  return [...paths].flatMap((path) => readEvents(path));
}

/**
 * Whether a file was known to have a revision in the folder of a schedule, since that was installed: by its own runs, or by
 * those of another one with the same file and folder. A journal that was lost knows of none.
 */
export function hasBegun(job: Job, events: readonly JournalEvent[] = readEvents(journalOf(job))): boolean {
  const same = new Set([job.schedule]);
  for (const event of events)
    if (event.event === "installed" && seriesOf(event.job) === seriesOf(job)) same.add(event.job.schedule);
  return events
    .slice(
      Math.max(
        0,
        events.findIndex((event) => scheduleOf(event) === job.schedule),
      ),
    )
    .filter((event) => same.has(scheduleOf(event)))
    .some((event) => ("revision" in event ? event.revision !== null : "hasBegun" in event && event.hasBegun));
}

/** Whether a schedule was removed: what a job asks after it armed its successor. An unreadable journal says no. */
export function wasRemoved(schedule: string, path = locateJournal()): boolean {
  // Parsing only the lines that name the schedule keeps a job of every two minutes cheap.
  const lines = readJournalText(path).match(new RegExp(`.*${schedule}.*`, "g")) ?? [];
  return lines.some((line) => decodeEvent(line)?.event === "removed");
}

/** When a revision was last read whole, and what was found. */
export interface Proof {
  readonly path: string;
  readonly atMs: number;
  /** What is wrong with it; null where it was good. */
  readonly damage: string | null;
}

const isEntry = (value: unknown): value is readonly [file: string, atMs: number, damage: string | null] =>
  Array.isArray(value) && isText(value[0]) && Number.isFinite(value[1]) && isOneOf(isString, null)(value[2]);

/** A line holds what was found of files of one folder, which is "" for the root. */
const isProofLine = isShaped({ event: isOneOf("read"), folder: isString, files: isListOf(isEntry) });

/** How each such line begins: its fields stand in this order. */
const PROOF_HEAD = '{"event":"read"';

/** A line of JSON for each folder, with its newline. */
export function encodeProofs(proofs: readonly Proof[]): string {
  const byFolder = Map.groupBy(proofs, ({ path }) => path.slice(0, path.lastIndexOf("/")));
  const lines = [...byFolder].map(([folder, all]): Checked<typeof isProofLine> => {
    const files = all.map(({ path, atMs, damage }) => [path.slice(folder.length + 1), atMs, damage] as const);
    return { event: "read", folder, files };
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** The proofs in a journal's text, in its order. */
export function decodeProofs(text: string): Proof[] {
  return text.split("\n").flatMap((line) => {
    const data = line.startsWith(PROOF_HEAD) ? parseJson(line) : undefined;
    if (!isProofLine(data)) return [];
    return data.files.map(([file, atMs, damage]) => ({ path: `${data.folder}/${file}`, atMs, damage }));
  });
}

/** How many are kept of a journal that has grown too long. */
const KEPT_PROOFS = 2000;

/** The last of each file; of these what was found damaged, and then the newest. */
export function compactProofs(proofs: readonly Proof[]): Proof[] {
  const last = new Map<string, Proof>();
  for (const proof of proofs) {
    last.delete(proof.path);
    last.set(proof.path, proof);
  }
  const isDamaged = ({ damage }: Proof) => Number(damage !== null);
  return [...last.values()].toSorted((one, other) => isDamaged(one) - isDamaged(other)).slice(-KEPT_PROOFS);
}
