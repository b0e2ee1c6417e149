// The file by which a canary job says that it ran.
import { closeSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { locateJournal } from "./journal-file.ts";

/** Where the canary of that name (hex digits) leaves its file: beside the journal. */
export function canaryPath(name: string): string {
  return join(dirname(locateJournal()), `canary-${name}`);
}

/** Leaves the file; it must not be there yet. */
export function leaveCanary(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "wx", 0o600));
}

/** Whether the file is there; it is removed then. */
export function takeCanary(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(path, { force: true });
  return true;
}
