import { describe, expect, test } from "bun:test";
import { type Arguments, readSyntax } from "../../../src/cli/command.ts";
import { hasFlag, splitCommandLine } from "../../../src/cli/command-line.ts";
import { checkCommandLine } from "../../../src/cli/parse.ts";
import { UsageFailure } from "../../../src/errors.ts";
import { everyKind } from "../../support/arguments.ts";

const needed = ["-f", "/a", "-d", "/b"];

function split(argv: readonly string[], args: Arguments = everyKind) {
  return splitCommandLine(argv, { name: "run", ...readSyntax(args) });
}

function refuse(argv: readonly string[], args: Arguments = everyKind): string {
  try {
    checkCommandLine(split(argv, args));
  } catch (error) {
    if (!(error instanceof UsageFailure)) throw error;
    expect(error.message).not.toContain("\n");
    return `${error.message} | ${error.hint}`;
  }
  throw new Error(`accepted: ${argv.join(" ")}`);
}

function accept(argv: readonly string[], args: Arguments = everyKind): readonly string[] {
  const line = split(argv, args);
  return hasFlag(line, "help") ? ["help"] : checkCommandLine(line);
}

describe("a right command line is handed on in canonical form", () => {
  test.each([
    [
      ["-f", "/a", "-d", "/b"],
      ["--sourcefile=/a", "--destinationdirectory=/b"],
    ],
    [
      ["-f/a", "--destdir", "/b"],
      ["--sourcefile=/a", "--destinationdirectory=/b"],
    ],
    [
      ["--sourcefile=/a", "--destinationdirectory=/b"],
      ["--sourcefile=/a", "--destinationdirectory=/b"],
    ],
    [
      ["--destdir=-odd", "-f", "a=b"],
      ["--destinationdirectory=-odd", "--sourcefile=a=b"],
    ],
    [
      [...needed, "-t", "+1day"],
      ["--sourcefile=/a", "--destinationdirectory=/b", "--time=+1day"],
    ],
    [
      [...needed, "--dry-run"],
      ["--sourcefile=/a", "--destinationdirectory=/b", "--dry-run"],
    ],
    [
      [...needed, "--keeprevisions=-1"],
      ["--sourcefile=/a", "--destinationdirectory=/b", "--keeprevisions=-1"],
    ],
    [
      [...needed, "--compress", "gzip"],
      ["--sourcefile=/a", "--destinationdirectory=/b", "--compress=gzip"],
    ],
    [
      ["-f", "-", "-d", "/b"],
      ["--sourcefile=-", "--destinationdirectory=/b"],
    ],
    [
      ["-f", "/a", "-d", "/b", "--"],
      ["--sourcefile=/a", "--destinationdirectory=/b"],
    ],
  ])("%j", (argv, options) => {
    expect(accept(argv)).toEqual([...options, "--"]);
  });
});

describe("nothing mistyped is ignored", () => {
  test.each([
    [["--dest", "/b"], "unknown option '--dest' | did you mean --destdir?"],
    [["--keep", "5"], "unknown option '--keep' | did you mean --keeprevisions?"],
    [["--keeep=5"], "unknown option '--keeep' | did you mean --keeprevisions?"],
    [["--file", "/a"], "unknown option '--file' | did you mean --sourcefile?"],
    [["--sourcefiles", "/a"], "unknown option '--sourcefiles' | did you mean --sourcefile?"],
    [["--dryRun"], "unknown option '--dryRun' | did you mean --dry-run?"],
    [["--dry_run"], "unknown option '--dry_run' | did you mean --dry-run?"],
    [["--DRY-RUN"], "unknown option '--DRY-RUN' | did you mean --dry-run?"],
    [["--no-quiet"], "unknown option '--no-quiet' | '--quiet' can't be negated; leave it out instead"],
    [
      ["--no-sourcefile"],
      "unknown option '--no-sourcefile' | '--sourcefile' can't be negated; leave it out instead",
    ],
    [["--no-help"], "unknown option '--no-help' | '--help' can't be negated; leave it out instead"],
    [["-F", "/a"], "unknown option '-F' | did you mean -f?"],
    [["-z"], "unknown option '-z' | 'tinybackup run --help' lists the options"],
    [["-é"], "unknown option '-é' | 'tinybackup run --help' lists the options"],
    [["-fz", "-zf"], "unknown option '-z' | 'tinybackup run --help' lists the options"],
    [["--zzzzzzzz"], "unknown option '--zzzzzzzz' | 'tinybackup run --help' lists the options"],
    [["---"], "unknown option '---' | 'tinybackup run --help' lists the options"],
    [["--=x"], "unknown option '--=x' | 'tinybackup run --help' lists the options"],
    [["--__proto__=x"], "unknown option '--__proto__' | 'tinybackup run --help' lists the options"],
    [["--constructor"], "unknown option '--constructor' | 'tinybackup run --help' lists the options"],
    [["-destdir", "/b"], "unknown option '-destdir' | write --destdir, with two dashes"],
    [["-destdir=/b"], "unknown option '-destdir' | write --destdir, with two dashes"],
    [["-f"], "option '-f' needs a value | write -f VALUE"],
    [["--sourcefile"], "option '--sourcefile' needs a value | write --sourcefile=VALUE"],
    [
      ["--time="],
      "option '--time' has an empty value | write --time=VALUE; if the value comes from a variable, the variable is empty",
    ],
    [
      ["-t", " \t"],
      "option '-t' has an empty value | write -t VALUE; if the value comes from a variable, the variable is empty",
    ],
    [["-k=5"], "option '-k' is followed by '=' | write -k 5"],
    [["-k=-1"], "option '-k' is followed by '=' | write --keeprevisions=-1"],
    [
      ["-k", "-1"],
      "option '-k' needs a value, but '-1' follows | if '-1' is the value, write --keeprevisions=-1",
    ],
    [
      ["-t", "-1 day"],
      "option '-t' needs a value, but '-1 day' follows | if '-1 day' is the value, write --time='-1 day'",
    ],
    [
      ["--time", "--quiet"],
      "option '--time' needs a value, but '--quiet' follows | if '--quiet' is the value, write --time=--quiet",
    ],
    [
      ["-f", "--", "x"],
      "option '-f' needs a value, but '--' follows | if '--' is the value, write --sourcefile=--",
    ],
    [
      ["-f", "--help"],
      "option '-f' needs a value, but '--help' follows | if '--help' is the value, write --sourcefile=--help",
    ],
    [["--quiet", "--quiet"], "option '--quiet' is given twice | give it once"],
    [["-f", "/a", "-f", "/a"], "option '-f' is given twice | give it once"],
    [["-d", "/b", "--destdir", "/c"], "option '--destdir' is given twice, first as '-d' | give it once"],
    [["--quiet=no"], "option '--quiet' takes no value | write --quiet alone, or leave it out"],
    [["--quiet="], "option '--quiet' takes no value | write --quiet alone, or leave it out"],
    [["--no-quiet=yes"], "unknown option '--no-quiet' | '--quiet' can't be negated; leave it out instead"],
    [["--help=yes"], "option '--help' takes no value | write --help alone, or leave it out"],
    [["-h=no"], "help"],
    [
      ["--compress", "gizp"],
      "option '--compress' can't be 'gizp' | did you mean gzip? it is one of: zstd, gzip, none",
    ],
    [["--compress=brotli"], "option '--compress' can't be 'brotli' | it is one of: zstd, gzip, none"],
    [
      ["--compress="],
      "option '--compress' has an empty value | write --compress=VALUE; if the value comes from a variable, the variable is empty",
    ],
    [["-t", "2:00", "am"], "unexpected argument 'am' | if it belongs to the value, quote it: -t '2:00 am'"],
    [
      ["--time=2:00", "am", "tomorrow", "-q"],
      "unexpected argument 'am' | if it belongs to the value, quote it: --time='2:00 am tomorrow'",
    ],
    [
      ["-f", "it's", "mine"],
      String.raw`unexpected argument 'mine' | if it belongs to the value, quote it: -f 'it'\''s mine'`,
    ],
    [["--quiet", "extra"], "unexpected argument 'extra' | 'tinybackup run --help' shows what it takes"],
    [["--", "--quiet"], "unexpected argument '--quiet' | 'tinybackup run --help' shows what it takes"],
    [["--", "--help"], "unexpected argument '--help' | 'tinybackup run --help' shows what it takes"],
    [[""], "unexpected argument '' | 'tinybackup run --help' shows what it takes"],
    [
      [],
      "missing --sourcefile FILE and --destinationdirectory DIR | 'tinybackup run --help' shows an example",
    ],
    [["-d", "/b"], "missing --sourcefile FILE | 'tinybackup run --help' shows an example"],
  ])("%j", (argv, sentence) => {
    if (sentence === "help") expect(accept(argv)).toEqual(["help"]);
    else expect(refuse(argv)).toBe(sentence);
  });

  test("the boolean in a short group is named when it is given a value", () => {
    const args = { quiet: { ...everyKind.quiet, alias: ["q"] } };
    expect(refuse(["-q=no"], args)).toStartWith("option '-q' takes no value");
  });
});

describe("arguments that go by their place", () => {
  const diff = {
    filter: { type: "positional", required: true, description: "which jobs" },
    second: { type: "positional", required: false, description: "another" },
  } satisfies Arguments;
  const archives = {
    archive: { type: "positional", required: false, variadic: true, description: "archives" },
  } satisfies Arguments;

  test("as many as declared are taken, and after -- they may begin with a dash", () => {
    expect(accept(["a"], diff)).toEqual(["--", "a"]);
    expect(accept(["a", "--", "-b"], diff)).toEqual(["--", "a", "-b"]);
    expect(accept(["a", "b", "--", "--help"], archives)).toEqual(["--", "a", "b", "--help"]);
    expect(accept([], archives)).toEqual(["--"]);
  });

  test("a missing, an empty and a surplus one are named", () => {
    expect(refuse([], diff)).toStartWith("missing FILTER (");
    expect(refuse([" "], diff)).toStartWith("argument FILTER is empty |");
    expect(refuse(["a", ""], archives)).toStartWith("argument ARCHIVE is empty |");
    expect(refuse(["all", "backup", "jobs"], diff)).toBe(
      "unexpected argument 'jobs' | if the words belong together, quote them: 'all backup jobs'",
    );
  });
});

test("help is asked for by an option that stands as one, right or wrong as the rest may be", () => {
  expect(accept(["--help"])).toEqual(["help"]);
  expect(accept(["-h"])).toEqual(["help"]);
  expect(accept(["--bogus", "-f", "/a", "--help"])).toEqual(["help"]);
});

test("the wish for JSON is seen even where the line is wrong, but not in a value", () => {
  expect(hasFlag(split(["--json", "--bogus"]), "json")).toBe(true);
  expect(hasFlag(split(["-f", "--json"]), "json")).toBe(false);
  expect(hasFlag(split(["--", "--json"]), "json")).toBe(false);
});
