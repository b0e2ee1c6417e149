// Whether this process was started with a signal ignored, as nohup(1) and `command &` do: such a wish is inherited,
// and a handler of ours would undo it.

import fs from "node:fs";
import { constants } from "node:os";
import { dlopen } from "bun:ffi";

/** True where the signal is ignored; false where that can't be found out. */
export function isSignalIgnored(signal: NodeJS.Signals): boolean {
  const number = constants.signals[signal];
  try {
    return readIgnoredFromProc(number);
  } catch {
    // No /proc: macOS and FreeBSD.
  }
  try {
    return askLibrary(number);
  } catch {
    return false;
  }
}

function readIgnoredFromProc(number: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1];
  if (mask === undefined) throw new Error("no SigIgn in /proc/self/status");
  return ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
}

const libraries: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "libSystem.B.dylib",
  freebsd: "libc.so.7",
  linux: "libc.so.6",
};

/** signal(3) tells the disposition only by replacing it, so it is put back at once. */
export function askLibrary(number: number): boolean {
  const ignore = 1n;
  const library = dlopen(libraries[process.platform] ?? "libc.so", {
    signal: { args: ["i32", "u64"], returns: "u64" },
  });
  try {
    const before = library.symbols.signal(number, ignore);
    library.symbols.signal(number, before);
    return before === ignore;
  } finally {
    library.close();
  }
}
