// The real `at` in a test world: what is queued, seen and removed.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJobText, renderJobText } from "../../src/schedule/job-line.ts";
import type { Request } from "../support/at-probe.ts";
import { makeJob } from "../support/jobs.ts";
import { World } from "../support/world.ts";

const now = Date.UTC(2026, 10, 23, 12, 0, 30) / 1000;
const due = now + 3570;
const dueMs = due * 1000;
const line = renderJobText(makeJob({ dueMs }));

let world: World;
beforeEach(async () => {
  world = await World.create(now, "Europe/Berlin");
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const bob = { uid: 1000 };

interface Answer {
  readonly value?: any;
  readonly error?: { readonly name: string; readonly message: string; readonly hint: string };
  readonly milliseconds: number;
}

function ask(
  request: Request,
  { env = {}, ...who }: { env?: Record<string, string>; uid?: number } = {},
): Answer {
  const result = world.run([process.execPath, join(import.meta.dir, "../support/at-probe.ts")], {
    input: JSON.stringify(request),
    env: { HOME: "/root", ...env },
    ...who,
  });
  if (result.code !== 0) throw new Error(result.err);
  const answer: Answer = JSON.parse(result.out);
  return answer;
}

const at = (words: string[], input: string, who: { uid?: number } = {}) =>
  world.run(["at", ...words], { input, ...who });

test("a job that was queued is listed with its text, and gone when it was removed", () => {
  expect(ask({ do: "submit", line, dueMs }).value).toBe("1");
  const jobs = ask({ do: "list" }).value;
  expect(jobs).toEqual([{ id: "1", dueMs, queue: "z", state: "queued", body: `${line}\n\n` }]);
  expect(parseJobText(jobs[0].body.trimEnd())).toEqual(makeJob({ dueMs }));
  expect(ask({ do: "remove", ...jobs[0] }).value).toBe(true);
  expect(ask({ do: "remove", ...jobs[0] }).value).toBe(false);
  expect(ask({ do: "list" }).value).toEqual([]);
});

test("nothing of the caller's environment but what is wanted gets into the queue, wherever it was called", () => {
  const env = {
    SECRET: "hunter2",
    BUN_OPTIONS: "--smol",
    "BASH_FUNC_x%%": "() { :; }",
    CI: "1",
    LANG: "C.UTF-8",
  };
  ask({ do: "submit", line, dueMs }, { env });
  const text = world.run(["at", "-c", "1"]).out;
  // FAKETIME_SHARED is the test world's own.
  expect(text.match(/^(?!FAKETIME)[A-Z_]+(?==)/gm)?.toSorted()).toEqual(["HOME", "LANG", "PATH", "TZ"]);
  expect(text).toContain("\ncd / || {\n");
});

test("seconds are rounded up to the minute, so that no job comes before its time", () => {
  ask({ do: "submit", line, dueMs: dueMs - 20_000 });
  expect(world.nextDue()).toBe(due);
});

test.each([
  ["in the past", now - 86_400],
  ["in this minute", now - 30],
])("an instant %s is refused, since at would run it at once", (_, instant) => {
  expect(ask({ do: "submit", line, dueMs: instant * 1000 }).error?.name).toBe("SchedulerFailure");
  expect(world.queue()).toEqual([]);
});

describe("jobs of others", () => {
  test("in other queues, of other people, and foreign ones in ours are never taken for the caller's text", () => {
    at(["-q", "y", "now", "+", "1", "day"], `${line}\n`);
    at(["-q", "z", "now", "+", "1", "day"], `${line}\n`, bob);
    at(["-q", "z", "now", "+", "1", "day"], `echo '#'\n${line}\n`);
    const jobs = ask({ do: "list" }).value;
    expect(jobs.map(({ id }: { id: string }) => id)).toEqual(["3"]);
    expect(parseJobText(jobs[0].body.trimEnd())).toBeNull();
    expect(ask({ do: "list" }, { ...bob, env: { HOME: "/tmp" } }).value.length).toBe(1);
  });

  test("one that holds a whole job file, heading and all, is not mistaken for two", () => {
    ask({ do: "submit", line, dueMs });
    const file = world.run(["at", "-c", "1"]).out;
    for (let count = 0; count < 3; count += 1) at(["-q", "z", "now", "+", "1", "day"], file);
    at(["-q", "z", "now", "+", "1", "day"], file, bob);
    ask({ do: "submit", line, dueMs: dueMs + 60_000 });
    const ours = ask({ do: "list" }).value.filter(({ body }: { body: string }) =>
      parseJobText(body.trimEnd()),
    );
    expect(ours.map(({ id }: { id: string }) => id)).toEqual(["1", "6"]);
  });

  test("a job that took over the number of a removed one is left alone", () => {
    ask({ do: "submit", line, dueMs });
    const [job] = ask({ do: "list" }).value;
    world.run(["atrm", "1"]);
    writeFileSync(world.path("var/spool/cron/atjobs/.SEQ"), "0\n");
    at(["-q", "z", "now", "+", "1", "day"], "echo somebody else\n");
    expect(ask({ do: "remove", ...job }).value).toBe(false);
    expect(world.queue().length).toBe(1);
  });
});

test("a job that runs is listed as running", async () => {
  at(["-q", "z", "-t", "202611231400"], "sleep 60\n");
  world.setClock(due);
  world.run(["/usr/sbin/atd", "-s"]);
  expect(ask({ do: "list" }).value).toMatchObject([
    { id: "1", state: "running", queue: null, body: "sleep 60\n\n" },
  ]);
});

test("what a killed at left behind is no job, and hides none", () => {
  ask({ do: "submit", line, dueMs });
  for (const name of ["z0000201c89f00", "z0000301c89f00"])
    writeFileSync(world.path(`var/spool/cron/atjobs/${name}`), "");
  ask({ do: "submit", line, dueMs: dueMs + 60_000 });
  expect(world.run(["at", "-l"]).out.trim().split("\n").length).toBe(4);
  expect(ask({ do: "list" }).value.map(({ body }: { body: string }) => body.trimEnd())).toEqual([line, line]);
});

test("a queue that moves while it is read never hides a job that waits, nor fails", async () => {
  for (let job = 0; job < 150; job += 1) at(["-q", "z", "-t", "202611231400"], "sleep 0.2\n");
  ask({ do: "submit", line, dueMs: dueMs + 3_600_000 });
  world.setClock(due);
  const daemon = world.start(["/usr/sbin/atd", "-s"]);
  const { value, error } = ask({ do: "watch", times: 40 });
  await daemon;
  expect(error).toBeUndefined();
  for (const lines of value) {
    expect(lines.filter((text: string) => text === line).length).toBe(1);
    expect(new Set(lines)).toEqual(new Set(lines.includes("sleep 0.2") ? [line, "sleep 0.2"] : [line]));
  }
});

describe("when the scheduler can't be used", () => {
  test("a daemon that is down is found, and jobs are queued all the same", () => {
    expect(ask({ do: "check" }).value).toEqual({ daemon: "up", problem: null });
    world.stopDaemon();
    expect(ask({ do: "check" }).value).toEqual({ daemon: "down", problem: null });
    expect(ask({ do: "submit", line, dueMs }).value).toBe("1");
  });

  test("a daemon's number that now belongs to somebody else is no daemon", () => {
    writeFileSync(world.path("run/atd.pid"), "1\n");
    expect(ask({ do: "check" }).value.daemon).toBe("down");
    writeFileSync(world.path("run/atd.pid"), "4000000\n");
    expect(ask({ do: "check" }).value.daemon).toBe("down");
  });

  test("somebody who is shut out is told so, with whom to ask", () => {
    writeFileSync(world.path("etc/at.allow"), "root\n");
    chmodSync(world.path("etc/at.allow"), 0o644);
    const options = { ...bob, env: { HOME: "/tmp" } };
    const message = "can't schedule: this user is not permitted to use 'at'";
    expect(ask({ do: "submit", line, dueMs }, options).error).toMatchObject({
      name: "SchedulerFailure",
      message,
    });
    expect(ask({ do: "list" }, options).error).toMatchObject({ name: "SchedulerFailure", message });
    expect(ask({ do: "check" }, options).value.problem).toMatchObject({ message });
  });

  test("a missing at is named, with the command that installs it", () => {
    world.run(["mount", "--bind", "/dev/null", "/usr/bin/at"]);
    const message = "can't schedule: the program 'at' is not installed";
    const hint = "sudo apt install at";
    expect(ask({ do: "check" }).error).toMatchObject({ name: "SchedulerFailure", message, hint });
    expect(ask({ do: "list" }).error).toMatchObject({ name: "SchedulerFailure", message, hint });
  });

  test("a full disk under the queue is an error, and leaves no half job", () => {
    const spool = "/var/spool/cron/atjobs";
    world.run([
      "sh",
      "-c",
      `mount -t tmpfs -o size=4k tmpfs ${spool} && chown daemon:daemon ${spool} && chmod 1770 ${spool}`,
    ]);
    world.run(["install", "-o", "daemon", "-g", "daemon", "-m", "600", "/dev/null", `${spool}/.SEQ`]);
    expect(ask({ do: "submit", line, dueMs }).error).toMatchObject({ name: "SchedulerFailure" });
    expect(ask({ do: "list" }).value).toEqual([]);
  });
});

test("five hundred jobs are listed with their texts in under a second, or as fast as at itself can", () => {
  at(["-q", "z", "-t", "203001010101"], `${line}\n`);
  world.queueLike(line, Array<string>(499).fill(line));
  const started = performance.now();
  world.run(["sh", "-c", "at -c $(at -l | cut -f1)"]);
  const alone = performance.now() - started;
  const { value, milliseconds } = ask({ do: "list" });
  expect(value.length).toBe(500);
  // Twice that: on a busy machine the two are measured at different moments.
  expect(milliseconds).toBeLessThan(Math.max(1000, alone * 2));
});
