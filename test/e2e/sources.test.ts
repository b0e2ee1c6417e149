// What somebody may name as the file to save: things that are no file, and files whose names are hard on programs.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { holds } from "../support/promises.ts";
import { Stage } from "../support/stage.ts";
import { contentOf, describeFile, needRoot, tool } from "../support/tools.ts";

setDefaultTimeout(10_000);

describe("what is no regular file is refused at once, whatever would wait for it", () => {
  const kinds: readonly (readonly [string, (path: string) => void, number, string])[] = [
    ["a FIFO", (path) => tool("mkfifo", path), 1, "it is a named pipe, not a regular file"],
    ["a folder", (path) => mkdirSync(path), 1, "it is a folder, not a regular file"],
    ["a device", (path) => tool("mknod", path, "c", "1", "5"), 1, "it is a device, not a regular file"],
    ["a terminal", (path) => symlinkSync("/dev/ptmx", path), 1, "it is a device, not a regular file"],
    [
      "a socket",
      (path) => Bun.listen({ unix: path, socket: { data: () => undefined } }).unref(),
      1,
      "it is a socket, not a regular file",
    ],
    ["missing", () => undefined, 75, "no such file or directory"],
    ["a dangling link", (path) => symlinkSync("nowhere", path), 75, "no such file or directory"],
    ["a link to itself", (path) => symlinkSync("odd", path), 1, "too many symbolic links"],
    ["behind a file", (path) => symlinkSync("notes.txt/x", path), 75, "not a directory"],
    ["named too long", (path) => symlinkSync("x".repeat(256), path), 1, "name too long"],
  ];

  test.each(kinds)("%s", (_, make, code, sentence) => {
    needRoot("mkfifo", "mknod");
    using stage = new Stage();
    stage.save();
    const odd = join(stage.root, "odd");
    make(odd);
    for (const more of [[], ["--noop"], ["--json"]]) {
      const ended = stage.type(["run", "-f", odd, "-d", stage.destination, "--always", ...more]);
      expect({ code: ended.code, out: ended.out }).toEqual({ code, out: "" });
      expect(ended.err).toContain(sentence);
    }
    expect(stage.revisions()).toHaveLength(1);
    expect(stage.leftovers()).toEqual([]);
  });
});

test("a link to a file is followed, and the file's own name and path are kept", () => {
  using stage = new Stage();
  const link = join(stage.root, "link");
  symlinkSync("notes.txt", link);
  stage.type(["run", "-f", link, "-d", stage.destination]);
  stage.save();
  const names = stage.revisions();
  expect(names.map((name) => name.slice(0, 17))).toEqual(["notes.txt-000001-", "notes.txt-000002-"]);
  const listed = stage.type(["list", "-f", link, "-d", stage.destination, "--json"]);
  expect(JSON.parse(listed.out)).toMatchObject({
    source: stage.source,
    revisions: [{ number: 2 }, { number: 1 }],
  });
});

const names = [
  "with space",
  "  spaces  around  ",
  `"double" and 'single'`,
  "new\nline",
  "ends with newline\n",
  "tab\tand\x1b[31mescape\x07",
  "$(touch ran) `touch ran` ${HOME}",
  "-rf",
  "--force",
  "*?[abc]{a,b}!~#&;|<>",
  "%s%n%d",
  "back\\slash",
  "..hidden",
  ".tinybackup-0123456789abcdef.partial",
  "notes.txt-000001-2026-11-23T00-00-00Z-3f2a9c1b7d5e.tar.zst",
  "größe ☂ 日本語 \u{1F469}\u200D\u{1F680}",
  "e\u0301 decomposed",
  "\u{FFFD} is a character",
  "x".repeat(255),
  "ö".repeat(127),
  "\u{1F469}\u200D\u{1F680}".repeat(23),
];

test.each(names)("a file named %j is saved, listed, verified, pruned and restored", (name) => {
  using stage = new Stage();
  const source = stage.write(name, `content of ${name}`);
  const untouched = describeFile(source);
  const [f, d] = [`--sourcefile=${source}`, `--destdir=${stage.destination}`];
  for (const number of [1, 2]) {
    const ended = stage.type(["run", f, d, "--json", "-k", "1", "--always"]);
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(ended.out)).toMatchObject({ revision: { number, source }, warnings: [] });
  }
  expect(describeFile(source)).toEqual(untouched);
  const [only = "", ...others] = stage.revisions();
  expect([others, stage.leftovers()]).toEqual([[], []]);
  expect(Buffer.byteLength(only)).toBeLessThanOrEqual(255);
  expect(contentOf(join(stage.destination, only)).toString()).toBe(`content of ${name}`);
  expect(stage.type(["verify", f, d])).toMatchObject({ code: 0, err: "" });
  expect(stage.type(["list", f, d])).toMatchObject({ code: 0, err: "" });
  const target = join(stage.root, "elsewhere");
  mkdirSync(target);
  const restored = stage.type(["restore", f, d, `--to=${join(target, name)}`]);
  expect({ code: restored.code, lines: restored.err.trimEnd().split("\n").length }).toEqual({
    code: 0,
    lines: 1,
  });
  expect(readFileSync(join(target, name), "utf8")).toBe(`content of ${name}`);
});

test("a relative name, from the folder it is in", () => {
  using stage = new Stage();
  stage.write("-x", "content");
  const ended = stage.type(["run", "--sourcefile=-x", "-d", "saved", "--json"]);
  expect(JSON.parse(ended.out)).toMatchObject({ revision: { source: join(stage.root, "-x") } });
});

test.each([
  ["the file", String.raw`tinybackup run -f "$PWD"/$'caf\xe9.txt' -d "$SAVED"`],
  ["the folder", String.raw`tinybackup run -f "$SOURCE" -d "$PWD"/$'caf\xe9'`],
  ["what a link leads to", String.raw`ln -s $'caf\xe9.txt' link; tinybackup run -f link -d "$SAVED"`],
  ["the current folder", String.raw`cd $'caf\xe9'; cp "$SOURCE" .; tinybackup run -f notes.txt -d "$SAVED"`],
  ["the current folder of a restore", String.raw`cd $'caf\xe9'; tinybackup restore -d "$SAVED" --to x`],
  ["the target of restore", String.raw`tinybackup restore -d "$SAVED" --to $'caf\xe9'`],
  ["an archive", String.raw`tinybackup verify $'caf\xe9.tar.zst'`],
])("a name that is not UTF-8 is refused in one clear line: %s", (_, script) => {
  using stage = new Stage();
  stage.save();
  const prepare = String.raw`mkdir $'caf\xe9'; echo x > $'caf\xe9.txt'; cp saved/* $'caf\xe9.tar.zst';`;
  const { code, out, err } = stage.shell(`${prepare} ${script}`);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^tinybackup: .* is not valid UTF-8\nhint: .*\n$/);
  expect(stage.revisions()).toHaveLength(1);
  expect(stage.leftovers()).toEqual([]);
});

test("names in the folder that are not UTF-8, or almost ours, disturb nobody", () => {
  using stage = new Stage();
  stage.save();
  const foreign = String.raw`cd "$SAVED"; one=$(ls); mkdir "x$one"; ln -s "$one" "y$one"; mkfifo "z$one"; cp "$one" "pinned-$one"
    touch $'caf\xe9' "$one.bak" "notes.txt-000002.tar.zst" ".tinybackup-zzz.partial"; mkdir .tinybackup-0123456789abcdef.partial`;
  expect(stage.shell(foreign).code).toBe(0);
  const before = stage.shell('ls -lAR --full-time "$SAVED"').out;
  for (const args of [["verify", "--all"], ["list"], ["prune", "-f", stage.source, "-k", "1"]]) {
    expect(stage.type([...args, "-d", stage.destination])).toMatchObject({ code: 0, err: "" });
  }
  expect(stage.shell('ls -lAR --full-time "$SAVED"').out).toBe(before);
  expect(stage.save("-k", "1", "--quiet")).toMatchObject({ code: 0, err: "" });
  expect(stage.shell('ls -A "$SAVED" | wc -l').out.trim()).toBe("10");
});

test(
  holds("same-readers", "root saves a file that nobody may read, and a revision nobody else may read"),
  () => {
    needRoot();
    using stage = new Stage();
    const source = stage.write("secret", "secret", 0o000);
    utimesSync(source, new Date("2001-01-01"), new Date("2020-02-02"));
    const untouched = describeFile(source);
    expect(stage.type(["run", "-f", source, "-d", stage.destination])).toMatchObject({
      code: 0,
      err: "",
    });
    expect(describeFile(source)).toEqual(untouched);
    expect(tool("stat", "-c", "%a", join(stage.destination, stage.revisions()[0] ?? "")).toString()).toBe(
      "0\n",
    );
  },
);

test(holds("shrunk", "an empty file makes no revision, and is not an error"), () => {
  using stage = new Stage();
  stage.save();
  stage.write("notes.txt", "");
  const ended = stage.save("-k", "1");
  expect(ended).toMatchObject({ code: 0, out: "" });
  expect(ended.err).toContain("is empty: nothing was saved");
  expect(stage.revisions()).toHaveLength(1);
});

test(
  holds("planted", "two files with one base name in one folder never touch each other's revisions"),
  () => {
    using stage = new Stage();
    mkdirSync(join(stage.root, "other"));
    const other = stage.write("other/notes.txt", "other content");
    for (const source of [stage.source, other, stage.source, other, other]) {
      expect(stage.type(["run", "-f", source, "-d", stage.destination, "-k", "2", "--always"]).code).toBe(0);
    }
    const read = (source: string): unknown =>
      JSON.parse(stage.type(["list", "-f", source, "-d", stage.destination, "--json"]).out);
    expect(read(stage.source)).toMatchObject({ revisions: [{ number: 2 }, { number: 1 }] });
    expect(read(other)).toMatchObject({ revisions: [{ number: 3 }, { number: 2 }] });
    const unclear = stage.type(["restore", "-d", stage.destination, "--to", "x"]);
    expect(unclear).toMatchObject({ code: 2, out: "" });
    expect(unclear.err).toContain(`'${stage.source}', '${other}'`);
  },
);

test("a file of which only an attribute or the ACL differs is not unchanged", () => {
  needRoot("setfattr", "setfacl");
  using stage = new Stage();
  const save = () => JSON.parse(stage.type(["run", ...stage.paths, "--json"]).out);
  const skipped = [save()];
  for (const change of [
    ["setfattr", "-n", "user.colour", "-v", "red", stage.source],
    ["setfacl", "-m", "u:1234:r", stage.source],
  ] as const) {
    tool(change[0], ...change.slice(1));
    skipped.push(save(), save());
  }
  expect(skipped.map((result) => result.skipped)).toEqual([null, null, "unchanged", null, "unchanged"]);
});
