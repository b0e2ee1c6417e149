// What to do where a path leads to nothing: what it looks like says what was meant.
import { readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type Instead, quoteWord } from "../errors.ts";
import { findNearest } from "../nearest.ts";

interface Advice {
  readonly hint?: string | undefined;
  readonly instead?: Instead;
}

/** Of other systems and machines, and what is not there before it is mounted: what a path looks like, and what to do. */
const looks: readonly (readonly [RegExp, string])[] = [
  [/^[a-z]:[\\/]/i, "that is a path of Windows"],
  [
    /^(?:\\\\|[a-z][\w+-]*:\/\/|(?:[\w.-]+@)?[\w.-]{2,}:)/i,
    "that is an address: mount it, with sshfs or mount, and name the folder where it then is",
  ],
  [/[*?]/, "a pattern in quotes, or one that nothing matches, stays as it is"],
  [
    /^\/(?:run\/media|media|mnt|Volumes|net)\//,
    "connect the drive or the share, and mount it: findmnt shows what is mounted",
  ],
];

/** @param path as typed */
export function adviseOnAbsent(path: string, kind: "file" | "folder"): Advice {
  const [look, advice] = looks.find(([pattern]) => pattern.test(path)) ?? [];
  const example = kind === "file" ? "FILE" : "DIR";
  if (look === looks[3]?.[0]) return { hint: advice, instead: {} };
  // Where WSL has it.
  const mounted = /^[a-z]:[\\/]/i.test(path)
    ? `/mnt/${path.charAt(0).toLowerCase()}${path.slice(2).replaceAll("\\", "/")}`
    : example;
  if (look) return { hint: advice, instead: { [path]: mounted } };
  const near = findNeighbour(path, kind);
  if (near !== undefined) return { instead: { [path]: near } };
  const absolute = resolve(path);
  if (kind === "file") {
    const where = isAbsolute(path) ? "" : `it would be '${absolute}'; `;
    const hint = `${where}check the path, and mount the drive or the share that it is on`;
    return { hint, instead: { [path]: example } };
  }
  const isVariable = dirname(absolute) === "/" ? "if it begins with a variable, that is empty; else " : "";
  return { hint: `${isVariable}mount what it is on, or make it: mkdir -p ${quoteWord(path)}` };
}

/** What is in the same folder, of the same kind, and called nearly so. */
function findNeighbour(path: string, kind: "file" | "folder"): string | undefined {
  const folder = dirname(path);
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const alike = entries.filter((entry) => entry.isDirectory() === (kind === "folder"));
    const name = findNearest(
      basename(path),
      alike.map((entry) => entry.name),
    );
    return name && (path.includes("/") ? join(folder, name) : name);
  } catch {
    // ENOENT, EACCES: there are no neighbours, or none for us.
    return undefined;
  }
}
