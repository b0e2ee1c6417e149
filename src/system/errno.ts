// What the operating system said, in words a person reads.
import { Failure, UnavailableFailure } from "../errors.ts";

/** The symbolic errno (`ENOSPC`) of an error that a system call raised, or undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errnoOf(error) ?? "");
}

/** What libuv has no words for, or such that speak of a network's sockets. */
const phrases: Readonly<Record<string, string>> = {
  EBADMSG: "bad message",
  EDQUOT: "disk quota exceeded",
  ENOLCK: "no locks available",
  ENOLINK: "link has been severed",
  ENOTCONN: "transport endpoint is not connected",
  ESTALE: "stale file handle",
};

/** The system's own phrase for an error ("permission denied"), or its message where there is no errno. */
export function describeError(error: unknown): string {
  const code = errnoOf(error) ?? "";
  // Loaded where something went wrong: it takes a millisecond.
  const { getSystemErrorMap } = process.getBuiltinModule("node:util");
  const [, phrase] = [...getSystemErrorMap().values()].find(([name]) => name === code) ?? [];
  return phrases[code] ?? phrase ?? (error instanceof Error ? error.message : String(error));
}

/** Errnos that say "not there now": missing, unplugged, a dead network share. A later try may succeed. */
const NOT_THERE = ["ENOENT", "ENOTDIR", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "ETIMEDOUT"];

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "make room on that disk; old revisions can go: see tinybackup prune --help",
  EDQUOT: "make room within your disk quota; old revisions can go: see tinybackup prune --help",
  EROFS: "that file system is mounted read-only: choose another folder, or remount it",
  EACCES: "ls -ld shows who may read and write there",
  EPERM: "ls -ld shows who may read and write there",
  EIO: "the disk or its connection may be failing: check the system's log with: dmesg",
};
const NOT_THERE_HINT = "check the path; if it is on another drive or a network share, is it mounted?";

/**
 * Awaits `act`. A refusal by the system becomes `what: <the system's reason>`, as an UnavailableFailure where the thing is
 * not there now; a Failure passes as it is.
 * @param what for example `cannot read '/home/me/notes.txt'`
 */
export async function attempt<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw asFailure(what, cause);
  }
}

/** As `attempt`, of what is done at once. */
export function attemptNow<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw asFailure(what, cause);
  }
}

/** The Failure that `attempt` throws for `cause`. */
export function asFailure(what: string, cause: unknown): Error {
  if (cause instanceof Failure) return cause;
  const code = errnoOf(cause);
  // Without an errno it is no refusal by the system but a fault of ours, or an abort: not to be dressed up.
  if (code === undefined) return cause instanceof Error ? cause : new Error(String(cause));
  const message = `${what}: ${describeError(cause)}`;
  if (NOT_THERE.includes(code)) return new UnavailableFailure(message, { cause, hint: NOT_THERE_HINT });
  return new Failure(message, { cause, hint: hints[code] });
}
