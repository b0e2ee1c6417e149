import { expect, test } from "bun:test";
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
