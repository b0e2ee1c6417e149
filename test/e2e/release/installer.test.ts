// install.sh in the shells and with the tools of many systems, with downloads that are small.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listPieces } from "../../../.release/contents.ts";
import { renderInstaller } from "../../../.release/installer.ts";
import { packTarball } from "../../../.release/tarball.ts";
import { nameDownload, targets } from "../../../.release/targets.ts";
import { asNobody, type Ended, start } from "../../support/tools.ts";

setDefaultTimeout(60_000);

const version = "1.0.0";
const native = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const download = nameDownload(version, native);
const program = "#!/bin/sh\necho tinybackup 1.0.0\n";
/** Where everything is served from. */
let folder: string;
let server: Bun.Server<undefined>;
/** Of a release that has an address, and of one that has none. */
let script: string;
let homeless: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tinybackup-installer-"));
  chmodSync(folder, 0o755);
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => new Response(Bun.file(join(folder, new URL(url).pathname))),
    error: () => new Response("", { status: 404 }),
  });
  await publish(folder, program);
  script = join(folder, "install.sh");
  homeless = join(folder, "beside/install.sh");
  writeFileSync(script, render(server.url.href.replace(/\/$/, "")));
  mkdirSync(join(folder, "beside"));
  writeFileSync(homeless, render(""));
  writeFileSync(join(folder, "beside", download), readFileSync(join(folder, download)));
});

afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});

function listContent(text: string) {
  return listPieces(Buffer.from(text), {
    manual: ".TH TINYBACKUP 1\n",
    licences: "MIT\n",
    documents: new Map([
      ["LICENSE", "MIT\n"],
      ["docs/manual.md", "# Manual\n"],
    ]),
  });
}

async function publish(into: string, text: string): Promise<string> {
  const pieces = listContent(text).map((piece) => ({
    ...piece,
    name: `tinybackup-${version}-${native}/${piece.name}`,
  }));
  const archive = await packTarball(pieces, new Date(0));
  writeFileSync(join(into, download), archive);
  return createHash("sha256").update(archive).digest("hex");
}

/** For all targets; what is not there has a checksum as good as any. */
function render(downloads: string, except: readonly string[] = []): string {
  const sum = createHash("sha256")
    .update(readFileSync(join(folder, download)))
    .digest("hex");
  const sums = targets
    .filter(({ name }) => !except.includes(name))
    .map(({ name }) => `${name === native ? sum : "0".repeat(64)}  ${nameDownload(version, name)}\n`);
  return renderInstaller({ version, downloads, sums: sums.join(""), pieces: listContent(program) });
}

let count = 0;

function fresh(name: string): string {
  const path = join(folder, `${name}-${count++}`);
  mkdirSync(path);
  chmodSync(path, 0o755);
  return path;
}

const needed = "cat chmod cp cut gzip id ldd ls mkdir mktemp mv rm rmdir sed sh tar uname".split(" ");

/** A PATH with these tools alone; those with a text are scripts of it. */
function tools(...wanted: readonly (string | readonly [name: string, text: string])[]): string {
  const path = fresh("tools");
  for (const tool of wanted) {
    const [name, text] = typeof tool === "string" ? [tool] : tool;
    if (text !== undefined) writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    else symlinkSync(Bun.which(name) ?? `/no ${name}`, join(path, name));
  }
  return path;
}

interface Typed {
  readonly path?: string;
  readonly cwd?: string;
  readonly file?: string;
  readonly shell?: readonly string[];
  readonly home?: string;
}

async function install(args: readonly string[], typed: Typed = {}): Promise<Ended> {
  const {
    path = "/usr/bin:/bin:/usr/sbin:/sbin",
    cwd = "/",
    file = script,
    shell = ["sh"],
    home = "/",
  } = typed;
  const words = shell.map((word) => Bun.which(word) ?? word);
  return start([...words, file, ...args], { cwd, env: { PATH: path, HOME: home } });
}

const files: readonly (readonly [path: string, mode: number])[] = [
  ["bin/tinybackup", 0o755],
  ["share/bash-completion/completions/tinybackup", 0o644],
  ["share/doc/tinybackup/LICENSE", 0o644],
  ["share/doc/tinybackup/THIRD-PARTY-LICENSES", 0o644],
  ["share/doc/tinybackup/docs/manual.md", 0o644],
  ["share/fish/vendor_completions.d/tinybackup.fish", 0o644],
  ["share/man/man1/tinybackup.1", 0o644],
  ["share/zsh/site-functions/_tinybackup", 0o644],
];

function listInstalled(prefix: string) {
  const paths = [...new Bun.Glob("**").scanSync({ cwd: prefix, dot: true })].toSorted();
  return paths.map((path) => [path, statSync(join(prefix, path)).mode & 0o7777] as const);
}

/** The hint is all of the error but its first line. */
function expectRefusal({ code, out, err }: Ended, ...lines: readonly string[]): void {
  expect({ code, out, err: err.trimEnd().split("\n") }).toEqual({
    code: 1,
    out: "",
    err: [`install.sh: ${lines[0]}`, ...lines.slice(1).map((line) => `hint: ${line}`)],
  });
}

const busybox = ["busybox", ...needed.filter((name) => name !== "ldd"), "sha256sum", "wget"];

describe.each([
  ["dash, curl and sha256sum", ["dash"], () => tools(...needed, "sha256sum", "curl")],
  ["bash, wget and shasum", ["bash", "--posix"], () => tools(...needed, "shasum", "perl", "wget")],
  ["zsh, curl and openssl", ["zsh", "--emulate", "sh"], () => tools(...needed, "openssl", "curl")],
  [
    "busybox alone",
    ["busybox", "sh"],
    () => {
      const path = fresh("busybox");
      for (const name of busybox) symlinkSync(Bun.which("busybox") ?? "", join(path, name));
      return path;
    },
  ],
])("with %s", (_, shell, makeTools) => {
  test("it downloads the program, puts all of it in its places, and takes it away again", async () => {
    const prefix = fresh("a prefix");
    const path = makeTools();
    const { code, out, err } = await install(["--prefix", prefix], { shell, path });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toStartWith(`installed tinybackup 1.0.0 as '${prefix}/bin/tinybackup'\nnext: put `);
    expect(listInstalled(prefix)).toEqual([...files]);
    expect(readFileSync(join(prefix, "bin/tinybackup"), "utf8")).toBe(program);
    const removed = await install([`--prefix=${prefix}`, "--uninstall"], { shell, path });
    expect(removed).toEqual({ code: 0, out: `removed '${prefix}/bin/tinybackup'\n`, err: "" });
    expect(listInstalled(prefix)).toEqual([]);
    expect(existsSync(join(prefix, "share/doc/tinybackup"))).toBe(false);
  });
});

describe("what it refuses", () => {
  test("a download that is not what was released: nothing is installed", async () => {
    const from = fresh("altered");
    await publish(from, `${program}\n`);
    const prefix = join(folder, "untouched");
    expectRefusal(
      await install(["--prefix", prefix, "--from", from]),
      `'${from}/${download}' is not what was released: its SHA-256 is another`,
      "nothing was installed; download it anew",
    );
    expect(existsSync(prefix)).toBe(false);
  });

  test.each([["curl"], ["wget"]])("an address where nothing is, asked with %s", async (tool) => {
    const path = tools(...needed, "sha256sum", tool);
    const from = `${server.url.href}nowhere`;
    const { code, err } = await install(["--prefix", "/nowhere/x", "--from", from], { path });
    expect(code).toBe(1);
    expect(err).toContain(
      `install.sh: cannot download '${from}/${download}'\nhint: try again; --from says where else the downloads are\n`,
    );
  });

  test("a folder without the download", async () => {
    const from = fresh("empty");
    expectRefusal(
      await install(["--prefix", "/nowhere/x", "--from", from]),
      `there is no '${download}' in '${from}'`,
      "download it, and say with --from which folder it is in",
    );
  });

  test("a machine without what it needs, and it names all of that", async () => {
    const path = tools(...needed.filter((name) => !["tar", "gzip"].includes(name)));
    expectRefusal(
      await install(["--prefix", "/nowhere/x"], { path }),
      "these programs are needed, and not there: tar gzip sha256sum curl (or wget)",
      "install them, and try again",
    );
  });

  test.each([
    ["SunOS", "sun4v", "there is no tinybackup for SunOS"],
    ["Linux", "armv7l", "there is no tinybackup for Linux on armv7l"],
    ["Linux", "i686", "there is no tinybackup for Linux on i686"],
    ["FreeBSD", "amd64", "release 1.0.0 has no download for freebsd-x64"],
  ])("%s on %s", async (system, processor, message) => {
    const file = join(fresh("scripts"), "install.sh");
    writeFileSync(file, render("", ["freebsd-x64"]));
    const uname: readonly [string, string] = [
      "uname",
      `[ "$1" = -s ] && echo ${system} || echo ${processor}`,
    ];
    const path = tools(...needed.filter((name) => name !== "uname"), "sha256sum", uname);
    expectRefusal(await install([], { path, file }), message);
  });

  test("a program that does not run here: the one that was there stays", async () => {
    const from = fresh("broken");
    await publish(from, "#!/bin/sh\necho 'libstdc++.so.6: cannot open' >&2\nexit 127\n");
    const sum = createHash("sha256")
      .update(readFileSync(join(from, download)))
      .digest("hex");
    const pieces = listContent(program);
    const file = join(from, "install.sh");
    writeFileSync(file, renderInstaller({ version, downloads: "", sums: `${sum}  ${download}\n`, pieces }));
    const prefix = fresh("prefix");
    mkdirSync(join(prefix, "bin"));
    writeFileSync(join(prefix, "bin/tinybackup"), "older");
    expectRefusal(
      await install(["--prefix", prefix], { file }),
      `the program for ${native} does not run here: libstdc++.so.6: cannot open`,
      "it needs glibc 2.17 or later",
    );
    expect(listInstalled(prefix)).toEqual([["bin/tinybackup", 0o644]]);
    expect(readFileSync(join(prefix, "bin/tinybackup"), "utf8")).toBe("older");
  });

  test("a prefix that may not be written to", async () => {
    expectRefusal(
      await install(["--prefix", "/usr"], { shell: [...asNobody, "sh"] }),
      "cannot write into '/usr/bin'",
      "run it as root, or with --prefix and a folder of your own",
    );
  });

  test.each([
    [["--prefx", "/x"], "there is no '--prefx'"],
    [["--prefix"], "--prefix has no value"],
    [["--prefix", ""], "--prefix has no value"],
    [["--from="], "--from has no value"],
    [["/usr"], "there is no '/usr'"],
  ])("%j", async (args, message) => {
    const ended = await install(args);
    expect(ended).toEqual({ code: 2, out: "", err: `install.sh: ${message}\nhint: sh install.sh --help\n` });
  });

  test("to remove what is not there", async () => {
    expectRefusal(
      await install(["--uninstall", "--prefix", "/nowhere/x"]),
      "there is no '/nowhere/x/bin/tinybackup'",
      "where it was installed with --prefix, say so again",
    );
  });
});

test.each([
  ["Alpine", "linux-x64-musl", "Linux x86_64", "echo 'musl libc (x86_64)' >&2; exit 1"],
  ["Raspberry Pi OS", "linux-arm64", "Linux aarch64", "echo 'ldd (Debian GLIBC) 2.36'"],
  ["a Mac with Apple silicon, in a shell for Intel", "darwin-arm64", "Darwin x86_64", "exit 127"],
  ["FreeBSD", "freebsd-x64", "FreeBSD amd64", "exit 1"],
])("on %s it takes %s", async (_, target, names, ldd) => {
  const [system, processor] = names.split(" ");
  const path = tools(
    ...needed.filter((name) => name !== "uname" && name !== "ldd"),
    "sha256sum",
    ["uname", `[ "$1" = -s ] && echo ${system} || echo ${processor}`],
    ["ldd", ldd],
    ["sysctl", system === "Darwin" ? "echo 1" : "exit 1"],
  );
  const from = fresh("empty");
  const { err } = await install(["--from", from, "--prefix", "/nowhere/x"], { path });
  expect(err).toContain(`there is no '${nameDownload(version, target)}' in '${from}'`);
});

test("as anybody it installs below ~/.local, also with a umask that lets nobody read", async () => {
  const home = fresh("home");
  const { code, out, err } = await install([], {
    home,
    shell: ["sh", "-c", 'umask 077; exec sh "$0"'],
    path: `${tools(["id", "echo 1000"])}:/usr/bin:/bin`,
  });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toStartWith(`installed tinybackup 1.0.0 as '${home}/.local/bin/tinybackup'\n`);
  expect(listInstalled(join(home, ".local"))).toEqual([...files]);
});

test("without an address it takes the download beside it, and says so in its help", async () => {
  const prefix = fresh("prefix");
  const path = `${prefix}/bin:/usr/bin:/bin`;
  expect(
    await install(["--prefix", "prefix"], { file: "./install.sh", cwd: join(folder, "beside") }),
  ).toEqual(expect.objectContaining({ code: 0, err: "" }));
  const { code, out, err } = await install(["--prefix", prefix], { file: homeless, path });
  expect({ code, out, err }).toEqual({
    code: 0,
    out: `installed tinybackup 1.0.0 as '${prefix}/bin/tinybackup'\nnext: tinybackup doctor\n`,
    err: "",
  });
  const texts = [homeless, script].map((file) => readFileSync(file, "utf8"));
  expect(texts.map((text) => text.includes("the project has no address yet: unless"))).toEqual([true, false]);
});

test("it says where the shell finds another one first", async () => {
  const older = fresh("older");
  writeFileSync(join(older, "tinybackup"), "", { mode: 0o755 });
  const { code, err } = await install(["--prefix", fresh("prefix")], { path: `${older}:/usr/bin:/bin` });
  expect({ code, err }).toEqual({
    code: 0,
    err: `warning: what your shell finds first is '${older}/tinybackup'\n`,
  });
});

test("from a pipe it does the same; cut anywhere on its way it does nothing", async () => {
  const prefix = join(folder, "piped");
  const whole = readFileSync(script, "utf8");
  const pipe = (text: string) =>
    Bun.spawnSync(["sh", "-s", "--", "--prefix", prefix], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", HOME: "/" },
      stdin: Buffer.from(text),
    });
  const lines = whole.split("\n");
  for (let kept = 0; kept < lines.length - 2; kept++) {
    pipe(lines.slice(0, kept).join("\n"));
    expect(existsSync(prefix)).toBe(false);
  }
  pipe(whole.trimEnd().slice(0, -'n "$@"'.length));
  expect(existsSync(prefix)).toBe(false);
});

test("an address that a script can not hold is refused", () => {
  expect(() => render("https://example.org/$(reboot)")).toThrow("is no address for a script");
});
