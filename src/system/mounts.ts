// Which mount a folder lives on, and whether something is mounted there now: a drive that is unplugged leaves a bare
// folder behind, and a backup written into it fills the disk underneath and is hidden when the drive comes back.
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { readTextIfThere } from "./exists.ts";

interface Mount {
  readonly point: string;
  /** `ext4`, `fuse.sshfs`. */
  readonly fileSystem: string;
}

/**
 * What is mounted where, by the text of /proc/self/mountinfo (proc_pid_mountinfo(5)); placeholders of an automounter are
 * left out.
 */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const separator = fields.indexOf("-", 6);
    const [fileSystem, device] = fields.slice(separator + 1);
    const point = fields[4];
    if (separator < 0 || point === undefined || fileSystem === undefined || device === undefined) return [];
    // It stands at a point for ever, with nothing or the real mount on top of it.
    return fileSystem === "autofs" ? [] : [{ point: decodeOctal(point), fileSystem }];
  });
}

// Only blank, tab, newline and backslash are written as octal (seq_path in the kernel).
const decodeOctal = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * The mount point under which an existing folder lives, its links resolved; null on the root file system, where there is
 * nothing to guard. Linux names its mounts; elsewhere it is the highest folder on the same device.
 */
export function findMount(folder: string): string | null {
  const point = findHolder(folder)?.point ?? findDeviceTop(folder);
  return point === "/" ? null : point;
}

/** The mount that holds an absolute path, links resolved; undefined outside Linux. */
function findHolder(real: string): Mount | undefined {
  const holders = readMounts().filter(({ point }) =>
    `${real}/`.startsWith(point === "/" ? point : `${point}/`),
  );
  return holders.toSorted((one, other) => one.point.length - other.point.length).at(-1);
}

/** Those that give all their files the mode that the mount names; `fuseblk` are exFAT and NTFS by FUSE. */
const WITHOUT_MODES = ["vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk"];

/** The name of the file system under a folder, its links resolved, where that keeps no modes, and lets others read; null elsewhere. */
export function findModeless(folder: string): string | null {
  const name = findHolder(folder)?.fileSystem ?? "";
  const mode = statSync(folder).mode & 0o7777;
  if (WITHOUT_MODES.includes(name)) return (mode & 0o055) === 0 ? null : name;
  // Another by FUSE, as ntfs-3g of an image, gives all to all where it keeps none.
  return name.startsWith("fuse") && mode === 0o777 ? name : null;
}

/**
 * Whether something is mounted at `point` now. A point that is not there, or can't be looked at, is not mounted.
 * Looking also wakes an automounter.
 */
export function isMounted(point: string): boolean {
  try {
    const here = statSync(`${point}/.`, { bigint: true });
    const mounts = readMounts();
    if (mounts.length > 0) return mounts.some((mount) => mount.point === point);
    return here.dev !== statSync(dirname(point), { bigint: true }).dev;
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
const readMounts = (): Mount[] => parseMounts(readTextIfThere("/proc/self/mountinfo"));
