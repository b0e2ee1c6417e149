// What is printed for a person to type is taken by our own strict check, and means the same again.
import type { ParsedArgs } from "citty";
import { expect, test } from "bun:test";
import { type Command, describeCommand } from "../../src/cli/command.ts";
import { splitCommandLine } from "../../src/cli/command-line.ts";
import { checkCommandLine } from "../../src/cli/parse.ts";
import {
  type backupArguments,
  readBackupOptions,
  readJobOptions,
  toRequest,
} from "../../src/commands/backup-options.ts";
import { command as installCommand } from "../../src/commands/install.ts";
import { command as runCommand } from "../../src/commands/run.ts";
import type { Job } from "../../src/schedule/job.ts";
import { renderInstallCommand, renderRunCommand } from "../../src/schedule/problems.ts";
import { makeJob } from "../support/jobs.ts";
import { noProofs } from "../support/proof-log.ts";

const options = {
  keeprevisions: -1,
  "keep-daily": 7,
  "keep-within-monthly": "1y6m",
  always: true,
  "no-share": true,
  raw: true,
  compress: "gzip",
  noop: true,
};
const messages = { quiet: false, verbose: true, debug: true };
const odd: Partial<Job> = {
  source: "/home/me/it's a=b.txt",
  destination: "/mnt/--usb $HOME",
  name: "-x",
  timesLeft: 3,
  run: { ...options, ...messages },
  debugDirectory: "/home/me",
};

/** The arguments after the command's word, as a shell hands them over. */
function typeInto(shell: string, line: string): string[] {
  const { stdout } = Bun.spawnSync([shell, "-c", `printf '%s\\0' ${line}`]);
  return stdout.toString().split("\0").slice(2, -1);
}

const written: readonly (readonly [string, Command, string])[] = [
  ["install", installCommand, renderInstallCommand(makeJob(odd))],
  ["run", runCommand, renderRunCommand(makeJob(odd))],
  ["install, plain", installCommand, renderInstallCommand(makeJob())],
];

test.each(written)("%s", (name, command, line) => {
  for (const shell of ["sh", "bash"]) {
    const typed = splitCommandLine(typeInto(shell, line), describeCommand(command));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the command's own definition says
    const read = readBackupOptions(checkCommandLine(typed) as ParsedArgs<typeof backupArguments>);
    const carried = readJobOptions(makeJob(name.endsWith("plain") ? {} : odd));
    const paths = { source: "/x", folder: "/y" };
    expect(toRequest(paths, read, noProofs)).toEqual(toRequest(paths, carried, noProofs));
    expect(read.noop).toBe(carried.noop);
  }
});
