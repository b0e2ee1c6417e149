// The ways to keep a file: by this program, and by what one would use without it. Each saves it anew, verifies what it saved,
// and brings it back; each has a folder of its own. What it wrote is on the disk when its time is over, as it is with ours.
import { basename, dirname, join, resolve } from "node:path";
import type { Program } from "./gathered.ts";
import { isInstalled } from "./machine.ts";
import type { Command } from "./measure.ts";
import { FIRST, repositories, RUN, SYNC_ALL, type Pipe } from "./peers.ts";
import type { Bench, Workspace } from "./workspace.ts";

export interface Way {
  readonly program: Program;
  /** Where it keeps what it saves. */
  readonly folder: string;
  /** Removes all that it has saved. */
  readonly empty: () => Promise<void> | void;
  readonly save: Command;
  /** Null where it would be about nothing but how fast zeros are read. */
  readonly verify: Command | null;
  /** Into a folder that is empty; null where it can't restore holes. */
  readonly restore: Command | null;
}

export interface Kept {
  readonly source: string;
  /** Of many holes: it is restored with them. */
  readonly isSparse: boolean;
  readonly pipe: Pipe;
  /** Where it is brought back to. */
  readonly target: string;
}

/** All that are installed, ours in front. */
export function planWays({ binary, space }: Bench, kept: Kept): Way[] {
  return [
    planOurs(binary, space, kept),
    planPipe(space, kept),
    ...planLogrotate(space, kept),
    ...planRepositories(space, kept),
    planCopy(space, kept),
  ];
}

function planOurs(binary: string, space: Workspace, { source, target }: Kept): Way {
  const folder = space.renew("ours");
  const where = ["-f", source, "-d", folder];
  const file = join(target, basename(source));
  return {
    program: "tinybackup",
    folder,
    empty: () => void space.renew("ours"),
    save: { name: RUN, command: [binary, "run", ...where] },
    verify: { name: "`tinybackup verify`", command: [binary, "verify", ...where] },
    restore: { name: "`tinybackup restore`", command: [binary, "restore", ...where, "--to", file] },
  };
}

/** A line of shell as a command; `$1` is the source, `$2` what is saved, `$3` the folder to restore to. */
function planShell(name: string, script: string, words: readonly string[]): Command {
  return { name, command: ["sh", "-c", script, "sh", ...words] };
}

const quiet = (command: string) => command.replace("zstd", "zstd -q");

function planPipe(space: Workspace, { source, target, pipe }: Kept): Way {
  const folder = space.renew("pipe");
  const saved = join(folder, "out");
  const words = [source, saved, target, dirname(source), basename(source)];
  const { tar, pack, unpack } = pipe;
  return {
    program: "tar | zstd",
    folder,
    empty: () => void space.renew("pipe"),
    save: planShell("the pipe", `${tar}f - -C "$4" "$5" | ${quiet(pack)} > "$2" && sync "$2"`, words),
    verify: planShell("`zstd -t`", 'zstd -q -t "$2"', words),
    restore: planShell(
      `\`${unpack} | tar x && sync\``,
      `${quiet(unpack)} "$2" | tar xf - -C "$3" && sync "$3/$5"`,
      words,
    ),
  };
}

/** The Python program where TINYBACKUP_PY holds its path, else what does as it does; none without Python or logrotate. */
function planLogrotate(space: Workspace, { source, target, isSparse }: Kept): Way[] {
  const python = findPython();
  // It would compress twenty gigabytes of zeros for minutes.
  if (python === null || isSparse) return [];
  const folder = space.renew("logrotate");
  const program = process.env["TINYBACKUP_PY"];
  const words =
    program === undefined
      ? [resolve(import.meta.dir, "logrotate-way.py"), source, folder]
      : [program, "--run", "--sourcefile", source, "--destdir", folder];
  const kept = [source, folder, target, basename(source)];
  return [
    {
      program: "logrotate",
      folder,
      empty: () => void space.renew("logrotate"),
      save: planShell("Python, logrotate, gzip, and sync", `f=$1; shift; "$@" && cd "$f" && ${SYNC_ALL}`, [
        folder,
        python,
        ...words,
      ]),
      verify: planShell("`gzip -t`", 'gzip -t "$2"/*.gz', kept),
      restore: planShell("`gzip -dc && sync`", 'gzip -dc "$2"/*.gz > "$3/$4" && sync "$3/$4"', kept),
    },
  ];
}

/** The interpreter itself, not what a manager of versions puts in its place, which is slower; null where it can do nothing. */
export function findPython(): string | null {
  if (!["python3", "logrotate", "at"].every(isInstalled)) return null;
  const { stdout } = Bun.spawnSync(["python3", "-c", "import sys; print(sys.executable)"]);
  return stdout.toString().trim();
}

function planRepositories(space: Workspace, { source, target, isSparse }: Kept): Way[] {
  return repositories(space.path("repositories"), source).map((repository) => ({
    program: repository.program,
    folder: repository.folder,
    empty: repository.initialise,
    save: repository.save(FIRST),
    verify: repository.verify,
    restore: repository.restore(target, isSparse),
  }));
}

function planCopy(space: Workspace, { source, target, isSparse }: Kept): Way {
  const folder = space.renew("copy");
  const words = [source, join(folder, basename(source)), target, basename(source)];
  return {
    program: "cp",
    folder,
    empty: () => void space.renew("copy"),
    save: planShell("`cp && sync`", 'cp "$1" "$2" && sync "$2"', words),
    verify: isSparse ? null : planShell("`cmp` with the file", 'cmp "$1" "$2"', words),
    restore: planShell("`cp && sync`", 'cp "$2" "$3" && sync "$3/$4"', words),
  };
}
