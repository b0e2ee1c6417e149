// The user's own commands around each run of a schedule: --before, --on-success, --on-failure.
import { resolve } from "node:path";
import { ExitCode, Failure, quoteWord, UnavailableFailure, UsageFailure } from "../errors.ts";
import { selectJobEnvironment } from "../system/at/command.ts";
import { isExecutable } from "../system/exists.ts";
import { findSyntaxFault, isCommand, runShell, type ShellEnd } from "../system/shell.ts";
import type { Job } from "./job.ts";
import { describeHook, type Problem } from "./problems.ts";
import type { JobResult } from "./run-job.ts";
import { type FindNewest, readStatus } from "./status.ts";

const minuteMs = 60_000;

/**
 * Runs what is to come before a backup. Throws where it fails: an UnavailableFailure where it says by its exit code that a later
 * try may succeed, and the reason of the signal where that ended it.
 */
export async function runBefore(job: Job, command: string, signal: AbortSignal): Promise<void> {
  const { exitCode, fault } = await run(command, job, {}, { limitMs: 60 * minuteMs, signal });
  signal.throwIfAborted();
  if (fault === null) return;
  const { message, hint } = describeHook("before", command, fault);
  throw new (exitCode === ExitCode.unavailable ? UnavailableFailure : Failure)(message, { hint });
}

/**
 * Runs what is to come after a run: --on-success after one that made a good revision, or found the file equal to one, where
 * `statusof` has nothing to say against the schedule; else --on-failure. Neither where the run was only to say what it would do,
 * and nothing is wrong. Says what is wrong with the command itself.
 */
export async function runAfter(
  job: Job,
  end: JobResult,
  findNewest: FindNewest,
  signal: AbortSignal,
): Promise<Problem | null> {
  const trouble = await findTrouble(job, end, findNewest, signal);
  const isGood = trouble === null && end.revision !== null;
  if (trouble === null && !isGood && job.run["noop"] === true) return null;
  const name = isGood ? "on-success" : "on-failure";
  const command = job.hooks?.[name];
  if (command === undefined) return null;
  // What is wrong must not look right to a command that passes on the code alone.
  const exitCode = isGood ? end.exitCode : end.exitCode || ExitCode.attention;
  const facts = { revision: end.revision, exitCode, message: trouble ?? end.message };
  const { fault } = await run(command, job, facts, { limitMs: minuteMs });
  return fault === null ? null : describeHook(name, command, fault);
}

/** Why a run failed, or what `statusof` says first of its schedule; null where it says nothing. */
async function findTrouble(
  { schedule, source, destination, time, name }: Job,
  { exitCode, message }: JobResult,
  findNewest: FindNewest,
  signal: AbortSignal,
): Promise<string | null> {
  if (exitCode !== ExitCode.done) return message ?? "";
  try {
    const filter = { scope: "this", source, destination, time, name } as const;
    const rows = await readStatus(filter, findNewest, undefined, signal);
    return rows.find(({ job }) => job.schedule === schedule)?.problems[0]?.message ?? null;
  } catch (error) {
    // A queue that can't be read.
    return error instanceof Error ? error.message : String(error);
  }
}

function run(
  command: string,
  { source, destination }: Job,
  { revision, exitCode, message }: Partial<JobResult>,
  limits: Omit<Parameters<typeof runShell>[1], "env">,
): Promise<ShellEnd> {
  const env = {
    TINYBACKUP_SOURCE: source,
    TINYBACKUP_DESTINATION: destination,
    TINYBACKUP_REVISION: revision ? resolve(destination, revision) : "",
    TINYBACKUP_EXIT_CODE: String(exitCode ?? ""),
    // One line, whatever is in a file's name.
    TINYBACKUP_MESSAGE: (message ?? "").replaceAll(/\p{Cc}+/gu, " "),
  };
  return runShell(command, { ...limits, env });
}

/**
 * Refuses commands that can't work, when they are typed: one that is heard of only when it is needed is of no use. Throws a
 * UsageFailure for what sh can't read, and for a program that is not there where a job looks for it.
 */
export async function checkHooks(hooks: NonNullable<Job["hooks"]>): Promise<void> {
  for (const [name, command] of Object.entries(hooks)) {
    const syntax = await findSyntaxFault(command);
    const hint = `to try until it says nothing: sh -n -c ${quoteWord(command)}`;
    if (syntax !== null) throw new UsageFailure(`sh can't read --${name}: ${syntax}`, { hint });
    const word = /^\s*([\w.+/-]+)(?=[\s;&|<>]|$)/.exec(command)?.[1];
    if (word !== undefined && !(await isThere(word))) throw describeAbsent(`--${name}`, command, word);
  }
}

/** Whether a job, which starts in `/` with few variables, finds the program, or its shell knows the word itself. */
async function isThere(word: string): Promise<boolean> {
  if (word.includes("/")) return isExecutable(resolve("/", word));
  return isCommand(word, selectJobEnvironment(process.env));
}

function describeAbsent(option: string, command: string, word: string): UsageFailure {
  const message = `${option}: a job, which starts in the folder /, finds no program '${word}'`;
  const here = resolve(word);
  if (isExecutable(here))
    return new UsageFailure(message, { instead: { [option]: command.replace(word, () => quoteWord(here)) } });
  return new UsageFailure(message, { hint: "see whether it is spelled right, or give its absolute path" });
}
