// A folder with a file to save and a folder to save it in, and the compiled program at work there: what the end-to-end
// tests are written in. Every scene is on a real file system; tools that a scene needs must be there.
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRevisionName } from "../../src/backup/revision.ts";
import { programs } from "./binary.ts";

export const [, [binary = ""]] = programs[1] ?? ["", []];

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

interface Surroundings {
  /** What the program is started by: `["setpriv", "--reuid=65534", …]`. */
  readonly by?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Scene extends Disposable {
  readonly root: string;
  /** The file to save: `notes.txt`, mode 0640, some kilobytes. */
  readonly source: string;
  /** The folder to save it in. */
  readonly saved: string;
  /** Writes a file under the root and returns its path. */
  write(name: string, content: string | Uint8Array, mode?: number): string;
  /** Runs the program to its end. */
  tinybackup(args: readonly string[], surroundings?: Surroundings): Promise<Ended>;
  /** `tinybackup run` of the source into the folder. */
  save(...more: readonly string[]): Promise<Ended>;
  /** A shell script in which `tinybackup` is the program, SOURCE and SAVED the two paths. */
  shell(script: string, surroundings?: Surroundings): Promise<Ended>;
  /** Names of all revisions in the folder, oldest first. */
  revisions(): string[];
  /** Names of what else is there. */
  leftovers(): string[];
}

export const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", TZ: "UTC" };

/** Opens a scene in a new temporary folder, or in `root`, which may be a mount of its own. */
export function openScene(root?: string): Scene {
  const place = root ?? realpathSync(mkdtempSync(join(tmpdir(), "tinybackup-scene-")));
  chmodSync(place, 0o755);
  const source = join(place, "notes.txt");
  const saved = join(place, "saved");
  mkdirSync(saved, { recursive: true });
  const names = (): string[] => readdirSync(saved).toSorted();
  const run = (command: readonly string[], { by = [], cwd = place, env = {} }: Surroundings = {}) =>
    runToEnd([...by, ...command], cwd, { ...environment, ...env });
  const scene: Scene = {
    root: place,
    source,
    saved,
    write(name, content, mode = 0o644) {
      const path = join(place, name);
      writeFileSync(path, content);
      chmodSync(path, mode);
      // Old enough for the program not to wait until a change would show, and with an access time that reading moves.
      utimesSync(path, new Date("2001-01-01"), new Date("2020-02-02T02:02:02.222Z"));
      return path;
    },
    tinybackup: (args, surroundings) => run([binary, ...args], surroundings),
    save: (...more) => run([binary, "run", "-f", source, "-d", saved, ...more]),
    shell(script, surroundings = {}) {
      const env = { ...surroundings.env, BINARY: binary, SOURCE: source, SAVED: saved };
      return run(["bash", "-c", `tinybackup() { "$BINARY" "$@"; }; ${script}`], { ...surroundings, env });
    },
    revisions: () => names().filter((name) => parseRevisionName(name) !== null),
    leftovers: () => names().filter((name) => parseRevisionName(name) === null),
    [Symbol.dispose]: () => rmSync(place, { recursive: true, force: true }),
  };
  scene.write("notes.txt", "a line of notes\n".repeat(200), 0o640);
  return scene;
}

async function runToEnd(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  return {
    code: child.signalCode === null ? child.exitCode : null,
    signal: child.signalCode === null ? null : String(child.signalCode),
    out,
    err,
  };
}

/** Runs a tool (tar, mount, …) and returns what it printed. Throws if it fails, or is not there. */
export function tool(...command: readonly string[]): Buffer {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], { env: environment });
  if (exitCode !== 0 || stderr.length > 0) {
    throw new Error(`${command.join(" ")} ended with ${exitCode}: ${stderr.toString()}`);
  }
  return stdout;
}

/** Throws unless the tests may mount, change users and trace: a test that is left out proves nothing. */
export function needRoot(...tools: readonly string[]): void {
  if (process.getuid?.() !== 0)
    throw new Error("these tests mount file systems and change users: run them as root");
  const missing = tools.filter((name) => Bun.which(name, { PATH: environment.PATH }) === null);
  if (missing.length > 0) throw new Error(`these tests need ${missing.join(" and ")}: install them first`);
}

/** Everything about a file that a backup must leave as it is. */
export function describeFile(path: string): unknown {
  const { dev, ino, mode, nlink, uid, gid, size, atimeNs, mtimeNs, ctimeNs } = statSync(path, {
    bigint: true,
  });
  const content = Bun.hash(readUnnoticed(path));
  return [dev, ino, mode, nlink, uid, gid, size, atimeNs, mtimeNs, ctimeNs, content].map(String);
}

function readUnnoticed(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOATIME);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The one file in a revision, as GNU tar and zstd have it. Throws at the least complaint of either. */
export function contentOf(revision: string): Buffer {
  if (revision.endsWith(".zst")) tool("zstd", "-qt", revision);
  const entries = tool("tar", "-tf", revision).toString().split("\n");
  if (entries.length !== 2) throw new Error(`${revision} holds ${entries.length - 1} files`);
  return tool("tar", "-xOf", revision);
}
