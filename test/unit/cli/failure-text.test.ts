import { expect, test } from "bun:test";
import { renderFailure, renderStack, renderWarning, toFailure } from "../../../src/cli/failure-text.ts";
import { Failure, UnavailableFailure } from "../../../src/errors.ts";

const failure = new UnavailableFailure("cannot back up '/x\ny': no such file", { hint: "mount it" });

test("a failure is one line that says what happened, and one that says what to do", () => {
  expect(renderFailure(failure, false)).toBe(
    "tinybackup: cannot back up '/x\\ny': no such file\nhint: mount it\n",
  );
  expect(renderFailure(new Failure("it failed"), false)).toBe("tinybackup: it failed\n");
});

test("for a machine it is one line of JSON, with the name as it is", () => {
  const text = renderFailure(failure, true);
  expect(text.split("\n")).toHaveLength(2);
  expect(JSON.parse(text)).toEqual({
    schemaVersion: 1,
    error: { code: 75, message: failure.message, hint: "mount it" },
  });
  expect(JSON.parse(renderFailure(new Failure("it failed"), true))).toEqual({
    schemaVersion: 1,
    error: { code: 1, message: "it failed", hint: null },
  });
});

test("a warning looks like one", () => {
  expect(renderWarning("old", "look", false)).toBe("tinybackup: warning: old\nhint: look\n");
  expect(JSON.parse(renderWarning("old", undefined, true))).toEqual({
    schemaVersion: 1,
    warning: { message: "old", hint: null },
  });
});

test.each([
  [new TypeError("x"), "internal error: TypeError: x"],
  ["text", "internal error: text"],
  [undefined, "internal error: undefined"],
])("thrown thing %# is a mistake of ours, and ends with 1", (thrown, message) => {
  expect(toFailure(thrown).message).toBe(message);
  expect(toFailure(thrown).exitCode).toBe(1);
});

test("a failure of ours stays itself", () => {
  expect(toFailure(failure)).toBe(failure);
  expect(toFailure(failure).exitCode).toBe(75);
});

test("the log has the stacks of an error and of what caused it", () => {
  const text = renderStack(new Failure("above", { cause: new TypeError("below") }));
  expect(text).toContain("Failure: above");
  expect(text).toContain("caused by: TypeError: below");
});
