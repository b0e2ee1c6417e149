import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExitCode } from "../../../src/errors.ts";
import { runAfter } from "../../../src/schedule/hooks.ts";
import { TestFolder } from "../../support/folder.ts";
import { makeJob } from "../../support/jobs.ts";

const findNothing = () => Promise.resolve({ newest: null, problems: [] });
const { signal } = new AbortController();

test.each<readonly [ExitCode, string | null]>([
  [1, null],
  [3, "a-000001.changed.tar"],
  [4, "a-000001.tar"],
  [5, "a-000001.tar"],
  [75, null],
])("exit code %i is a failure, whether a revision was made or not", async (exitCode, revision) => {
  using folder = new TestFolder();
  const out = join(folder.root, "out");
  const write = (word: string) =>
    `printf '%s' "${word} $TINYBACKUP_EXIT_CODE $TINYBACKUP_REVISION $TINYBACKUP_MESSAGE" >>'${out}'`;
  const job = makeJob({ hooks: { "on-success": write("good"), "on-failure": write("bad") } });
  const message = "the file 'a\nb' is\u{1b}[1m odd";
  expect(await runAfter(job, { exitCode, revision, message }, findNothing, signal)).toBeNull();
  const path = revision === null ? "" : `/mnt/usb/backups/${revision}`;
  expect(readFileSync(out, "utf8")).toBe(`bad ${exitCode} ${path} the file 'a b' is [1m odd`);
});

test("without a command for it, nothing is run", async () => {
  using folder = new TestFolder();
  const out = join(folder.root, "out");
  const job = makeJob({ hooks: { before: `touch '${out}'`, "on-success": `touch '${out}'` } });
  expect(
    await runAfter(job, { exitCode: 75, revision: null, message: null }, findNothing, signal),
  ).toBeNull();
  expect(existsSync(out)).toBe(false);
});
