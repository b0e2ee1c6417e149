// Where a schedule finds this program again: the path under which it was called, made absolute.
//
// A symlink is kept as it is: a package manager's link (Homebrew's `bin`) or a folder named `current` leads to the
// newer version after an upgrade, while the folder behind it is gone. What was called is trusted only if it is the
// very file that runs; else that file's own path is taken.
import { dlopen } from "bun:ffi";
import fs from "node:fs";
import { accessSync, constants, statSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { delimiter, isAbsolute, resolve } from "node:path";
import { Failure, UsageFailure } from "../errors.ts";

/** How this process was started. The defaults of `findOwnPath` are this process. */
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

/** The stable absolute path of this program. Throws a Failure in development, where no single file could be scheduled. */
export function findOwnPath(invocation: Invocation = describeInvocation()): string {
  if (!isCompiled(invocation))
    throw new Failure("only the compiled program can be scheduled, and this one runs from its source", {
      hint: "npm run build",
    });
  const called = listCandidates(invocation).find((path) => isSameFile(path, invocation.execPath));
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

/** Whether this is the compiled binary, not Bun running the source. */
const isCompiled = ({ main }: Pick<Invocation, "main">): boolean => main.startsWith("/$bunfs/");

// Each with `..` taken out, and as it was called: behind a link `link/../x` leads elsewhere than `x`.
function listCandidates({ argv0, cwd, searchPath }: Invocation): string[] {
  const folders = argv0.includes("/") ? [""] : searchPath.split(delimiter);
  return folders
    .map((folder) => (folder === "" ? argv0 : `${folder}/${argv0}`))
    .flatMap((called) => [resolve(cwd, called), isAbsolute(called) ? called : `${cwd}/${called}`]);
}

function isSameFile(path: string, execPath: string): boolean {
  try {
    const [called, running] = [statSync(path, { bigint: true }), statSync(execPath, { bigint: true })];
    return called.dev === running.dev && called.ino === running.ino && isExecutable(path);
  } catch {
    // ENOENT: the name in argv0 may be anything that the caller chose.
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // ENOENT, EACCES: not there, or not for us.
    return false;
  }
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

/** The last `count` arguments of this process as bytes; undefined where the system does not show them. */
export function readRawArguments(count: number): readonly Uint8Array[] | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync("/proc/self/cmdline");
  } catch {
    return undefined;
  }
  const raw: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    raw.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length : end + 1;
  }
  return raw.length < count ? undefined : raw.slice(raw.length - count);
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

/** True where the signal is ignored; false where that can't be found out. */
export function isSignalIgnored(signal: NodeJS.Signals): boolean {
  const number = osConstants.signals[signal];
  try {
    return readIgnoredFromProc(number);
  } catch {
    // No /proc: macOS and FreeBSD.
  }
  try {
    return askLibrary(number);
  } catch {
    return false;
  }
}

function readIgnoredFromProc(number: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1];
  if (mask === undefined) throw new Error("no SigIgn in /proc/self/status");
  return ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
}

const libraries: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "libSystem.B.dylib",
  freebsd: "libc.so.7",
  linux: "libc.so.6",
};

/** signal(3) tells the disposition only by replacing it, so it is put back at once. */
export function askLibrary(number: number): boolean {
  const ignore = 1n;
  const library = dlopen(libraries[process.platform] ?? "libc.so", {
    signal: { args: ["i32", "u64"], returns: "u64" },
  });
  try {
    const before = library.symbols.signal(number, ignore);
    library.symbols.signal(number, before);
    return before === ignore;
  } finally {
    library.close();
  }
}
