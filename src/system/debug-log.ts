// A log file that lines are appended to.

import fs from "node:fs";

/** Opens `path` for appending, readable by its owner only, never through a link. Returns what appends a text;
 * throws the system's error where it can't be opened. */
export function openDebugLog(path: string): (text: string) => void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  // Non-blocking, so that a FIFO of that name is an error instead of a wait without end.
  const descriptor = fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  if (!fs.fstatSync(descriptor).isFile()) {
    fs.closeSync(descriptor);
    throw Object.assign(new Error("not a regular file"), { code: "EINVAL" });
  }
  return (text) => {
    fs.writeSync(descriptor, text);
  };
}
