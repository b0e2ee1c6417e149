// A disk that loses its power: everything that it is given while a program works is written down, and put together again as it
// may be found after a power cut at any moment: all that was flushed, and of what came after the last flush any part.
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { dlopen } from "bun:ffi";
import { tool } from "./tools.ts";

const script = resolve(import.meta.dir, "recording-disk.py");

export interface FileSystem {
  readonly name: string;
  readonly mkfs: readonly string[];
  readonly megabytes: number;
}

export const fileSystems: readonly FileSystem[] = [
  { name: "ext4", mkfs: ["mkfs.ext4", "-q"], megabytes: 64 },
  { name: "XFS", mkfs: ["mkfs.xfs", "-q"], megabytes: 300 },
  { name: "btrfs", mkfs: ["mkfs.btrfs", "-q"], megabytes: 120 },
];

interface Write {
  readonly at: number;
  readonly bytes: Buffer;
}

/** What a disk was given, in order; a flush is a write of nothing. */
export type Recording = readonly Write[];

const CLONE_NEWNS = 0x20000;

/**
 * From now on, what is mounted here is mounted nowhere else. A world of another test that begins meanwhile would hold it, and go on
 * doing so when it is unmounted here: btrfs gives that for a copy of it, and XFS nothing.
 */
function ownMounts(): void {
  const libc = dlopen("libc.so.6", { unshare: { args: ["i32"], returns: "i32" } });
  if (libc.symbols.unshare(CLONE_NEWNS) !== 0)
    throw new Error("these tests need mounts of their own: run them as root");
  libc.close();
  tool("mount", "--make-rprivate", "/");
}

ownMounts();

/** Makes a file system with what `fill` puts there. */
export function makeImage(
  path: string,
  { mkfs, megabytes }: FileSystem,
  mount: string,
  fill: () => void,
): void {
  const made = `${path}.made`;
  const file = openSync(made, "w");
  ftruncateSync(file, megabytes << 20);
  closeSync(file);
  tool(mkfs[0] ?? "", ...mkfs.slice(1), made);
  withMounted(made, mount, fill);
  copySparsely(made, path);
  rmSync(made);
}

/** Mounts an image, does its work, and unmounts it. Throws where it can't be mounted. */
export function withMounted<T>(image: string, mount: string, work: () => T): T {
  mkdirSync(mount, { recursive: true });
  // Attached and detached by name: mount's own way lets go of an image later than it says, and gives the next one what that held.
  const device = tool("losetup", "--find", "--show", image).toString().trim();
  try {
    tool("mount", device, mount);
    try {
      return work();
    } finally {
      tool("umount", mount);
      // It takes two copies of one file system for one, and the newer one for the right one.
      tool("btrfs", "device", "scan", "--forget");
    }
  } finally {
    tool("losetup", "--detach", device);
  }
}

/**
 * What a disk that holds an image is given until `work` has ended, when it is mounted at `mount` meanwhile. What `besides`
 * begins is at work at the same time.
 */
export async function record(
  image: string,
  mount: string,
  work: () => void,
  besides: () => Disposable | undefined = () => undefined,
): Promise<Recording> {
  const [log, place] = [`${image}.log`, `${image}.disk`];
  mkdirSync(place, { recursive: true });
  const server = Bun.spawn([script, image, log, place], { stdio: ["ignore", "ignore", "pipe"] });
  const { dev } = statSync(join(place, ".."));
  while (statSync(place).dev === dev) {
    if (server.exitCode !== null) throw new Error(await new Response(server.stderr).text());
    await Bun.sleep(5);
  }
  try {
    let given = 0;
    withMounted(join(place, "disk"), mount, () => {
      using _ = besides();
      work();
      // What comes later, as when it is unmounted, nobody has been promised.
      given = statSync(log).size;
    });
    return parseLog(readFileSync(log).subarray(0, given));
  } finally {
    tool("umount", place);
    await server.exited;
    rmSync(log);
  }
}

function parseLog(log: Buffer): Recording {
  const writes: Write[] = [];
  for (let from = 0; from + 12 <= log.length;) {
    const [at, length] = [Number(log.readBigUInt64LE(from)), log.readUInt32LE(from + 8)];
    writes.push({ at, bytes: log.subarray(from + 12, from + 12 + length) });
    from += 12 + length;
  }
  return writes;
}

/** What a disk writes as a whole, or not at all. */
const SECTOR_BYTES = 4096;

/**
 * Makes of an image what is found after a power cut behind so many writes: all of them up to the last flush, and of those that
 * came after it each sector that `remains` says, whatever their order was.
 */
export function cutPower(
  image: string,
  found: string,
  recording: Recording,
  writes: number,
  remains: () => boolean,
): void {
  copySparsely(image, found);
  const given = recording.slice(0, writes);
  const flushed = given.findLastIndex(({ bytes }) => bytes.length === 0);
  const file = openSync(found, "r+");
  for (const [index, write] of given.entries()) {
    if (index > flushed) writeSectors(file, write, remains);
    else writeSync(file, write.bytes, 0, write.bytes.length, write.at);
  }
  closeSync(file);
}

function writeSectors(file: number, { at, bytes }: Write, remains: () => boolean): void {
  for (let from = 0, length = 0; from < bytes.length; from += length) {
    length = Math.min(SECTOR_BYTES - ((at + from) % SECTOR_BYTES), bytes.length - from);
    if (remains()) writeSync(file, bytes, from, length, at + from);
  }
}

/** The runtime would fill the holes of an image. */
function copySparsely(image: string, copy: string): void {
  // A device may still hold the file that was there.
  rmSync(copy, { force: true });
  tool("cp", "--sparse=always", image, copy);
}
