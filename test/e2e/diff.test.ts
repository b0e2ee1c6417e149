// diff, as it is typed.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { programs } from "../support/binary.ts";
import { Stage } from "../support/stage.ts";

function withoutTimes(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME");
}

describe.each(programs)("%s", (_, command) => {
  let stage: Stage;
  const diff = (...args: readonly string[]) => stage.type(["diff", ...args]);
  const without = (...args: readonly string[]) =>
    stage.type(["diff", "-d", "saved", ...args], { env: { PATH: "/" } });

  beforeAll(() => {
    stage = new Stage(command);
    for (const content of ["one\ntwo\n", "one\n2\n", Buffer.from([1, 0, 2])]) {
      stage.write("notes.txt", content);
      expect(stage.save().code).toBe(0);
    }
  });

  afterAll(() => stage[Symbol.dispose]());

  test("two revisions of a text are compared line by line", () => {
    const { out, ...rest } = diff("-d", "saved", "--revision", "1", "2");
    expect(rest).toEqual({ err: "", code: 0 });
    expect(withoutTimes(out)).toBe(
      "--- notes.txt\trevision 1, taken TIME\n+++ notes.txt\trevision 2, taken TIME\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n",
    );
  });

  test("a revision is compared with the file as it is now, and patch(1) goes back to it", () => {
    writeFileSync(stage.source, "one\n2\nthree\n");
    const { out, code } = diff("-d", "saved", "-f", "notes.txt", "--revision=1");
    expect(code).toBe(0);
    expect(out).toEndWith("\tas it is now\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n");
    const patch = Bun.spawnSync(["patch", "-R", "notes.txt"], { cwd: stage.root, stdin: Buffer.from(out) });
    expect(patch.exitCode).toBe(0);
    expect(readFileSync(stage.source, "utf8")).toBe("one\ntwo\n");
  });

  test("what is no text is compared by size, digest and first difference", () => {
    writeFileSync(stage.source, Buffer.from([1, 0, 3, 4]));
    const { out, ...rest } = diff("-d", "saved");
    expect(rest).toEqual({ err: "", code: 0 });
    expect(withoutTimes(out)).toBe(
      `revision 3, taken TIME
  size     3 B
  SHA-256  16305a6b2292e931665a34089864ee3fcc24171c81551f152cf4d1db0dd6122d
'${stage.source}' as it is now
  size     4 B
  SHA-256  2c00cc157d5eee179acc380fbbacf65c70c3376024a217420ef8817a354e89e9
the first difference is at byte 2, counted from 0
`,
    );
  });

  test("20 GiB with a few MiB of data are compared in seconds, and shown with the digest of the revision's name", () => {
    const path = join(stage.root, "disk.img");
    mkdirSync(join(stage.root, "images"));
    const write = (text: string, at: number) => {
      const fd = openSync(path, existsSync(path) ? "r+" : "w");
      ftruncateSync(fd, 20 * 2 ** 30);
      writeSync(fd, text, at);
      closeSync(fd);
    };
    write("one", 5 * 2 ** 30);
    const saved = stage.type(["run", "-f", "disk.img", "-d", "images"]);
    const digest = /-([0-9a-f]{12})\.tar\.zst\n$/.exec(saved.out)?.[1];
    const startMs = performance.now();
    const typed = ["-f", "disk.img", "-d", "images", "--json"];
    const same = JSON.parse(diff(...typed).out);
    expect(same).toMatchObject({ identical: true, from: { digest: same.to.digest } });
    expect(same.from.digest).toStartWith(digest ?? "none");
    write("two", 15 * 2 ** 30);
    expect(JSON.parse(diff(...typed).out)).toMatchObject({
      firstDifferenceAt: 15 * 2 ** 30,
      to: { sizeBytes: 20 * 2 ** 30 },
    });
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  test("what is identical is said to be, with --quiet by nothing at all", () => {
    writeFileSync(stage.source, "one\n2\n");
    const same = diff("-d", "saved", "--revision", "2");
    expect(same.code).toBe(0);
    expect(withoutTimes(same.out)).toBe(
      `identical: revision 2, taken TIME, and '${stage.source}' as it is now\n`,
    );
    expect(diff("-d", "saved", "--revision", "2", "--quiet")).toEqual({ out: "", err: "", code: 0 });
  });

  test("a machine reads which, how large, and where", () => {
    const { out } = diff("-d", "saved", "--revision", "2", "1", "--json");
    expect(JSON.parse(out)).toMatchObject({
      identical: false,
      from: { revision: 2, sizeBytes: 6, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      to: { revision: 1, sizeBytes: 8 },
      firstDifferenceAt: 4,
    });
    writeFileSync(stage.source, "one\n2\n");
    expect(JSON.parse(diff("-d", "saved", "--revision", "2", "--json").out)).toMatchObject({
      identical: true,
      to: { revision: null, path: stage.source },
      firstDifferenceAt: null,
    });
  });

  test("a terminal shows names and lines with nothing in them that moves its cursor", () => {
    writeFileSync(stage.source, "\u001b[31mred\n");
    const line = [...command, "diff", "-d", "saved", "--revision", "2"].map((word) => `'${word}'`).join(" ");
    const { stdout } = Bun.spawnSync(["script", "-qec", line, "/dev/null"], {
      cwd: stage.root,
      stdin: "ignore",
    });
    expect(stdout.toString()).toContain(String.raw`+\x1b[31mred`);
    expect(diff("-d", "saved", "--revision", "2").out).toContain("+\u001b[31mred\n");
  });

  test("a reader that has enough ends nothing badly", () => {
    const line = [...command, "diff", "-d", "saved", "--revision", "1", "2"]
      .map((word) => `'${word}'`)
      .join(" ");
    const script = `${line} | head -c 1; exit "\${PIPESTATUS[0]}"`;
    expect(Bun.spawnSync(["bash", "-c", script], { cwd: stage.root }).exitCode).toBe(0);
  });

  test("where there is no diff, text is compared by none, and the rest as ever", () => {
    expect(without("--revision", "1", "2")).toEqual({
      out: "",
      err: "tinybackup: cannot compare line by line: there is no program 'diff' here\nhint: install the package diffutils; for sizes and digests alone, add --json\n",
      code: 1,
    });
    expect(without("--revision", "1", "3")).toMatchObject({ err: "", code: 0 });
    expect(without("--revision", "1", "2", "--json")).toMatchObject({ err: "", code: 0 });
  });

  test("ended while diff is at work, it leaves no text behind", async () => {
    mkdirSync(join(stage.root, "bin"), { recursive: true });
    stage.write("bin/diff", `#!/bin/sh\nkill -TERM $PPID; exec sleep 60\n`, 0o755);
    const folder = join(stage.root, "temporary");
    mkdirSync(folder, { recursive: true });
    const env = { PATH: `${stage.root}/bin:${process.env["PATH"]}`, TMPDIR: folder };
    expect(stage.type(["diff", "-d", "saved", "--revision", "1", "2"], { env })).toMatchObject({
      out: "",
      code: 143,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [["-d", "saved", "42"], 2, "tinybackup diff -d saved --revision 42\n"],
    [["-d", "saved", "--revision", "41"], 1, "there is no revision number 41"],
    [["-d", "saved", "--revision", "1", "2", "3"], 2, "unexpected argument '3'"],
    [["-d", "saved", "--revision", "1", "2026-13-01"], 2, "'2026-13-01' names no revision"],
  ])("%j is refused", (args, code, sentence) => {
    const ended = diff(...args);
    expect(ended).toMatchObject({ out: "", code });
    expect(ended.err).toContain(sentence);
  });

  test("a file that is gone ends with 75, a damaged revision with 5, and nothing is shown", () => {
    rmSync(stage.source, { force: true });
    expect(diff("-d", "saved")).toMatchObject({ out: "", code: 75 });
    const damaged = join(stage.root, "damaged");
    cpSync(stage.destination, damaged, { recursive: true });
    const [first = ""] = readdirSync(damaged).filter((name) => name.includes("-000001-"));
    const bytes = readFileSync(join(damaged, first));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(damaged, first), bytes);
    const ended = diff("-d", "damaged", "--revision", "1", "2");
    expect(ended).toMatchObject({ out: "", code: 5 });
    expect(ended.err).toContain("nothing was compared");
  });
});
