// One large file: saved, and brought back, by this program and by what one would use without it.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isInstalled } from "./machine.ts";
import { run, type Contender, type Group } from "./measure.ts";

interface Place {
  readonly binary: string;
  readonly folder: string;
  readonly corpus: string;
  readonly rounds: number;
}

/** Saving with Zstandard, and with other programs' own means. */
export function planSaving(place: Place): Group {
  const { rounds } = place;
  return {
    title: "Save one large file",
    rounds,
    isSettled: true,
    contenders: [
      ...saveWith(place, { compress: "zstd", pack: "zstd -q -3 -T0", unpack: "zstd -q -dc" }),
      ...saveWithRepositories(place),
    ],
  };
}

/** The same with gzip; no contenders where pigz is missing. */
export function planGzip(place: Place): Group {
  const contenders = isInstalled("pigz")
    ? saveWith(place, { compress: "gzip", pack: "pigz", unpack: "pigz -dc" })
    : [];
  return {
    title: "Save one large file with gzip",
    rounds: Math.min(3, place.rounds),
    isSettled: true,
    contenders,
  };
}

/** Bringing it back. Saves it first, outside the clock. */
export async function planRestoring(place: Place): Promise<Group> {
  const { binary, folder, corpus, rounds } = place;
  const saved = renew(join(folder, "saved"));
  await run({ name: "save", command: [binary, "run", "-f", corpus, "-d", saved] });
  const archive = join(saved, readdirSync(saved)[0] ?? "");
  const target = join(folder, "restored");
  const prepare = () => void renew(target);
  const file = join(target, basename(corpus));
  const extract = "zstd -q -dc ARCHIVE | tar x";
  const pipe = (script: string) => ["sh", "-c", script, "sh", archive, target, file];
  return {
    title: "Restore it",
    rounds,
    isSettled: true,
    contenders: [
      {
        name: "`tinybackup restore` (proven, on the disk)",
        command: [binary, "restore", "-d", saved, "--to", file],
        prepare,
        against: `\`${extract}\``,
      },
      { name: `\`${extract}\``, command: pipe('zstd -q -dc "$1" | tar xf - -C "$2"'), prepare },
      {
        name: `\`${extract} && sync FILE\``,
        command: pipe('zstd -q -dc "$1" | tar xf - -C "$2" && sync "$3"'),
        prepare,
        against: `\`${extract}\``,
      },
      ...(await restoreWithRepositories(place, target)),
    ],
  };
}

/** Our run, and the pipe that does the same: saves, syncs, and reads back. */
function saveWith(
  { binary, folder, corpus }: Place,
  { compress, pack, unpack }: { compress: string; pack: string; unpack: string },
): Contender[] {
  const target = join(folder, "saved");
  const prepare = () => void renew(target);
  const archive = join(target, "archive");
  const prove = `tar c | ${pack} > out && sync out && ${unpack} out | sha256sum`;
  const script = `tar cf - -C "$1" "$2" | ${pack} > "$3" && sync "$3"`;
  const pipe = (text: string) => ["sh", "-c", text, "sh", dirname(corpus), basename(corpus), archive];
  const ours = [binary, "run", "-f", corpus, "-d", target, "--always", "--compress", compress];
  const option = compress === "zstd" ? "" : ` --compress ${compress}`;
  return [
    { name: `\`tinybackup run${option}\``, command: ours, prepare, against: `\`${prove}\`` },
    { name: `\`${prove}\``, command: pipe(`${script} && ${unpack} "$3" | sha256sum`), prepare },
  ];
}

interface Repository {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly init: readonly string[];
  readonly save: readonly string[];
  readonly restore: (target: string) => readonly string[];
}

/** Programs that keep a repository, where they are installed: a new one each time, made outside the clock. */
function repositories({ folder, corpus }: Place): Repository[] {
  const path = join(folder, "repository");
  const known: Repository[] = [
    {
      program: "restic",
      env: { RESTIC_PASSWORD: "bench", RESTIC_REPOSITORY: path, RESTIC_CACHE_DIR: join(folder, "cache") },
      init: ["restic", "init"],
      save: ["restic", "backup", basename(corpus)],
      restore: (target) => ["restic", "restore", "latest", "--target", target],
    },
    {
      program: "borg",
      env: {
        BORG_BASE_DIR: join(folder, "cache"),
        BORG_REPO: path,
        BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
      },
      init: ["borg", "init", "-e", "none"],
      save: ["borg", "create", "--compression", "zstd,3", "::bench", basename(corpus)],
      restore: () => ["borg", "extract", "::bench"],
    },
  ];
  return known.filter(({ program }) => isInstalled(program));
}

const RUN = "`tinybackup run`";

function saveWithRepositories(place: Place): Contender[] {
  return repositories(place).map(({ program, env, init, save }) => ({
    name: `\`${program} ${save[1]}\` into a new repository`,
    command: save,
    cwd: dirname(place.corpus),
    env,
    prepare: () => initialise(place, { env, init }),
    against: RUN,
  }));
}

async function restoreWithRepositories(place: Place, target: string): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const repository of repositories(place)) {
    const { program, init, save, restore } = repository;
    const home = join(place.folder, program);
    const env = relocate(repository.env, place.folder, home);
    await initialise({ ...place, folder: home }, { env, init });
    await run({ name: program, command: save, cwd: dirname(place.corpus), env });
    contenders.push({
      name: `\`${program} ${restore("")[1]}\``,
      command: restore(target),
      cwd: target,
      env,
      prepare: () => void renew(target),
      against: "`tinybackup restore` (proven, on the disk)",
    });
  }
  return contenders;
}

/** The same variables, for a repository in another folder. */
function relocate(env: Repository["env"], from: string, to: string): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace(from, to)]));
}

async function initialise(
  { folder }: Pick<Place, "folder">,
  { env, init }: Pick<Repository, "env" | "init">,
): Promise<void> {
  for (const name of ["saved", "repository", "cache"])
    rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run({ name: init.join(" "), command: init, env });
}

/** An empty folder of that name. */
function renew(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}
