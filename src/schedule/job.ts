// What a scheduled job carries. The job is its own only record: whoever reads the queue knows the schedule, and
// a program that was moved, upgraded or lost its state finds everything here.
import {
  type Checked,
  isAbsolutePath,
  isInteger,
  isOneOf,
  isRecord,
  isShaped,
  isText,
} from "../system/json.ts";

/** Version of the job's JSON. A reader refuses any other rather than guess at it. */
const jobFormat = 1;

type RunOptions = Readonly<Record<string, string | number | boolean>>;

const isRunOptions = (value: unknown): value is RunOptions =>
  isRecord(value) &&
  Object.values(value).every(
    (option) => typeof option === "boolean" || Number.isFinite(option) || isText(option),
  );

/** The user's own commands around each run, by the names of the options. */
export const hookNames = ["before", "on-success", "on-failure"] as const;
export type HookName = (typeof hookNames)[number];
type Hooks = Readonly<Record<string, string>>;

const isHooks = (value: unknown): value is Hooks => isRecord(value) && Object.values(value).every(isText);

/** A job as it is carried. Instants are milliseconds since 1970. */
const isEncodedJob = isShaped({
  format: isOneOf(jobFormat),
  /** Names the schedule through all its jobs; made at install, never used again. What a removal names. */
  schedule: (value): value is string => isText(value) && /^[0-9a-f]{16,64}$/.test(value),
  /** Absolute and resolved at install. */
  source: isAbsolutePath,
  /** The absolute path that was typed for it, where that led there by a symbolic link. */
  typed: isOneOf(isAbsolutePath, undefined),
  destination: isAbsolutePath,
  /** As `typed`, for the destination. */
  typedDestination: isOneOf(isAbsolutePath, undefined),
  /** The time specification as typed. */
  time: isText,
  /** When this job was due. A job that waited for its binary keeps the instant that it missed. */
  dueMs: isInteger,
  /** Where the recurrence began, on the wall: `2026-11-17T12:47`. */
  anchor: isOneOf(isText, undefined),
  name: isOneOf(isText, undefined),
  /** Runs left, this one included. Absent: no end. */
  timesLeft: isOneOf((value: unknown): value is number => isInteger(value) && value > 0, undefined),
  untilMs: isOneOf(isInteger, undefined),
  /** The user's own TZ, where it was set at install. Absent: the system's zone of the moment holds. */
  timeZone: isOneOf(isText, undefined),
  /** Where what holds the destination was mounted at install: a run must find something mounted there again. */
  mount: isOneOf(isAbsolutePath, undefined),
  /** Where the schedule's events are written down, whatever the environment of whoever asks. Absent: where that says. */
  journal: isOneOf(isAbsolutePath, undefined),
  /** After a run that found its file or its folder missing, the next try comes this soon. Absent: in the regular rhythm. */
  retryMs: isOneOf((value: unknown): value is number => isInteger(value) && value >= 60_000, undefined),
  hooks: isOneOf(isHooks, undefined),
  /** How each run of the schedule backs up: the options of `run` by their names. Handed through, and typed out again. */
  run: isRunOptions,
  /** The directory where `install --debug` was typed: `debug.txt` goes there. Absent without `--debug`. */
  debugDirectory: isOneOf(isAbsolutePath, undefined),
});

type EncodedJob = Checked<typeof isEncodedJob>;

/** One job of a schedule. */
export interface Job extends Omit<EncodedJob, "format"> {
  /** The absolute path of the program that runs the job. Stands in the line itself, not in the JSON. */
  readonly binary: string;
}

/** A job, and the instant to give to `at`: `dueMs`, or a little later where that is too close. */
export interface PlannedJob {
  readonly job: Job;
  readonly startsAtMs: number;
}

/** What names the history that a schedule adds to: a file, and the folder of its revisions. */
export const seriesOf = ({ source, destination }: Pick<Job, "source" | "destination">): string =>
  `${destination}/${source}`;

/** A file and a folder, each as it was at install, and the path that was typed for it. */
export const placesOf = ({ source, typed = source, destination, typedDestination = destination }: Job) =>
  [
    { role: "source", path: source, typed },
    { role: "destination", path: destination, typed: typedDestination },
  ] as const;
export type Place = ReturnType<typeof placesOf>[number];

/** The options of a run: those that say what is kept, undefined where none was typed, and the rest. */
export function splitRun({ run }: Pick<Job, "run">) {
  const { policy, rest } = Object.groupBy(Object.entries(run), ([name]) =>
    name.startsWith("keep") ? "policy" : "rest",
  );
  return { policy: policy && Object.fromEntries(policy), rest: Object.fromEntries(rest ?? []) };
}

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
