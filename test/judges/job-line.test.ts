import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseJobText, renderJobText } from "../../src/schedule/job-line.ts";
import { decodeJob, type Job } from "../../src/schedule/job.ts";
import { parseJson } from "../../src/system/json.ts";
import { absolutePath, makeJob, pathComponent } from "../support/jobs.ts";

// -f: the start-up files of the person who runs the tests are not under test.
const shells = [
  ["dash"],
  ["bash"],
  ["zsh", "-f"],
  ["fish", "--no-config"],
  ["tcsh", "-f"],
  ["csh", "-f"],
  ["busybox", "sh"],
];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "job-line-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const hex = (text: string): string => Buffer.from(text).toString("hex");

/** A stand-in for the program: it writes down what it was called with, in hexadecimal. */
function placeRecorder(path: string, record: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const dump = `for a in "$0" "$@" "$(env | sort | cut -d= -f1 | tr '\\n' ' ')" "$(cat)" "$(pwd)"`;
  writeFileSync(
    path,
    `#!/bin/sh\n{ ${dump}; do printf %s "$a" | od -An -v -tx1 | tr -d ' \\n'; echo; done; echo end; } >>${record}\n`,
  );
  chmodSync(path, 0o755);
}

function runInShell(shell: readonly string[], script: string, environment: Record<string, string> = {}) {
  const result = Bun.spawnSync([...shell], {
    cwd: folder,
    stdin: Buffer.from(script),
    env: {
      PATH: "/usr/bin:/bin",
      HOME: "/root",
      TZ: "UTC",
      SECRET: "hunter2",
      BUN_OPTIONS: "--x",
      ...environment,
    },
  });
  return { exitCode: result.exitCode, stdout: result.stdout.toString(), stderr: result.stderr.toString() };
}

describe.each(shells.map((shell) => [shell[0] ?? "", shell] as const))("a job read by %s", (name, shell) => {
  test("hands any path to the program unharmed, and executes nothing in it", () => {
    const record = join(folder, `record-${name}`);
    const cases = fc.sample(fc.tuple(absolutePath, absolutePath, pathComponent, pathComponent), {
      numRuns: 60,
      seed: 20261123,
    });
    const jobs = cases.map(([source, destination, label, program], index): Job => {
      const binary = join(folder, name, String(index), program);
      placeRecorder(binary, record);
      const hooks = { before: label, "on-failure": label };
      return makeJob({ source, destination, name: label, time: label, hooks, binary });
    });
    const result = runInShell(shell, jobs.map((job) => `${renderJobText(job)}\n`).join(""));
    expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const records = readFileSync(record, "utf8").split("\nend\n").slice(0, -1);
    expect(records.length).toBe(jobs.length);
    for (const [index, job] of jobs.entries()) {
      const [program, command, argument, names, input, cwd] = (records[index] ?? "").split("\n");
      expect(program).toBe(hex(job.binary));
      expect(command).toBe(hex("job"));
      expect(decodeJob(parseJson(Buffer.from(argument ?? "", "hex").toString()), job.binary)).toEqual(job);
      expect(Buffer.from(names ?? "", "hex").toString()).not.toMatch(/SECRET|BUN_|TZ/);
      expect([input, cwd]).toEqual(["", hex("/")]);
    }
    expect([existsSync(join(folder, "pwned")), existsSync("/pwned")]).toEqual([false, false]);
  });

  test("queues itself again, to the letter, for a day later when the program is not there", () => {
    const tools = join(folder, `tools-${name}`);
    const queue = join(folder, `queue-${name}`);
    mkdirSync(tools);
    writeFileSync(join(tools, "at"), `#!/bin/sh\n{ echo "TZ=$TZ" "$@"; cat; env; } >${queue}\n`);
    chmodSync(join(tools, "at"), 0o755);
    const damaged = join(folder, `damaged-${name}`);
    writeFileSync(damaged, "");
    chmodSync(damaged, 0o755);
    for (const binary of ["/no/such/it's \\ gone!\n=é/tinybackup", damaged, folder, "/etc/passwd"]) {
      const job = makeJob({ source: "/a 'b' \\ c!\n🎒", binary });
      const result = runInShell(shell, `${renderJobText(job)}\n`, { PATH: `${tools}:/usr/bin:/bin` });
      expect(result.stderr).toMatch(/^tinybackup: .* is not there or can not be executed/);
      const [words, line, ...environment] = readFileSync(queue, "utf8").trimEnd().split("\n");
      expect(words).toBe("TZ=UTC -q z now + 1 day");
      expect(line).toBe(renderJobText(job));
      expect(environment.join("\n")).not.toMatch(/SECRET|BUN_/);
    }
  });
});

test("the program's exit code is the job's", () => {
  const binary = join(folder, "fails=a");
  writeFileSync(binary, "#!/bin/sh\nexit 75\n");
  chmodSync(binary, 0o755);
  expect(runInShell(["dash"], renderJobText(makeJob({ binary })))).toEqual({
    exitCode: 75,
    stdout: "",
    stderr: "",
  });
});

test("any job is read back as it was written, from one line of printable ASCII", () => {
  fc.assert(
    fc.property(
      absolutePath,
      absolutePath,
      fc.string({ unit: "binary", minLength: 1 }),
      absolutePath,
      (source, destination, time, binary) => {
        fc.pre(!time.includes("\0"));
        const job = makeJob({
          source,
          destination,
          time,
          binary,
          timesLeft: 3,
          mount: destination,
        });
        const line = renderJobText(job);
        expect(line).toMatch(/^[ -~]+$/);
        expect(line).not.toContain("!");
        expect(parseJobText(line)).toEqual(job);
      },
    ),
  );
});

test("a line that was changed in any one character is not ours, or says another job", () => {
  const line = renderJobText(makeJob());
  fc.assert(
    fc.property(
      fc.nat(line.length - 1),
      fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
      (at, character) => {
        fc.pre(line[at] !== character);
        const changed = line.slice(0, at) + character + line.slice(at + 1);
        const job = parseJobText(changed);
        expect(job === null || renderJobText(job) === changed).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  ["quoted in another command", `echo ${renderJobText(makeJob())}`],
  ["followed by another command", `${renderJobText(makeJob())}; rm -rf /`],
  ["with a second line", `${renderJobText(makeJob())}\nrm -rf /`],
  ["of a later format", renderJobText(makeJob()).replace('{"format":1,', '{"format":2,')],
  ["with an escape where none is needed", renderJobText(makeJob()).replace("/home", "\\u002fhome")],
  ["with a path that is not absolute", renderJobText(makeJob({ source: "notes.txt" }))],
  ["without JSON", renderJobText(makeJob()).replace(/'[^']*' <\/dev\/null$/, "'{' </dev/null")],
  ["of the Python program", "python - --sourcefile tinybackup"],
])("a line %s is not our job", (_, line) => {
  expect(parseJobText(line)).toBeNull();
});

test("a field that a later release added is carried over, not a reason to disown the job", () => {
  const line = renderJobText({ ...makeJob(), later: 1 } as Job);
  expect(parseJobText(line)).toMatchObject(makeJob());
});
