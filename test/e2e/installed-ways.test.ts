// However the program got onto the machine, and however it is called, its schedules find it again.
import { expect, test } from "bun:test";
import { copyFileSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../support/binary.ts";
import { day, moment, WorldStage } from "../support/stage.ts";

const noon = moment("2026-11-23T12:00");

/** Puts the program somewhere; a hard link where that is possible, since it is large. */
function put(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    linkSync(binary, path);
  } catch {
    // EXDEV: the folder for temporary files is on another disk than this checkout.
    copyFileSync(binary, path);
  }
}

/** Types `install` with the program as it is called, in a folder. */
function installAs(stage: WorldStage, called: readonly string[], cwd = "/"): void {
  const words = ["install", ...stage.paths, "-t", "2:00am", "--always"];
  const { code, err } = stage.run([...called, ...words], { cwd });
  if (code !== 0) throw new Error(err);
}

async function expectTwoNights(stage: WorldStage): Promise<void> {
  await stage.world.passUntil(noon + 2 * day);
  expect(stage.files()).toHaveLength(2);
  expect(stage.world.mails()).toEqual([]);
  expect(stage.only()).toMatchObject({ state: "armed", problems: [] });
}

test("a schedule goes on after an upgrade as Homebrew makes it: another versioned folder, the same link", async () => {
  await using stage = await WorldStage.create();
  const prefix = join(realpathSync(stage.root), "homebrew");
  const old = join(prefix, "Cellar/tinybackup/1.0.0/bin/tinybackup");
  put(old);
  mkdirSync(join(prefix, "bin"));
  symlinkSync("../Cellar/tinybackup/1.0.0/bin/tinybackup", join(prefix, "bin/tinybackup"));
  installAs(stage, [join(prefix, "bin/tinybackup")]);
  await stage.world.passUntil(noon + day);
  expect(stage.files()).toHaveLength(1);

  put(join(prefix, "Cellar/tinybackup/1.1.0/bin/tinybackup"));
  rmSync(join(prefix, "bin/tinybackup"));
  symlinkSync("../Cellar/tinybackup/1.1.0/bin/tinybackup", join(prefix, "bin/tinybackup"));
  rmSync(join(prefix, "Cellar/tinybackup/1.0.0"), { recursive: true });
  await expectTwoNights(stage);
});

test.each([
  ["by a relative path", ["./tinybackup"], "stick"],
  ["by a relative path from the folder above", ["stick/tinybackup"], "."],
  ["through a link", ["links/backup"], "."],
  ["through PATH", ["env", "PATH=@/stick:/usr/bin:/bin", "tinybackup"], "."],
])("copied next to its file and called %s, it is found every night", async (_, called, cwd) => {
  await using stage = await WorldStage.create();
  const folder = realpathSync(stage.root);
  put(join(folder, "stick/tinybackup"));
  mkdirSync(join(folder, "links"));
  symlinkSync("../stick/tinybackup", join(folder, "links/backup"));
  installAs(
    stage,
    called.map((word) => word.replace("@", folder)),
    join(folder, cwd),
  );
  await expectTwoNights(stage);
});

test("on a stick that is unplugged for some days, it waits, and goes on when the stick is back", async () => {
  await using stage = await WorldStage.create();
  const folder = realpathSync(stage.root);
  put(join(folder, "stick/tinybackup"));
  installAs(stage, ["./tinybackup"], join(folder, "stick"));
  await stage.world.passUntil(noon + day);
  renameSync(join(folder, "stick"), join(folder, "unplugged"));
  await stage.world.passUntil(noon + 4 * day);
  expect(stage.files()).toHaveLength(1);
  expect(stage.world.mails().join("")).toContain("is not there or can not be executed");
  renameSync(join(folder, "unplugged"), join(folder, "stick"));
  await stage.world.passUntil(noon + 6 * day);
  expect(stage.files()).toHaveLength(3);
  expect(stage.only()).toMatchObject({ state: "armed", problems: [] });
});
