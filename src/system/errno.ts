// What the operating system said, in words a person reads.
import { getSystemErrorMap } from "node:util";

/** The symbolic errno (`ENOSPC`) of an error that a system call raised, or undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** True if `error` carries one of the given errnos. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  const code = errnoOf(error);
  return code !== undefined && codes.includes(code);
}

/** The system's own phrase for an error ("permission denied"), or its message where there is no errno. */
export function describeError(error: unknown): string {
  if (error instanceof Error && "errno" in error && typeof error.errno === "number") {
    const entry = getSystemErrorMap().get(-Math.abs(error.errno));
    if (entry) return entry[1];
  }
  return error instanceof Error ? error.message : String(error);
}
