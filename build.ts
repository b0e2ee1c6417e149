// Builds the program into one sealed binary, and proves that it runs. `bun build.ts` writes dist/tinybackup.

import { mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { version } from "./package.json" with { type: "json" };

const outfile = resolve(import.meta.dir, "dist/tinybackup");

/** Compiles for this machine. Throws if anything at all is wrong. */
export async function compile(entrypoint: string, binary: string): Promise<void> {
  await Bun.build({
    entrypoints: [entrypoint],
    target: "bun",
    // Bytecode of CommonJS breaks on import.meta, and with splitting a command loads only what it needs.
    format: "esm",
    bytecode: true,
    splitting: true,
    minify: true,
    // Without it the text of the build machine's NODE_ENV would be baked in.
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    // A module that is looked for at run time would be looked for in the user's current folder.
    allowUnresolved: [],
    throw: true,
    compile: {
      outfile: binary,
      // Nothing in the folder where somebody happens to stand may change what the program does.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
}

/** A build whose bytecode is broken succeeds, and dies when it is run: so every part of it is loaded once. */
function proveThatItRuns(binary: string): void {
  const printed = run(binary, "--version");
  if (printed !== `tinybackup ${version}\n`) throw new Error(`${binary} --version printed ${printed}`);
  // The help is made from all commands, and so loads all of them.
  run(binary, "--help");
}

function run(binary: string, argument: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([binary, argument], { env: {} });
  if (exitCode === 0 && stderr.length === 0) return stdout.toString();
  throw new Error(`${binary} ${argument} does not run: exit code ${exitCode}\n${stderr.toString()}`);
}

async function build(): Promise<void> {
  rmSync(outfile, { force: true });
  mkdirSync(resolve(outfile, ".."), { recursive: true });
  await compile(resolve(import.meta.dir, "src/main.ts"), outfile);
  proveThatItRuns(outfile);
  process.stdout.write(`built dist/tinybackup ${version}\n`);
}

if (import.meta.main) {
  build().catch((error: unknown) => {
    process.stderr.write(`build failed: ${Bun.inspect(error)}\n`);
    process.exitCode = 1;
  });
}
