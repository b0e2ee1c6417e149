import { expect, test } from "bun:test";
import {
  isForbidden,
  isOvertaken,
  isUnknownJob,
  parseSubmission,
  summarize,
} from "../../../../src/system/at/answers.ts";

const notice = "warning: commands will be executed using /bin/sh\n";

test.each([
  ["Debian", `${notice}job 4 at Wed Nov 25 02:30:00 2026\n`, "4"],
  ["Debian, the number after the last", `${notice}job 0 at Wed Nov 25 02:30:00 2026\n`, "0"],
  ["macOS", "job 12 at Thu Nov 26 02:35:00 2026\n", "12"],
  ["FreeBSD", "Job 12 will be executed using /bin/sh\n", "12"],
  ["a refusal", `${notice}at: refusing to create job destined in the past\n`, null],
])("the id in the answer of %s is found", (_, stderr, id) => {
  expect(parseSubmission(stderr)).toBe(id);
});

test.each([
  "You do not have permission to use at.\n",
  "at: you do not have permission to use this program\n",
  "at: You do not have permission to use at.\n",
])("%p is a refusal of the person", (stderr) => {
  expect(isForbidden(stderr)).toBe(true);
  expect(isUnknownJob(stderr)).toBe(false);
});

test.each(["Cannot find jobid 99999\n"])("%p: it is gone", (stderr) => {
  expect(isUnknownJob(stderr)).toBe(true);
  expect(isForbidden(stderr)).toBe(false);
});

test("a queue that moved while at went through it is told from other troubles", () => {
  expect(isOvertaken("Cannot stat in /var/spool/cron/atjobs: No such file or directory\n")).toBe(true);
  expect(isOvertaken("at: cannot stat in /var/at/jobs/: No such file or directory\n")).toBe(true);
  expect(isOvertaken("Cannot unlink =0013a01c89dd9: No such file or directory\n")).toBe(true);
  expect(isOvertaken("Cannot open z0013a01c89dd9: No such file or directory\n")).toBe(true);
  expect(isOvertaken("Cannot open lockfile /var/spool/cron/atjobs/.SEQ: No such file or directory\n")).toBe(
    false,
  );
});

test("what at complained of is passed on, and not its notices", () => {
  expect(summarize(`${notice}at: file locking timed out\njob 4 at Wed Nov 25 02:30:00 2026\n`)).toBe(
    "at: file locking timed out",
  );
  expect(summarize("")).toBe("no message");
});
