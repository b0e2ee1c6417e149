// How this process was started: the path under which it was called, its arguments as bytes, and the signals that it was
// told to ignore.
import fs from "node:fs";
import { delimiter, isAbsolute, resolve } from "node:path";
import { Failure, UsageFailure } from "../errors.ts";
import { isExecutable, readTextIfThere } from "./exists.ts";
import { isIgnoredByLibrary } from "./libc.ts";

export { localOffsetMs } from "./libc.ts";

/** What tells where this program is. The default of `findOwnPath` is this process. */
export interface Invocation {
  /** As typed: with a slash, a path; without, a name that was looked up in PATH. */
  readonly argv0: string;
  /** The file that runs, symlinks resolved. It goes stale when the program is replaced while it runs. */
  readonly execPath: string;
  /** Begins with `/$bunfs/` in a compiled binary; in development it is the script. */
  readonly main: string;
  readonly cwd: string;
  readonly searchPath: string;
}

/**
 * The stable absolute path of this program, where a schedule finds it again. Throws a Failure in development, where no
 * single file could be scheduled.
 *
 * A symlink is kept as it is: a package manager's link (Homebrew's `bin`) or a folder named `current` leads to the
 * newer version after an upgrade, while the folder behind it is gone. What was called is trusted only if it is the
 * very file that runs; else that file's own path is taken.
 */
export function findOwnPath(invocation: Invocation = describeInvocation()): string {
  if (!isCompiled(invocation))
    throw new Failure("only the compiled program can be scheduled, and this one runs from its source", {
      hint: "npm run build",
    });
  const called = listCandidates(invocation).find((path) => isSameProgram(path, invocation.execPath));
  const path = called ?? invocation.execPath;
  if (isExecutable(path)) return path;
  throw new Failure(`this program is not at '${path}' any more, so nothing could find it again`, {
    hint: "start it again from where it is now; a path that is not valid UTF-8 can't be used",
  });
}

/**
 * The path under which a job was started: the one in its line in the queue, which `exec` hands over as it is. What lies
 * there by now does not matter: a program that is replaced or taken away while its job starts must still arm the next.
 */
export function findStartedPath(invocation: Invocation = describeInvocation()): string {
  return isCompiled(invocation) && isAbsolute(invocation.argv0) ? invocation.argv0 : findOwnPath(invocation);
}

function describeInvocation(): Invocation {
  return {
    argv0: process.argv0,
    execPath: process.execPath,
    main: Bun.main,
    cwd: process.cwd(),
    searchPath: process.env["PATH"] ?? "",
  };
}

/** Whether this is the compiled binary, not Bun running the source. */
const isCompiled = ({ main }: Invocation): boolean => main.startsWith("/$bunfs/");

// Each with `..` taken out, and as it was called: behind a link `link/../x` leads elsewhere than `x`.
function listCandidates({ argv0, cwd, searchPath }: Invocation): string[] {
  const folders = argv0.includes("/") ? [""] : searchPath.split(delimiter);
  return folders
    .map((folder) => (folder === "" ? argv0 : `${folder}/${argv0}`))
    .flatMap((called) => [resolve(cwd, called), isAbsolute(called) ? called : `${cwd}/${called}`]);
}

function isSameProgram(path: string, execPath: string): boolean {
  try {
    const [called, running] = [path, execPath].map((each) => fs.statSync(each, { bigint: true }));
    return called?.dev === running?.dev && called?.ino === running?.ino && isExecutable(path);
  } catch {
    // ENOENT: the name in argv0 may be anything that the caller chose.
    return false;
  }
}

/** The last `count` arguments of this process as bytes; undefined where the system does not show them. */
export function readRawArguments(count: number): readonly Uint8Array[] | undefined {
  let text: string;
  try {
    text = fs.readFileSync("/proc/self/cmdline", "latin1");
  } catch {
    return undefined;
  }
  const raw = text.replace(/\0$/, "").split("\0");
  return raw.length < count
    ? undefined
    : raw.slice(raw.length - count).map((word) => Buffer.from(word, "latin1"));
}

/** Throws a UsageFailure for the first argument that did not arrive as it was typed: the runtime replaces what is not UTF-8,
 * and a file of another name would be meant. A true U+FFFD in a name passes, where the
 * system shows the bytes; where it does not, such an argument is refused, as it can't be told from a wrong one. */
export function refuseLossyArgument(
  argv: readonly string[],
  raw: readonly Uint8Array[] | undefined = readRawArguments(argv.length),
): void {
  for (const [place, argument] of argv.entries()) {
    if (!argument.includes("\u{FFFD}")) continue;
    const bytes = raw?.[place];
    if (bytes !== undefined && Buffer.from(argument).equals(bytes)) continue;
    throw new UsageFailure(`argument '${argument}' is not valid UTF-8`, {
      hint: "rename the file, or reach it through a link whose name is UTF-8",
    });
  }
}

/** The signals that end a program from outside, by the numbers that POSIX gives to them (kill(1)). */
export const signalNumbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

let ownStatus: string | undefined;

/** True where the signal is ignored; false where that can't be found out. */
export function isSignalIgnored(signal: keyof typeof signalNumbers): boolean {
  const number = signalNumbers[signal];
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec((ownStatus ??= readTextIfThere("/proc/self/status")))?.[1];
  // No /proc: macOS and FreeBSD.
  if (mask === undefined) return isIgnoredByLibrary(number);
  return ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
}
