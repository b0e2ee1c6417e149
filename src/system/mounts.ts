// Which mount a folder lives on, and whether something is mounted there now: a drive that is unplugged leaves a bare
// folder behind, and a backup written into it fills the disk underneath and is hidden when the drive comes back.
import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { readTextIfThere } from "./exists.ts";

/** A place where a file system is mounted. */
export interface MountPoint {
  readonly path: string;
  /** The mounted device and kind of file system, where the system tells. For messages only: drives are swapped. */
  readonly device?: string;
  readonly fileSystem?: string;
}

// autofs stands at a point for ever, with nothing or the real mount on top of it.
const placeholders = new Set(["autofs"]);

/** The mounts in the text of /proc/self/mountinfo (proc_pid_mountinfo(5)), in its order: a later one hides an earlier. */
export function parseMountInfo(text: string): Required<MountPoint>[] {
  const mounts: Required<MountPoint>[] = [];
  for (const line of text.split("\n")) {
    const fields = line.split(" ");
    const separator = fields.indexOf("-", 6);
    const [fileSystem, device] = fields.slice(separator + 1);
    const path = fields[4];
    if (separator < 0 || path === undefined || fileSystem === undefined || device === undefined) continue;
    mounts.push({ path: decodeOctal(path), device: decodeOctal(device), fileSystem });
  }
  return mounts;
}

// Only blank, tab, newline and backslash are written as octal (seq_path in the kernel).
const decodeOctal = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * The mount point under which an existing folder lives, or null on the root file system, where there is nothing to
 * guard. Linux names its mounts; elsewhere it is the highest folder on the same device.
 */
export function findMount(folder: string): MountPoint | null {
  const real = realpathSync(folder);
  const holders = readMounts().filter(({ path }) => `${real}/`.startsWith(path === "/" ? path : `${path}/`));
  // Of two at the same point the later one hides the other, and a stable sort keeps it behind.
  const deepest = holders.toSorted((one, other) => one.path.length - other.path.length).at(-1);
  const found: MountPoint = deepest ?? { path: findDeviceTop(real) };
  return found.path === "/" ? null : found;
}

/**
 * Whether something is mounted at `point` now. A point that is not there, or can't be looked at, is not mounted.
 * Looking also wakes an automounter.
 */
export function isMounted(point: MountPoint): boolean {
  try {
    const here = statSync(`${point.path}/.`, { bigint: true });
    const mounts = readMounts();
    if (mounts.length > 0) return mounts.some(({ path }) => path === point.path);
    return here.dev !== statSync(dirname(point.path), { bigint: true }).dev;
  } catch {
    return false;
  }
}

function findDeviceTop(folder: string): string {
  const { dev } = statSync(folder, { bigint: true });
  let top = folder;
  while (top !== "/" && statSync(dirname(top), { bigint: true }).dev === dev) top = dirname(top);
  return top;
}

/** None outside Linux, which has no such file; device numbers answer instead. */
function readMounts(): Required<MountPoint>[] {
  const mounts = parseMountInfo(readTextIfThere("/proc/self/mountinfo"));
  return mounts.filter(({ fileSystem }) => !placeholders.has(fileSystem));
}
