// From what a person typed to the first job of a schedule in the queue, in place of a schedule that is equal.
import { resolve } from "node:path";
import { type Instead, type SchedulerFailure, UsageFailure } from "../errors.ts";
import { describeDaemonDown, findDaemon } from "../system/at/health.ts";
import { submitJob } from "../system/at/queue.ts";
import { statPath } from "../system/disk.ts";
import { findOwnPath } from "../system/invocation.ts";
import { findModeless, findMount, isMounted } from "../system/mounts.ts";
import { findReal, isTemporary } from "../system/paths.ts";
import { locateJournal, workAlone } from "../system/state-folder.ts";
import { checkTimeZone, localZone, readTimeZone } from "../system/time-zone.ts";
import { firstOccurrence, type Occurrence, type Present } from "../time/occurrences.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { describeRecurrence, isNow, periodOf, type TimeSpecification } from "../time/specification.ts";
import type { Zone } from "../time/zone.ts";
import { type Identity, isSameSchedule, matchesFilter } from "./filter.ts";
import {
  describeSchedule,
  findSchedules,
  type Found,
  listFound,
  listOwn,
  type ScheduledJob,
} from "./find.ts";
import { renderJobText } from "./job-line.ts";
import { type Job, type PlannedJob, splitRun } from "./job.ts";
import { hasBegun, journalOf, recordEvent } from "./journal.ts";
import { listSettings, renderInstallCommand, renderOptions } from "./problems.ts";
import { removeSchedules } from "./uninstall.ts";

type Asked = "source" | "typed" | "destination" | "typedDestination" | "time" | "name" | "retryMs" | "hooks";

/** `source` and `destination` exist; the `typed` ones are as they were typed. */
export interface InstallRequest extends Pick<Job, Asked | "run" | "debugDirectory"> {
  /** How many runs; undefined for no end. */
  readonly times: number | undefined;
  /** A time text: no run after its first instant. */
  readonly until: string | undefined;
}

/** How that is meant: only to say what would be queued; and whether the folder holds a revision of the file. */
interface Circumstances {
  readonly isDryRun: boolean;
  readonly hasRevisions: boolean;
}

/** The first job; or that of a schedule just like it, which stays as it is. */
interface Queued extends PlannedJob {
  /** Whether the queue has been changed, or would be. */
  readonly changed: boolean;
  /** The schedules that it took the place of. */
  readonly replaced: readonly Job[];
  /** Others that save the same file into the same folder. */
  readonly others: readonly Found[];
}

export interface InstallReport extends Queued {
  /** `daily`, `every 7 minutes`, `once`. */
  readonly recurs: string;
  /** Set where the job is queued, and nothing will run it as things are. */
  readonly problem: SchedulerFailure | null;
  /** What may cost the copies, or the schedule, one day; a sentence each, with what to do. */
  readonly warnings: readonly string[];
}

/**
 * Puts a schedule into the queue, in place of one that is equal. Throws, with nothing done, a UsageFailure for a time that
 * can't be used and for a schedule that contradicts another, and a SchedulerFailure where `at` is missing or not permitted.
 */
export async function install(request: InstallRequest, circumstances: Circumstances): Promise<InstallReport> {
  const specification = parseTimeSpecification(request.time);
  const first = planFirst(request, specification, { nowMs: Date.now(), zone: readOwnZone() });
  const queue = () => queueFirst(first, circumstances);
  // Two that install the same at once would each leave the other's.
  const queued = circumstances.isDryRun
    ? await queue()
    : await workAlone(journalOf(first.job), "install", queue);
  return {
    ...queued,
    recurs: describeRecurrence(specification),
    problem: (await findDaemon()) === "down" ? describeDaemonDown() : null,
    warnings: await findWeaknesses(queued.job),
  };
}

async function findWeaknesses(job: Job): Promise<string[]> {
  const { source, destination, binary, mount } = job;
  const [file, folder] = [await statPath(source), await statPath(destination)];
  const modeless = findModeless(destination);
  const weaknesses = [
    file.device === folder.device &&
      `'${destination}' is on the file's own disk, and is lost together with it: better choose a folder on another drive`,
    isTemporary(`${destination}/.`) &&
      `'${destination}' is for temporary files, which the system removes: choose another folder`,
    modeless !== null &&
      `'${destination}' keeps no permissions (${modeless}), and others on this machine may read what is in it: mount it with umask=077`,
    isUnmounted(job) &&
      `nothing is mounted at '${mount}', as there was when this was scheduled first, and no run saves anything until there is: mount it; or, to save into the bare folder, uninstall the schedule first`,
    isTemporary(binary) &&
      `the program, '${binary}', is among temporary files, which the system removes: copy it to ~/bin, say, and install from there`,
  ];
  return weaknesses.filter((sentence) => sentence !== false);
}

/** Whether the drive is not there that was there when the schedule was installed first. */
function isUnmounted({ mount }: Job): boolean {
  return mount !== undefined && !isMounted(mount);
}

/** The zone in which a schedule that is installed now has its times. Throws a UsageFailure for a TZ that names none. */
export function readOwnZone(): Zone {
  checkTimeZone();
  return localZone;
}

/** Queues the first job of a schedule, and then removes those that are equal to it; or leaves one that is just so. */
async function queueFirst(
  { startsAtMs, ...first }: PlannedJob,
  { isDryRun, hasRevisions }: Circumstances,
): Promise<Queued> {
  const filter = { ...first.job, name: undefined, scope: "files" } as const;
  const all = await findSchedules((other) => matchesFilter(other, filter));
  const isEqual = (other: Identity) => isSameSchedule(other, first.job);
  const equal = {
    own: all.own.filter(({ job }) => isEqual(job)),
    python: [],
    unarmed: all.unarmed.filter(isEqual),
  };
  const others = listFound(all).filter(({ program, job }) => program === "python" || !isEqual(job));
  for (const { program, job } of others) if (program !== "python") refuseContradiction(first.job, job);
  const replaced = listOwn(equal);
  // A drive that is not there now is still the one that is meant.
  const absent = replaced.find(isUnmounted);
  const job = absent ? { ...first.job, mount: absent.mount } : first.job;
  const standing = replaced.length === 1 && findStanding(equal.own, job);
  // Where its runs take the drive that is there for a strange one, whoever installs it again means this one.
  const isFine = (its: Job) => hasRevisions || isUnmounted(its) || !hasBegun(its);
  if (standing && isFine(standing.job)) return { ...standing, changed: false, replaced: [], others };
  if (!isDryRun) {
    await submitJob(renderJobText(job), startsAtMs);
    await recordEvent({ event: "installed", atMs: Date.now(), job }, journalOf(job));
    await removeSchedules(equal, "replaced");
  }
  return { job, startsAtMs, changed: true, replaced, others };
}

/** The one job that waits of a schedule, where that does the same as `wanted` at the same times. */
function findStanding(jobs: readonly ScheduledJob[], wanted: Job): PlannedJob | null {
  const [waiting, ...more] = jobs.filter(({ queued }) => queued.state === "queued");
  if (!waiting || more.length > 0 || !isSame(waiting.job, wanted)) return null;
  return { job: waiting.job, startsAtMs: waiting.queued.dueMs };
}

/** Whether two equal schedules do the same at the same times. */
function isSame(one: Job, other: Job): boolean {
  const own = { schedule: "", dueMs: 0, anchor: undefined };
  return Bun.deepEquals({ ...one, ...own }, { ...other, ...own });
}

/** What one schedule had otherwise than the one that replaced it: `-t 02:00, no --noop`. Empty where that shows in no setting. */
export function describeDifference(before: Job, after: Job): string {
  const [old, fresh] = [listAll(before), listAll(after)];
  const names = new Set(old.map(optionOf));
  const had = old.filter((setting) => !fresh.includes(setting));
  const lacked = fresh.filter((setting) => !names.has(optionOf(setting)));
  return [...had, ...lacked.map((setting) => `no ${setting}`)].join(", ");
}

function listAll(job: Job): string[] {
  return [...listSettings(job), `TZ=${job.timeZone ?? "the system's"}`, `program ${job.binary}`];
}

const optionOf = (setting: string): string => setting.replace(/[= ].*/s, "");

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
    timesLeft: periodOf(specification) === null && !isNow(specification) ? undefined : times,
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
