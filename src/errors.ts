// Every failure that a person is told of: one sentence that says what happened to which file and why, a hint
// that says what to type, and the exit code of the documented table.

/** The documented exit codes. 128+n is for signal n and is produced by the kernel, never by us. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  changed: 3,
  scheduler: 4,
  damaged: 5,
  attention: 6,
  unavailable: 75,
  /** What a shell shows for a program that SIGPIPE ended. */
  unread: 141,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * What was meant in place of what was typed: a value that was typed as another value, or `null` where it goes; an option by its
 * name (`--revision`) with the value that it gets, empty for a flag, or `null`; and the empty text, which no value is, with
 * another command.
 */
export type Instead = Readonly<Record<string, string | null>>;

interface FailureDetail {
  /** What to do about it: a command to type, or a thing to check. */
  readonly hint?: string | undefined;
  /** Whoever knows the command line adds it to the hint, as it was meant: whole, with all that was typed. */
  readonly instead?: Instead | undefined;
  readonly cause?: unknown;
}

/** Base of all our errors. Thrown as it is for exit code 1: the operation failed and nothing was lost. */
export class Failure extends Error {
  readonly exitCode: ExitCode = ExitCode.failed;
  hint: string | undefined;
  readonly instead: Instead | undefined;

  constructor(message: string, detail: FailureDetail = {}) {
    super(message, { cause: detail.cause });
    this.name = new.target.name;
    this.hint = detail.hint;
    this.instead = detail.instead;
  }
}

export class UsageFailure extends Failure {
  override readonly exitCode = ExitCode.usage;
}

export class SchedulerFailure extends Failure {
  override readonly exitCode = ExitCode.scheduler;
}

export class DamagedFailure extends Failure {
  override readonly exitCode = ExitCode.damaged;
  /** Which one, by its absolute path, and why, where reading it has shown that. */
  readonly finding: { readonly path: string; readonly damage: string } | undefined;

  constructor(message: string, detail: FailureDetail & Pick<Partial<DamagedFailure>, "finding"> = {}) {
    super(message, detail);
    this.finding = detail.finding;
  }
}

export class UnavailableFailure extends Failure {
  override readonly exitCode = ExitCode.unavailable;
}

/** The reason with which a command is aborted by a signal. */
export class Interruption extends Failure {
  readonly shellCode: number;

  constructor(signal: NodeJS.Signals, signalNumber: number) {
    super(`ended by ${signal}`);
    this.shellCode = 128 + signalNumber;
  }
}

export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  [ExitCode.done]: "done",
  [ExitCode.failed]: "failed, and nothing was lost; or nothing matched",
  [ExitCode.usage]: "the command line is wrong; nothing was done",
  [ExitCode.changed]: "saved, but the file kept changing while it was read",
  [ExitCode.scheduler]: "the scheduler can't be used: at is missing, not permitted, or not running",
  [ExitCode.damaged]: "a revision is damaged; restore says so where it gave an older one instead",
  [ExitCode.attention]: "a schedule needs attention: overdue, not armed, or its last run failed",
  [ExitCode.unavailable]: "the file or the folder is not there now; a later try may succeed",
  [ExitCode.unread]: "what reads the output went away before its end, as head(1) does",
};

/** What the kernel adds; no command returns it. */
export const signalMeaning = { term: "128+n", meaning: "ended by signal n, after cleaning up" };

/** A file and its folder, as every command takes them. */
export const typePlaces = (source: string, folder: string): string =>
  `-f ${quoteWord(source)} -d ${quoteWord(folder)}`;

/** A word as a person types it into a shell: bare where that is safe, else in single quotes, as sh, bash and zsh read it. A
 * word that begins with `=` is the name of a program to zsh. */
export function quoteWord(text: string): string {
  if (/^[\w@%+:,./-][\w@%+:,./=-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
