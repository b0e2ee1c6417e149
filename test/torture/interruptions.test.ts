// A run that is stopped in the middle, and one whose half-done work somebody looks at.
import { beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { identifyMachine } from "../../src/system/machine.ts";
import { binary } from "../support/binary.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { asNobody, environment, needRoot } from "../support/tools.ts";

beforeAll(() => needRoot("setpriv", "tar", "zstd"));

const source = randomBytes(64 << 20);

/** Starts a command on a large file, and stops (SIGSTOP) it once its partial holds something. */
async function freeze(stage: Stage, folder: string, args: readonly string[], by: readonly string[] = []) {
  const child = Bun.spawn([...by, binary, ...args], {
    cwd: stage.root,
    env: environment,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  while (child.exitCode === null) {
    const [partial] = readdirSync(folder).filter((name) => name.endsWith(".partial"));
    if (partial !== undefined && statSync(join(folder, partial)).size > 0) {
      child.kill("SIGSTOP");
      return { child, partial: join(folder, partial) };
    }
    await Bun.sleep(0);
  }
  throw new Error(`it ended before anybody looked: ${await new Response(child.stderr).text()}`);
}

function openLargeStage(mode = 0o640): Stage {
  const stage = new Stage();
  stage.write("notes.txt", source, mode);
  return stage;
}

function runArgs(stage: Stage): string[] {
  return ["run", ...stage.paths, "--always"];
}

describe.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s", (signal) => {
  test(
    holds("interrupted", "in the middle of a run removes what was begun, and the parent sees the signal"),
    async () => {
      using stage = openLargeStage();
      const { child } = await freeze(stage, stage.destination, runArgs(stage));
      child.kill(signal);
      child.kill("SIGCONT");
      await child.exited;
      expect(String(child.signalCode)).toBe(signal);
      expect(await new Response(child.stdout).text()).toBe("");
      expect(await new Response(child.stderr).text()).toBe(`tinybackup: ended by ${signal}\n`);
      expect(readdirSync(stage.destination)).toEqual([]);
    },
  );

  test(
    holds("interrupted", "restore-safe", "in the middle of a restore leaves the folder as it was"),
    async () => {
      using stage = openLargeStage();
      stage.save();
      const elsewhere = join(stage.root, "elsewhere");
      mkdirSync(elsewhere);
      const args = ["restore", "-d", stage.destination, "--to", join(elsewhere, "x")];
      const { child } = await freeze(stage, elsewhere, args);
      child.kill(signal);
      child.kill("SIGCONT");
      await child.exited;
      expect(String(child.signalCode)).toBe(signal);
      expect(readdirSync(elsewhere)).toEqual([]);
    },
  );
});

test(holds("evidence", "a shell sees 130, 143 and 129"), () => {
  using stage = openLargeStage();
  for (const [signal, code] of [
    ["INT", 130],
    ["TERM", 143],
    ["HUP", 129],
  ] as const) {
    const script = `set -m; tinybackup run -f "$SOURCE" -d "$SAVED" & until ls -A "$SAVED" | grep -q partial; do :; done; kill -${signal} %1; wait %1; echo $?`;
    expect(stage.shell(script).out).toBe(`${code}\n`);
    expect(readdirSync(stage.destination)).toEqual([]);
  }
});

test(
  holds(
    "interrupted",
    "kill -9 in the middle leaves a partial, which the next run removes; one at work it leaves alone",
  ),
  async () => {
    using stage = openLargeStage();
    const killed = await freeze(stage, stage.destination, runArgs(stage));
    killed.child.kill("SIGKILL");
    await killed.child.exited;
    const working = await freeze(stage, stage.destination, runArgs(stage)).then(async (first) => {
      // The one that was killed may have been seen first: then look for the other one.
      first.child.kill("SIGCONT");
      await first.child.exited;
      return freeze(stage, stage.destination, runArgs(stage));
    });
    expect(stage.leftovers()).toHaveLength(1);
    expect(stage.save()).toMatchObject({ code: 0, err: "" });
    expect(stage.leftovers()).toHaveLength(1);
    working.child.kill("SIGCONT");
    await working.child.exited;
    expect(working.child.exitCode).toBe(0);
    expect(stage.leftovers()).toEqual([]);
    expect(stage.revisions()).toHaveLength(3);
  },
);

describe("somebody who is not root", () => {
  test("cleans up after a kill as well, though the file is one that nobody may write", () => {
    using stage = new Stage();
    chmodSync(stage.destination, 0o777);
    chmodSync(stage.source, 0o444);
    // What a kill between taking on the file's permissions and removing the partial leaves.
    const machine = identifyMachine().id.slice(0, 8);
    const partial = join(stage.destination, `.tinybackup-${machine}-0123456789abcdef.partial`);
    expect(stage.shell(`cp "$SOURCE" ${partial}; chmod 444 ${partial}`, { by: asNobody }).code).toBe(0);
    expect(stage.typeAsNobody(["run", ...stage.paths])).toMatchObject({ code: 0, err: "" });
    expect(stage.leftovers()).toEqual([]);
  });
});

describe.each(["000", "077"])("with umask %s", (umask) => {
  const by = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];

  test(holds("same-readers", "a partial is for its owner only, whoever may read the file"), async () => {
    using stage = openLargeStage(0o666);
    const { child, partial } = await freeze(stage, stage.destination, runArgs(stage), by);
    const { mode } = statSync(partial);
    child.kill("SIGKILL");
    await child.exited;
    expect((mode & 0o7777).toString(8)).toBe("600");
  });

  test.each([0o600, 0o644, 0o640, 0o400, 0o666, 0o755, 0o4755, 0o7777])(
    "a file of mode %# has a revision of that mode, and is restored so, without a privilege",
    (mode) => {
      using stage = new Stage();
      chmodSync(stage.source, mode);
      expect(stage.type(runArgs(stage), { by })).toMatchObject({ code: 0, err: "" });
      const revision = join(stage.destination, stage.revisions()[0] ?? "");
      // Nobody becomes somebody else by a backup.
      expect((statSync(revision).mode & 0o7777).toString(8)).toBe((mode & 0o777).toString(8));
      const target = join(stage.root, "back");
      const args = ["restore", "-d", stage.destination, "--to", target];
      const { code, err } = stage.type(args, { by });
      expect(code).toBe(0);
      expect((statSync(target).mode & 0o7777).toString(8)).toBe((mode & 0o777).toString(8));
      expect(err.includes("is without the file's set-user-ID bit")).toBe(mode > 0o777);
    },
  );
});

test("a signal ends a run that waits for another one as well", () => {
  using stage = new Stage();
  const script = `exec 9<"$SAVED"; flock 9; set -m; tinybackup run -f "$SOURCE" -d "$SAVED" 9<&- &
    sleep 0.3; kill -INT %1; wait %1; echo $?; ls -A "$SAVED"`;
  const begun = performance.now();
  expect(stage.shell(script)).toMatchObject({ out: "130\n" });
  expect(performance.now() - begun).toBeLessThan(5000);
});

test.each([
  [0o640, 0o600],
  [0o660, 0o600],
  [0o644, 0o644],
  [0o604, 0o600],
  [0o664, 0o644],
])(
  "a revision of a file of another group, mode %o, has mode %o: its group is not the file's",
  (mode, expected) => {
    using stage = new Stage();
    stage.shell('chown 65534:65534 "$SOURCE"');
    chmodSync(stage.source, mode);
    expect(stage.save()).toMatchObject({ code: 0, err: "" });
    const { mode: found, gid } = statSync(join(stage.destination, stage.revisions()[0] ?? ""));
    expect([gid, (found & 0o7777).toString(8)]).toEqual([0, expected.toString(8)]);
  },
);
