// What to do where a path leads to nothing: what it looks like says what was meant.
import { readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type Instead, quoteWord } from "../errors.ts";
import { findNearest } from "../nearest.ts";

interface Advice {
  readonly hint?: string;
  readonly instead?: Instead;
}

const windows = /^[a-z]:[\\/]/i;
const address = /^(?:\\\\|[a-z][\w+-]*:\/\/|(?:[\w.-]+@)?[\w.-]{2,}:)/i;
const drive = /^\/(?:run\/media|media|mnt|Volumes|net)\//;

/** @param path as typed */
export function adviseOnAbsent(path: string, kind: "file" | "folder"): Advice {
  const advise = (hint: string, meant = kind === "file" ? "FILE" : "DIR") => ({
    hint,
    instead: { [path]: meant },
  });
  if (windows.test(path)) {
    // Where WSL has it.
    const mounted = `/mnt/${path.charAt(0).toLowerCase()}${path.slice(2).replaceAll("\\", "/")}`;
    return advise("that is a path of Windows", mounted);
  }
  if (address.test(path))
    return advise("that is an address: mount it, with sshfs or mount, and name the folder where it then is");
  if (/[*?]/.test(path)) return advise("a pattern in quotes, or one that nothing matches, stays as it is");
  if (drive.test(path))
    return advise("connect the drive or the share, and mount it: findmnt shows what is mounted", path);
  const near = findNeighbour(path, kind);
  if (near !== undefined) return { instead: { [path]: near } };
  const absolute = resolve(path);
  if (kind === "file") {
    const where = isAbsolute(path) ? "" : `it would be '${absolute}'; `;
    return advise(`${where}check the path, and mount the drive or the share that it is on`);
  }
  const isVariable = dirname(absolute) === "/" ? "if it begins with a variable, that is empty; else " : "";
  return { hint: `${isVariable}mount what it is on, or make it: mkdir -p ${quoteWord(path)}` };
}

/** What is in the same folder, of the same kind, and called nearly so. */
function findNeighbour(path: string, kind: "file" | "folder"): string | undefined {
  try {
    const entries = readdirSync(dirname(path), { withFileTypes: true });
    const alike = entries.filter((entry) => entry.isDirectory() === (kind === "folder"));
    const names = alike.map((entry) => entry.name);
    const name = findNearest(basename(path), names);
    return name && (path.includes("/") ? join(dirname(path), name) : name);
  } catch {
    // ENOENT, EACCES: there are no neighbours, or none for us.
    return undefined;
  }
}
