import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { askLibrary, isSignalIgnored } from "../../src/system/invocation.ts";

const module = JSON.stringify(resolve(import.meta.dir, "../../src/system/invocation.ts"));
const script = `
  import { askLibrary, isSignalIgnored } from ${module};
  console.log(isSignalIgnored("SIGHUP"), askLibrary(1), isSignalIgnored("SIGINT"), askLibrary(2), askLibrary(1));
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
  expect(askLibrary(1)).toBe(isSignalIgnored("SIGHUP"));
  expect(askLibrary(1)).toBe(isSignalIgnored("SIGHUP"));
});
