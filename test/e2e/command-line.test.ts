// The binary's command line as a person or a machine meets it: nothing mistyped is ignored, by any command; what --json
// prints has exactly the documented fields; --debug and --noop do what they say, and no more.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandDescription, describeCommands, type Option } from "../../src/cli/command.ts";
import { commands } from "../../src/main.ts";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { needRoot, tool } from "../support/tools.ts";

const table = (await describeCommands(commands)).map((command) => [command.name, command] as const);

let stage: Stage;
let tree: string;

beforeAll(() => {
  needRoot("setpriv");
  stage = new Stage();
  for (let count = 0; count < 3; count++) stage.save();
  tree = describeTree();
});

afterAll(() => stage[Symbol.dispose]());

function describeTree(): string {
  return tool("ls", "-lAR", "--full-time", stage.root).toString();
}

function takesValue({ definition }: Option): boolean {
  return definition.type !== "boolean";
}

/** What a right command line gives for an option. */
function valueOf({ name, definition }: Option): string {
  if (definition.type === "enum") return definition.options[0] ?? "";
  const values: Record<string, string> = {
    sourcefile: stage.source,
    destinationdirectory: stage.destination,
    keeprevisions: "1",
    revision: "1",
    to: join(stage.root, "back"),
  };
  return values[name] ?? "1";
}

/** A command line on which the command would work, and in the case of prune remove something. */
function rightArgs(name: string, { options }: CommandDescription): string[] {
  const wanted = options.filter(
    (option) =>
      ["sourcefile", "destinationdirectory", "to"].includes(option.name) ||
      ("required" in option.definition && option.definition.required),
  );
  return [name, ...wanted.map((option) => `--${option.name}=${valueOf(option)}`)];
}

/** Exit code 2, one line that names it and a hint, and nothing done. */
function expectRefused(args: readonly string[], named: string): void {
  const { code, out, err } = stage.type(args);
  expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
  expect(err).toMatch(/^tinybackup: [^\n]+\nhint: [^\n]+\n$/);
  expect(err.split("\n")[0]).toContain(named);
  const asJson = stage.type([...args, "--json"]);
  expect(asJson.code).toBe(2);
}

describe.each(table)("%s", (name, command) => {
  const { options, positionals } = command;

  test(holds("strict", "refuses what it does not know"), () => {
    const right = rightArgs(name, command);
    for (const wrong of [
      "--bogus",
      "--bogus=1",
      "-z",
      "--QUIET",
      "--no-quiet",
      "--dry_run",
      "--constructor",
      "--__proto__",
    ]) {
      expectRefused([...right, wrong], wrong.replace(/=.*/, ""));
      expectRefused([name, wrong], wrong.replace(/=.*/, ""));
    }
  });

  test("refuses every option of its own with a letter too few, and says the right spelling", async () => {
    const right = rightArgs(name, command);
    const long = options.filter((option) => option.name.length > 3 && option.name !== "help");
    await Promise.all(
      long.map(async (option) => {
        const [spelling = ""] = option.spellings;
        const mistyped = `${spelling.slice(0, -2)}${spelling.at(-1)}`;
        const { code, err } = await stage.start([...right, takesValue(option) ? `${mistyped}=1` : mistyped]);
        expect({ mistyped, code }).toEqual({ mistyped, code: 2 });
        expect(err).toContain(`unknown option '${mistyped}'`);
        const [, hint = ""] = /\nhint: (?:.*: )?tinybackup (.*)\n$/.exec(err) ?? [];
        expect(hint.split(" ").some((word) => option.spellings.includes(word))).toBe(true);
      }),
    );
  });

  test(holds("strict", "refuses a value that is missing, empty or blank"), () => {
    for (const option of options.filter(takesValue)) {
      const others = rightArgs(name, command).filter((each) => !each.startsWith(`--${option.name}=`));
      for (const spelling of option.spellings) {
        expectRefused([...others, spelling], spelling);
        expectRefused([...others, spelling, ""], spelling);
        expectRefused([...others, spelling, "--quiet"], spelling);
      }
      expectRefused([...others, `--${option.name}=`], `--${option.name}`);
      expectRefused([...others, `--${option.name}= `], `--${option.name}`);
    }
  });

  test("refuses a value where none belongs", () => {
    for (const option of options.filter((each) => !takesValue(each) && each.name !== "help")) {
      expectRefused([...rightArgs(name, command), `--${option.name}=yes`], `--${option.name}`);
    }
  });

  test(holds("strict", "refuses an option given twice, by whatever names"), () => {
    const right = rightArgs(name, command);
    for (const option of options.filter((each) => each.name !== "help")) {
      const others = right.filter((each) => !each.startsWith(`--${option.name}=`));
      for (const spelling of option.spellings) {
        const canonical =
          option.definition.type === "boolean" && option.definition.default
            ? `--no-${option.name}`
            : `--${option.name}`;
        const again = canonical.startsWith("--no-") ? canonical : spelling;
        const words = takesValue(option)
          ? [again, valueOf(option), `${canonical}=${valueOf(option)}`]
          : [again, canonical];
        const { code, err } = stage.type([...others, ...words]);
        expect({ words, code }).toEqual({ words, code: 2 });
        expect(err).toContain("is given twice");
      }
    }
  });

  test("refuses to do without what it needs", () => {
    const required = options.filter(({ definition }) => "required" in definition && definition.required);
    for (const option of required) {
      const others = rightArgs(name, command).filter((each) => !each.startsWith(`--${option.name}=`));
      expectRefused(others, `--${option.name}`);
    }
    if (required.length > 0) expectRefused([name], "missing");
  });

  test(holds("strict", "refuses an argument too many"), () => {
    if (positionals.some(({ definition }) => definition.variadic)) return;
    for (const extra of ["extra", "-", "2"]) expectRefused([...rightArgs(name, command), extra], extra);
    expectRefused([...rightArgs(name, command), "--", "--json"], "--json");
  });

  test("shows its help, and does nothing", () => {
    for (const args of [
      [name, "--help"],
      ["help", name],
      [...rightArgs(name, command), "-h"],
    ]) {
      const { code, out, err } = stage.type(args);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toStartWith(`usage: tinybackup ${name}`);
      for (const option of options) expect(out).toContain(option.name);
    }
  });
});

test.each([
  [["prune", "-k", "0"], "'--keeprevisions' must be at least 1, not 0"],
  [["prune", "-k", "-1.5"], "-k"],
  [["prune", "--keeprevisions=-2"], "'--keeprevisions' must be at least 1, not -2"],
  [["prune", "-k", "1e3"], "'--keeprevisions' needs a whole number, not '1e3'"],
  [["prune", "-k", "three"], "'--keeprevisions' needs a whole number, not 'three'"],
  [["run", "-k", "99999999999999999999"], "'--keeprevisions' needs a whole number"],
  [["run", "--compress", "lz4"], "option '--compress' can't be 'lz4'"],
  [["restore", "--revision", "0", "--to", "x"], "'0' names no revision"],
  [["verify", "--revision", "1", "--all"], "options '--revision' and '--all' exclude each other"],
  [["verify", "archive.tar.zst"], "the archive 'archive.tar.zst' is named"],
])("%j is refused", (args, sentence) => {
  expectRefused([...args, ...stage.paths], sentence);
});

test(holds("strict", "after all that was refused, everything is as it was"), () => {
  expect(describeTree()).toBe(tree);
});

function read(own: Stage, ...args: readonly string[]): Record<string, unknown> {
  const { out, err } = own.type([...args, ...own.paths, "--json"]);
  expect(err).toBe("");
  expect(out.split("\n")).toHaveLength(2);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test is about what it holds
  return JSON.parse(out) as Record<string, unknown>;
}

describe("--json", () => {
  test("says what was done, and what there is", () => {
    using own = new Stage();
    for (const noop of [["--noop"], []]) {
      const run = read(own, "run", ...noop);
      if (noop.length === 0) expect(run).toMatchObject({ revision: { number: 1 }, skipped: null });
      else expect(run).toMatchObject({ revision: null, skipped: "noop" });
    }
    own.save();
    const list = read(own, "list");
    expect(list).toMatchObject({ source: own.source, destination: own.destination });
    expect(list["revisions"]).toMatchObject([
      {
        number: 2,
        takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        sizeBytes: 3200,
        state: "ok",
        format: "zstd",
      },
      { number: 1 },
    ]);
    const [newest = "", oldest = ""] = own.revisions().toReversed();
    expect(read(own, "prune", "-k", "1", "--dry-run")).toEqual({
      schemaVersion: 1,
      keep: [{ file: newest, reasons: ["newest 1 of 1"] }],
      remove: [{ file: oldest }],
      dryRun: true,
    });
    const sizes = own.revisions().map((name) => statSync(join(own.destination, name)).size);
    expect(read(own, "verify")).toEqual({
      schemaVersion: 1,
      checked: 2,
      damaged: [],
      unreadable: [],
      changed: [],
      provenBytes: sizes.reduce((sum, size) => sum + size),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    own.shell(`: >"$SAVED/${oldest}"`);
    const verified = read(own, "verify");
    expect(verified).toEqual({
      schemaVersion: 1,
      checked: 2,
      damaged: [{ file: join(own.destination, oldest), reason: expect.any(String) }],
      unreadable: [],
      changed: [],
      provenBytes: sizes.at(-1),
      at: expect.any(String),
    });
    expect(read(own, "list")).toMatchObject({
      revisions: [{ state: "ok" }, { state: "damaged", source: null, sizeBytes: null }],
    });
    own.write("notes.txt", "");
    expect(read(own, "run")).toMatchObject({
      revision: null,
      skipped: "empty",
      warnings: [expect.any(String)],
    });
  });

  test.each([
    [["run", "-f", "/nowhere/x", "-d", "."], 75],
    [["list", "-d", "."], 1],
    [["run", "-f", "/", "-d", "."], 1],
    [["run"], 2],
    [["verify", "damaged.tar"], 5],
  ])("of a failure, %j, is one object on standard error, with the exit code %p", (args, code) => {
    using own = new Stage();
    own.write("damaged.tar", "damaged");
    const ended = own.type([...args, "--json"]);
    expect(ended.code).toBe(code);
    if (code === 5) {
      expect(JSON.parse(ended.out)).toMatchObject({ checked: 1, damaged: [{}] });
    } else {
      expect(ended.out).toBe("");
      expect(JSON.parse(ended.err)).toEqual({
        schemaVersion: 1,
        error: { code, message: expect.any(String), hint: expect.any(String) },
      });
    }
  });
});

test("--noop writes nothing, says what it would do, and fails where a run would", () => {
  using own = new Stage();
  own.save();
  own.save();
  const before = tool("ls", "-lAR", "--full-time", own.root).toString();
  const ended = own.save("--noop", "-k", "2");
  expect(ended).toMatchObject({ code: 0, err: "" });
  expect(ended.out).toBe(
    `would save '${own.source}' (3.1 KiB) into '${own.destination}' as revision 3\nwould then remove '${own.revisions()[0]}'\n`,
  );
  expect(tool("ls", "-lAR", "--full-time", own.root).toString()).toBe(before);
  expect(own.type(["run", "--noop", "-f", "nothing", "-d", own.destination]).code).toBe(75);
});

describe("--debug", () => {
  test("appends a log to debug.txt where the command was typed", () => {
    using own = new Stage();
    const cwd = join(own.root, "here");
    mkdirSync(cwd);
    writeFileSync(join(cwd, "debug.txt"), "earlier\n");
    const args = ["run", ...own.paths, "--debug"];
    expect(own.type(args, { cwd })).toMatchObject({ code: 0, err: "" });
    expect(own.type(["restore", ...own.paths, "--debug"], { cwd })).toMatchObject({
      code: 1,
    });
    const log = readFileSync(join(cwd, "debug.txt"), "utf8");
    expect(log).toStartWith("earlier\n");
    expect(log).toContain(`published '${join(own.destination, own.revisions()[0] ?? "")}'`);
    expect(log).toContain("exists already, and was not touched");
    expect(log).toMatch(/ {4}at /);
    expect(readdirSync(cwd)).toEqual(["debug.txt"]);
  });

  test.each(["may not be written", "is full"])(
    "in a folder that %s is one warning, and the backup goes on",
    (why) => {
      using own = new Stage();
      const cwd = join(own.root, "here");
      mkdirSync(cwd);
      if (why === "is full") tool("ln", "-s", "/dev/full", join(cwd, "debug.txt"));
      chmodSync(cwd, 0o555);
      chmodSync(own.destination, 0o777);
      chmodSync(own.source, 0o644);
      const ended = own.typeAsNobody(["run", ...own.paths, "--debug"], { cwd });
      expect(ended.code).toBe(0);
      expect(ended.err).toMatch(/^tinybackup: warning: cannot write 'debug.txt': [^\n]*\n$/);
      expect(own.revisions()).toHaveLength(1);
      rmSync(join(cwd, "debug.txt"), { force: true });
    },
  );
});

test("--quiet and --verbose change what is said, not what is done", () => {
  using own = new Stage();
  expect(own.save("--quiet")).toMatchObject({ code: 0, out: "", err: "" });
  const verbose = own.save("--verbose", "-k", "1");
  expect(verbose.code).toBe(0);
  expect(verbose.err).toMatch(
    /^removed 1 old revision\nproven: [\d.]+ KiB read back from the disk at [-\d]+ [:\d]+\nremoved the old revision 'notes\.txt-000001-[^\n]*'\n$/,
  );
  expect(own.revisions()).toHaveLength(1);
});
