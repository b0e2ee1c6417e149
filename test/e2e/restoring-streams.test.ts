// `restore --to` something that is no place for a file: a pipe, a descriptor, a terminal, a device.
import { beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stage } from "../support/stage.ts";
import { type Ended, needRoot, tool } from "../support/tools.ts";

beforeAll(() => needRoot("mkfifo", "script", "truncate"));

const text = "a line\n".repeat(100_000);

function openStage(): Stage {
  const stage = new Stage();
  stage.write("notes.txt", text);
  stage.save();
  return stage;
}

/** Runs a line of bash in which RESTORE is the command up to the target. */
function restore(stage: Stage, line: string): Ended {
  return stage.shell(line.replace("RESTORE", 'tinybackup restore -d "$SAVED" --to'));
}

function expectNoStray(stage: Stage, ...names: readonly string[]): void {
  expect(readdirSync(stage.root).toSorted()).toEqual(["notes.txt", ...names, "saved"].toSorted());
}

describe("what is written to", () => {
  test.each([
    ["RESTORE -"],
    ["RESTORE /dev/stdout"],
    ["RESTORE /dev/stdout | cat"],
    ["RESTORE /dev/fd/1"],
    ["RESTORE /proc/self/fd/1 | cat"],
    ["RESTORE /proc/thread-self/fd/1 | cat"],
    ["RESTORE /dev/stderr 2>&1"],
    ["RESTORE /dev/fd/2 2>&1 >/dev/null | cat"],
    ["RESTORE /dev/fd/7 7>&1"],
    ["RESTORE /dev/fd/7 7>&1 >/dev/null | cat"],
    ["RESTORE ../../../../../dev/fd/7 7>&1"],
    ["RESTORE >(cat) | cat"],
    ["{ RESTORE >(cat >&3) >/dev/null; } 3>&1 | cat"],
    ["RESTORE /dev/stdout >out; cat out; rm out"],
    ["printf begun >out; RESTORE /dev/stdout >>out; tail -c +6 out; rm out"],
    ["RESTORE /dev/fd/9 9>out; cat out; rm out"],
    ["RESTORE /dev/stdout >out --force; cat out; rm out"],
    ["ln -s /dev/stdout link; RESTORE link | cat; rm link"],
    ["mkfifo pipe; cat pipe & RESTORE pipe; wait; rm pipe"],
    ["mkfifo pipe; (sleep 0.3; cat pipe) & RESTORE pipe; wait; rm pipe"],
    ["mkfifo pipe; (sleep 0.3; cat pipe) & RESTORE pipe --force; wait; rm pipe"],
  ])("%s arrives", (line) => {
    using stage = openStage();
    const { code, out, err } = restore(stage, line);
    expect({ code, isWhole: out === text, err }).toEqual({ code: 0, isWhole: true, err: "" });
    expectNoStray(stage);
  });

  test("a terminal arrives", () => {
    using stage = openStage();
    stage.write("notes.txt", "shown\n");
    stage.save();
    const ended = restore(stage, `script -qec "$BINARY restore -d $SAVED --to /dev/stdout" /dev/null`);
    expect(ended.out.replaceAll("\r", "")).toBe("shown\n");
    expectNoStray(stage);
  });
});

describe("a descriptor that", () => {
  test.each([
    ["is closed", "RESTORE /dev/stdout >&-", "cannot write to standard output: it is closed"],
    ["is none", "RESTORE /dev/fd/99", "cannot write to '/dev/fd/99': it is closed"],
    ["the runtime has opened", "RESTORE /dev/fd/3", "cannot write to '/dev/fd/3': "],
    [
      "is for reading",
      "RESTORE /dev/fd/8 8<notes.txt",
      "cannot write to '/dev/fd/8': it is open for reading only",
    ],
    [
      "leads to a full disk",
      "RESTORE /dev/stdout >/dev/full",
      "cannot write to standard output: no space left",
    ],
    ["leads to a full disk ", "RESTORE /dev/fd/8 8>/dev/full", "cannot write to '/dev/fd/8': no space left"],
  ])("%s is one clear line", (_, line, sentence) => {
    using stage = openStage();
    const { code, out, err } = restore(stage, line);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^tinybackup: [^\n]*\n(hint: [^\n]*\n)?$/);
    expect(err).toStartWith(`tinybackup: ${sentence}`);
    expectNoStray(stage);
  });
});

test.each(["- | head -1", "/dev/stdout | head -1", "- | head -c 3", ">(head -1)"])(
  "a reader that goes away ends it quietly, as it ends other programs: %s",
  (line) => {
    using stage = openStage();
    const ended = restore(stage, `RESTORE ${line}; echo "\${PIPESTATUS[0]}" >&2; wait`);
    expect(ended.err).toBe("141\n");
    expectNoStray(stage);
  },
);

test("a signal ends the wait for a reader of a named pipe", () => {
  using stage = openStage();
  const line = `mkfifo pipe; set -m; RESTORE pipe & sleep 0.5; kill -INT %1; wait %1; echo $?; rm pipe`;
  expect(restore(stage, line)).toMatchObject({
    out: "130\n",
    err: expect.stringMatching(/^tinybackup: ended by SIGINT\n/),
  });
});

test("what a pipe is given of a damaged revision is nothing", () => {
  using stage = openStage();
  stage.shell('truncate -s -700 "$SAVED"/*');
  expect(restore(stage, "RESTORE /dev/stdout | wc -c").out).toBe("0\n");
});

test("holes arrive as zeros, and a link that leads nowhere is no stream", () => {
  using stage = new Stage();
  tool("truncate", "--size=300M", stage.source);
  stage.shell('printf middle | dd of="$SOURCE" bs=1M seek=100 conv=notrunc status=none');
  stage.save();
  const ended = restore(stage, 'RESTORE - | cmp - "$SOURCE"');
  expect(ended).toMatchObject({ code: 0, out: "", err: "" });
  symlinkSync("link", join(stage.root, "link"));
  expect(restore(stage, "RESTORE link").code).not.toBe(0);
  writeFileSync(join(stage.root, "there"), "present");
  symlinkSync("there", join(stage.root, "to-there"));
  expect(restore(stage, "RESTORE to-there").err).toContain("exists already, and was not touched");
  expect(readFileSync(join(stage.root, "there"), "utf8")).toBe("present");
});
