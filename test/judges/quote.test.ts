import { expect, test } from "bun:test";
import { quoteForShell } from "../../src/cli/quote.ts";

test.each(["plain", "two words", "it's", "$(rm -rf /)", "a\nb", "''", "\\", "!", "*?[]"])(
  "a shell reads the quoted %p back as it was",
  (text) => {
    const { stdout } = Bun.spawnSync(["sh", "-c", `printf %s ${quoteForShell(text)}`]);
    expect(stdout.toString()).toBe(text);
  },
);
