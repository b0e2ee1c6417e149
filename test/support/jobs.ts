// Jobs to test with.
import * as fc from "fast-check";
import type { Job } from "../../src/schedule/job.ts";

export function makeJob(parts: Partial<Job> = {}): Job {
  return {
    schedule: "0123456789abcdef0123456789abcdef",
    source: "/home/me/notes.txt",
    destination: "/mnt/usb/backups",
    time: "2:00am",
    dueMs: 1_795_573_800_000,
    run: {
      keeprevisions: 14,
      always: false,
      share: true,
      compress: "zstd",
      raw: false,
      noop: false,
      quiet: false,
      verbose: false,
      debug: false,
    },
    binary: "/usr/local/bin/tinybackup",
    ...parts,
  };
}

const nasty = [
  String.raw`' " $(touch~pwned) $HOME \${x} \ \\ \' \n \0101 \u0041 ! !! - -- * ? [a] {a,b} ~ # ; & | > < ( ) % %s %b = a=b ^ . ,`
    .split(" ")
    .map((text) => text.replaceAll("~p", " p")),
  [
    "`touch pwned`",
    "\n",
    "\r",
    "\t",
    "\u007f",
    "\u001b[31m",
    " ",
    "  ",
    "é",
    "日本",
    "🎒",
    "\u2028",
    "a",
    "Z",
    "0",
  ],
].flat();

/** One component of a path, made of everything that a shell could trip over. */
export const pathComponent = fc
  .array(
    fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 3 })),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join("").replaceAll(/[/\0]/g, "_"))
  .filter((name) => name !== "." && name !== ".." && Buffer.byteLength(name) < 200);

export const absolutePath = fc
  .array(pathComponent, { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join("/")}`);
