// A tracer at work (tracer.ts): runs the program with one system call of it spoiled, and tells what it did and said.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { environment } from "./tools.ts";
import type { Trace, TraceRequest } from "./tracer.ts";

/** What is asked of a run, but for where the trace goes. */
export type Spoil = NonNullable<TraceRequest["spoil"]>;

export interface Spoiled {
  readonly trace: Trace;
  readonly out: string;
  readonly err: string;
}

export class Tracer implements Disposable {
  readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #log: string;

  /** What is traced has this environment beside the usual one. The trace is written to `log`, and to files called like it. */
  constructor(log: string, env: Readonly<Record<string, string>>) {
    this.#log = log;
    this.#process = Bun.spawn([process.execPath, resolve(import.meta.dir, "tracer.ts")], {
      env: { ...environment, ...env },
      cwd: "/",
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
  }

  [Symbol.dispose](): void {
    void this.#process.stdin.end();
    for (const suffix of ["", ".out", ".err"]) rmSync(this.#log + suffix, { force: true });
  }

  /** Runs a command to its end. Calls that concern paths which begin with `folder` count. */
  async run(
    command: readonly string[],
    folder: string,
    more: Pick<TraceRequest, "spoil" | "refuse">,
  ): Promise<Spoiled> {
    const wanted: TraceRequest = { command, folder, log: this.#log, ...more };
    rmSync(this.#log, { force: true });
    void this.#process.stdin.write(`${JSON.stringify(wanted)}\n`);
    void this.#process.stdin.flush();
    const output = this.#process.stdout.getReader();
    await output.read();
    output.releaseLock();
    if (!existsSync(this.#log)) throw new Error("the tracer failed");
    const read = (suffix: string): string => readFileSync(this.#log + suffix, "utf8");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own tracer wrote it
    return { trace: JSON.parse(read("")) as Trace, out: read(".out"), err: read(".err") };
  }
}

/** Calls that change what is on the disk. A kill anywhere else leaves what a kill at the next one of these leaves. */
export const changingCalls: ReadonlySet<string> = new Set(
  "pwrite64 write ftruncate fsync fdatasync fchmod fchown utimensat link unlink rename renameat2 mkdir fsetxattr close".split(
    " ",
  ),
);

/** Calls whose failure must never end in "done". */
export const indispensableCalls: ReadonlySet<string> = new Set(
  "pwrite64 ftruncate fsync fdatasync getdents64 rename".split(" "),
);

/** Calls whose order the promises stand on, by what they do. */
const steps: Readonly<Record<string, string>> = {
  pwrite64: "write",
  pread64: "read",
  fadvise64: "forget",
  fchmod: "permit",
  fsync: "sync",
  fdatasync: "sync",
  link: "link",
  rename: "rename",
  renameat2: "renameat2",
  unlink: "unlink",
};

/**
 * Throws unless the content, the trailer that says whose it is, and the permissions were on the disk, and read back from there,
 * before there was a name; the name was on the disk, and only then was anything removed. Of a large file, parts were written,
 * on the disk, and read back before that.
 */
export function judgeOrder({ calls }: Trace, folder: string): void {
  const all = calls.flatMap(({ name, path }) => {
    const step = path.startsWith(folder) ? steps[name] : undefined;
    if (step === undefined) return [];
    if (path.endsWith(".partial")) return [`${step} partial`];
    // What else is read is what was there before.
    return ["read", "forget"].includes(step) ? [] : [`${step} ${path === folder ? "folder" : "revision"}`];
  });
  // A call that this file system does not know is followed by the next best.
  const text = all
    .filter((step, place) => step !== all[place - 1])
    .join(", ")
    .replaceAll("link partial, renameat2", "renameat2")
    .replaceAll("renameat2 partial, rename ", "rename ");
  const naming = "(link|rename|renameat2) partial(, unlink partial)?";
  const order = new RegExp(
    "^(write partial, ((sync|write|forget|read) partial, )*sync partial, ((write|forget) partial, )*read partial, )?" +
      "write partial, permit partial, sync partial, (forget partial, read partial, )+" +
      `${naming}, sync folder(, unlink revision, sync folder)?$`,
  );
  if (!order.test(text)) throw new Error(`this order loses what power takes: ${text}`);
}
