import { expect, test } from "bun:test";
import {
  type BackupOptions,
  readBackupOptions,
  readJobOptions,
  renderJobOptions,
} from "../../../src/commands/backup-options.ts";
import { decodeJob, encodeJob } from "../../../src/schedule/job.ts";
import { makeJob } from "../../support/jobs.ts";

const options: BackupOptions = {
  retention: { keeprevisions: 30, "keep-daily": -1, "keep-within-hourly": "2d12h" },
  always: true,
  "no-share": true,
  compress: "gzip",
  raw: true,
  noop: true,
};
const plain: BackupOptions = { ...options, retention: undefined };

test("what is typed is what a job carries and what it reads back", () => {
  const typed = { keeprevisions: "30", "keep-daily": "all", "keep-within-hourly": "12h2d" };
  const { retention: _, ...rest } = options;
  expect(readBackupOptions({ ...rest, ...typed })).toEqual(options);
  expect(readBackupOptions(rest)).toEqual(plain);
  for (const each of [options, plain]) {
    const job = makeJob({ run: { ...renderJobOptions(each), quiet: true, verbose: false, debug: false } });
    const carried: unknown = JSON.parse(JSON.stringify(encodeJob(job)));
    const read = decodeJob(carried, job.binary);
    expect(read && readJobOptions(read)).toEqual(each);
  }
});

test("a job carries no policy that was not typed", () => {
  expect(Object.keys(renderJobOptions(plain))).toEqual(["always", "no-share", "compress", "raw", "noop"]);
});

test.each([
  { keeprevisions: "30" },
  { keeprevisions: 0 },
  { keeprevisions: -2 },
  { keeprevisions: 1.5 },
  { "keep-daily": 0 },
  { "keep-fortnightly": 3 },
  { "keep-within": "30" },
  { "keep-within": "0d" },
  { compress: "lz4" },
  { compress: true },
  { noop: 0 },
  { raw: "yes" },
  { always: "no" },
])("a job that carries %j is not guessed at", (part) => {
  const run = renderJobOptions(options);
  expect(() => readJobOptions(makeJob({ run: { ...run, ...part } }))).toThrow("options of this job");
  expect(() => readJobOptions(makeJob({ run: part }))).toThrow("options of this job");
});
