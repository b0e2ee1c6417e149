// What is published, looked at and used as those do who download it.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
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
import { checkDescribed } from "../../../.release/runtime.ts";
import { makeRelease, type Release } from "../../../.release/release.ts";
import { nameDownload, targets } from "../../../.release/targets.ts";
import { compile } from "../../../build.ts";
import { needRoot } from "../../support/tools.ts";

setDefaultTimeout(120_000);

const root = resolve(import.meta.dir, "../../..");
const version = "1.0.0";
const isArm = process.arch === "arm64";
const native = isArm ? "linux-arm64" : "linux-x64";
const names = {
  deb: `tinybackup_${version}_${isArm ? "arm64" : "amd64"}.deb`,
  rpm: `tinybackup-${version}-1.${isArm ? "aarch64" : "x86_64"}.rpm`,
  bill: `tinybackup-${version}.cdx.json`,
};
const published = [nameDownload(version, native), names.deb, names.rpm, "install.sh", names.bill];
let folder: string;
let unpacked: string;

function run(command: readonly string[], cwd = folder) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "" },
  });
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() };
}

/** What the first release said. */
const told: string[] = [];

async function release(name: string, otherwise: Partial<Release> = {}): Promise<string> {
  const into = join(folder, name);
  await makeRelease({
    root,
    folder: into,
    version,
    date: new Date("2026-11-23T00:00:00Z"),
    homepage: "",
    downloads: "",
    maintainer: "the maintainers",
    summary: "Backs up one file",
    manual: '.TH TINYBACKUP 1 2026-11-23 "tinybackup"\n.SH NAME\ntinybackup \\- back up one file\n',
    targets: targets.filter((target) => target.name === native),
    compile: ({ bun }, binary) => compile(join(root, "src/main.ts"), binary, bun),
    tell: () => undefined,
    ...otherwise,
  });
  return into;
}

beforeAll(async () => {
  needRoot("dpkg", "dpkg-deb", "fish", "mandoc", "rpm", "rpmbuild", "ruby", "unshare", "zsh");
  folder = mkdtempSync(join(tmpdir(), "tinybackup-release-test-"));
  const made = await release("first", { tell: (line) => told.push(line) });
  expect(run(["tar", "-xzf", join(made, nameDownload(version, native))])).toMatchObject({ code: 0, err: "" });
  unpacked = join(folder, `tinybackup-${version}-${native}`);
});

afterAll(() => rmSync(folder, { recursive: true }));

test("made twice, it is the same, bit for bit, whatever the umask and somebody's own settings", async () => {
  const home = join(folder, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".rpmmacros"), "%_binary_payload w1.gzdio\n%packager somebody\n");
  const before = { umask: process.umask(0o077), home: process.env["HOME"] };
  process.env["HOME"] = home;
  const again = await release("second").finally(() => {
    process.umask(before.umask);
    process.env["HOME"] = before.home;
  });
  expect(readdirSync(again).toSorted()).toEqual(["SHA256SUMS", ...published].toSorted());
  for (const file of readdirSync(again)) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(folder, "first", file)))).toBe(true);
  }
});

test("the checksums are those of the files", () => {
  const checked = run(["sha256sum", "--check", "--strict", "SHA256SUMS"], join(folder, "first"));
  expect(checked).toEqual({ code: 0, err: "", out: published.map((name) => `${name}: OK\n`).join("") });
});

test("a download holds the program, its manual, its completions, its documents and the licences, and nothing else", () => {
  const { out } = run(["tar", "-tvzf", join("first", nameDownload(version, native))]);
  const lines = out
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/ +\d+ /, " "));
  const head = "root/root 2026-11-23 00:00";
  const at = `tinybackup-${version}-${native}`;
  expect(lines).toEqual([
    `-rw-r--r-- ${head} ${at}/CHANGELOG.md`,
    `-rw-r--r-- ${head} ${at}/LICENSE`,
    `-rw-r--r-- ${head} ${at}/README.md`,
    `-rw-r--r-- ${head} ${at}/THIRD-PARTY-LICENSES`,
    `-rw-r--r-- ${head} ${at}/completions/_tinybackup`,
    `-rw-r--r-- ${head} ${at}/completions/tinybackup.bash`,
    `-rw-r--r-- ${head} ${at}/completions/tinybackup.fish`,
    `-rw-r--r-- ${head} ${at}/docs/json.md`,
    `-rw-r--r-- ${head} ${at}/docs/manual.md`,
    `-rw-r--r-- ${head} ${at}/docs/monitoring.md`,
    `-rwxr-xr-x ${head} ${at}/tinybackup`,
    `-rw-r--r-- ${head} ${at}/tinybackup.1`,
  ]);
});

test("the program in it runs", () => {
  expect(run([join(unpacked, "tinybackup"), "--version"], "/").out).toBe(`tinybackup ${version}\n`);
});

const libraries = ["consola", "fastest-levenshtein"];

test("every library that is in it is named with its licence, and Bun with all that it is made of", () => {
  const text = readFileSync(join(unpacked, "THIRD-PARTY-LICENSES"), "utf8");
  const titles = [...text.matchAll(/^(\S+) [\d.]+ \([-\w]+\)\n=+\n\n/gm)].map(([, name]) => name);
  expect(titles).toEqual([...libraries, "Bun"]);
  expect(text).toMatch(/^ {2}WebKit \(JavaScriptCore\) +LGPL-2.0-or-later +[\da-f]{40}$/m);
  for (const line of [
    "GNU LIBRARY GENERAL PUBLIC LICENSE",
    "GNU LESSER GENERAL PUBLIC LICENSE",
    "Apache License",
  ])
    expect(text).toMatch(new RegExp(`^ +${line}$`, "m"));
  expect(text).not.toContain("undefined");
});

function named(name: string): unknown {
  return expect.objectContaining({ name, purl: expect.stringContaining(`/${name}@`) });
}

test("the bill of materials names just these", () => {
  const bill: unknown = JSON.parse(readFileSync(join(folder, "first", names.bill), "utf8"));
  expect(bill).toHaveProperty("components.0.version", Bun.version);
  expect(bill).toHaveProperty("components.0.components.0.name", "WebKit (JavaScriptCore)");
  expect(bill).toMatchObject({
    bomFormat: "CycloneDX",
    serialNumber: expect.stringMatching(
      /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
    ),
    metadata: {
      timestamp: "2026-11-23T00:00:00.000Z",
      component: { name: "tinybackup", version, type: "application", licenses: [{ license: { id: "MIT" } }] },
    },
    components: ["bun", ...libraries].map(named),
  });
});

test("of another Bun than the one whose licences are listed, nothing is published", () => {
  expect(() => checkDescribed("9.9.9")).toThrow("lists the licences of Bun");
});

test("as long as the project has no address, the release says so, and names none", () => {
  expect(told.at(-1)).toStartWith("the project has no address (package.json, homepage)");
  const script = readFileSync(join(folder, "first/install.sh"), "utf8");
  expect(script).not.toContain("http");
});

test("install.sh puts the download beside it in its places, where it runs, and takes it away again", () => {
  const prefix = join(folder, "by hand");
  const script = join(folder, "first/install.sh");
  expect(run(["sh", script, "--prefix", prefix])).toMatchObject({ code: 0, err: "" });
  expect(run([join(prefix, "bin/tinybackup"), "--version"], "/").out).toBe(`tinybackup ${version}\n`);
  expect(run(["sh", script, "--prefix", prefix, "--uninstall"])).toMatchObject({ code: 0, err: "" });
  expect(run(["find", prefix, "!", "-type", "d"])).toEqual({ code: 0, out: "", err: "" });
});

/** Types the lines in a system that is this one, and is thrown away afterwards; the release is at /media. */
function tryOut(...lines: readonly string[]) {
  const script = join(root, "test/support/other-root.sh");
  const command = [
    "unshare",
    "-m",
    "--propagation",
    "private",
    script,
    join(folder, "first"),
    lines.join("\n"),
  ];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/run", LC_ALL: "C.UTF-8" },
  });
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() };
}

const remember = "find /usr /etc /opt -xdev | sort >/run/before";
/** What is there that was not, and what is not any more. */
const compare = "find /usr /etc /opt -xdev | sort | diff /run/before -";

/** Each line shows that something is in its place: the page for those who read it, completions for the shells. */
const use = [
  "tinybackup --version",
  "mandoc /usr/share/man/man1/tinybackup.1.gz | grep -c 'back up one file'",
  "fish -c 'complete -C\"tinybackup restor\"' | cut -f 1",
  "bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader tinybackup || :; complete -p tinybackup'",
];
const used = ["tinybackup 1.0.0", "1", "restore", expect.stringMatching(/^complete .* tinybackup$/)];

describe("the Debian package", () => {
  test("is installed by dpkg with what shells and readers find and all licences, and removed with all of that", () => {
    const { code, out, err } = tryOut(
      remember,
      // What else the machine has to do after a package, such as the index of all manual pages, takes long.
      `dpkg --no-triggers -i /media/${names.deb} >/dev/null`,
      "dpkg -V tinybackup",
      ...use,
      "zsh -fc 'print -l $^fpath/_tinybackup(N)'",
      "echo",
      "cat /usr/share/doc/tinybackup/copyright",
      "zcat /usr/share/doc/tinybackup/changelog.gz",
      "dpkg --no-triggers -P tinybackup >/dev/null",
      compare,
    );
    const shown = out.slice(0, out.indexOf("\n\n")).split("\n");
    expect({ code, shown, err }).toEqual({
      code: 0,
      shown: [...used, "/usr/share/zsh/vendor-completions/_tinybackup"],
      err: "",
    });
    for (const name of ["MIT License", ...libraries, "JavaScriptCore", "/usr/share/common-licenses/LGPL-2.1"])
      expect(out).toContain(name);
    expect(out).toMatch(/^tinybackup \(1\.0\.0\) unstable; urgency=medium$/m);
    expect(out).toMatch(/^ -- the maintainers <> {2}Mon, 23 Nov 2026 00:00:00 \+0000$/m);
  });

  test("says what it needs, and all in it is root's", () => {
    const deb = join("first", names.deb);
    const fields = ["Package", "Version", "Depends", "Recommends", "Maintainer", "Homepage"];
    expect(
      run(["dpkg-deb", "-f", deb, ...fields])
        .out.trimEnd()
        .split("\n"),
    ).toEqual([
      "Package: tinybackup",
      "Version: 1.0.0",
      "Depends: libc6 (>= 2.17)",
      "Recommends: at",
      "Maintainer: the maintainers",
    ]);
    const lines = run(["dpkg-deb", "-c", deb]).out.trimEnd().split("\n");
    const modes = lines.map((line) => line.replace(/ +\d+ 2026-11-23 00:00 .*/, ""));
    expect(new Set(modes)).toEqual(
      new Set(["drwxr-xr-x root/root", "-rw-r--r-- root/root", "-rwxr-xr-x root/root"]),
    );
    expect(lines.filter((line) => line.startsWith("-rwx")).map((line) => line.split(" ").at(-1))).toEqual([
      "./usr/bin/tinybackup",
    ]);
    expect(run(["dpkg-deb", "-I", deb]).out).not.toMatch(/(pre|post)(inst|rm)/);
  });
});

describe("the Red Hat package", () => {
  test("is installed by rpm with what shells and readers find, and when it is removed nothing stays", () => {
    const { code, out, err } = tryOut(
      remember,
      // Debian's rpm knows nothing of Debian's C library.
      `rpm --force-debian --nodeps -i /media/${names.rpm}`,
      "rpm --nodeps -V tinybackup",
      ...use,
      "test -s /usr/share/zsh/site-functions/_tinybackup",
      "rpm -q --licensefiles tinybackup",
      "rpm --force-debian -e tinybackup",
      compare,
    );
    expect({ code, out: out.trimEnd().split("\n"), err }).toEqual({
      code: 0,
      out: [
        ...used,
        "/usr/share/licenses/tinybackup/LICENSE",
        "/usr/share/licenses/tinybackup/THIRD-PARTY-LICENSES",
      ],
      err: "",
    });
  });

  test("says what it needs, and all in it is root's", () => {
    const rpm = join("first", names.rpm);
    const read = (...args: readonly string[]) =>
      run(["rpm", "-qp", ...args, rpm])
        .out.trimEnd()
        .split("\n");
    expect(read("--recommends")).toEqual(["at"]);
    expect(read("--scripts")).toEqual([""]);
    expect(read("--requires")).toContain("libc.so.6(GLIBC_2.17)(64bit)");
    expect(
      read("--requires").filter((need) => !/^(rpmlib|lib(c|m|dl|pthread)\.so|ld-linux)/.test(need)),
    ).toEqual([]);
    const modes = read("--qf", "[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME}\\n]");
    expect(new Set(modes)).toEqual(
      new Set(["drwxr-xr-x root root", "-rw-r--r-- root root", "-rwxr-xr-x root root"]),
    );
    expect(read("--qf", "%{LICENSE}\\n")[0]).toMatch(/^MIT AND LGPL-2\.0-or-later AND /);
  });
});

test("once the project has an address, all that should name it does, and a version before its release sorts before it", async () => {
  const address = "https://example.org/tinybackup";
  const said: string[] = [];
  const made = await release("with an address", {
    tell: (line) => said.push(line),
    version: "1.1.0-rc.1",
    homepage: address,
    downloads: `${address}/files`,
    targets,
    compile: async (_, binary) => {
      writeFileSync(binary, "#!/bin/sh\n");
      return new Map();
    },
  });
  const archives = targets.map(({ name }) => nameDownload("1.1.0-rc.1", name));
  expect(readdirSync(made).toSorted()).toEqual(
    [
      "SHA256SUMS",
      "install.sh",
      "tinybackup-1.1.0-rc.1.cdx.json",
      "tinybackup-1.1.0~rc.1-1.aarch64.rpm",
      "tinybackup-1.1.0~rc.1-1.x86_64.rpm",
      "tinybackup.rb",
      "tinybackup_1.1.0~rc.1_amd64.deb",
      "tinybackup_1.1.0~rc.1_arm64.deb",
      ...archives,
    ].toSorted(),
  );
  expect(run(["dpkg-deb", "-f", "tinybackup_1.1.0~rc.1_arm64.deb", "Homepage"], made).out).toBe(
    `${address}\n`,
  );
  const asked = ["rpm", "-qp", "--qf", "%{URL} %{ARCH}", "tinybackup-1.1.0~rc.1-1.aarch64.rpm"];
  expect(run(asked, made).out).toBe(`${address} aarch64`);
  expect(run(["dpkg", "--compare-versions", "1.1.0~rc.1", "lt", "1.1.0"]).code).toBe(0);
  const { out } = run(
    ["ruby", "-w", join(root, "test/support/formula.rb"), "tinybackup.rb", "macos", "arm"],
    made,
  );
  expect(out).toStartWith(`${address}/files/tinybackup-1.1.0-rc.1-darwin-arm64.tar.gz\n`);
  const script = readFileSync(join(made, "install.sh"), "utf8");
  expect(script).toContain(`\nhome='${address}/files'\n`);
  const sums = readFileSync(join(made, "SHA256SUMS"), "utf8").split("\n");
  for (const archive of archives) {
    const line = sums.find((each) => each.endsWith(`  ${archive}`));
    expect(script).toContain(`\n${line}\n`);
  }
  expect(said.join("\n")).not.toContain("no address");
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
