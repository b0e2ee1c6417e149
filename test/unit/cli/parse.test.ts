import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";
import { parseArgs } from "node:util";
import { sourcefile } from "../../../src/cli/arguments.ts";
import { type Arguments, flag, readSyntax, valued } from "../../../src/cli/command.ts";
import { hasFlag, splitCommandLine } from "../../../src/cli/command-line.ts";
import { corrections } from "../../../src/cli/corrections.ts";
import { checkCommandLine, MistypedFailure } from "../../../src/cli/parse.ts";
import { refuseSpoiled } from "../../../src/cli/spoiled.ts";
import { suggest } from "../../../src/cli/suggestion.ts";
import { everyKind } from "../../support/arguments.ts";

const needed = ["-f", "/a", "-d", "/b"];

function split(argv: readonly string[], args: Arguments = everyKind) {
  return splitCommandLine(argv, { name: "run", ...readSyntax(args) });
}

/** What is wrong, and the whole command that is suggested instead. */
function refuse(argv: readonly string[], args: Arguments = everyKind): string {
  const line = split(argv, args);
  try {
    refuseSpoiled(line);
    checkCommandLine(line);
  } catch (error) {
    if (!(error instanceof MistypedFailure)) throw error;
    expect(error.message).not.toContain("\n");
    const hint = error.hint === undefined ? "" : `${error.hint}: `;
    return `${error.message} | ${hint}${suggest(error.retype(corrections), line.command)}`;
  }
  throw new Error(`accepted: ${argv.join(" ")}`);
}

function accept(argv: readonly string[], args: Arguments = everyKind): readonly string[] {
  const line = split(argv, args);
  if (hasFlag(line, "help")) return ["help"];
  const { _: words, ...values } = checkCommandLine(line);
  const options = line.command.options.flatMap(({ name, definition }) => {
    if (values[name] === definition.default) return [];
    return values[name] === true ? `--${name}` : `--${name}=${values[name]}`;
  });
  expect(line.command.positionals.map(({ name }) => values[name])).toEqual(
    line.command.positionals.map((_, place) => words[place]),
  );
  return [...options, "--", ...words];
}

describe("a right command line is read as it is meant", () => {
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
      ["--sourcefile=a=b", "--destinationdirectory=-odd"],
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
      [...needed, "-t", "-"],
      ["--sourcefile=/a", "--destinationdirectory=/b", "--time=-"],
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
    [["--dest", "/b"], "unknown option '--dest' | tinybackup run -f FILE -d /b"],
    [["--keep", "5"], "unknown option '--keep' | tinybackup run -f FILE -d DIR -k 5"],
    [["--keeep=5"], "unknown option '--keeep' | tinybackup run -f FILE -d DIR -k 5"],
    [["--file", "/a"], "unknown option '--file' | tinybackup run -f /a -d DIR"],
    [["--sourcefiles", "/a"], "unknown option '--sourcefiles' | tinybackup run -f /a -d DIR"],
    [["--dryRun"], "unknown option '--dryRun' | tinybackup run -f FILE -d DIR --dry-run"],
    [["--dry_run"], "unknown option '--dry_run' | tinybackup run -f FILE -d DIR --dry-run"],
    [["--DRY-RUN"], "unknown option '--DRY-RUN' | tinybackup run -f FILE -d DIR --dry-run"],
    [
      ["--no-quiet"],
      "unknown option '--no-quiet': no option is negated, only left out | tinybackup run -f FILE -d DIR",
    ],
    [
      ["--no-sourcefile"],
      "unknown option '--no-sourcefile': no option is negated, only left out | tinybackup run -f FILE -d DIR",
    ],
    [
      ["--no-help"],
      "unknown option '--no-help': no option is negated, only left out | tinybackup run -f FILE -d DIR",
    ],
    [["-F", "/a"], "unknown option '-F' | tinybackup run -f /a -d DIR"],
    [["-z"], "unknown option '-z' | tinybackup run --help"],
    [["-é"], "unknown option '-é' | tinybackup run --help"],
    [["-fz", "-zf"], "unknown option '-z' | tinybackup run --help"],
    [["--zzzzzzzz"], "unknown option '--zzzzzzzz' | tinybackup run --help"],
    [["---"], "unknown option '---' | tinybackup run --help"],
    [["--=x"], "unknown option '--=x' | tinybackup run --help"],
    [["--__proto__=x"], "unknown option '--__proto__' | tinybackup run --help"],
    [["--constructor"], "unknown option '--constructor' | tinybackup run --help"],
    [["-destdir", "/b"], "unknown option '-destdir': it has two dashes | tinybackup run -f FILE -d /b"],
    [["-destdir=/b"], "unknown option '-destdir': it has two dashes | tinybackup run -f FILE -d /b"],
    [["-f"], "option '-f' needs a value | tinybackup run -f FILE -d DIR"],
    [["--sourcefile"], "option '--sourcefile' needs a value | tinybackup run -f FILE -d DIR"],
    [
      ["--time="],
      "option '--time' has an empty value | if it comes from a variable, that is empty: tinybackup run -f FILE -d DIR -t 2:00am",
    ],
    [
      ["-t", " \t"],
      "option '-t' has an empty value | if it comes from a variable, that is empty: tinybackup run -f FILE -d DIR -t 2:00am",
    ],
    [["-k=5"], "option '-k' is followed by '=' | tinybackup run -f FILE -d DIR -k 5"],
    [["-k=-1"], "option '-k' is followed by '=' | tinybackup run -f FILE -d DIR --keeprevisions=-1"],
    [
      ["-k", "-1"],
      "missing --sourcefile FILE and --destinationdirectory DIR | tinybackup run -f FILE -d DIR --keeprevisions=-1",
    ],
    [
      ["-t", "-1 day"],
      "option '-t' needs a value, but '-1 day' follows | tinybackup run -f FILE -d DIR --time='-1 day'",
    ],
    [
      ["--time", "--quiet"],
      "option '--time' needs a value, but '--quiet' follows | tinybackup run -f FILE -d DIR -t 2:00am --quiet",
    ],
    [["-f", "--", "x"], "option '-f' needs a value, but '--' follows | tinybackup run --help"],
    [["-f", "--help"], "option '-f' needs a value, but '--help' follows | tinybackup run --help"],
    [["--quiet", "--quiet"], "option '--quiet' is given twice | tinybackup run -f FILE -d DIR --quiet"],
    [["-f", "/a", "-f", "/a"], "option '-f' is given twice | tinybackup run -f /a -d DIR"],
    [["-d", "/b", "--destdir", "/c"], "option '--destdir' is given twice | tinybackup run -f FILE -d /b"],
    [["--quiet=no"], "option '--quiet' takes no value | tinybackup run -f FILE -d DIR --quiet"],
    [["--quiet="], "option '--quiet' takes no value | tinybackup run -f FILE -d DIR --quiet"],
    [
      ["--no-quiet=yes"],
      "unknown option '--no-quiet': no option is negated, only left out | tinybackup run -f FILE -d DIR",
    ],
    [["--help=yes"], "option '--help' takes no value | tinybackup run --help"],
    [["-h=no"], "help"],
    [
      ["--compress", "gizp"],
      "option '--compress' can't be 'gizp', only zstd, gzip, none | tinybackup run -f FILE -d DIR --compress gzip",
    ],
    [
      ["--compress=brotli"],
      "option '--compress' can't be 'brotli', only zstd, gzip, none | tinybackup run -f FILE -d DIR --compress zstd",
    ],
    [
      ["--compress="],
      "option '--compress' has an empty value | if it comes from a variable, that is empty: tinybackup run -f FILE -d DIR --compress zstd",
    ],
    [["-t", "2:00", "am"], "unexpected argument 'am' | tinybackup run -f FILE -d DIR -t '2:00 am'"],
    [
      ["--time=2:00", "am", "tomorrow", "-q"],
      "unexpected argument 'am' | tinybackup run -f FILE -d DIR -t '2:00 am tomorrow' --quiet",
    ],
    [
      ["-f", "it's", "mine"],
      String.raw`unexpected argument 'mine' | tinybackup run -f 'it'\''s mine' -d DIR`,
    ],
    [["--quiet", "extra"], "unexpected argument 'extra' | tinybackup run -f extra -d DIR --quiet"],
    [["--", "--quiet"], "unexpected argument '--quiet' | tinybackup run --help"],
    [["--", "--help"], "unexpected argument '--help' | tinybackup run --help"],
    [[""], "unexpected argument '' | tinybackup run -f FILE -d DIR"],
    [[], "missing --sourcefile FILE and --destinationdirectory DIR | tinybackup run -f FILE -d DIR"],
    [["-d", "/b"], "missing --sourcefile FILE | tinybackup run -f FILE -d /b"],
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
    filter: {
      type: "positional",
      required: true,
      fits: /^(a|all backup jobs|all)$/,
      description: "which jobs",
    },
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
    expect(refuse(["all", "backup", "jobs"], diff)).toBe("unexpected argument 'jobs' | tinybackup run all");
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

test("any words are cut as parseArgs of node:util cuts them", () => {
  const options = {
    sourcefile: { type: "string", short: "f" },
    destdir: { type: "string", short: "d" },
    quiet: { type: "boolean", short: "q" },
  } as const;
  const args: Arguments = { sourcefile, destdir: valued("DIR", "d", { alias: ["d"] }), quiet: flag("q") };
  const pieces = [
    "-",
    "--",
    "=",
    "f",
    "q",
    "d",
    "sourcefile",
    "destdir",
    "quiet",
    "no-",
    "é",

    " ",
  ];
  // An option whose name begins with "=" is none, however it is cut.
  const word = array(constantFrom(...pieces), { maxLength: 5 })
    .map((parts) => parts.join(""))
    .filter((each) => !each.startsWith("--="));
  const judge = (argv: string[]) =>
    parseArgs({ args: argv, options, strict: false, tokens: true, allowPositionals: true }).tokens;
  assert(
    property(array(word, { maxLength: 6 }), (argv) => {
      const ours = split(argv, args).tokens.map((token) => ({ ...token, name: "" }));
      const theirs = judge(argv).map((token) => {
        if (token.kind === "option") return { ...token, name: "", inlineValue: token.inlineValue === true };
        return token.kind === "positional"
          ? { kind: token.kind, index: token.index, value: token.value, name: "" }
          : { kind: token.kind, name: "" };
      });
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 2000 },
  );
});
