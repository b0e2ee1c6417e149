// What somebody may name as the file to save: things that are no file, and files whose names are hard on programs.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { contentOf, describeFile, needRoot, openScene, tool } from "../support/scene.ts";

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

  test.each(kinds)("%s", async (_, make, code, sentence) => {
    needRoot("mkfifo", "mknod");
    using scene = openScene();
    await scene.save();
    const odd = join(scene.root, "odd");
    make(odd);
    for (const more of [[], ["--noop"], ["--json"]]) {
      const ended = await scene.tinybackup(["run", "-f", odd, "-d", scene.saved, ...more]);
      expect({ code: ended.code, out: ended.out }).toEqual({ code, out: "" });
      expect(ended.err).toContain(sentence);
    }
    expect(scene.revisions()).toHaveLength(1);
    expect(scene.leftovers()).toEqual([]);
  });
});

test("a link to a file is followed, and the file's own name and path are kept", async () => {
  using scene = openScene();
  const link = join(scene.root, "link");
  symlinkSync("notes.txt", link);
  await scene.tinybackup(["run", "-f", link, "-d", scene.saved]);
  await scene.save();
  const names = scene.revisions();
  expect(names.map((name) => name.slice(0, 17))).toEqual(["notes.txt-000001-", "notes.txt-000002-"]);
  const listed = await scene.tinybackup(["list", "-f", link, "-d", scene.saved, "--json"]);
  expect(JSON.parse(listed.out)).toMatchObject({
    source: scene.source,
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

test.each(names)("a file named %j is saved, listed, verified, pruned and restored", async (name) => {
  using scene = openScene();
  const source = scene.write(name, `content of ${name}`);
  const untouched = describeFile(source);
  const [f, d] = [`--sourcefile=${source}`, `--destdir=${scene.saved}`];
  for (const number of [1, 2]) {
    const ended = await scene.tinybackup(["run", f, d, "--json", "-k", "1"]);
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(ended.out)).toMatchObject({ revision: { number, source }, warnings: [] });
  }
  expect(describeFile(source)).toEqual(untouched);
  const [only = "", ...others] = scene.revisions();
  expect([others, scene.leftovers()]).toEqual([[], []]);
  expect(Buffer.byteLength(only)).toBeLessThanOrEqual(255);
  expect(contentOf(join(scene.saved, only)).toString()).toBe(`content of ${name}`);
  expect(await scene.tinybackup(["verify", f, d])).toMatchObject({ code: 0, err: "" });
  expect(await scene.tinybackup(["list", f, d])).toMatchObject({ code: 0, err: "" });
  const target = join(scene.root, "elsewhere");
  mkdirSync(target);
  const restored = await scene.tinybackup(["restore", f, d, `--to=${join(target, name)}`]);
  expect({ code: restored.code, lines: restored.err.trimEnd().split("\n").length }).toEqual({
    code: 0,
    lines: 1,
  });
  expect(readFileSync(join(target, name), "utf8")).toBe(`content of ${name}`);
});

test("a relative name, from the folder it is in", async () => {
  using scene = openScene();
  scene.write("-x", "content");
  const ended = await scene.tinybackup(["run", "--sourcefile=-x", "-d", "saved", "--json"]);
  expect(JSON.parse(ended.out)).toMatchObject({ revision: { source: join(scene.root, "-x") } });
});

test.each([
  ["the file", String.raw`tinybackup run -f "$PWD"/$'caf\xe9.txt' -d "$SAVED"`],
  ["the folder", String.raw`tinybackup run -f "$SOURCE" -d "$PWD"/$'caf\xe9'`],
  ["what a link leads to", String.raw`ln -s $'caf\xe9.txt' link; tinybackup run -f link -d "$SAVED"`],
  ["the current folder", String.raw`cd $'caf\xe9'; cp "$SOURCE" .; tinybackup run -f notes.txt -d "$SAVED"`],
  ["the current folder of a restore", String.raw`cd $'caf\xe9'; tinybackup restore -d "$SAVED" --to x`],
  ["the target of restore", String.raw`tinybackup restore -d "$SAVED" --to $'caf\xe9'`],
  ["an archive", String.raw`tinybackup verify $'caf\xe9.tar.zst'`],
])("a name that is not UTF-8 is refused in one clear line: %s", async (_, script) => {
  using scene = openScene();
  await scene.save();
  const prepare = String.raw`mkdir $'caf\xe9'; echo x > $'caf\xe9.txt'; cp saved/* $'caf\xe9.tar.zst';`;
  const { code, out, err } = await scene.shell(`${prepare} ${script}`);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^tinybackup: .* is not valid UTF-8\nhint: .*\n$/);
  expect(scene.revisions()).toHaveLength(1);
  expect(scene.leftovers()).toEqual([]);
});

test("names in the folder that are not UTF-8, or almost ours, disturb nobody", async () => {
  using scene = openScene();
  await scene.save();
  const foreign = String.raw`cd "$SAVED"; one=$(ls); mkdir "x$one"; ln -s "$one" "y$one"; mkfifo "z$one"; cp "$one" "pinned-$one"
    touch $'caf\xe9' "$one.bak" "notes.txt-000002.tar.zst" ".tinybackup-zzz.partial"; mkdir .tinybackup-0123456789abcdef.partial`;
  expect((await scene.shell(foreign)).code).toBe(0);
  const before = (await scene.shell('ls -lAR --full-time "$SAVED"')).out;
  for (const args of [["verify", "--all"], ["list"], ["prune", "-f", scene.source, "-k", "1"]]) {
    expect(await scene.tinybackup([...args, "-d", scene.saved])).toMatchObject({ code: 0, err: "" });
  }
  expect((await scene.shell('ls -lAR --full-time "$SAVED"')).out).toBe(before);
  expect(await scene.save("-k", "1")).toMatchObject({ code: 0, err: "" });
  expect((await scene.shell('ls -A "$SAVED" | wc -l')).out.trim()).toBe("10");
});

test("root saves a file that nobody may read, and a revision nobody else may read", async () => {
  needRoot();
  using scene = openScene();
  const source = scene.write("secret", "secret", 0o000);
  utimesSync(source, new Date("2001-01-01"), new Date("2020-02-02"));
  const untouched = describeFile(source);
  expect(await scene.tinybackup(["run", "-f", source, "-d", scene.saved])).toMatchObject({
    code: 0,
    err: "",
  });
  expect(describeFile(source)).toEqual(untouched);
  expect(tool("stat", "-c", "%a", join(scene.saved, scene.revisions()[0] ?? "")).toString()).toBe("0\n");
});

test("an empty file makes no revision, and is not an error", async () => {
  using scene = openScene();
  await scene.save();
  scene.write("notes.txt", "");
  const ended = await scene.save("-k", "1");
  expect(ended).toMatchObject({ code: 0, out: "" });
  expect(ended.err).toContain("is empty: nothing was saved");
  expect(scene.revisions()).toHaveLength(1);
});

test("two files with one base name in one folder never touch each other's revisions", async () => {
  using scene = openScene();
  mkdirSync(join(scene.root, "other"));
  const other = scene.write("other/notes.txt", "other content");
  for (const source of [scene.source, other, scene.source, other, other]) {
    expect((await scene.tinybackup(["run", "-f", source, "-d", scene.saved, "-k", "2"])).code).toBe(0);
  }
  const read = async (source: string): Promise<unknown> =>
    JSON.parse((await scene.tinybackup(["list", "-f", source, "-d", scene.saved, "--json"])).out);
  expect(await read(scene.source)).toMatchObject({ revisions: [{ number: 2 }, { number: 1 }] });
  expect(await read(other)).toMatchObject({ revisions: [{ number: 3 }, { number: 2 }] });
  const unclear = await scene.tinybackup(["restore", "-d", scene.saved, "--to", "x"]);
  expect(unclear).toMatchObject({ code: 2, out: "" });
  expect(unclear.err).toContain(`'${scene.source}', '${other}'`);
});
