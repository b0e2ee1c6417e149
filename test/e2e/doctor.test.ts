// doctor, in a world with its own `at`: what it finds, what it says to type, and the canary through the real scheduler.
import { expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { binary } from "../support/binary.ts";
import { World } from "../support/world.ts";

const start = Date.UTC(2026, 10, 23, 12) / 1000;
const home = { HOME: "/run/home" };
/** Wherever this checkout is, even in a folder for temporary files, of which doctor would warn. */
const program = "/run/tinybackup";

async function createWorld(now: number, zone?: string): Promise<World> {
  const world = await World.create(now, zone);
  writeFileSync(world.path(program), "");
  world.run(["mount", "--bind", binary, program]);
  return world;
}

function examine(world: World, ...options: string[]) {
  const { code, out, err } = world.run([program, "doctor", ...options], { env: home });
  return { code, err, lines: out.trimEnd().split("\n") };
}

test("where all is in place, each thing is said to be so, and the code is 0", async () => {
  await using world = await createWorld(start, "Europe/Berlin");
  const { code, lines, err } = examine(world);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(lines.map((line) => line.slice(0, 19).trim())).toEqual([
    "ok      at",
    "ok      permission",
    "ok      daemon",
    "ok      program",
    "ok      queue",
    "ok      journal",
    "ok      time zone",
  ]);
  expect(lines.at(-1)).toEndWith("local time is UTC+01:00 now");
  expect(examine(world, "--quiet")).toEqual({ code: 0, err: "", lines: [""] });
});

test("a daemon that is down is found, with what starts it, and the code is 4", async () => {
  await using world = await createWorld(start);
  world.stopDaemon();
  const { code, lines } = examine(world, "--quiet");
  expect(code).toBe(4);
  expect(lines.join("\n")).toMatch(/^PROBLEM daemon .*'atd' is not running\n +type: sudo service atd start$/);
});

test("without 'at' it says how to install it, and sends no canary", async () => {
  await using world = await createWorld(start);
  world.run(["mount", "--bind", "/dev/null", "/usr/bin/at"]);
  const { code, lines } = examine(world, "--canary", "--quiet");
  expect(code).toBe(4);
  expect(lines[0]).toContain("PROBLEM at         can't schedule: the program 'at' is not installed");
  expect(lines[1]).toContain("type: sudo apt install at");
  expect(lines.join("\n")).not.toContain("canary");
});

test("somebody who may not use 'at' is told whom to ask", async () => {
  await using world = await createWorld(start);
  writeFileSync(world.path("etc/at.allow"), "root\n");
  chmodSync(world.path("etc/at.allow"), 0o644);
  const { code, out } = world.run([program, "doctor", "--json"], {
    env: { HOME: "/tmp" },
    uid: 1000,
  });
  expect(code).toBe(4);
  expect(out).toContain("not permitted to use 'at'");
});

test("an impossible TZ and a journal that can't be written are found", async () => {
  await using world = await createWorld(start);
  writeFileSync(world.path("run/home"), "a file");
  const { code, out } = world.run([program, "doctor", "--quiet"], {
    env: { ...home, TZ: "Europe/Nowhere" },
  });
  expect(code).toBe(1);
  expect(out).toContain("PROBLEM journal");
  expect(out).toContain("PROBLEM time zone  the variable TZ names no time zone: 'Europe/Nowhere'");
});

test("the canary goes through the real scheduler and comes back", async () => {
  await using world = await createWorld(start + 10);
  const ended = world.start([program, "doctor", "--canary"], { env: home });
  while (world.nextDue() === null) await Bun.sleep(20);
  const due = world.nextDue() ?? 0;
  expect(due).toBe(start + 60);
  world.setClock(due);
  world.run(["/usr/sbin/atd", "-s"]);
  expect((await ended).code).toBe(0);
  await world.rest();
  expect(readdirSync(world.path("run/home/.local/state/tinybackup"))).toEqual([]);
  expect(world.queue()).toEqual([]);
});

test("a canary that does not come back is taken out of the queue, and the code is 4", async () => {
  await using world = await createWorld(start + 10);
  const ended = world.start([program, "doctor", "--canary"], { env: home });
  while (world.nextDue() === null) await Bun.sleep(20);
  world.setClock(start + 1000);
  expect((await ended).code).toBe(4);
  expect(world.queue()).toEqual([]);
});

test("a canary is sent also where the daemon seems to be down: it may only be hidden", async () => {
  await using world = await createWorld(start + 10);
  world.stopDaemon();
  const ended = world.start([program, "doctor", "--canary"], { env: home });
  while (world.nextDue() === null) await Bun.sleep(20);
  world.setClock(world.nextDue() ?? 0);
  world.run(["/usr/sbin/atd", "-s"]);
  expect((await ended).code).toBe(4);
  await world.rest();
  expect(world.queue()).toEqual([]);
});

test("an interrupted canary is taken out of the queue", async () => {
  await using world = await createWorld(start + 10);
  const ended = world.start([program, "doctor", "--canary"], { env: home });
  while (world.nextDue() === null) await Bun.sleep(20);
  world.run(["pkill", "-INT", "-f", "doctor --canary"]);
  expect((await ended).code).toBe(130);
  expect(world.queue()).toEqual([]);
  expect(existsSync(world.path("run/home/.local/state/tinybackup"))).toBe(false);
  rmSync(world.path("run/home"), { recursive: true, force: true });
});

test("a program in a folder for temporary files is warned of", async () => {
  await using world = await createWorld(start);
  world.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/tmp"]);
  writeFileSync(world.path("tmp/tinybackup"), "");
  world.run(["mount", "--bind", program, "/tmp/tinybackup"]);
  const { code, out } = world.run(["/tmp/tinybackup", "doctor", "--quiet"], { env: home });
  expect([code, out]).toEqual([
    1,
    expect.stringContaining(
      "PROBLEM program    this program is '/tmp/tinybackup', in a folder for temporary files",
    ),
  ]);
});
