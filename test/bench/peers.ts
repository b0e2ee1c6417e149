// What one would use without this program: a pipe of tar and zstd, restic, borg. What they wrote is on the disk when their
// time is over, as it is with ours.
import { mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isInstalled } from "./machine.ts";
import { type Command, type Contender, run } from "./measure.ts";

export const RUN = "`tinybackup run`";
/** Every file below a folder, on the disk. */
export const SYNC_ALL = "find . -type f -exec sync {} +";

export interface Pipe {
  readonly tar: "tar c" | "tar cS";
  /** The compressor's command, and its opposite. */
  readonly pack: string;
  readonly unpack: string;
}

export const ZSTD: Pipe = { tar: "tar c", pack: "zstd -3 -T0", unpack: "zstd -dc" };
export const PIGZ: Pipe = { tar: "tar c", pack: "pigz", unpack: "pigz -dc" };

export const PIPE = "the pipe with check";

/** What is meant by the pipe, and by its check, which does what a run does: it reads back what was saved. */
export function describePipe({ tar, pack, unpack }: Pipe): string {
  const save = `\`${tar} | ${pack} > out && sync out\``;
  return `The pipe is ${save}, its check \`${unpack} out | openssl dgst -sha256\`.`;
}

/** The pipe, and its check, for a file to be saved into an empty folder that `renew` gives. */
export function planCheckedPipe(source: string, pipe: Pipe, renew: () => string): Contender {
  const quiet = pipe.pack.startsWith("zstd") ? pipe.pack.replace("zstd", "zstd -q") : pipe.pack;
  const save = `${pipe.tar}f - -C "$1" "$2" | ${quiet} > "$3" && sync "$3"`;
  const words = ["sh", dirname(source), basename(source), join(renew(), "out")];
  return {
    name: PIPE,
    command: ["sh", "-c", `${save} && ${pipe.unpack} "$3" | openssl dgst -sha256`, ...words],
    prepare: () => void renew(),
  };
}

/** Those that keep a repository. */
export const PROGRAMS = ["restic", "borg"] as const;
/** How their saving is called. */
export const SAVE = { restic: "`restic backup && sync`", borg: "`borg create && sync`" };

/** The name of what is saved first. */
export const FIRST = "first";
/** A name that borg makes anew each time. */
export const NEXT = "{now:%Y-%m-%dT%H:%M:%S.%f}";

/** A program that keeps a repository. */
export interface Repository {
  readonly program: keyof typeof SAVE;
  readonly folder: string;
  /** A new, empty repository, whatever was there. */
  readonly initialise: () => Promise<void>;
  /** Saves the file; only borg cares for the name that it gets there. */
  readonly save: (archive: string) => Command;
  /** Brings back what was saved by the name of FIRST. */
  /** Null where it can't give a sparse file its holes again. */
  readonly restore: (target: string, isSparse: boolean) => Command | null;
  /** Reads all that it holds, and compares it with its checksums. */
  readonly verify: Command;
}

interface Kind {
  readonly program: keyof typeof SAVE;
  readonly env: Readonly<Record<string, string>>;
  readonly init: readonly string[];
  readonly save: (archive: string) => readonly string[];
  readonly restore: (option: readonly string[]) => readonly string[];
  readonly verify: readonly string[];
}

/** Those that are installed, each with a repository of its own below `home`, for one file. */
export function repositories(home: string, source: string): Repository[] {
  const file = basename(source);
  const kinds: Kind[] = [
    {
      program: "restic",
      env: { RESTIC_PASSWORD: "bench", RESTIC_REPOSITORY: "repository", RESTIC_CACHE_DIR: "cache" },
      init: ["restic", "init"],
      save: () => ["restic", "backup", file],
      restore: (option) => ["restic", "restore", ...option, "latest", "--target", "."],
      verify: ["restic", "check", "--read-data"],
    },
    {
      program: "borg",
      env: {
        BORG_BASE_DIR: "cache",
        BORG_REPO: "repository",
        BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
      },
      init: ["borg", "init", "-e", "none"],
      save: (archive) => ["borg", "create", "--compression", "zstd,3", `::${archive}`, file],
      restore: (option) => ["borg", "extract", ...option, `::${FIRST}`],
      verify: ["borg", "check", "--verify-data"],
    },
  ];
  return kinds.filter(({ program }) => isInstalled(program)).map((kind) => place(kind, home, source));
}

/** What restic can since 0.15. */
function canRestoreHoles(program: keyof typeof SAVE): boolean {
  const command = { restic: ["restic", "restore", "--help"], borg: ["borg", "help", "extract"] }[program];
  return Bun.spawnSync(command).stdout.includes("--sparse");
}

function place(
  { program, init, save, restore, verify, ...kind }: Kind,
  home: string,
  source: string,
): Repository {
  const folder = join(home, program);
  const repository = join(folder, "repository");
  const env = Object.fromEntries(
    Object.entries(kind.env).map(([name, value]) => [
      name,
      ["repository", "cache"].includes(value) ? join(folder, value) : value,
    ]),
  );
  const script = `"$@" && cd "$FOLDER" && ${SYNC_ALL}`;
  return {
    program,
    folder: repository,
    initialise: async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      await run({ name: init.join(" "), command: init, env });
    },
    save: (archive) => ({
      name: SAVE[program],
      command: ["sh", "-c", script, "sh", ...save(archive)],
      cwd: dirname(source),
      env: { ...env, FOLDER: repository },
    }),
    restore: (target, isSparse) => {
      if (isSparse && !canRestoreHoles(program)) return null;
      const words = restore(isSparse ? ["--sparse"] : []);
      return {
        name: `\`${words.slice(0, 2).join(" ")} && sync\``,
        command: ["sh", "-c", script, "sh", ...words],
        cwd: target,
        env: { ...env, FOLDER: target },
      };
    },
    verify: { name: `\`${verify.join(" ")}\``, command: verify, env },
  };
}
