// The families of cases that need no disk of their own, each in a run of torture.ts: some of the cases, others each time, or all.
import { expect, setDefaultTimeout, test } from "bun:test";
import { resolve } from "node:path";
import { binary } from "../support/binary.ts";
import { start } from "../support/tools.ts";
import { isWhole } from "./extent.ts";
import { families } from "./families.ts";

setDefaultTimeout(isWhole ? 3_600_000 : 300_000);

const script = resolve(import.meta.dir, "torture.ts");

test.each([...families.keys()])("torture by %s does not break it", async (family) => {
  const words = [...(isWhole ? [] : ["--bounded"]), "--only", family, "--binary", binary];
  const { code, out, err } = await start([process.execPath, script, ...words]);
  if (isWhole) process.stdout.write(out);
  if (code !== 0) throw new Error(`it ended with ${code}\n${out}${err}`);
  expect(out).toMatch(/^[1-9]\d* ok, 0 failed/m);
});
