// What a scheduled job carries. The job is its own only record: whoever reads the queue knows the schedule, and
// a program that was moved, upgraded or lost its state finds everything here.

import type { MountPoint } from "../system/mounts.ts";

/** Version of the job's JSON. A reader refuses a later one rather than guess at it. */
const jobFormat = 1;

/** The options of each run, by their names without the dashes: `{"keeprevisions": 14, "noop": false}`. The job carries them,
 * and whoever runs it reads them. */
export type RunOptions = Readonly<Record<string, string | number | boolean>>;

/** One job of a schedule. Instants are seconds since 1970 UTC. */
export interface Job {
  /** Names the schedule through all its jobs; made at install, never used again. What a removal names. */
  readonly schedule: string;
  /** Absolute and resolved at install. */
  readonly source: string;
  readonly destination: string;
  /** The time specification as typed. */
  readonly time: string;
  /** When this job was due. A job that waited for its binary keeps the instant that it missed. */
  readonly due: number;
  /** Where the rhythm began, on the wall: `2026-11-17T12:47`. */
  readonly anchor?: string;
  readonly name?: string;
  /** Runs left, this one included. Absent: no end. */
  readonly timesLeft?: number;
  readonly until?: number;
  /** The user's own TZ, where it was set at install. Absent: the system's zone of the moment holds. */
  readonly timeZone?: string;
  /** What lay under the destination at install: a run must find something mounted there again. */
  readonly mount?: MountPoint;
  /** Where the schedule's events are written down, whatever the environment of whoever asks. Absent: where that says. */
  readonly journal?: string;
  readonly run: RunOptions;
  /** The directory where `install --debug` was typed: `debug.txt` goes there. Absent without `--debug`. */
  readonly debugDirectory?: string;
  /** The absolute path of the program that runs the job. Stands in the line itself, not in the JSON. */
  readonly binary: string;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "" && !value.includes("\0");
const isPath: Check = (value) => isText(value) && String(value).startsWith("/");
const isInstant: Check = (value) => Number.isSafeInteger(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isShaped =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(shape).every(([key, check]) => check(value[key]));

const isMount = isShaped({ path: isPath, device: optional(isText), fileSystem: optional(isText) });
const isOption: Check = (value) => isText(value) || Number.isFinite(value) || typeof value === "boolean";
const isRun: Check = (value) => isRecord(value) && Object.values(value).every(isOption);
type EncodedJob = Omit<Job, "binary"> & { readonly format: typeof jobFormat };

const isJobShaped = isShaped({
  format: (value) => value === jobFormat,
  schedule: (value) => typeof value === "string" && /^[0-9a-f]{16,64}$/.test(value),
  source: isPath,
  destination: isPath,
  time: isText,
  due: isInstant,
  anchor: optional(isText),
  name: optional(isText),
  timesLeft: optional(isCount),
  until: optional(isInstant),
  timeZone: optional(isText),
  mount: optional(isMount),
  journal: optional(isPath),
  run: isRun,
  debugDirectory: optional(isPath),
});

const isEncodedJob = (data: unknown): data is EncodedJob => isJobShaped(data);

/** The job as plain data for JSON, without its binary. Keys whose value is undefined are left out by JSON itself. */
export function encodeJob(job: Job): EncodedJob {
  const { binary: _, ...carried } = job;
  return { format: jobFormat, ...carried };
}

/**
 * Reads what `encodeJob` made; null for anything else, a later format included. Fields that are not known here
 * are kept, so that a job of a later release with the same format is still the same job.
 */
export function decodeJob(data: unknown, binary: string): Job | null {
  if (!isEncodedJob(data) || !isPath(binary)) return null;
  const { format: _, ...carried } = data;
  return { ...carried, binary };
}
