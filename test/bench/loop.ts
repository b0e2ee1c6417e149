// File systems of other kinds, on images in the workspace, and a disk that is held back.
import {
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  closeSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tool } from "../support/tools.ts";
import { Workspace } from "./workspace.ts";

/** Makes a file system of that type, mounts it, and returns a folder in it; all is undone with `space`. */
export function mountLoop(space: Workspace, type: "ext4" | "btrfs" | "xfs", sizeBytes: number): Workspace {
  const image = space.path(`${type}.image`);
  const mount = space.renew(`${type}.mount`);
  const file = openSync(image, "w");
  // XFS is refused below 300 MiB.
  ftruncateSync(file, Math.max(sizeBytes, 512 << 20));
  closeSync(file);
  tool(`mkfs.${type}`, "-q", image);
  tool("mount", "-o", "loop", image, mount);
  // Lazily: who broke the bench off may have left a process there for a moment.
  space.defer(() => void tool("umount", "-l", mount));
  return new Workspace(`${mount}/work`);
}

/** Drops the pages of a file from memory: whoever reads it next has to read the disk. */
export function dropFromMemory(path: string): void {
  // Only Linux lets one.
  if (process.platform !== "linux") return;
  tool("dd", `if=${path}`, "iflag=nocache", "count=0", "status=none");
}

/** The same of every file below a folder. */
export function dropFolderFromMemory(folder: string): void {
  if (process.platform !== "linux") return;
  const drop = ["dd", "if={}", "iflag=nocache", "count=0", "status=none"];
  tool("find", folder, "-type", "f", "-exec", ...drop, ";");
}

interface Throttle {
  /** What holds the disk back. */
  readonly by: string;
  readonly wrap: (command: readonly string[]) => readonly string[];
}

const GROUPS = "/sys/fs/cgroup";

/** Holds the device below `folder` to so many bytes a second, until `space` is undone; null where the kernel can't. */
export function throttle(space: Workspace, folder: string, bytesPerSecond: number): Throttle | null {
  const { dev } = statSync(folder);
  const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  if (existsSync(`${GROUPS}/blkio`)) {
    const set = (limit: number) => {
      for (const way of ["read", "write"]) {
        writeFileSync(`${GROUPS}/blkio/blkio.throttle.${way}_bps_device`, `${device} ${limit}`);
      }
    };
    set(bytesPerSecond);
    space.defer(() => set(0));
    return { by: "control groups (v1, `blkio.throttle`)", wrap: (command) => command };
  }
  if (!existsSync(`${GROUPS}/cgroup.controllers`)) return null;
  try {
    return throttleByGroup(space, `${device} rbps=${bytesPerSecond} wbps=${bytesPerSecond}`);
  } catch {
    // No io controller here, or it was not handed down to this container.
    return null;
  }
}

/** Version 2 holds back who is in the group, what it leaves to be written included. */
function throttleByGroup(space: Workspace, limit: string): Throttle {
  const group = `${GROUPS}/tinybackup-bench-${process.pid}`;
  writeFileSync(`${GROUPS}/cgroup.subtree_control`, "+io");
  mkdirSync(group);
  space.defer(() => rmdirSync(group));
  writeFileSync(`${group}/io.max`, limit);
  const enter = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', `${group}/cgroup.procs`];
  return { by: "control groups (v2, `io.max`)", wrap: (command) => [...enter, ...command] };
}
