// What a scheduled job carries. The job is its own only record: whoever reads the queue knows the schedule, and
// a program that was moved, upgraded or lost its state finds everything here.
import { type Check, isAbsolutePath, isRecord, isShaped, isText, optional } from "../system/json.ts";
import type { Occurrence } from "../time/occurrences.ts";

/** Version of the job's JSON. A reader refuses any other rather than guess at it. */
const jobFormat = 1;

/** How each run of the schedule backs up: the options of `run` by their names. Handed through, and typed out again. */
type RunOptions = Readonly<Record<string, string | number | boolean>>;

/** One job of a schedule. Instants are milliseconds since 1970. */
export interface Job {
  /** Names the schedule through all its jobs; made at install, never used again. What a removal names. */
  readonly schedule: string;
  /** Absolute and resolved at install. */
  readonly source: string;
  /** The absolute path that was typed for it, where that led there by a symbolic link. */
  readonly typed?: string | undefined;
  readonly destination: string;
  /** The time specification as typed. */
  readonly time: string;
  /** When this job was due. A job that waited for its binary keeps the instant that it missed. */
  readonly dueMs: number;
  /** Where the recurrence began, on the wall: `2026-11-17T12:47`. */
  readonly anchor?: string | undefined;
  readonly name?: string | undefined;
  /** Runs left, this one included. Absent: no end. */
  readonly timesLeft?: number | undefined;
  readonly untilMs?: number | undefined;
  /** The user's own TZ, where it was set at install. Absent: the system's zone of the moment holds. */
  readonly timeZone?: string | undefined;
  /** Where what holds the destination was mounted at install: a run must find something mounted there again. */
  readonly mount?: string | undefined;
  /** Where the schedule's events are written down, whatever the environment of whoever asks. Absent: where that says. */
  readonly journal?: string | undefined;
  readonly run: RunOptions;
  /** The directory where `install --debug` was typed: `debug.txt` goes there. Absent without `--debug`. */
  readonly debugDirectory?: string | undefined;
  /** The absolute path of the program that runs the job. Stands in the line itself, not in the JSON. */
  readonly binary: string;
}

/** A job, and the instant to give to `at`: `dueMs`, or a little later where that is too close. */
export interface PlannedJob {
  readonly job: Job;
  readonly startsAtMs: number;
}

/** The job for one occurrence of its schedule. */
export function planJob(
  job: Omit<Job, "dueMs" | "anchor">,
  { dueMs, anchor, startsAtMs }: Occurrence,
): PlannedJob {
  return { job: { ...job, dueMs, anchor }, startsAtMs };
}

/** What names the history that a schedule adds to: a file, and the folder of its revisions. */
export const seriesOf = ({ source, destination }: Pick<Job, "source" | "destination">): string =>
  `${destination}/${source}`;

/** The options of a run: those that say what is kept, undefined where none was typed, and the rest. */
export function splitRun({ run }: Pick<Job, "run">) {
  const { policy, rest } = Object.groupBy(Object.entries(run), ([name]) =>
    name.startsWith("keep") ? "policy" : "rest",
  );
  return { policy: policy && Object.fromEntries(policy), rest: Object.fromEntries(rest ?? []) };
}

type EncodedJob = Omit<Job, "binary"> & { readonly format: typeof jobFormat };

const isInstant: Check = (value) => Number.isSafeInteger(value);
const isOption: Check = (value) => typeof value === "boolean" || Number.isFinite(value) || isText(value);

const isEncodedJob = isShaped<EncodedJob>({
  format: (value) => value === jobFormat,
  schedule: (value) => typeof value === "string" && /^[0-9a-f]{16,64}$/.test(value),
  source: isAbsolutePath,
  typed: optional(isAbsolutePath),
  destination: isAbsolutePath,
  time: isText,
  dueMs: isInstant,
  anchor: optional(isText),
  name: optional(isText),
  timesLeft: optional((value) => isInstant(value) && Number(value) > 0),
  untilMs: optional(isInstant),
  timeZone: optional(isText),
  mount: optional(isAbsolutePath),
  journal: optional(isAbsolutePath),
  run: (value) => isRecord(value) && Object.values(value).every(isOption),
  debugDirectory: optional(isAbsolutePath),
});

/** The job as plain data for JSON, without its binary. Keys whose value is undefined are left out by JSON itself. */
export function encodeJob(job: Job): EncodedJob {
  const { binary: _, ...carried } = job;
  return { format: jobFormat, ...carried };
}

/**
 * Reads what `encodeJob` made; null for anything else, another format included. Fields that are not known here
 * are kept, so that a job of a later release with the same format is still the same job.
 */
export function decodeJob(data: unknown, binary: string): Job | null {
  if (!isEncodedJob(data) || !isAbsolutePath(binary)) return null;
  const { format: _, ...carried } = data;
  return { ...carried, binary };
}
