// Files that other programs write to while they are saved: savers that truncate first, memory maps, leases; and what becomes
// of a file that never rests.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stage } from "../support/stage.ts";
import { contentOf, environment, needRoot, tool } from "../support/tools.ts";

setDefaultTimeout(100_000);

const writer = join(import.meta.dir, "../support/busy-writer.py");

interface Busy {
  /** The process, or what stands for it, ends. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A program that writes to a file until it is disposed of. */
async function startWriter(...words: readonly (string | number)[]): Promise<Busy> {
  const child = Bun.spawn(["python3", writer, ...words.map(String)], {
    env: environment,
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  expect(Buffer.from(value ?? []).toString()).toBe("ready\n");
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

describe("a program that truncates the file, pauses, and writes it anew", () => {
  test.each([
    ["thirty runs, one after the other", 0.1, 0.4],
    ["the same with long pauses between two halves", 0.2, 0.5],
  ])("%s: each saves one whole state", async (_, halfPause, pause) => {
    using stage = new Stage();
    await using _writer = await startWriter("saver", stage.source, halfPause, pause);
    for (let round = 0; round < 30; round++) {
      const { code, err } = await stage.start(["run", ...stage.paths, "-k", "50"]);
      expect({ code, err: err.replace(/^unchanged.*\n/, "") }).toEqual({ code: 0, err: expect.any(String) });
    }
    const contents = stage.revisions().map((name) => contentOf(join(stage.destination, name)).toString());
    for (const content of contents) {
      expect(content.length).toBeGreaterThanOrEqual(7 * 200);
      expect(content).toMatch(/^(\d{6}\n)\1+end of \1$/);
    }
  });
});
