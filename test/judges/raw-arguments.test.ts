import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { readRawArguments } from "../../src/system/invocation.ts";

const module = JSON.stringify(resolve(import.meta.dir, "../../src/system/invocation.ts"));
const script = `
  import { readRawArguments } from ${module};
  console.log((readRawArguments(process.argv.length - 1) ?? []).map((each) => Buffer.from(each).toString("hex")).join());
`;

test("the last arguments are seen as the bytes that were typed, empty ones too", () => {
  const line = `"$0" -e "$1" $'\\xff' '' é ''`;
  const { stdout } = Bun.spawnSync(["bash", "-c", line, process.execPath, script]);
  expect(stdout.toString()).toBe("ff,,c3a9,\n");
});

test("of more arguments than there were, none can be told", () => {
  expect(readRawArguments(100_000)).toBeUndefined();
});
