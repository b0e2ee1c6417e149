import { expect, test } from "bun:test";
import { asFailure } from "../../src/system/errno.ts";
import {
  DamagedFailure,
  Failure,
  SchedulerFailure,
  UnavailableFailure,
  UsageFailure,
} from "../../src/errors.ts";

test.each([
  [Failure, 1],
  [UsageFailure, 2],
  [SchedulerFailure, 4],
  [DamagedFailure, 5],
  [UnavailableFailure, 75],
] as const)("%p carries its documented exit code %p, its hint and its cause", (Kind, exitCode) => {
  const cause = new Error("below");
  const failure = new Kind("what happened", { hint: "what to type", cause });
  expect(failure).toBeInstanceOf(Failure);
  expect(failure.name).toBe(Kind.name);
  expect<number>(failure.exitCode).toBe(exitCode);
  expect([failure.message, failure.hint, failure.cause]).toEqual(["what happened", "what to type", cause]);
});

test.each(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO", "ENOENT"])(
  "what hints at a command on %s can be typed as it stands",
  (code) => {
    const failure = asFailure("cannot", Object.assign(new Error("refused"), { code }));
    expect(failure).toHaveProperty("hint", expect.not.stringMatching(/: (?:ls|tinybackup)\b|prune$/));
  },
);
