// What is published, looked at and used as those do who download it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { brewed, renderFormula } from "../../../.release/formula.ts";
import { makeRelease } from "../../../.release/release.ts";
import { nameDownload, targets } from "../../../.release/targets.ts";
import { compile } from "../../../build.ts";

const root = resolve(import.meta.dir, "../../..");
const version = "1.0.0";
const native = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
let folder: string;
let unpacked: string;

function run(command: readonly string[], cwd = folder) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "" },
  });
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() };
}

async function release(name: string): Promise<string> {
  const into = join(folder, name);
  await makeRelease({
    root,
    folder: into,
    version,
    date: new Date("2026-11-23T00:00:00Z"),
    homepage: "https://example.org/tinybackup",
    downloads: "https://example.org/downloads",
    manual: ".TH TINYBACKUP 1\n",
    targets: targets.filter((target) => target.name === native),
    compile: ({ bun }, binary) => compile(join(root, "src/main.ts"), binary, bun),
    tell: () => undefined,
  });
  return into;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinybackup-release-test-"));
  const made = await release("first");
  expect(run(["tar", "-xzf", join(made, nameDownload(version, native))])).toMatchObject({ code: 0, err: "" });
  unpacked = join(folder, `tinybackup-${version}-${native}`);
});

afterAll(() => rmSync(folder, { recursive: true }));

test("made twice, it is the same, bit for bit", async () => {
  const again = await release("second");
  expect(readdirSync(again).toSorted()).toEqual(["SHA256SUMS", nameDownload(version, native)]);
  for (const file of readdirSync(again)) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(folder, "first", file)))).toBe(true);
  }
});

test("the checksums are those of the files", () => {
  const checked = run(["sha256sum", "--check", "--strict", "SHA256SUMS"], join(folder, "first"));
  expect(checked).toEqual({ code: 0, err: "", out: `${nameDownload(version, native)}: OK\n` });
});

test("a download holds the program, its manual, its completions and the licences, and nothing else", () => {
  const { out } = run(["tar", "-tvzf", join("first", nameDownload(version, native))]);
  const lines = out
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/ +\d+ /, " "));
  const head = "root/root 2026-11-23 00:00";
  const at = `tinybackup-${version}-${native}`;
  expect(lines).toEqual([
    `-rw-r--r-- ${head} ${at}/LICENSE`,
    `-rw-r--r-- ${head} ${at}/LICENSES-OF-LIBRARIES`,
    `-rw-r--r-- ${head} ${at}/completions/_tinybackup`,
    `-rw-r--r-- ${head} ${at}/completions/tinybackup.bash`,
    `-rw-r--r-- ${head} ${at}/completions/tinybackup.fish`,
    `-rwxr-xr-x ${head} ${at}/tinybackup`,
    `-rw-r--r-- ${head} ${at}/tinybackup.1`,
  ]);
});

test("the program in it runs", () => {
  expect(run([join(unpacked, "tinybackup"), "--version"], "/").out).toBe(`tinybackup ${version}\n`);
});

test("every library that is in it is named with its licence", () => {
  const text = readFileSync(join(unpacked, "LICENSES-OF-LIBRARIES"), "utf8");
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(manifest).toHaveProperty("dependencies");
  for (const name of ["citty", "consola", "diff", "fastest-levenshtein"]) {
    expect(text).toMatch(new RegExp(`^${name} [\\d.]+ \\([-\\w]+\\)\\n=+\\n\\n`, "m"));
  }
  expect(text).toContain("Bun\n===");
  expect(text).not.toContain("undefined");
  expect(text).not.toContain("oxlint");
});

/** A checksum as good as any. */
function sumOf(target: string): string {
  return String(brewed.indexOf(target)).repeat(64);
}

describe("the Homebrew formula", () => {
  const harness = join(root, "test/support/formula.rb");
  let path: string;

  beforeAll(() => {
    path = join(folder, "tinybackup.rb");
    const downloads = new Map(
      brewed.map((target) => [target, { url: `https://example.org/${target}`, sha256: sumOf(target) }]),
    );
    writeFileSync(path, renderFormula({ version, homepage: "https://example.org", downloads }));
  });

  test.each([
    ["macos", "arm", "darwin-arm64"],
    ["macos", "intel", "darwin-x64"],
    ["linux", "arm", "linux-arm64"],
    ["linux", "intel", "linux-x64"],
  ])("names the download for %s on %s", (system, cpu, target) => {
    const { out, err, code } = run(["ruby", "-w", harness, path, system, cpu]);
    expect({ err, code }).toEqual({ err: "", code: 0 });
    const [url, sum, ...caveats] = out.split("\n");
    expect([url, sum]).toEqual([`https://example.org/${target}`, sumOf(target)]);
    expect(caveats.join("\n").includes("com.apple.atrun.plist")).toBe(system === "macos");
  });

  test("installs what was downloaded, and its own test backs up and restores", () => {
    const prefix = join(folder, "prefix");
    mkdirSync(prefix);
    const { out, err, code } = run(["ruby", harness, path, "linux", "intel", unpacked, prefix]);
    expect({ err: err.replaceAll(/^restored .*\n/gm, ""), code }).toEqual({ err: "", code: 0 });
    expect(out).toContain("\ntested\n");
    for (const file of [
      "bin/tinybackup",
      "share/man/man1/tinybackup.1",
      "etc/bash_completion.d/tinybackup",
      "share/zsh/site-functions/_tinybackup",
      "share/fish/vendor_completions.d/tinybackup.fish",
    ]) {
      expect(existsSync(join(prefix, file))).toBe(true);
    }
  });

  test("is not made without all of its downloads", () => {
    expect(() => renderFormula({ version, homepage: "", downloads: new Map() })).toThrow("the formula needs");
  });
});
