// The line in the real queue: what becomes of a schedule while its program is away.
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseJobText, renderJobText } from "../../src/schedule/job-line.ts";
import { makeJob } from "../support/jobs.ts";
import { World } from "../support/world.ts";

const start = Date.UTC(2026, 2, 6, 12) / 1000;
const day = 86_400;

test("a job waits for its program day by day, over a clock change, and runs when it is back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "it's away !"));
  const [binary, record] = [join(folder, "tiny=backup"), join(folder, "record")];
  const away = `${binary}.away`;
  writeFileSync(
    away,
    `#!/bin/sh\n{ date '+%F %T %Z'; env | cut -d= -f1 | sort | tr '\\n' ' '; echo; echo "$0 $1"; } >>"$(dirname "$0")/record"\n`,
  );
  chmodSync(away, 0o755);
  await using world = await World.create(start, "America/New_York");
  const job = makeJob({ binary, source: "/a 'b' \\ c!\n🎒", dueMs: (start + 14 * 3600) * 1000 });
  const line = renderJobText(job);
  const env = { PATH: "/usr/bin:/bin", HOME: "/root", TZ: "UTC" };
  expect(world.run(["at", "-q", "z", "-t", "202603070200"], { input: `${line}\n`, env }).code).toBe(0);

  const waited = await world.passUntil(start + 6 * day);
  expect(waited).toEqual([0, 1, 2, 3, 4, 5].map((days) => job.dueMs / 1000 + days * day));
  expect(existsSync(record)).toBe(false);
  const mails = world.mails();
  expect(mails.length).toBe(6);
  for (const mail of mails)
    expect(mail).toContain("is not there or can not be executed; this job tries again in a day");
  expect(world.queue().length).toBe(1);
  const [id = ""] = world.run(["at", "-l"]).out.split("\t");
  const text = world.run(["at", "-c", id], { env }).out;
  expect(parseJobText(text.trimEnd().split("\n").at(-1) ?? "")).toEqual(job);
  expect(text.match(/^(?!FAKETIME)[A-Z_]+(?==)/gm)?.toSorted()).toEqual(["HOME", "PATH", "TZ"]);

  renameSync(away, binary);
  expect(await world.passUntil(start + 7 * day)).toEqual([job.dueMs / 1000 + 6 * day]);
  const [moment, names, called] = readFileSync(record, "utf8").split("\n");
  // The zone is the system's again, not the UTC that at was given.
  expect(moment).toMatch(/^2026-03-12 22:00:0\d EDT$/);
  expect(names?.trim()).toMatch(/^(?:FAKETIME_SHARED )?HOME PATH(?: PWD)?$/);
  expect(called).toBe(`${binary} job`);
  expect(world.queue()).toEqual([]);
  expect(world.mails().length).toBe(6);
  rmSync(folder, { recursive: true });
});
