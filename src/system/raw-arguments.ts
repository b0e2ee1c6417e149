// Arguments as the bytes that the kernel holds: the runtime hands them over with what is not UTF-8 replaced by U+FFFD.

import fs from "node:fs";

/** The last `count` arguments of this process as bytes; undefined where the system does not show them. */
export function readRawArguments(count: number): readonly Uint8Array[] | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync("/proc/self/cmdline");
  } catch {
    return undefined;
  }
  const raw: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    raw.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length : end + 1;
  }
  return raw.length < count ? undefined : raw.slice(raw.length - count);
}
