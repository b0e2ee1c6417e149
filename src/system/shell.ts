// Commands of the user's own, as sh(1) reads them.
import { runProgram } from "./program.ts";

interface ShellOptions {
  /** Added to this process's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined;
}

/** How a command ended: its exit code, if it had one; and, unless it went well, what became of it, to follow its name. */
export interface ShellEnd {
  readonly exitCode: number | null;
  readonly fault: string | null;
}

/**
 * Runs a command from `/`, the one folder that is never gone, without input; what it prints is passed on. At its limit it is
 * ended together with all that it started, and not waited for any longer: what waits for a dead drive can't be ended.
 */
export async function runShell(command: string, { env, limitMs, signal }: ShellOptions): Promise<ShellEnd> {
  let child: Bun.Subprocess;
  try {
    child = Bun.spawn(["/bin/sh", "-c", command], {
      cwd: "/",
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
      // A process group of its own, which can be signalled as one.
      detached: true,
    });
  } catch (error) {
    // E2BIG, EAGAIN, …
    return { exitCode: null, fault: `can't be started: ${String(error)}` };
  }
  const stop = Promise.withResolvers<null>();
  const end = () => stop.resolve(null);
  const timer = setTimeout(end, limitMs);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  const exitCode = await Promise.race([child.exited, stop.promise]);
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
  if (exitCode === null) {
    await endGroup(child.pid);
    child.unref();
    return { exitCode, fault: `was still running after ${limitMs / 60_000} min, and was ended` };
  }
  if (child.signalCode !== null) return { exitCode: null, fault: `was ended by ${child.signalCode}` };
  return { exitCode, fault: exitCode === 0 ? null : `ended with exit code ${exitCode}` };
}

/** How long whoever is asked to end has time for it, and who is made to end. */
const graceMs = 2000;
const lookMs = 20;

async function endGroup(pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const)
    for (let waitedMs = 0; waitedMs < graceMs; waitedMs += lookMs) {
      if (!signalGroup(pid, waitedMs === 0 ? signal : 0)) return;
      await Bun.sleep(lookMs);
    }
}

/** False where nobody is left in it. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    // ESRCH; EPERM of what runs as somebody else.
    return false;
  }
}

/** What sh has against a command that it only reads; null where that is nothing. */
export async function findSyntaxFault(command: string): Promise<string | null> {
  const { exitCode, stderr } = await runProgram(["/bin/sh", "-n", "-c", command], {});
  return exitCode === 0 ? null : stderr.trim();
}

/** Whether sh, started from `/` in that environment, finds a program, or knows the word itself. */
export async function isCommand(word: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const command = ["/bin/sh", "-c", 'command -v "$1"', "sh", word];
  return (await runProgram(command, { env })).exitCode === 0;
}
