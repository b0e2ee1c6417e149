import { expect, test } from "bun:test";
import * as shared from "../../../src/cli/arguments.ts";
import { type CommandDescription, readSyntax } from "../../../src/cli/command.ts";
import { findCompletion, readTyped, renderReply, unquote } from "../../../src/cli/completion.ts";
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
    verify: backupArguments.verify,
    label: { type: "string", valueHint: "LABEL", description: "any word" },
    filter: { type: "positional", required: true, completes: ["all", "same files"], description: "which" },
    archive: { type: "positional", required: false, variadic: true, completes: "file", description: "what" },
  }),
  examples: [],
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
  "--no-verify",
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
  [
    ["show", "-f", "x", "--no-verify", "--label=y", "--"],
    options.filter((name) => !/file|verify|label/.test(name)),
  ],
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
  [["show", "x"], ["show", "x"], ""],
  [["--compress", "=", "g"], ["--compress=g"], "--compress="],
  [["--compress", "="], ["--compress="], "--compress="],
  [["-f", "/a", ":", "b"], ["-f", "/a:b"], "/a:"],
  [["--to", "=", "a", ""], ["--to=a", ""], ""],
  [["'a b'", "c\\ d", '"e'], ["a b", "c d", "e"], ""],
])("bash hands over %j", (raw, typed, kept) => {
  expect(
    readTyped(
      "bash",
      raw.map((word) => `=${word}`),
    ),
  ).toEqual({ words: typed, kept });
  expect(
    readTyped(
      "zsh",
      raw.map((word) => `=${word}`),
    ).words,
  ).toEqual(raw);
});

test.each([
  ["a", "a"],
  ["'a b", "a b"],
  [`'a'"b"c`, "abc"],
  [String.raw`"a\"\$\x"`, String.raw`a"$\x`],
  [String.raw`a\'b`, "a'b"],
  ["$(reboot)`x`", "$(reboot)`x`"],
])("%s is the word %s", (raw, word) => {
  expect(unquote(raw)).toBe(word);
});

test("bash is given what is left to type, and is told when it must quote", () => {
  const candidates = [
    { word: "all", meaning: "x" },
    { word: "alone here", meaning: "" },
    { word: "none", meaning: "" },
  ];
  const typed = { words: ["--filter=al"], kept: "--filter=" };
  expect(renderReply("bash", candidates, typed, "--filter=")).toBe("names\nall\nalone here\n");
  expect(renderReply("bash", candidates, { words: ["n"], kept: "" }, "")).toBe("words\nnone\n");
  expect(renderReply("fish", candidates, typed, "--filter=")).toContain("words\n--filter=all\tx\n");
  expect(renderReply("zsh", [{ word: "a:b", meaning: "c" }], typed, "")).toBe("words\na\\:b:c\n");
});

test("a name that would break the answer's lines is not offered", () => {
  const candidates = [{ word: "a\nb", meaning: "" }];
  expect(renderReply("bash", candidates, { words: [""], kept: "" }, "")).toBe("words\n");
});
