// What the numbers were measured on: without it they mean nothing.
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

const GIB = 2 ** 30;

/** The machine, and the versions of the tools that are there, as a Markdown list. `folder` is on the disk in question. */
export function describeMachine(folder: string): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const fileSystem = firstLine(["findmnt", "-no", "FSTYPE,SOURCE", "-T", folder]) ?? "unknown";
  return [
    `- ${model}, ${availableParallelism()} cores, ${(totalmem() / GIB).toFixed(0)} GiB of memory`,
    `- ${type()} ${release()}, file system ${fileSystem.replaceAll(/\s+/g, " ")}`,
    `- ${["Bun " + Bun.version, ...versions()].join("; ")}`,
  ].join("\n");
}

/** Whether a program is there to compare with. */
export function isInstalled(program: string): boolean {
  return Bun.which(program) !== null;
}

function versions(): string[] {
  const asked = [
    ["tar", "--version"],
    ["zstd", "--version"],
    ["pigz", "--version"],
    ["sha256sum", "--version"],
    ["restic", "version"],
    ["borg", "--version"],
    ["logrotate", "--version"],
    ["python3", "--version"],
    ["node", "--version"],
  ];
  return asked.flatMap(([program = "", option = ""]) => {
    const line = isInstalled(program) ? firstLine([program, option]) : undefined;
    if (line === undefined) return [];
    const text = line.replaceAll(/\*+|,$/g, "").trim();
    return [text.toLowerCase().startsWith(program.slice(0, 3)) ? text : `${program}: ${text}`];
  });
}

function firstLine(command: string[]): string | undefined {
  try {
    const { exitCode, stdout, stderr } = Bun.spawnSync(command);
    const text = stdout.length > 0 ? stdout : stderr;
    return exitCode === 0 ? text.toString().trim().split("\n")[0] : undefined;
  } catch {
    // Not there.
    return undefined;
  }
}
