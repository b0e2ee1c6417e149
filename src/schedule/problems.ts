// What `statusof` warns of: each a sentence, and what to look at or type: commands with words that our own parse takes for
// what they are, quoted so that any shell reads them right.
import { ExitCode, quoteWord } from "../errors.ts";
import { localZone } from "../system/time-zone.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { periodOf } from "../time/specification.ts";
import { lengthMsOf, renderWall } from "../time/wall-time.ts";
import { wallMsAt } from "../time/zone.ts";
import type { HookName, Job, Place } from "./job.ts";
import type { RunEvent } from "./journal.ts";

/** For machines: none is ever renamed. */
type ProblemCode =
  | "overdue"
  | "scheduler-down"
  | "not-armed"
  | "queued-twice"
  | "last-run-failed"
  | "file-changing"
  | "program-missing"
  | "source-missing"
  | "destination-missing"
  | "destination-not-mounted"
  | "no-answer"
  | "link-instead"
  | "link-moved"
  | "source-empty"
  | "revisions-gone"
  | "revision-damaged"
  | "revision-unreadable"
  | "too-old"
  | "runs-vanish"
  | "zone-missing"
  | "hook-failed";

export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
}

export interface NewestRevision {
  readonly file: string;
  readonly takenAtMs: number;
  /** When it was last found to hold what the source held; left out: when it was taken. */
  readonly equalMs?: number;
}

/** What of a schedule was found on the disk; left out: all is where it was. */
export interface DiskFacts {
  readonly binaryExists?: boolean;
  readonly sourceExists?: boolean;
  readonly sourceIsEmpty?: boolean;
  /** A link has taken the place of one of them. */
  readonly isTaken?: boolean;
  readonly destinationExists?: boolean;
  /** False where something was mounted at install and nothing is now. */
  readonly destinationMounted?: boolean;
  /** Undefined where the folder can't be looked into now. */
  readonly newest: NewestRevision | null | undefined;
  /** There was a revision once, and there is none now. */
  readonly hasBegun?: boolean;
  /** Of revisions that are not good, and of links. */
  readonly problems: readonly Problem[];
}

/** `couldNotArm`: its last run said that it could not queue the next. */
export const describeNotArmed = (job: Job, couldNotArm: boolean): Problem => ({
  code: "not-armed",
  message: `this schedule was installed, but is not in the queue any more${couldNotArm ? "; its last run could not queue the next" : ""}`,
  hint: renderInstallCommand(job),
});

/** Nothing where what is wrong with the disk now says it: one cause is one problem. */
export function describeFailedRun(job: Job, run: RunEvent | null, found: DiskFacts): Problem[] {
  if (run === null || run.exitCode === ExitCode.done || isExplained(run, found)) return [];
  if (run.exitCode === ExitCode.changed) {
    const message = "the file kept changing while it was read by the last run";
    const hint =
      "what was saved may be no state that it ever had: choose a time at which nothing writes to it";
    return [{ code: "file-changing", message, hint }];
  }
  const why = run.message === null ? "" : `: ${run.message}`;
  // Run by hand, it could save into the bare folder of a drive that is not there.
  const wait = why.endsWith(UNDER_WAY)
    ? LOOK_AT_DRIVE
    : "put back what is missing, or mount the drive; the next run tries again by itself";
  const retry = run.exitCode === ExitCode.unavailable ? wait : renderRunCommand(job);
  const before = run.message?.startsWith(NOTHING_BEFORE) ? job.hooks?.["before"] : undefined;
  const hint = before === undefined ? retry : tryHook(before);
  const message = `the last run ended with exit code ${run.exitCode}${why}`;
  return [{ code: "last-run-failed", message, hint }];
}

const NOTHING_BEFORE = "no backup was made: --before=";

const tryHook = (command: string): string => `see what it says, typed by hand: sh -c ${quoteWord(command)}`;

/** That one of the user's own commands failed: `ended with exit code 1`. */
export function describeHook(name: HookName, command: string, fault: string): Problem {
  const what = name === "before" ? NOTHING_BEFORE : `--${name}=`;
  return { code: "hook-failed", message: `${what}${quoteWord(command)} ${fault}`, hint: tryHook(command) };
}

export const UNDER_WAY = "is still under way";
export const LOOK_AT_DRIVE = "if it hangs, see whether the drive, or the network share, answers";

function isExplained({ exitCode, message }: RunEvent, found: DiskFacts): boolean {
  // Run by hand now, it could save into a bare folder, or what a link leads to.
  if (found.newest === undefined || found.isTaken) return true;
  if (message?.startsWith("cannot back up ")) return found.sourceExists === false;
  return exitCode === ExitCode.unavailable && found.hasBegun === true;
}

export function describeMissing({ binary, source, destination, mount }: Job, found: DiskFacts): Problem[] {
  const { binaryExists = true, sourceExists = true } = found;
  const { destinationExists = true, destinationMounted = true } = found;
  const problems: Problem[] = [];
  const add = (code: ProblemCode, what: string, hint: string) =>
    problems.push({ code, message: `${what} is not there`, hint });
  if (!binaryExists)
    add("program-missing", `the program '${binary}'`, "put it back, or install the schedule again");
  if (!sourceExists)
    add("source-missing", `the source '${source}'`, "put it back, or uninstall the schedule");
  if (!destinationMounted) {
    const message = `nothing is mounted at '${mount ?? destination}', where the destination was`;
    problems.push({ code: "destination-not-mounted", message, hint: "connect the drive and mount it" });
  } else if (!destinationExists)
    add("destination-missing", `the destination '${destination}'`, `mkdir -p ${quoteWord(destination)}`);
  return problems;
}

/** Of a schedule one of whose places does not answer, nothing is known. */
export function describeSilent({ role, path }: Place): DiskFacts {
  const hint = "see whether the drive, or the network share, is there; what waits for it goes on then";
  return {
    newest: undefined,
    problems: [{ code: "no-answer", message: `the ${role} '${path}' does not answer`, hint }],
  };
}

/** @param what what comes before: `cannot save into 'DIR':` */
export const describeLost = (job: Job, what: string): Problem => ({
  code: "revisions-gone",
  message: `${what} there is no revision of '${job.source}' any more; is it another drive?`,
  hint: `connect the right one; or, to begin anew on this one: ${renderTypedRun(job)}`,
});

/** What a link does: it has taken a place of the schedule (`isTaken`), or was typed for it, and leads elsewhere now. */
export function describeLink(job: Job, { role, path, typed }: Place, real: string, isTaken: boolean) {
  const message = isTaken
    ? `the ${role} '${path}' has become a link since it was scheduled, and leads to '${real}'`
    : `'${typed}' leads to '${real}' now; the ${role} stays '${path}', as when it was scheduled`;
  const follow = renderInstallCommand(isTaken ? job : { ...job, [role]: typed });
  const hint = `${isTaken ? "put back what was there; or, " : ""}to follow it from now on: ${follow}`;
  return { role, isTaken, code: isTaken ? "link-instead" : "link-moved", message, hint } as const;
}

/** The zone in which a schedule was installed. */
export const describeLostZone = (job: Job) => ({
  role: "zone" as const,
  isTaken: false,
  code: "zone-missing" as const,
  message: `there is no time zone '${job.timeZone}' any more: its times are those of UTC`,
  hint: `install the package tzdata; or, where TZ is right, type: ${renderInstallCommand(job)}`,
});

/** What is odd about a file and a folder that are there. */
export function describeOdd(job: Job, { newest, sourceIsEmpty, hasBegun }: DiskFacts): Problem[] {
  const problems: Problem[] = [];
  if (sourceIsEmpty) {
    const restore = join(beginning("restore", job).concat("--force"));
    const hint = `see what emptied it${newest ? `; its last state comes back with: ${restore}` : ""}`;
    const message = `the source '${job.source}' is empty: nothing is saved while it is`;
    problems.push({ code: "source-empty", message, hint });
  }
  if (hasBegun) problems.push(describeLost(job, `in '${job.destination}'`));
  return problems;
}

/** Nothing without a limit, where nobody can tell, or with a good revision that is within it. */
export function describeAge(
  job: Job,
  newest: NewestRevision | null | undefined,
  { nowMs, maxAgeSeconds }: { readonly nowMs: number; readonly maxAgeSeconds?: number | undefined },
): Problem[] {
  if (maxAgeSeconds === undefined || newest === undefined) return [];
  const ageSeconds = newest === null ? null : (nowMs - (newest.equalMs ?? newest.takenAtMs)) / 1000;
  if (ageSeconds !== null && ageSeconds <= maxAgeSeconds) return [];
  const found =
    ageSeconds === null
      ? "there is no good revision"
      : `the newest good revision is ${describeHours(ageSeconds)} old`;
  const message = `${found}; at most ${describeHours(maxAgeSeconds)} is allowed`;
  return [{ code: "too-old", message, hint: renderTypedRun(job) }];
}

/**
 * Of a schedule that is armed, and whose runs come to nothing: killed, say, before they could write down how they ended.
 * A run is missed for a good reason now and then; two are not.
 * @param goodMs when a run last went well, or the schedule was installed; null where nobody knows
 */
export function describeVanished(job: Job, goodMs: number | null, nowMs: number): Problem[] {
  const period = periodOf(parseTimeSpecification(job.time));
  if (goodMs === null || period === null) return [];
  // Days on which the clocks change, and long months, last longer.
  if (nowMs - goodMs < 2.1 * lengthMsOf(period) + patienceMs) return [];
  const message = `no run went well for ${describeHours((nowMs - goodMs) / 1000)}, and none said why`;
  return [{ code: "runs-vanish", message, hint: `see what happens: ${renderTypedRun(job)}` }];
}

/** FreeBSD looks at its queue every five minutes; a machine that just woke needs a moment more. */
export const patienceMs = 15 * 60_000;

const describeHours = (seconds: number): string =>
  seconds < 2 * 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;

export const renderRunCommand = (job: Job): string => join([...beginning("run", job), ...describeRun(job)]);

/** One that saves: a schedule that only says what it would do makes no revision, however often it runs. */
const renderTypedRun = (job: Job): string => renderRunCommand({ ...job, run: { ...job.run, noop: false } });

/** The command that installs the job's schedule again, just as it was. */
export const renderInstallCommand = (job: Job): string =>
  [join(beginning("install", job)), ...listSettings(job)].join(" ");

/** What makes a schedule of a file and a folder, as it is typed, a setting each. */
export function listSettings(job: Job): string[] {
  const words = [];
  // Behind an equals sign a value may begin with a dash: a label may be anything.
  if (job.name !== undefined) words.push(`--name=${job.name}`);
  if (job.timesLeft !== undefined) words.push(`--times=${job.timesLeft}`);
  if (job.untilMs !== undefined) words.push(`--until=${describeMoment(job.untilMs)}`);
  const all = [...words, ...describeRun({ run: optionsOf(job) })];
  return [join(["-t", job.time]), ...all.map((word) => join([word]))];
}

/** How and with what each run is made, by the names of the options: those that are given. */
export function optionsOf({ retryMs, hooks, run }: Job): Job["run"] {
  const retry: Job["run"] = retryMs === undefined ? {} : { retry: renderDuration(retryMs) };
  return Object.fromEntries(
    Object.entries({ ...retry, ...hooks, ...run }).filter(([, value]) => value !== false),
  );
}

const renderDuration = (ms: number): string =>
  ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : `${ms / 60_000}min`;

const beginning = (command: string, job: Job): string[] =>
  [job.binary, command].concat(["-f", job.source], ["-d", job.destination]);

/** Options of a run as they are typed. */
export const renderOptions = (run: Job["run"]): string => join(describeRun({ run }));

function describeRun({ run }: Pick<Job, "run">): string[] {
  return Object.entries(run).flatMap(([name, value]) => {
    if (typeof value === "boolean") return value ? [`--${name}`] : [];
    return [`--${name}=${value}`];
  });
}

/** Of an option only the value is quoted, as a person would. */
function join(words: readonly string[]): string {
  return words
    .map((word) => {
      const [, option = "", value = word] = /^(--[a-z-]+=)(.*)$/s.exec(word) ?? [];
      return option + quoteWord(value);
    })
    .join(" ");
}

// `21:30 2026-11-24`, a form that every `at` and our own grammar take, in the zone of whoever types it.
const describeMoment = (instantMs: number): string =>
  renderWall(wallMsAt(localZone, instantMs)).split("T").toReversed().join(" ");
