// How the program behaves as a process, whatever its commands: exit codes, signals, streams. The same tests run
// from source and on a compiled binary.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compile } from "../../build.ts";
import { holds } from "../support/promises.ts";
import { type Ended, run as runToEnd } from "../support/tools.ts";

const source = resolve(import.meta.dir, "../support/program.ts");
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinybackup-main-"));
  await compile(source, join(folder, "program"));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["source", "compiled"])("%s", (form) => {
  const command = (): string[] =>
    form === "source" ? [process.execPath, source] : [join(folder, "program")];

  function run(args: readonly string[], env: Record<string, string> = {}, cwd = folder): Ended {
    return runToEnd([...command(), ...args], { env, cwd });
  }

  /** In a shell, where `program` stands for the program. */
  function runShell(script: string): Ended {
    const quoted = command().map((word) => `'${word}'`);
    return runToEnd(["bash", "-c", `program() { ${quoted.join(" ")} "$@"; }; ${script}`], { cwd: folder });
  }

  test("the version is printed alone", () => {
    expect(run(["--version"])).toEqual({ out: "tinybackup 1.0.0\n", err: "", code: 0 });
  });

  test.each([
    [[""], "tinybackup: the command is empty"],
    [["constructor"], "tinybackup: unknown command 'constructor'"],
    [["__proto__"], "tinybackup: unknown command '__proto__'"],
    [["toString"], "tinybackup: unknown command 'toString'"],
    [["eco"], "hint: tinybackup echo -f FILE\n"],
    [["repaet"], "hint: tinybackup echo -f FILE\n"],
    [["jobb"], "hint: tinybackup --help\n"],
    [["--verbose", "echo"], "tinybackup: unknown option '--verbose' in front of the command"],
    [["--version", "echo"], "tinybackup: unexpected argument 'echo' after '--version'"],
    [["echo", "--version"], "tinybackup: unknown option '--version'"],
    [["echo"], "tinybackup: missing --sourcefile FILE"],
    [
      ["echo", "--quiet", "--verbose", "-f", "x"],
      "tinybackup: options '--quiet' and '--verbose' exclude each other",
    ],
    [["help", "nothing"], "tinybackup: unknown command 'nothing'"],
  ])("%j is refused and nothing is done", (args, sentence) => {
    const { out, err, code } = run(args);
    expect({ out, code }).toEqual({ out: "", code: 2 });
    expect(err).toContain(sentence);
    expect(err).toMatch(/^tinybackup: .*\nhint: .*\n$/);
  });

  test("a command gets its values, by its alias as well", () => {
    const { out, code } = run(["repeat", "-f", "x", "--level=high", "a", "--", "--help"]);
    expect(JSON.parse(out)).toEqual({
      schemaVersion: 1,
      sourcefile: "x",
      level: "high",
      archive: ["a", "--help"],
      quiet: false,
    });
    expect(code).toBe(0);
  });

  test("a hidden command works, and no help shows it", () => {
    expect(run(["job"])).toEqual({ out: "hidden\n", err: "", code: 0 });
    expect(run(["--help"]).out).not.toContain("job");
  });

  test.each(["echo --help", "help echo", "echo -h", "echo --bogus --help"])(
    "'%s' prints the command's help and does nothing",
    (line) => {
      const { out, err, code } = run(line.split(" "));
      expect({ err, code }).toEqual({ err: "", code: 0 });
      expect(out).toStartWith("usage: tinybackup echo -f FILE [OPTIONS] [ARCHIVE...]\n");
    },
  );

  test.each([
    ["attention", 6, ""],
    ["damaged", 5, String.raw`tinybackup: 'a\nb\x1b[31m' is damaged` + "\nhint: restore another one\n"],
    ["mistake", 1, "tinybackup: internal error: TypeError: x is undefined\nhint: "],
    ["stray", 1, "tinybackup: internal error: TypeError: nobody waits for this\nhint: "],
    ["thrown", 1, "tinybackup: internal error: TypeError: from a timer\nhint: "],
    ["never", 1, "tinybackup: internal error: Error: the command never ended\nhint: "],
  ])("%s ends with %p and one sentence", (name, code, sentence) => {
    const ended = run([name]);
    expect({ out: ended.out, code: ended.code }).toEqual({ out: "", code });
    expect(ended.err).toStartWith(sentence);
    expect(ended.err.split("\n").length).toBeLessThanOrEqual(3);
  });

  test("with --json a failure is one object on one line, a wrong command line too", () => {
    expect(JSON.parse(run(["damaged", "--json"]).err)).toEqual({
      schemaVersion: 1,
      error: { code: 5, message: "'a\nb\u001b[31m' is damaged", hint: "restore another one" },
    });
    expect(JSON.parse(run(["echo", "--bogus", "--json"]).err)).toMatchObject({ error: { code: 2 } });
  });

  const spoken = "a word\n" + "tinybackup: warning: a warning\nhint: a hint\n".repeat(10);

  test.each([
    [{}],
    [{ CI: "true", TEST: "1", NODE_ENV: "test" }],
    [{ CONSOLA_LEVEL: "0", DEBUG: "*" }],
    [{ CONSOLA_LEVEL: "abc", NO_COLOR: "1", FORCE_COLOR: "3", TERM: "dumb" }],
  ])("what is said does not depend on the environment %j", (env) => {
    expect(run(["speak"], env)).toEqual({ out: "", err: spoken, code: 0 });
  });

  test("--quiet leaves the warnings, --verbose adds details", () => {
    expect(run(["speak", "--quiet"]).err).toBe(spoken.replace("a word\n", ""));
    expect(run(["speak", "--verbose"]).err).toBe(`a detail\n${spoken}`);
  });

  test("--debug appends everything to debug.txt, with stacks, for the owner's eyes", () => {
    const cwd = mkdtempSync(join(folder, "debug-"));
    expect(run(["speak", "--debug"], {}, cwd).err).toBe(spoken);
    expect(run(["mistake", "--debug"], {}, cwd).code).toBe(1);
    const log = readFileSync(join(cwd, "debug.txt"), "utf8");
    expect(log).toContain("trace: a trace\n");
    expect(log).toContain("debug: a detail\n");
    expect(log).toContain("error: caused by: TypeError: x is undefined\n");
    expect(log).toMatch(/error: {5}at /);
    expect(statSync(join(cwd, "debug.txt")).mode & 0o777).toBe(0o600);
  });

  test("a debug.txt that is a link is not followed: one warning, and the work goes on", () => {
    const cwd = mkdtempSync(join(folder, "debug-"));
    writeFileSync(join(cwd, "precious"), "precious");
    symlinkSync("precious", join(cwd, "debug.txt"));
    const { err, code } = run(["speak", "--debug", "--quiet"], {}, cwd);
    expect(err.match(/cannot write 'debug.txt'/g)).toHaveLength(1);
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, "precious"), "utf8")).toBe("precious");
  });

  test(holds("evidence", "a reader that has enough ends nothing badly, a full disk does"), () => {
    expect(runShell('program flood | head -1; exit "${PIPESTATUS[0]}"').code).toBe(0);
    expect(runShell("program flood | tail -1").out).toStartWith("19999 ");
    const { err, code } = runShell("program flood >/dev/full");
    expect(err).toStartWith("tinybackup: cannot write to standard output: no space left on the device\n");
    expect(code).toBe(1);
    expect(runShell("program --version >/dev/full").code).toBe(1);
    expect(runShell("program echo --help >/dev/full").code).toBe(1);
    expect(runShell("program damaged 2>/dev/full").code).toBe(5);
    expect(runShell("program damaged 2>&-").code).toBe(5);
  });

  test("a restored file arrives whole, or that is a failure", () => {
    expect(runShell("program pour | wc -c").out.trim()).toBe(String(8 << 20));
    expect(runShell("program pour | (sleep 0.3; wc -c)").out.trim()).toBe(String(8 << 20));
    expect(runShell("program pour >/dev/null").code).toBe(0);
    const gone = runShell('program pour | head -c 1; exit "${PIPESTATUS[0]}"');
    expect(gone).toMatchObject({ code: 1, out: "x" });
    expect(gone.err).toBe("tinybackup: the reader went away\n");
    expect(runShell("program pour >/dev/full").code).toBe(1);
    expect(runShell("program pour >&-")).toMatchObject({
      code: 1,
      err: "tinybackup: cannot write to standard output: it is closed\n",
    });
  });

  async function interrupt(
    prefix: readonly string[],
    env: Record<string, string>,
    signals: readonly NodeJS.Signals[],
  ): Promise<{ readonly signal: unknown; readonly isCleaned: boolean; readonly err: string }> {
    const child = Bun.spawn([...prefix, ...command(), "wait"], {
      env: { PATH: "/usr/bin:/bin", ...env },
      stderr: "pipe",
      stdin: "ignore",
      stdout: "ignore",
    });
    const reader = child.stderr.getReader();
    const decoder = new TextDecoder();
    let err = "";
    while (!err.includes("\n")) err += decoder.decode((await reader.read()).value);
    const place = /waiting with (\S+)/.exec(err)?.[1] ?? "";
    for (const signal of signals) {
      child.kill(signal);
      await Bun.sleep(150);
    }
    await child.exited;
    for (let part = await reader.read(); !part.done; part = await reader.read())
      err += decoder.decode(part.value);
    const isCleaned = !existsSync(place);
    rmSync(place, { recursive: true, force: true });
    return { signal: child.signalCode, isCleaned, err };
  }

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s ends it, after cleaning up, by that signal",
    async (signal) => {
      const { err, ...ended } = await interrupt([], {}, [signal]);
      expect(ended).toEqual({ signal, isCleaned: true });
      expect(err).toEndWith(`tinybackup: ended by ${signal}\n`);
    },
  );

  test("a second signal does not wait for the cleaning up", async () => {
    const ended = await interrupt([], { CLEANING_MILLISECONDS: "20000" }, ["SIGINT", "SIGTERM"]);
    expect(ended).toMatchObject({ signal: "SIGTERM", isCleaned: false });
  });

  test("under nohup a hangup changes nothing", async () => {
    const ended = await interrupt(["nohup"], {}, ["SIGHUP", "SIGTERM"]);
    expect(ended).toMatchObject({ signal: "SIGTERM", isCleaned: true });
    expect(ended.err).toEndWith("tinybackup: ended by SIGTERM\n");
  });

  /** On a terminal: both streams in one, as a person sees them. */
  function runOnTerminal(line: string, terminal = "xterm"): string {
    const words = command()
      .map((word) => `'${word}'`)
      .join(" ");
    const { stdout } = Bun.spawnSync(["script", "-qec", `${words} ${line}`, "/dev/null"], {
      env: { ...process.env, TERM: terminal, NO_COLOR: "1" },
      stdin: "ignore",
    });
    return stdout.toString().replaceAll("\r\n", "\n");
  }

  test("a terminal shows how far the work is, and nothing of it stays; names are escaped there", () => {
    const seen = runOnTerminal("work");
    expect(seen).toMatch(/saving {3}[78]0%/);
    expect(seen).toEndWith("\r\u001b[Khalf a word\na\\x1bb\n");
  });

  test("a terminal that can take nothing back shows none of it", () => {
    expect(runOnTerminal("work", "dumb")).toBe("half a word\na\\x1bb\n");
  });

  test.each(["work --quiet", "work --json"])("no progress is shown by '%s'", (line) => {
    expect(runOnTerminal(line)).not.toContain("%");
  });

  test("in a pipe there is no progress, and a name is as it is", () => {
    expect(run(["work"])).toEqual({ out: "a\u001bb\n", err: "half a word\n", code: 0 });
  });

  test("an argument that is not UTF-8 is refused, a name that holds U+FFFD is not", () => {
    const { err, code } = runShell(String.raw`program echo -f $'caf\xe9.txt'`);
    expect(err).toStartWith("tinybackup: argument 'caf\u{FFFD}.txt' is not valid UTF-8\nhint: ");
    expect(code).toBe(2);
    const right = runShell(String.raw`program echo -f $'caf\xef\xbf\xbd.txt'`);
    expect(JSON.parse(right.out)).toMatchObject({ sourcefile: "caf\u{FFFD}.txt" });
  });
});
