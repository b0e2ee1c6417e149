// What the program takes of the machine while it works on a large file.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { openSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { environment } from "../support/tools.ts";

setDefaultTimeout(120_000);

const MIB = 1 << 20;
const SIZE = 600 * MIB;
/** Of the resident memory of one process at its peak. */
const MOST_BYTES = 130 * MIB;

let stage: Stage;
beforeAll(() => {
  stage = new Stage();
  stage.write("notes.txt", "");
  const block = randomBytes(MIB);
  const file = openSync(stage.source, "r+");
  for (let at = 0; at < SIZE; at += MIB) {
    block.writeUInt32LE(at);
    writeSync(file, block, 0, MIB, at);
  }
  closeSync(file);
});
afterAll(() => stage[Symbol.dispose]());

/** Its peak, in bytes. */
function measure(...args: readonly string[]): number {
  const { exitCode, resourceUsage, stderr } = Bun.spawnSync([binary, ...args], {
    env: { ...environment, XDG_STATE_HOME: `${stage.root}.state` },
    stdin: "ignore",
  });
  expect({ exitCode, err: stderr.toString() }).toEqual({
    exitCode: 0,
    err: expect.not.stringContaining("warning"),
  });
  return resourceUsage?.maxRSS ?? Infinity;
}

test(holds("bounded", "a run, a second one, verify and restore of a large file stay within 130 MiB"), () => {
  const { paths, source, root } = stage;
  const peaks = { run: measure("run", ...paths) };
  const file = openSync(source, "r+");
  writeSync(file, "changed", SIZE / 2);
  closeSync(file);
  const target = join(root, "restored");
  const more = {
    again: measure("run", ...paths),
    verify: measure("verify", "--all", ...paths),
    restore: measure("restore", ...paths, "--to", target),
  };
  for (const [what, bytes] of Object.entries({ ...peaks, ...more }))
    expect({ what, isWithin: bytes < MOST_BYTES, bytes }).toMatchObject({ isWithin: true });
});
