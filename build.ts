// Builds the program into one sealed binary, and proves that it runs: `npm run build`. Writes what is made from the
// commands' definitions: `npm run docs`. Makes what is published: `npm run release`.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { signAdHoc } from "./.release/mach-o.ts";
import { placeReference, renderManual, renderReference } from "./.release/manual.ts";
import { makeRelease } from "./.release/release.ts";
import { targets } from "./.release/targets.ts";
import { author, description, homepage, version } from "./package.json" with { type: "json" };
import { describeCommands } from "./src/cli/command.ts";
import { commands } from "./src/main.ts";
import { renderPromises } from "./test/support/promises.ts";

const root = import.meta.dir;
const dist = resolve(root, "dist");
const outfile = resolve(dist, "tinybackup");
const entrypoint = resolve(root, "src/main.ts");
const manualFile = resolve(root, "docs/manual.md");

/**
 * Compiles for this machine, or for another one. Throws if anything at all is wrong. Returns the folders of the libraries
 * that are in the binary, by their names.
 */
export async function compile(
  source: string,
  binary: string,
  target?: string,
  plugins: Bun.BunPlugin[] = [],
): Promise<ReadonlyMap<string, string>> {
  const { metafile } = await Bun.build({
    entrypoints: [source],
    plugins,
    target: "bun",
    // Bytecode of CommonJS breaks on import.meta, and with splitting a command loads only what it needs.
    format: "esm",
    bytecode: true,
    splitting: true,
    minify: true,
    metafile: true,
    // Without it the text of the build machine's NODE_ENV would be baked in.
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    // A module that is looked for at run time would be looked for in the user's current folder.
    allowUnresolved: [],
    throw: true,
    compile: {
      outfile: binary,
      // The types do not know FreeBSD yet, Bun does.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      ...(target === undefined ? {} : { target: target as Bun.Build.CompileTarget }),
      // Nothing in the folder where somebody happens to stand may change what the program does.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if ((target ?? `bun-${process.platform}-${process.arch}`) === "bun-darwin-x64") {
    writeFileSync(binary, signAdHoc(readFileSync(binary), "tinybackup"));
  }
  const found = Object.keys(metafile?.inputs ?? {}).map((path) =>
    /^(?<folder>.*node_modules\/(?<name>(?:@[^/]+\/)?[^/]+))\//.exec(path),
  );
  return new Map(
    found.flatMap((match) => {
      const { folder, name } = match?.groups ?? {};
      return folder === undefined || name === undefined ? [] : [[name, resolve(folder)] as const];
    }),
  );
}

/** A build whose bytecode is broken succeeds, and dies when it is run: so every part of it is loaded once. */
function proveThatItRuns(binary: string): void {
  const printed = run([binary, "--version"]);
  if (printed !== `tinybackup ${version}\n`) throw new Error(`${binary} --version printed ${printed}`);
  // The help is made from all commands, and so loads all of them.
  run([binary, "--help"]);
}

function run(command: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], { env });
  if (exitCode === 0 && stderr.length === 0) return stdout.toString();
  throw new Error(`${command.join(" ")} does not run: exit code ${exitCode}\n${stderr.toString()}`);
}

/** `npm run build`: dist/tinybackup. */
async function build(): Promise<void> {
  const manual = readFileSync(manualFile, "utf8");
  if (manual !== placeReference(manual, renderReference(await describeCommands(commands)))) {
    throw new Error(
      "docs/manual.md tells of other commands than the program has: npm run docs writes them anew",
    );
  }
  rmSync(outfile, { force: true });
  mkdirSync(dist, { recursive: true });
  await compile(entrypoint, outfile);
  proveThatItRuns(outfile);
  tell(`built dist/tinybackup ${version}`);
}

/** `npm run docs`: the reference of the commands in docs/manual.md, the tests in docs/promises.md, and dist/tinybackup.1. */
async function writeDocs(): Promise<void> {
  const all = await describeCommands(commands);
  writeFileSync(manualFile, placeReference(readFileSync(manualFile, "utf8"), renderReference(all)));
  mkdirSync(dist, { recursive: true });
  writeFileSync(resolve(dist, "tinybackup.1"), renderManual(all, { version, date: findDate() }));
  writeFileSync(resolve(root, "docs/promises.md"), renderPromises());
  tell("wrote the commands into docs/manual.md, docs/promises.md, and dist/tinybackup.1");
}

/** `npm run release [TARGET...]`: everything that is published, into dist. */
async function release(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) throw new Error(`there is no target ${unknown}`);
  await build();
  await writeDocs();
  const date = findDate();
  await makeRelease({
    root,
    folder: dist,
    version,
    date,
    homepage,
    downloads:
      process.env["TINYBACKUP_DOWNLOADS"] ?? (homepage && `${homepage}/releases/download/v${version}`),
    maintainer: author,
    summary: description,
    manual: renderManual(await describeCommands(commands), { version, date }),
    targets: names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name)),
    compile: ({ bun }, binary) => compile(entrypoint, binary, bun),
    tell,
  });
}

/** The moment of the release: SOURCE_DATE_EPOCH where it is set, as reproducible builds agreed, else of the commit. */
function findDate(): Date {
  const given = process.env["SOURCE_DATE_EPOCH"];
  const seconds = given ?? run(["git", "-C", root, "log", "-1", "--format=%ct"], process.env).trim();
  if (!/^\d+$/.test(seconds)) throw new Error(`'${seconds}' is no number of seconds: set SOURCE_DATE_EPOCH`);
  return new Date(Number(seconds) * 1000);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main([task, ...names]: readonly string[]): Promise<void> {
  switch (task) {
    case undefined:
      return build();
    case "docs":
      return writeDocs();
    case "release":
      return release(names);
    default:
      throw new Error(`there is no task ${task}: docs and release are`);
  }
}

if (import.meta.main) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    const reason =
      error instanceof Error && !(error instanceof AggregateError) ? error.message : Bun.inspect(error);
    process.stderr.write(`build failed: ${reason}\n`);
    process.exitCode = 1;
  });
}
