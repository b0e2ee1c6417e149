// Runs a program under ptrace(2), counts the system calls that it makes on files under one folder, and spoils the n-th of
// them: an error, kill -9, or a write that takes only a part. strace(1) can't do this: it counts for each thread apart,
// the runtime deals its calls out to threads at random, and a short write must really write what it says.
//
// It traces one program after the other: `bun tracer.ts` reads a request in each line of its standard input, and answers with
// an empty line when that program has ended. Each gets the tracer's environment.
//
//   {"command":["COMMAND","ARGUMENT"],"folder":"/x","log":"/y","spoil":{"call":3,"how":"kill"}}
import { dlopen, ptr } from "bun:ffi";
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";

/** What is done to one call. */
export type Spoiling =
  | { readonly how: "error"; readonly errno: number }
  | { readonly how: "kill" }
  /** A read or write of a third of what was asked for. */
  | { readonly how: "short" }
  /** Just before it, somebody else does that to a file. */
  | { readonly how: "edit"; readonly file: string; readonly edit: Edit };

/** What somebody may do to a file between two moments. */
export type Edit = "grows" | "is cut" | "is written to" | "is replaced" | "is emptied" | "is gone";

/** Does it; what is written differs from what any test wrote. */
export function editFile(file: string, edit: Edit): void {
  const { size } = statSync(file);
  if (edit === "grows") appendFileSync(file, "and a line more\n");
  if (edit === "is cut") truncateSync(file, size - Math.ceil(size / 3));
  if (edit === "is emptied") truncateSync(file, 0);
  if (edit === "is gone") unlinkSync(file);
  if (edit === "is replaced") {
    writeFileSync(`${file}.new`, "another file\n");
    renameSync(`${file}.new`, file);
  }
  if (edit === "is written to") {
    const descriptor = openSync(file, "r+");
    for (const at of [0, size - 10]) writeSync(descriptor, "[changed]", at);
    closeSync(descriptor);
  }
}

export interface TraceRequest {
  readonly command: readonly string[];
  /** Calls that concern a path under it are counted. */
  readonly folder: string;
  /** Where the trace is written, as JSON; beside it, to `.out` and `.err`, what the program prints. */
  readonly log: string;
  readonly spoil?: Spoiling & { readonly call: number };
  /** Calls that this file system does not know, by name, with the errno that says so. */
  readonly refuse?: Readonly<Record<string, number>>;
}

export interface TracedCall {
  readonly name: string;
  readonly path: string;
}

export interface Trace {
  readonly calls: readonly TracedCall[];
  readonly code: number | null;
  readonly signal: number | null;
}

/** By number on x86_64; the argument that is a path, or `fd` where the first one is a descriptor. */
const watched: ReadonlyMap<number, { readonly name: string; readonly path: number | "fd" }> = new Map([
  [0, { name: "read", path: "fd" }],
  [1, { name: "write", path: "fd" }],
  [2, { name: "open", path: 0 }],
  [3, { name: "close", path: "fd" }],
  [5, { name: "fstat", path: "fd" }],
  [6, { name: "lstat", path: 0 }],
  [8, { name: "lseek", path: "fd" }],
  [16, { name: "ioctl", path: "fd" }],
  [17, { name: "pread64", path: "fd" }],
  [18, { name: "pwrite64", path: "fd" }],
  [73, { name: "flock", path: "fd" }],
  [74, { name: "fsync", path: "fd" }],
  [75, { name: "fdatasync", path: "fd" }],
  [77, { name: "ftruncate", path: "fd" }],
  [83, { name: "mkdir", path: 0 }],
  [82, { name: "rename", path: 0 }],
  [86, { name: "link", path: 0 }],
  [87, { name: "unlink", path: 0 }],
  [90, { name: "chmod", path: 0 }],
  [91, { name: "fchmod", path: "fd" }],
  [93, { name: "fchown", path: "fd" }],
  [137, { name: "statfs", path: 0 }],
  [138, { name: "fstatfs", path: "fd" }],
  [190, { name: "fsetxattr", path: "fd" }],
  [193, { name: "fgetxattr", path: "fd" }],
  [196, { name: "flistxattr", path: "fd" }],
  [199, { name: "fremovexattr", path: "fd" }],
  [217, { name: "getdents64", path: "fd" }],
  [221, { name: "fadvise64", path: "fd" }],
  [257, { name: "openat", path: 1 }],
  [262, { name: "newfstatat", path: 1 }],
  [258, { name: "mkdirat", path: 1 }],
  [263, { name: "unlinkat", path: 1 }],
  [277, { name: "sync_file_range", path: "fd" }],
  [285, { name: "fallocate", path: "fd" }],
  [280, { name: "utimensat", path: "fd" }],
  [316, { name: "renameat2", path: 1 }],
  [326, { name: "copy_file_range", path: "fd" }],
  [332, { name: "statx", path: 1 }],
]);

const request = { syscall: 24, getRegisters: 12, setRegisters: 13, seize: 0x4206, callInfo: 0x420e } as const;
/** Marks calls apart from signals; follows threads and children; nobody outlives the tracer. */
const options = 1n | 2n | 4n | 8n | 0x100000n;
const anyChild = 0x40000000;
const stopped = 0x7f;
const syscallStop = 5 | 0x80;
/** Places in user_regs_struct of x86_64. */
const register = { result: 10, thirdArgument: 12, call: 15 } as const;
const registerBytes = 27 * 8;

const { symbols: libc } = dlopen("libc.so.6", {
  ptrace: { args: ["i64", "i32", "u64", "u64"], returns: "i64" },
  waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
  posix_spawn: { args: ["ptr", "ptr", "ptr", "ptr", "ptr", "ptr"], returns: "i32" },
});

function trace(wanted: TraceRequest): void {
  const child = start(wanted);
  const calls: TracedCall[] = [];
  const onStop = createSpoiler(wanted, calls);
  const status = new Int32Array(1);
  let ended: Trace | undefined;
  for (;;) {
    const thread = libc.waitpid(-1, ptr(status), anyChild);
    // Nobody is left.
    if (thread < 0) break;
    const word = status[0] ?? 0;
    const how = word & 0x7f;
    const detail = (word >> 8) & 0xff;
    if (how === stopped) {
      if (detail === syscallStop) onStop(thread);
      // An event of ptrace itself is no signal to hand on.
      const isSignal = detail !== syscallStop && word >> 16 === 0;
      libc.ptrace(request.syscall, thread, 0n, isSignal ? BigInt(detail) : 0n);
    } else if (thread === child) {
      ended = { calls, code: how === 0 ? detail : null, signal: how === 0 ? null : how };
    }
  }
  if (!ended) throw new Error("the program's end was missed");
  writeFileSync(wanted.log, JSON.stringify(ended));
}

/** Starts a program, and holds it before its first call. Returns its process id. */
function start({ command, log }: TraceRequest): number {
  if (process.arch !== "x64" || process.platform !== "linux")
    throw new Error("the tracer knows the system calls of Linux on x86_64 only");
  const script = 'kill -STOP $$; exec "$@" </dev/null >"$0.out" 2>"$0.err"';
  const pid = spawn(["/bin/sh", "-c", script, log, ...command]);
  while (!/\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))) Bun.sleepSync(1);
  if (libc.ptrace(request.seize, pid, 0n, options) !== 0n) throw new Error("ptrace is not permitted here");
  process.kill(pid, "SIGCONT");
  return pid;
}

/** Not by the runtime, which would wait for the program's end as well. */
function spawn(command: readonly string[]): number {
  const words = listTexts(command);
  const variables = listTexts(Object.entries(process.env).map(([name, value = ""]) => `${name}=${value}`));
  const [file] = words.texts;
  const pid = new Int32Array(1);
  const [argv, envp] = [words, variables].map(({ pointers }) => ptr(pointers));
  if (!file || libc.posix_spawn(ptr(pid), ptr(file), null, null, argv ?? null, envp ?? null) !== 0)
    throw new Error(`${command[0]} could not be started`);
  return pid[0] ?? 0;
}

/** Texts as C has them, and a list of where they are that ends with a zero. */
function listTexts(all: readonly string[]): { texts: readonly Buffer[]; pointers: BigUint64Array } {
  const texts = all.map((text) => Buffer.from(`${text}\0`));
  return { texts, pointers: BigUint64Array.from([...texts.map((text) => BigInt(ptr(text))), 0n]) };
}

/** What is done each time a thread enters or leaves the system: counts in `calls`, and spoils what is to be spoiled. */
function createSpoiler(
  { folder, spoil, refuse = {} }: TraceRequest,
  calls: TracedCall[],
): (thread: number) => void {
  const toFail = new Map<number, number>();
  const info = new BigUint64Array(11);
  const onEntry = (thread: number): void => {
    const call = readCall(thread, info);
    if (!call?.path.startsWith(folder)) return;
    calls.push(call);
    const errno = refuse[call.name];
    if (spoil?.call === calls.length) apply(spoil, thread, toFail);
    else if (errno !== undefined) apply({ how: "error", errno }, thread, toFail);
  };
  return (thread) => {
    libc.ptrace(request.callInfo, thread, BigInt(info.byteLength), address(info));
    if (((info[0] ?? 0n) & 0xffn) === 1n) {
      onEntry(thread);
      return;
    }
    const errno = toFail.get(thread);
    if (errno !== undefined) setRegisters(thread, { result: BigInt(-errno) });
    toFail.delete(thread);
  };
}

function apply(spoil: Spoiling, thread: number, toFail: Map<number, number>): void {
  if (spoil.how === "short") {
    const asked = Number(readRegister(thread, "thirdArgument"));
    setRegisters(thread, { thirdArgument: BigInt(Math.ceil(asked / 3)) });
    return;
  }
  if (spoil.how === "edit") {
    editFile(spoil.file, spoil.edit);
    return;
  }
  // Number -1 is no call: the system does nothing.
  setRegisters(thread, { call: -1n });
  if (spoil.how === "kill") process.kill(thread, "SIGKILL");
  else toFail.set(thread, spoil.errno);
}

/** The call that a thread is about to make, if it is one of those that count. */
function readCall(thread: number, info: BigUint64Array): TracedCall | undefined {
  const [, , , number = 0n, ...args] = info;
  const known = watched.get(Number(number));
  if (!known) return undefined;
  const path = known.path === "fd" ? "" : readText(thread, args[known.path] ?? 0n);
  return {
    name: known.name,
    path: path === "" ? readDescriptor(thread, Number(BigInt.asIntN(32, args[0] ?? 0n))) : path,
  };
}

function readDescriptor(thread: number, descriptor: number): string {
  try {
    return readlinkSync(`/proc/${thread}/fd/${descriptor}`);
  } catch {
    return "";
  }
}

function readText(thread: number, from: bigint): string {
  const memory = openSync(`/proc/${thread}/mem`, "r");
  const bytes = Buffer.alloc(4096);
  try {
    const text = bytes.subarray(0, readSync(memory, bytes, 0, bytes.length, from));
    return text.subarray(0, text.indexOf(0)).toString();
  } catch {
    return "";
  } finally {
    closeSync(memory);
  }
}

function readRegister(thread: number, name: keyof typeof register): bigint {
  const registers = new BigInt64Array(registerBytes / 8);
  libc.ptrace(request.getRegisters, thread, 0n, address(registers));
  return registers[register[name]] ?? 0n;
}

function setRegisters(thread: number, values: Partial<Record<keyof typeof register, bigint>>): void {
  const registers = new BigInt64Array(registerBytes / 8);
  libc.ptrace(request.getRegisters, thread, 0n, address(registers));
  for (const name of ["result", "thirdArgument", "call"] as const) {
    registers[register[name]] = values[name] ?? registers[register[name]] ?? 0n;
  }
  libc.ptrace(request.setRegisters, thread, 0n, address(registers));
}

function address(memory: BigUint64Array | BigInt64Array): bigint {
  return BigInt(ptr(memory));
}

if (import.meta.main) {
  for await (const line of console) {
    // Its end is read as one more.
    if (line === "") break;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only test/support/traced.ts starts it
    trace(JSON.parse(line) as TraceRequest);
    process.stdout.write("\n");
  }
}
