// Another program, run to its end.

/** What it answered. Text is bytes (latin1): it may hold any. */
export interface ProgramAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program from `/`, the one folder that is never gone. Throws the system's error where it can't be started. */
export async function runProgram(
  command: string[],
  options: { env?: NodeJS.ProcessEnv; stdin?: Buffer; timeout?: number; signal?: AbortSignal },
): Promise<ProgramAnswer> {
  const child = Bun.spawn(command, { cwd: "/", ...options, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.bytes(), child.stderr.bytes()]);
  return { exitCode: await child.exited, stdout: decode(stdout), stderr: decode(stderr) };
}

const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
