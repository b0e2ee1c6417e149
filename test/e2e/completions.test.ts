// The completions in the shells themselves: a line is typed up to the Tab key, and what the program is then called
// with is what counts.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../support/binary.ts";
import { WorldStage } from "../support/stage.ts";

let home: string;
let called: string;

/** A program of that name that answers the shell, and of everything else only notes how it was called. */
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "tinybackup-completions-"));
  called = join(home, "called");
  mkdirSync(join(home, "bin"));
  const script = `#!/bin/sh
[ "$1" != complete ] || exec '${binary}' "$@"
for word; do printf '%s\\n' "$word"; done > '${called}.new'
mv '${called}.new' '${called}'
`;
  writeFileSync(join(home, "bin/tinybackup"), script, { mode: 0o755 });
  mkdirSync(join(home, "saved here"));
  writeFileSync(join(home, "my notes.txt"), "text");
  // After number 41 comes 42.
  const before = join(home, "saved here", "my notes.txt-000041-2026-11-23T02-15-07Z-3f2a9c1b7d5e.tar.zst");
  writeFileSync(before, "");
  const saved = Bun.spawnSync([binary, "run", "-f", "my notes.txt", "-d", "saved here"], { cwd: home });
  expect(saved.exitCode).toBe(0);
  rmSync(before);
});

afterAll(() => rmSync(home, { recursive: true }));

const environment = () => ({
  BINARY: binary,
  HOME: home,
  PATH: `${join(home, "bin")}:${process.env["PATH"]}`,
  TERM: "xterm",
  LC_ALL: "C.UTF-8",
});

/** What is typed, and what the program is then called with. */
const lines: readonly (readonly [typed: string, args: readonly string[]])[] = [
  ["li\t", ["list"]],
  ["completi\tz\t", ["completions", "zsh"]],
  ["help ver\t", ["help", "verify"]],
  ["run --comp\tg\t", ["run", "--compress", "gzip"]],
  ["run --compress=n\t", ["run", "--compress=none"]],
  ["run --noo\t", ["run", "--noop"]],
  ["run -f my\t", ["run", "-f", "my notes.txt"]],
  ["list -d sav\t", ["list", "-d", "saved here"]],
  ["list --destdir=sav\t", ["list", "--destdir=saved here"]],
  ["restore --to=my\t", ["restore", "--to=my notes.txt"]],
  ["restore -d 'saved here' --revision 4\t", ["restore", "-d", "saved here", "--revision", "42"]],
  ["restore -d saved\\ here --revision=4\t", ["restore", "-d", "saved here", "--revision=42"]],
  ["restore -d ~/saved\\ here --revision 4\t", ["restore", "-d", "HOME/saved here", "--revision", "42"]],
  ["diff -d saved\\ here --revision 42 la\t", ["diff", "-d", "saved here", "--revision", "42", "latest"]],
  ["list -d saved\\ here -f /\t", ["list", "-d", "saved here", "-f", "HOME/my notes.txt"]],
  ["uninstall th\t", ["uninstall", "this"]],
  ["status --max\t26h", ["status", "--max-age", "26h"]],
  ["verify my\t", ["verify", "my notes.txt"]],
  ["preview -t 14\t", ["preview", "-t", "14:30 mon"]],
];

/** A shell at a terminal, with the completions loaded as its users load them. */
async function openShell(command: readonly string[], setup: string) {
  let seen = "";
  const shell = Bun.spawn([...command], {
    cwd: home,
    env: environment(),
    terminal: { cols: 200, rows: 50, data: (_, data) => void (seen += Buffer.from(data).toString()) },
  });
  const until = async (isThere: () => boolean, what: string) => {
    for (let waited = 0; !isThere(); waited += 10) {
      if (waited > 20_000) throw new Error(`${what} never came: ${JSON.stringify(seen)}`);
      await Bun.sleep(10);
    }
  };
  shell.terminal?.write(`${setup}\nprintf 'RE%s\\n' ADY\n`);
  await until(() => seen.includes("READY"), "the prompt");
  return {
    async type(line: string): Promise<readonly string[]> {
      rmSync(called, { force: true });
      shell.terminal?.write(`tinybackup ${line}\r`);
      await until(() => existsSync(called), line);
      return readFileSync(called, "utf8").split("\n").slice(0, -1);
    },
    seen: () => seen,
    async close() {
      shell.kill("SIGKILL");
      await shell.exited;
    },
  };
}

function simplify(args: readonly string[]): readonly string[] {
  return args.map((word) => word.replace(home, "HOME").replace(/\/$/, ""));
}

describe.each([
  ["bash", ["bash", "--norc", "--noprofile", "-i"], 'eval "$("$BINARY" completions bash)"'],
  ["zsh", ["zsh", "-f", "-i"], 'autoload -Uz compinit; compinit -u -D; eval "$("$BINARY" completions zsh)"'],
] as const)("%s", (_, command, setup) => {
  let shell: Awaited<ReturnType<typeof openShell>>;

  beforeAll(async () => {
    shell = await openShell(command, setup);
  });

  afterAll(() => shell.close());

  test.each(lines)("%j", async (typed, args) => {
    expect(simplify(await shell.type(typed))).toEqual(args);
  });
});

test("zsh finds the completions in a folder of its path of functions", async () => {
  const folder = join(home, "functions");
  mkdirSync(folder);
  writeFileSync(join(folder, "_tinybackup"), Bun.spawnSync([binary, "completions", "zsh"]).stdout);
  const setup = `fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -D`;
  const shell = await openShell(["zsh", "-f", "-i"], setup);
  expect(await shell.type("li\t")).toEqual(["list"]);
  expect(await shell.type("li\t")).toEqual(["list"]);
  await shell.close();
});

/** What fish would offer for the line, with what it means. */
function offerInFish(line: string): readonly string[] {
  const script = `$BINARY completions fish | source; complete -C "tinybackup ${line}"`;
  const { stdout, stderr } = Bun.spawnSync(["fish", "--no-config", "-c", script], {
    cwd: home,
    env: environment(),
  });
  expect(stderr.toString()).toBe("");
  return stdout.toString().replaceAll(home, "HOME").split("\n").slice(0, -1);
}

describe("fish", () => {
  test.each([
    ["li", ["list\tlist the revisions of a file"]],
    ["completions z", ["zsh"]],
    ["help ver", ["verify\tprove that revisions are whole"]],
    ["run --comp", ["--compress\thow a revision is compressed"]],
    ["run --compress ", ["gzip", "none", "zstd"]],
    ["run --compress=n", ["--compress=none"]],
    ["run -f my", ["my notes.txt"]],
    ["list -d sav", ["saved here/"]],
    ["list --destdir=sav", ["--destdir=saved here/"]],
    ["restore --to=my", ["--to=my notes.txt"]],
    ["restore -d 'saved here' --revision 4", [expect.stringMatching(/^42\t.* ago, 4 B$/)]],
    ["restore -d ~/saved\\ here --revision=4", [expect.stringMatching(/^--revision=42\t.* ago, 4 B$/)]],
    ["list -d saved\\ here -f ", ["HOME/my notes.txt"]],
    ["preview -t 14", ["14:30 mon"]],
    ["run ~nothing~", []],
  ])("%s", (line, candidates) => {
    const offered = offerInFish(line).map((each) => each.replace(/\t(Directory|File)?$/, ""));
    expect(offered).toEqual(candidates);
  });
});

function listInBash(words: readonly string[]): readonly string[] {
  const quoted = ["tinybackup", ...words].map((word) => `'${word}'`).join(" ");
  const script = `set -u
eval "$("$BINARY" completions bash)"
COMP_LINE="${quoted}" COMP_POINT=\${#COMP_LINE}
COMP_WORDS=(${quoted}) COMP_CWORD=${words.length}
_tinybackup && printf '%s\\n' "\${COMPREPLY[@]-}"`;
  const { stdout, stderr } = Bun.spawnSync(["bash", "--posix", "-c", script], {
    cwd: home,
    env: environment(),
  });
  expect(stderr.toString()).toBe("");
  return stdout.toString().split("\n").slice(0, -1);
}

describe("bash, asked for its list", () => {
  test("all commands, and none that is hidden", () => {
    const offered = listInBash([""]);
    expect(offered).toContain("restore");
    expect(offered).toContain("help");
    expect(offered).not.toContain("complete");
  });

  test("options that were not given yet", () => {
    const offered = listInBash(["restore", "-d", "x", "--force", "-"]);
    expect(offered).toContain("--revision");
    expect(offered).not.toContain("--force");
    expect(offered).not.toContain("--destinationdirectory");
  });

  test.each([
    [["restore", "-d", "nowhere", "--revision", ""], ["latest"]],
    [["nonsense", ""], [""]],
    [["list", "-d", "nowhere", "-f", ""], [""]],
  ])("%j is no reason to say anything", (words, offered) => {
    expect(listInBash(words)).toEqual(offered);
  });
});

test("the times and labels of the schedules are offered where they tell them apart", async () => {
  await using stage = await WorldStage.create();
  for (const [time, name] of [
    ["3:00", "night"],
    ["teatime", "at tea"],
  ] as const) {
    const installed = stage.type(["install", ...stage.paths, "-t", time, "--name", name]);
    expect(installed).toMatchObject({ code: 0 });
  }
  const offer = (...words: readonly string[]) =>
    stage
      .type(["complete", ["tinybackup", ...words].join(" ")])
      .out.split("\n")
      .toSorted();
  expect(offer("uninstall", "this", "-t", "")).toEqual(["", "3:00", "teatime", "words"]);
  expect(offer("statusof", "all", "--name=a")).toEqual(["", "--name=at tea", "--name=night", "names"]);
});

describe("where the program is gone, or the folder that one is in", () => {
  const gone = "PATH=/usr/bin:/bin; hash -r 2>/dev/null; mkdir gone; cd gone; rmdir ../gone";

  test.each([
    [
      "bash",
      `eval "$("$BINARY" completions bash)"; ${gone}; COMP_WORDS=(tinybackup l) COMP_CWORD=1 COMP_LINE="tinybackup l" COMP_POINT=12; _tinybackup`,
    ],
    ["fish", `$BINARY completions fish | source; set PATH /usr/bin /bin; complete -C "tinybackup l"`],
    [
      "bash",
      `eval "$("$BINARY" completions bash)"; mkdir gone; cd gone; rmdir ../gone; COMP_WORDS=(tinybackup l) COMP_CWORD=1 COMP_LINE="tinybackup l" COMP_POINT=12; _tinybackup`,
    ],
  ])("%s says nothing", (shell, script) => {
    const { stdout, stderr } = Bun.spawnSync([shell, "-c", script], { cwd: home, env: environment() });
    expect({ out: stdout.toString(), err: stderr.toString() }).toEqual({ out: "", err: "" });
  });

  test("zsh says nothing", async () => {
    const setup = 'autoload -Uz compinit; compinit -u -D; eval "$("$BINARY" completions zsh)"';
    const script = `${setup}; PATH=/usr/bin:/bin; rehash`;
    const shell = await openShell(["zsh", "-f", "-i"], script);
    expect(await shell.type(`li\t; echo went on > '${called}'`)).toEqual(["went on"]);
    expect(shell.seen().split("READY").at(-1)).not.toMatch(/complete|shift|no such file/);
    await shell.close();
  });
});
