// From what a person typed to the first job of a schedule in the queue, in place of a schedule that is equal.
import { resolve } from "node:path";
import { type Instead, type SchedulerFailure, UsageFailure } from "../errors.ts";
import { describeDaemonDown, findDaemon } from "../system/at/health.ts";
import { submitJob } from "../system/at/queue.ts";
import { statPath } from "../system/disk.ts";
import { findOwnPath, readTimeZone } from "../system/invocation.ts";
import { findModeless, findMount } from "../system/mounts.ts";
import { findReal, isTemporary } from "../system/paths.ts";
import { locateJournal, workAlone } from "../system/state-folder.ts";
import { firstOccurrence, type Occurrence, type Present } from "../time/occurrences.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { describeRecurrence, isNow, periodOf, type TimeSpecification } from "../time/specification.ts";
import { type Zone, zoneOf } from "../time/zone.ts";
import { type Identity, isSameSchedule, matchesFilter } from "./filter.ts";
import { describeSchedule, findSchedules, listOwn } from "./find.ts";
import { renderJobText } from "./job-line.ts";
import { type Job, type PlannedJob, splitRun } from "./job.ts";
import { journalOf, recordEvent } from "./journal.ts";
import { renderInstallCommand, renderOptions } from "./problems.ts";
import { removeSchedules } from "./uninstall.ts";

/** `source` and `destination` exist; the `typed` ones are as they were typed. */
export interface InstallRequest extends Pick<
  Job,
  | "source"
  | "typed"
  | "destination"
  | "typedDestination"
  | "time"
  | "name"
  | "retryMs"
  | "hooks"
  | "run"
  | "debugDirectory"
> {
  /** How many runs; undefined for no end. */
  readonly times: number | undefined;
  /** A time text: no run after its first instant. */
  readonly until: string | undefined;
}

export interface InstallReport extends PlannedJob {
  /** `daily`, `every 7 minutes`, `once`. */
  readonly recurs: string;
  /** How many equal schedules it took the place of. */
  readonly replaced: number;
  /** Set where the job is queued, and nothing will run it as things are. */
  readonly problem: SchedulerFailure | null;
  /** What may cost the copies, or the schedule, one day; a sentence each, with what to do. */
  readonly warnings: readonly string[];
}

/**
 * Puts a schedule into the queue, in place of one that is equal. Throws, with nothing done, a UsageFailure for a time that
 * can't be used and for a schedule that contradicts another, and a SchedulerFailure where `at` is missing or not permitted.
 */
export async function install(request: InstallRequest): Promise<InstallReport> {
  const specification = parseTimeSpecification(request.time);
  const first = planFirst(request, specification, { nowMs: Date.now(), zone: readOwnZone() });
  // Two that install the same at once would each leave the other's.
  const replaced = await workAlone(journalOf(first.job), "install", () => queueFirst(first));
  return {
    ...first,
    recurs: describeRecurrence(specification),
    replaced,
    problem: (await findDaemon()) === "down" ? describeDaemonDown() : null,
    warnings: await findWeaknesses(first.job),
  };
}

async function findWeaknesses({ source, destination, binary }: Job): Promise<string[]> {
  const [file, folder] = [await statPath(source), await statPath(destination)];
  const modeless = findModeless(destination);
  const weaknesses = [
    file.device === folder.device &&
      `'${destination}' is on the file's own disk, and is lost together with it: better choose a folder on another drive`,
    isTemporary(`${destination}/.`) &&
      `'${destination}' is for temporary files, which the system removes: choose another folder`,
    modeless !== null &&
      `'${destination}' keeps no permissions (${modeless}), and others on this machine may read what is in it: mount it with umask=077`,
    isTemporary(binary) &&
      `the program, '${binary}', is among temporary files, which the system removes: copy it to ~/bin, say, and install from there`,
  ];
  return weaknesses.filter((sentence) => sentence !== false);
}

/** The zone in which a schedule that is installed now has its times. Throws a UsageFailure for a TZ that names none. */
export function readOwnZone(): Zone {
  return zoneOf(readTimeZone());
}

/** Queues the first job of a schedule, and then removes the schedules that are equal to it. Returns how many. */
async function queueFirst({ job, startsAtMs }: PlannedJob): Promise<number> {
  const all = await findSchedules((other) =>
    matchesFilter(other, { ...job, name: undefined, scope: "files" }),
  );
  const isEqual = (other: Identity) => isSameSchedule(other, job);
  for (const other of listOwn(all)) if (!isEqual(other)) refuseContradiction(job, other);
  const equal = {
    own: all.own.filter((other) => isEqual(other.job)),
    python: [],
    unarmed: all.unarmed.filter(isEqual),
  };
  await submitJob(renderJobText(job), startsAtMs);
  await recordEvent({ event: "installed", atMs: Date.now(), job }, journalOf(job));
  await removeSchedules(equal, "replaced");
  return listOwn(equal).length;
}

/** Each would undo what the other keeps, and nobody would be told which of them holds. */
function refuseContradiction(job: Job, other: Job): void {
  const [own, its] = [splitRun(job), splitRun(other)];
  if (!own.policy || !its.policy || Bun.deepEquals(own.policy, its.policy, true)) return;
  const options = renderOptions(its.policy);
  const same = renderInstallCommand({ ...job, run: { ...its.policy, ...own.rest } });
  const freed = renderInstallCommand({ ...other, run: its.rest });
  throw new UsageFailure(`the schedule ${describeSchedule(other)} keeps otherwise (${options})`, {
    hint: `to keep the same: ${same}; or, before you type yours again, have the other follow it: ${freed}`,
  });
}

function planFirst(request: InstallRequest, specification: TimeSpecification, present: Present): PlannedJob {
  const { times, until, typed, typedDestination, ...wanted } = request;
  const { time, source, destination } = wanted;
  if (isNow(specification) && times !== 1) {
    throw new UsageFailure(`the time '${time}' does not recur`, {
      hint: "to run once, now",
      instead: { "--once": "" },
    });
  }
  const first = requireOccurrence(`the time '${time}'`, specification, present, { [time]: "2:00am" });
  const end =
    until === undefined
      ? undefined
      : requireOccurrence(`the time '${until}' of --until`, parseTimeSpecification(until), present, {
          "--until": null,
        });
  const untilMs = end?.dueMs;
  if (untilMs !== undefined && first.dueMs > untilMs) {
    throw new UsageFailure(`the first run, by '${time}', would come after --until '${until}'`, {
      instead: { "--until": null },
    });
  }
  const { startsAtMs, ...due } = first;
  const job = {
    ...wanted,
    ...due,
    typed: keepLink(typed, source),
    typedDestination: keepLink(typedDestination, destination),
    schedule: crypto.getRandomValues(new Uint8Array(16)).toHex(),
    timesLeft: periodOf(specification) === null ? undefined : times,
    untilMs,
    timeZone: readTimeZone(),
    mount: findMount(destination) ?? undefined,
    journal: locateJournal(),
    binary: findOwnPath(),
  };
  return { job, startsAtMs };
}

/** The path that was typed, where a link led from there; `..` behind a link is not what it says. */
function keepLink(typed: string | undefined, real: string): string | undefined {
  const path = resolve(typed ?? real);
  return path !== real && findReal(path) === real ? path : undefined;
}

function requireOccurrence(
  what: string,
  specification: TimeSpecification,
  present: Present,
  instead: Instead,
): Occurrence {
  const occurrence = firstOccurrence(specification, present);
  if (occurrence !== null) return occurrence;
  throw new UsageFailure(`${what} has passed`, { instead });
}
