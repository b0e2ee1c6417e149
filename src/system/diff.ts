// The lines in which two texts differ, as the system's own diff(1) tells them.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../errors.ts";
import { attempt } from "./errno.ts";
import { runProgram } from "./program.ts";

/** A text, and what stands for its name in the head of a diff: one line. */
export interface Labelled {
  readonly text: Uint8Array;
  readonly label: string;
}

/**
 * What `diff -u` says of two texts that differ, as bytes (latin1). While it works, both are in a folder that only the caller
 * can look into. Throws a Failure where the system has no diff, or it can't do it.
 */
export async function readUnifiedDiff(from: Labelled, to: Labelled, signal: AbortSignal): Promise<string> {
  const what = "cannot compare line by line";
  const program = Bun.which("diff", { PATH: process.env["PATH"] ?? "" });
  if (program === null) {
    const hint = "install the package diffutils; for sizes and digests alone, add --json";
    throw new Failure(`${what}: there is no program 'diff' here`, { hint });
  }
  const { tmpdir } = process.getBuiltinModule("node:os");
  const folder = await attempt(what, () => mkdtemp(resolve(tmpdir(), "tinybackup-diff-")));
  try {
    const paths = [`${folder}/from`, `${folder}/to`] as const;
    await attempt(what, () => writeFile(paths[0], from.text, { mode: 0o600, flag: "wx" }));
    await attempt(what, () => writeFile(paths[1], to.text, { mode: 0o600, flag: "wx" }));
    // -L is not POSIX's, but every diff has it: GNU, BSD, macOS, busybox, toybox. LC_ALL: what it says is English.
    const command = [program, "-u", "-L", from.label, "-L", to.label, ...paths];
    const { exitCode, stdout, stderr } = await runProgram(command, {
      env: { ...process.env, LC_ALL: "C" },
      signal,
    });
    signal.throwIfAborted();
    // 0 and 1 are answers.
    if (exitCode > 1) throw new Failure(`${what}: diff says: ${stderr.trim()}`);
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
