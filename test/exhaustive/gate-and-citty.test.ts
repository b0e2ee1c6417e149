// Whatever the strict check lets through is read as two others read it: node:util's strict parser the line as typed, and
// citty the line that says the same in canonical form.
import { expect, test } from "bun:test";
import { parseArgs as parseByCitty } from "citty";
import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { parseArgs } from "node:util";
import { type Arguments, readSyntax, type Values } from "../../src/cli/command.ts";
import { hasFlag, splitCommandLine } from "../../src/cli/command-line.ts";
import { checkCommandLine } from "../../src/cli/parse.ts";
import { UsageFailure } from "../../src/errors.ts";

const args = {
  keep: { type: "string", alias: ["k", "keepings"], valueHint: "N", default: "14", description: "d" },
  at: { type: "string", valueHint: "TIME", description: "d" },
  level: { type: "enum", options: ["low", "high"], default: "low", description: "d" },
  quiet: { type: "boolean", alias: ["q"], default: false, description: "d" },
  "dry-run": { type: "boolean", default: false, description: "d" },
  first: { type: "positional", required: false, description: "d" },
  second: { type: "positional", required: false, description: "d" },
} satisfies Arguments;

const syntax = { name: "run", ...readSyntax(args) };

const words = [
  ..."--keep --keep=5 --keep= --keepings --keepings=7 -k -k5 -k=5 -qk5 -q -qq -kq --at --at=-1 --at=--".split(
    " ",
  ),
  ..."--quiet --quiet=no --no-quiet --dry-run --dryRun --no-dry-run --no-at --no-q --level --level=high".split(
    " ",
  ),
  ..."--level=odd --no-keep --_=x --__proto__=x -- - -5 5 +1day low --h constructor".split(" "),
  "",
  "a b",
  "a\nb",
  "--at=a=b",
  "--at=--no-quiet",
];

/** What is plainly a number may stand behind its option, which the parser of node finds ambiguous. */
function joinNegatives(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  return argv.flatMap((word, place) => {
    const isOption = (each = "") => place < end && /^(?:--keep|--keepings|-q*k)$/.test(each);
    if (isOption(word) && /^-\d+$/.test(argv[place + 1] ?? ""))
      return `${word}${word.startsWith("--") ? "=" : ""}${argv[place + 1]}`;
    return isOption(argv[place - 1]) && /^-\d+$/.test(word) ? [] : word;
  });
}

function readStrictly(argv: readonly string[]): Record<string, unknown> {
  const { values, positionals } = parseArgs({
    args: joinNegatives(argv),
    options: {
      keep: { type: "string", short: "k" },
      keepings: { type: "string" },
      at: { type: "string" },
      level: { type: "string" },
      quiet: { type: "boolean", short: "q" },
      "dry-run": { type: "boolean" },
    },
    strict: true,
    allowPositionals: true,
  });
  return {
    keep: values.keep ?? values.keepings ?? "14",
    at: values.at,
    level: values.level ?? "low",
    quiet: values.quiet ?? false,
    "dry-run": values["dry-run"] ?? false,
    first: positionals[0],
    second: positionals[1],
  };
}

function pick(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(args).map((name) => [name, values[name]]));
}

function canonical(values: Values): string[] {
  const options = syntax.options.flatMap(({ name, definition }) => {
    if (definition.type === "boolean") return values[name] === true ? `--${name}` : [];
    return values[name] === undefined ? [] : `--${name}=${String(values[name])}`;
  });
  return [...options, "--", ...values._];
}

/** 1 if the line passed the gate, and then all readers agreed. */
function compare(argv: readonly string[]): number {
  const line = splitCommandLine(argv, syntax);
  if (hasFlag(line, "help")) return 0;
  let values: Values;
  try {
    values = checkCommandLine(line);
  } catch (error) {
    if (error instanceof UsageFailure) return 0;
    throw error;
  }
  const read = pick(values);
  const others = [readStrictly(argv), pick(parseByCitty(canonical(values), args))];
  if (!others.every((other) => Bun.deepEquals(read, other))) {
    expect({ argv, others }).toEqual({ argv, others: [read, read] });
  }
  return 1;
}

test.each(["--no-quiet", "--no-dry-run", "--no-q", "--no-at"])(
  "%s is refused, which citty by itself would take out of the line",
  (word) => {
    expect(parseByCitty([word, "--", "first"], args)).toMatchObject({ _: ["first"], first: "first" });
    expect(() => checkCommandLine(splitCommandLine([word], syntax))).toThrow(UsageFailure);
  },
);

test("every line of up to three nasty words that passes is read alike by both", () => {
  let passed = 0;
  for (const one of words) {
    passed += compare([one]);
    for (const two of words) {
      passed += compare([one, two]);
      for (const three of words) passed += compare([one, two, three]);
    }
  }
  expect(passed).toBeGreaterThan(4000);
});

test("so is every longer line, of any words", () => {
  const word = oneof({ weight: 3, arbitrary: constantFrom(...words) }, string(), string({ unit: "binary" }));
  assert(
    property(array(word, { maxLength: 8 }), (argv) => {
      compare(argv);
    }),
    { numRuns: 5000 },
  );
});
