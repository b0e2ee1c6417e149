import { expect, test } from "bun:test";
import {
  type BackupOptions,
  readBackupOptions,
  readJobOptions,
  toRequest,
} from "../../../src/commands/backup-options.ts";
import { decodeJob, encodeJob } from "../../../src/schedule/job.ts";
import { makeJob } from "../../support/jobs.ts";
import { noProofs } from "../../support/proof-log.ts";

const plain: BackupOptions = {
  always: true,
  "no-share": true,
  compress: "gzip",
  raw: true,
  noop: true,
};
const retention = { keeprevisions: 30, "keep-daily": -1, "keep-within-hourly": "2d12h" };
const options: BackupOptions = { ...retention, ...plain };
const paths = { source: "/notes.txt", folder: "/saved" };

test("what is typed is what a job carries and what it reads back", () => {
  const typed = { keeprevisions: "30", "keep-daily": "all", "keep-within-hourly": "12h2d" };
  expect(readBackupOptions({ ...plain, ...typed })).toEqual(options);
  expect(readBackupOptions(plain)).toEqual(plain);
  for (const each of [options, plain]) {
    const job = makeJob({ run: { ...each, quiet: true, verbose: false, debug: false } });
    const carried: unknown = JSON.parse(JSON.stringify(encodeJob(job)));
    const read = decodeJob(carried, job.binary);
    const request = read && toRequest(paths, readJobOptions(read), noProofs);
    expect(request).toEqual({
      ...paths,
      format: "gzip",
      retention: each === options ? retention : undefined,
      always: true,
      mayShare: false,
      isRaw: true,
      proofs: noProofs,
    });
  }
});

test("a job carries no policy that was not typed", () => {
  expect(Object.keys(readBackupOptions(plain))).toEqual(["always", "no-share", "compress", "raw", "noop"]);
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
  expect(() => readJobOptions(makeJob({ run: { ...options, ...part } }))).toThrow("options of this job");
  expect(() => readJobOptions(makeJob({ run: part }))).toThrow("options of this job");
});
