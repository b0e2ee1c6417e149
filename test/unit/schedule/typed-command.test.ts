import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { renderInstallCommand, renderRunCommand } from "../../../src/schedule/problems.ts";
import { makeJob } from "../../support/jobs.ts";

const program = join(import.meta.dir, "../../../src/main.ts");

/** The words behind the program's path, as a shell hands them over. */
function readWords(command: string): string[] {
  const { stdout } = Bun.spawnSync(["sh", "-c", `set -- ${command}; printf '%s\\0' "$@"`]);
  return stdout.toString().split("\0").slice(1, -1);
}

const labels = [
  "-x",
  "--",
  "--name",
  "-",
  "=",
  "a=b",
  "it's mine",
  "$HOME `id` $(id)",
  "two\nlines",
  String.raw`\' "!" *`,
  "é 日本",
];

describe.each(labels)("a label %j", (name) => {
  const run = { keeprevisions: -1, compress: "none", noop: false, quiet: true };
  const own = { retryMs: 90 * 60_000 * 2, hooks: { before: name, "on-failure": name } };
  const job = makeJob({ name, time: "+ 2 hours", timesLeft: 2, source: "/no such folder/-f", run, ...own });
  const words = readWords(renderInstallCommand(job));

  test("goes through any shell whole", () => {
    expect(words.slice(0, 7)).toEqual([
      "install",
      "-f",
      job.source,
      "-d",
      job.destination,
      "-t",
      "+ 2 hours",
    ]);
    expect(words.slice(7)).toEqual([
      `--name=${name}`,
      "--times=2",
      "--retry=3h",
      `--before=${name}`,
      `--on-failure=${name}`,
      "--keeprevisions=-1",
      "--compress=none",
      "--quiet",
    ]);
  });

  test("is taken for what it is: the command fails only since its file is not there", () => {
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, program, ...words]);
    expect([exitCode, stderr.toString()]).toEqual([75, expect.stringContaining("'/no such folder/-f'")]);
  });
});

test("the command that runs a job by hand has the options of its runs, and no times", () => {
  const job = makeJob({ name: "x", timesLeft: 2, untilMs: 0, debugDirectory: "/home/me" });
  expect(renderRunCommand(job)).toBe(
    "/usr/local/bin/tinybackup run -f /home/me/notes.txt -d /mnt/usb/backups --keeprevisions=14 --compress=zstd",
  );
});
