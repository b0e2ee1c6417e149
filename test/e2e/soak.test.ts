// The bounded soak, as the whole one runs with `npm run soak`: a few weeks of some schedules, in which much happens.
import { expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { binary } from "../support/binary.ts";
import { start } from "../support/tools.ts";

const soak = join(resolve(import.meta.dir, "../.."), "test/torture/soak.ts");
const environment = { PATH: process.env["PATH"] ?? "" };

test("for weeks of drives, files and daemons that come and go, all is as the model says", async () => {
  const words = [process.execPath, soak, "--bounded", `--binary=${binary}`];
  const { code, out, err } = await start(words, { env: environment });
  expect({ code, err, failed: out.match(/^FAILED.*$/m) }, out).toEqual({ code: 0, err: "", failed: null });
  expect(out).toMatch(/^ok: \d+ schedules, \d+ weeks, \d+ revisions opened/m);
}, 300_000);
