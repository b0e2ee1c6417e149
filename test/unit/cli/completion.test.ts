import { expect, test } from "bun:test";
import * as shared from "../../../src/cli/arguments.ts";
import { type CommandDescription, readSyntax } from "../../../src/cli/command.ts";
import { findCompletion, renderReply, splitTyped } from "../../../src/cli/completion.ts";
import { backupArguments } from "../../../src/commands/backup-options.ts";

const command: CommandDescription = {
  name: "show",
  summary: "shows it",
  details: [],
  ...readSyntax({
    sourcefile: { ...shared.sourcefile, completes: "source" },
    destinationdirectory: shared.destinationdirectory,
    revision: shared.revision,
    compress: backupArguments.compress,
    noop: backupArguments.noop,
    label: { type: "string", valueHint: "LABEL", description: "any word" },
    filter: { type: "positional", required: true, completes: ["all", "same files"], description: "which" },
    archive: { type: "positional", required: false, variadic: true, completes: "file", description: "what" },
  }),
  examples: {},
  exitCodes: [],
};

function words(...typed: readonly string[]) {
  const { fitting, prefix, typed: paths } = findCompletion(typed, [command]);
  if (typeof fitting !== "string") return { prefix, offered: fitting.map(({ word }) => word) };
  const isLookedUp = fitting === "revision" || fitting === "source";
  const offered: unknown = { kind: fitting, ...(isLookedUp ? { given: paths } : {}) };
  return { prefix, offered };
}

const options = [
  "--sourcefile",
  "--destinationdirectory",
  "--revision",
  "--compress",
  "--noop",
  "--label",
  "--help",
];
const given = { sourcefile: "a b", destinationdirectory: "d" };

test.each([
  [[""], ["show", "help", "--help", "--version"]],
  [["help", ""], ["show"]],
  [["help", "show", ""], []],
  [["constructor", ""], []],
  [["show", "-"], options],
  [["show", "-f", "x", "--noop", "--label=y", "--"], options.filter((name) => !/file|noop|label/.test(name))],
  [
    ["show", ""],
    ["all", "same files"],
  ],
  [["show", "all", ""], { kind: "file" }],
  [["show", "all", "x", "y", ""], { kind: "file" }],
  [
    ["show", "--compress", ""],
    ["zstd", "gzip", "none"],
  ],
  [["show", "--label", "-"], []],
  [
    ["show", "--label", "-x", ""],
    ["all", "same files"],
  ],
  [["show", "-d", ""], { kind: "folder" }],
  [["show", "--destdir", ""], { kind: "folder" }],
  [["show", "-f", "a b", "--destdir=d", "--revision", ""], { kind: "revision", given }],
  [["show", "-d", "d", "-f", ""], { kind: "source", given: { destinationdirectory: "d" } }],
  [
    ["show", "--", "-"],
    ["all", "same files"],
  ],
  [
    ["show", "--bogus", ""],
    ["all", "same files"],
  ],
] as readonly (readonly [readonly string[], unknown])[])("after %j", (typed, offered) => {
  expect(words(...typed)).toEqual({ prefix: "", offered });
});

test("a value behind an equals sign is completed by itself", () => {
  expect(words("show", "--compress=z")).toEqual({ prefix: "--compress=", offered: ["zstd", "gzip", "none"] });
  expect(words("show", "--bogus=z").prefix).toBe("");
});

test.each([
  ["", [""]],
  ["  tinybackup", ["tinybackup"]],
  ["a  b ", ["a", "b", ""]],
  ["a\tb\n", ["a", "b", ""]],
  ["--compress=g", ["--compress=g"]],
  ["-f '' ", ["-f", "", ""]],
  [String.raw`'a b' c\ d "e`, ["a b", "c d", "e"]],
  ["'a b", ["a b"]],
  [`'a'"b"c`, ["abc"]],
  [String.raw`"a\"\$\x"`, [String.raw`a"$\x`]],
  [String.raw`a\'b`, ["a'b"]],
  ["$(reboot)`x`", ["$(reboot)`x`"]],
])("the line %j has the words %j", (line, typed) => {
  expect(splitTyped(line)).toEqual(typed);
});

const candidates = [
  { word: "all", meaning: "x" },
  { word: "alone here", meaning: "" },
  { word: "none", meaning: "" },
];

test("the answer has a word a line, and what it means", () => {
  expect(renderReply(candidates, "", "a")).toBe("names\nall\tx\nalone here\nnone\n");
  expect(renderReply(candidates, "--filter=", "--filter=a")).toContain("names\n--filter=all\tx\n");
  expect(renderReply("folder", "", "a")).toBe("folders\n");
});

test.each([
  ["", "n", "n", "words\nnone\n"],
  ["", "n", "none", "words\nnone\n"],
  ["--filter=", "--filter=al", "al", "names\nall\tx\nalone here\n"],
  ["--filter=", "--filter=", "=", "names\nall\tx\nalone here\nnone\n"],
  ["--filter=", "--filter=al", "--filter=al", "names\n--filter=all\tx\n--filter=alone here\n"],
])(
  "bash is given what is left to type, and is told when it must quote: %j",
  (prefix, last, replaced, reply) => {
    expect(renderReply(candidates, prefix, last, replaced)).toBe(reply);
  },
);

test("a name that would break the answer's lines is not offered", () => {
  expect(renderReply([{ word: "a\nb", meaning: "" }], "", "")).toBe("words\n");
});
