// What the numbers were measured on: without it they mean nothing. And what is missing.
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { hasGnuTime } from "./measure.ts";

const GIB = 2 ** 30;

/** What is compared with or needed, how it is asked for its version, and the Debian package that brings it. */
const PROGRAMS = [
  ["tar", "--version", "tar"],
  ["bsdtar", "--version", "libarchive-tools"],
  ["zstd", "--version", "zstd"],
  ["pigz", "--version", "pigz"],
  ["openssl", "version", "openssl"],
  ["restic", "version", "restic"],
  ["borg", "--version", "borgbackup"],
  ["logrotate", "--version", "logrotate"],
  ["at", "-V", "at"],
  ["python3", "--version", "python3"],
  ["mkfs.ext4", "-V", "e2fsprogs"],
  ["mkfs.btrfs", "--version", "btrfs-progs"],
  ["mkfs.xfs", "-V", "xfsprogs"],
] as const;

/** The machine, and the versions of the tools that are there, as a Markdown list. `folder` is on the disk in question. */
export function describeMachine(folder: string): string {
  return [
    `- ${nameMachine(folder)}, ${(totalmem() / GIB).toFixed(0)} GiB of memory`,
    `- ${[`Bun ${Bun.version}`, ...versions()].join("; ")}`,
    ...describeMissing(),
  ].join("\n");
}

/** The processor, the system and the file system, in a line. */
export function nameMachine(folder: string): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const version = release().split(".").slice(0, 2).join(".");
  const fileSystem = firstLine(["findmnt", "-no", "FSTYPE", "-T", folder]) ?? "an unknown file system";
  return `${availableParallelism()} cores of ${model}, ${type()} ${version}, ${fileSystem}`;
}

/** Whether a program is there to compare with. */
export function isInstalled(program: string): boolean {
  return Bun.which(program, { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` }) !== null;
}

/** Why a group that mounts file systems can't be measured here, or null. */
export function whyNoMounts(...programs: readonly string[]): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "it mounts file systems: Linux, as root";
  const missing = programs.filter((program) => !isInstalled(program));
  return missing.length === 0 ? null : `it needs ${missing.join(" and ")}`;
}

function describeMissing(): string[] {
  const missing = PROGRAMS.filter(([program]) => !isInstalled(program)).map(([, , debian]) => debian);
  const packages = hasGnuTime() ? missing : [...missing, "time"];
  return packages.length === 0
    ? []
    : [`- not installed, and left out below: \`apt-get install ${packages.join(" ")}\``];
}

function versions(): string[] {
  return PROGRAMS.flatMap(([program, option]) => {
    const line = isInstalled(program) ? firstLine([program, option]) : undefined;
    if (line === undefined) return [];
    const text = line.replaceAll(/\*+|,$/g, "").trim();
    return [text.toLowerCase().startsWith(program.slice(0, 3)) ? text : `${program}: ${text}`];
  });
}

function firstLine(command: readonly string[]): string | undefined {
  try {
    const { exitCode, stdout, stderr } = Bun.spawnSync([...command]);
    const text = stdout.length > 0 ? stdout : stderr;
    return exitCode === 0 ? text.toString().trim().split("\n")[0] : undefined;
  } catch {
    // Not there.
    return undefined;
  }
}
