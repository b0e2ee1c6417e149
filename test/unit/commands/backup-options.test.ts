import { expect, test } from "bun:test";
import {
  backupArguments,
  type BackupOptions,
  parseKeepRevisions,
  readBackupOptions,
  readJobOptions,
} from "../../../src/commands/backup-options.ts";
import { decodeJob, encodeJob } from "../../../src/schedule/job.ts";
import { makeJob } from "../../support/jobs.ts";

test.each([
  ["1", 1],
  ["14", 14],
  ["007", 7],
  ["999999999999999", 999_999_999_999_999],
  ["-1", -1],
])("--keeprevisions=%s keeps %p", (text, count) => {
  expect(parseKeepRevisions(text)).toBe(count);
});

test.each([
  "0",
  "-2",
  "1e3",
  "5.5",
  "0x10",
  "９",
  "+5",
  " 5",
  "5 ",
  "",
  "-",
  "--1",
  "five",
  "Infinity",
  "NaN",
  "1_000",
  "9".repeat(16),
])("--keeprevisions=%s is refused with what to write", (text) => {
  expect(() => parseKeepRevisions(text)).toThrow("'--keeprevisions'");
});

const options: BackupOptions = { keeprevisions: 30, compress: "gzip", verify: false, noop: true };

test("what is typed is what a job carries and what it reads back", () => {
  expect(readBackupOptions({ ...options, keeprevisions: "30" })).toEqual(options);
  const job = makeJob({ run: { ...options, quiet: true, verbose: false, debug: false } });
  const carried: unknown = JSON.parse(JSON.stringify(encodeJob(job)));
  const read = decodeJob(carried, job.binary);
  expect(read && readJobOptions(read)).toEqual(options);
});

test("fourteen revisions are kept where nothing is said", () => {
  expect(parseKeepRevisions(backupArguments.keeprevisions.default)).toBe(14);
});

test.each([
  { keeprevisions: "30" },
  { keeprevisions: 0 },
  { keeprevisions: -2 },
  { keeprevisions: 1.5 },
  { compress: "lz4" },
  { compress: true },
  { verify: "yes" },
  { noop: 0 },
])("a job that carries %j is not guessed at", (part) => {
  expect(() => readJobOptions(makeJob({ run: { ...options, ...part } }))).toThrow("options of this job");
  expect(() => readJobOptions(makeJob({ run: part }))).toThrow("options of this job");
});
