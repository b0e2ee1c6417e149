// Programs run under the tracer, one after the other.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { environment } from "./tools.ts";
import type { Trace, TraceRequest } from "./tracer.ts";

const script = resolve(import.meta.dir, "tracer.ts");

export interface Traced {
  readonly trace: Trace;
  readonly out: string;
  readonly err: string;
}

export class Tracer implements Disposable {
  readonly #log: string;
  readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;

  /** @param log where it may write; beside it as well, with more at the end of the name */
  constructor(log: string, env: Readonly<Record<string, string>>) {
    this.#log = log;
    this.#process = Bun.spawn([process.execPath, script], {
      env: { ...environment, ...env },
      cwd: "/",
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
  }

  async run(wanted: Omit<TraceRequest, "log">): Promise<Traced> {
    rmSync(this.#log, { force: true });
    void this.#process.stdin.write(`${JSON.stringify({ ...wanted, log: this.#log })}\n`);
    void this.#process.stdin.flush();
    const output = this.#process.stdout.getReader();
    await output.read();
    output.releaseLock();
    if (!existsSync(this.#log)) throw new Error("the tracer failed");
    const read = (suffix: string): string => readFileSync(this.#log + suffix, "utf8");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own tracer wrote it
    return { trace: JSON.parse(read("")) as Trace, out: read(".out"), err: read(".err") };
  }

  [Symbol.dispose](): void {
    void this.#process.stdin.end();
    for (const end of ["", ".out", ".err"]) rmSync(this.#log + end, { force: true });
  }
}
