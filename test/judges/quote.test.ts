import { expect, test } from "bun:test";
import { quoteWord } from "../../src/errors.ts";

test.each([
  "plain",
  "two words",
  "it's",
  "$(rm -rf /)",
  "a\nb",
  "''",
  "\\",
  "!",
  "*?[]",
  "~",
  "a=b",
  "",
  "-x",
])("a shell reads the quoted %p back as it was", (text) => {
  const { stdout } = Bun.spawnSync(["sh", "-c", `printf %s ${quoteWord(text)}`]);
  expect(stdout.toString()).toBe(text);
});
