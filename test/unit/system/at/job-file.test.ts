import { describe, expect, test } from "bun:test";
import { parseJobFile, splitJobFiles, undouble } from "../../../../src/system/at/job-file.ts";

const folder = "cd / || {\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n";
const heading = "#!/bin/sh\n# atrun uid=1000 gid=100\n# mail bob 0\numask 22\n";
const variables = "PATH=/usr/bin:/bin; export PATH\nTZ=UTC; export TZ\n";
const debian = (body: string): string => `${heading}${variables}${folder}${body}\n`;

// Debian's was seen running; the others follow each system's at.c, and published listings.
test.each([
  ["Debian", debian("echo hi\n"), "echo hi\n\n"],
  ["Debian without an environment", `${heading}${folder}echo hi\n\n`, "echo hi\n\n"],
  [
    "Debian with an odd environment",
    `${heading}NL=two"\n"lines; export NL\nQ=a\\'b\\"c\\\`d\\$e\\\\f\\;g\\ h\\<; export Q\nE=; export E\nU=\\\xc3\\\xa9; export U\n${folder}echo hi\n`,
    "echo hi\n",
  ],
  [
    "Fedora",
    `${heading}SHELL=/bin/bash; export SHELL\n${folder}\${SHELL:-/bin/sh} << 'marcinDELIMITER638f1ec5'\necho hi\n\nmarcinDELIMITER638f1ec5\n`,
    "echo hi\n\n",
  ],
  [
    "macOS",
    `#!/bin/sh\n# atrun uid=1000 gid=20\n# mail              bob 0\numask 22\nSHELL=/bin/sh; export SHELL\n${folder}unset OLDPWD\necho hi\n`,
    "echo hi\n",
  ],
  [
    "macOS, of a person in a folder",
    `${heading}${folder.replace("/", "/Users/bob/My\\ Docs")}OLDPWD=/Users/bob; export OLDPWD\necho hi\n`,
    "echo hi\n",
  ],
  [
    "FreeBSD",
    `#!/bin/sh\n# atrun uid=1000 gid=0\n# mail                                bob 0\numask 22\n${variables}${folder}echo hi\n\n`,
    "echo hi\n\n",
  ],
])("a job file of %s is taken apart", (_, text, body) => {
  expect(parseJobFile(text)).toEqual({ uid: 1000, body });
});

describe("what could pass for another's job", () => {
  test.each([
    ["no heading", "echo hi\n"],
    ["a text in front of the heading", `\n${debian("echo hi")}`],
    ["no folder", `${heading}${variables}echo hi\n`],
    ["a command in the environment", `${heading}PATH=/bin; rm -rf /; export PATH\n${folder}echo hi\n`],
    ["another command when the folder is gone", debian("x").replace("exit 1", "rm -rf /")],
    [
      "text after the here document",
      `${heading}${folder}\${SHELL:-/bin/sh} << 'marcinDELIMITER1'\nx\nmarcinDELIMITER1\ny\n`,
    ],
    ["an empty file", ""],
  ])("%s: not a job file", (_, text) => {
    expect(parseJobFile(text)).toBeNull();
  });

  test("a second heading within a job is a part of that job", () => {
    const inner = debian("echo inner").replace("1000", "0");
    expect(parseJobFile(debian(inner))).toEqual({ uid: 1000, body: `${inner}\n` });
  });
});

test("a job that is just being started is printed twice, and is one", () => {
  const text = debian("echo hi\n");
  expect(undouble(text + text)).toBe(text);
  expect(undouble(text)).toBe(text);
  expect(undouble(`${text}${text} `)).toBe(`${text}${text} `);
  expect(undouble("")).toBe("");
});

describe("several job files in one text", () => {
  const texts = ["a", "b", "c"].map((word) => debian(`echo ${word}`));
  test("are told apart", () => {
    expect(splitJobFiles(texts.join(""), 3)).toEqual(texts);
  });
  test.each([
    ["when one holds a heading itself", [debian(debian("echo trap")), ...texts], 4],
    ["when one is missing", texts, 4],
    ["when something stands in front", ["x\n", ...texts], 3],
    ["when there is none", [], 1],
  ])("are not, %s", (_, parts, count) => {
    expect(splitJobFiles(parts.join(""), count)).toBeNull();
  });
});
