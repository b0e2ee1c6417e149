// Runs programs for the tests: the one under test, and the tools (tar, mount, ...) that prepare and judge.
import {
  closeSync,
  constants as access,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { constants } from "node:os";

/** The environment that programs have here unless a test says otherwise. */
export const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", TZ: "UTC" };

const patienceMs = 100_000;

export interface Ended {
  /** The exit code, as a shell has it: 128 + n where signal n ended it. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Surroundings {
  readonly cwd?: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What comes in from standard input; nothing unless said. */
  readonly input?: string;
}

/** Runs a command to its end. */
export function run(
  command: readonly string[],
  { cwd = "/", env = environment, input }: Surroundings = {},
): Ended {
  const { exitCode, signalCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd,
    env: { ...env },
    stdin: input === undefined ? "ignore" : Buffer.from(input),
    timeout: patienceMs,
  });
  const code = typeof signalCode === "string" ? 128 + constants.signals[signalCode] : exitCode;
  return { code, out: stdout.toString(), err: stderr.toString() };
}

/** The same for several at a time. */
export async function start(
  command: readonly string[],
  { cwd = "/", env = environment }: Surroundings = {},
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
  return { code: await child.exited, out, err };
}

/** What is left in the end of what a terminal was given: no progress that was taken back. */
export function readScreen(given: string): string {
  const lines = given.replaceAll("\r\n", "\n").split("\n");
  return lines.map((line) => line.split("\r\u001b[K").at(-1)).join("\n");
}

export interface Verdict {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Asks a foreign judge (tar, zstd, gzip, sha256sum) and returns what it said. */
export function judge(command: string, ...args: readonly string[]): Verdict {
  const { exitCode, stdout, stderr } = Bun.spawnSync([command, ...args], { env: environment });
  return { status: exitCode, stdout, stderr: stderr.toString() };
}

/** Runs a tool and returns what it printed. Throws if it fails, complains, or is not there. */
export function tool(command: string, ...args: readonly string[]): Buffer {
  const { status, stdout, stderr } = judge(command, ...args);
  if (status !== 0 || stderr !== "")
    throw new Error(`${[command, ...args].join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Throws unless the tests may mount, change users and trace: a test that is left out proves nothing. */
export function needRoot(...tools: readonly string[]): void {
  if (process.getuid?.() !== 0)
    throw new Error("these tests mount file systems and change users: run them as root");
  const missing = tools.filter((name) => Bun.which(name, { PATH: environment.PATH }) === null);
  if (missing.length > 0) throw new Error(`these tests need ${missing.join(" and ")}: install them first`);
}

/** What a command is started by to be nobody's. */
export const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** The environment in which the program's clock shows this moment of UTC, and goes on from there: `2026-11-23 02:00:00`. */
export function clockAt(moment: string): Record<string, string> {
  return { LD_PRELOAD: findFaketime("libfaketimeMT.so.1"), FAKETIME: `@${moment}` };
}

export function findFaketime(name: "libfaketime.so.1" | "libfaketimeMT.so.1"): string {
  const path = readdirSync("/usr/lib")
    .map((folder) => `/usr/lib/${folder}/faketime/${name}`)
    .find((each) => existsSync(each));
  if (path === undefined) throw new Error("these tests need libfaketime: apt install libfaketime");
  return path;
}

/** The one file in a revision, as GNU tar and zstd have it. Throws at the least complaint of either. */
export function contentOf(revision: string): Buffer {
  if (revision.endsWith(".zst")) tool("zstd", "-qt", revision);
  const entries = tool("tar", "-tf", revision).toString().split("\n");
  if (entries.length !== 2) throw new Error(`${revision} holds ${entries.length - 1} files`);
  return tool("tar", "-xOf", revision);
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
  const descriptor = openSync(path, access.O_RDONLY | access.O_NOATIME);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
