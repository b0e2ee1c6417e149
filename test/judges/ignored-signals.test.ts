import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { isSignalIgnored } from "../../src/system/invocation.ts";
import { isIgnoredByLibrary } from "../../src/system/libc.ts";

const system = resolve(import.meta.dir, "../../src/system");
const script = `
  import { isSignalIgnored } from "${system}/invocation.ts";
  import { isIgnoredByLibrary } from "${system}/libc.ts";
  console.log(isSignalIgnored("SIGHUP"), isIgnoredByLibrary(1), isSignalIgnored("SIGINT"), isIgnoredByLibrary(2), isIgnoredByLibrary(1));
`;

test.each([
  ["", "false false false false false\n"],
  ["trap '' HUP; ", "true true false false true\n"],
  ["trap '' INT; ", "false false true true false\n"],
])("after %p what is ignored is known, from /proc and from the library alike", (trap, answer) => {
  const { stdout } = Bun.spawnSync(["sh", "-c", `${trap}exec "$0" -e "$1"`, process.execPath, script]);
  expect(stdout.toString()).toBe(answer);
});

test("asking does not change the answer", () => {
  expect(isIgnoredByLibrary(1)).toBe(isSignalIgnored("SIGHUP"));
  expect(isIgnoredByLibrary(1)).toBe(isSignalIgnored("SIGHUP"));
});
