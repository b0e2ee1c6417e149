// A broken variant of the program: the program but for one promise, which it does not keep. It shows that the torture sees
// what it is there to see.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compile } from "../../build.ts";

/** A part of the source, wherever it stands, and what stands there instead. How it is broken into lines does not matter. */
type Edit = readonly [from: string, to: string];

export interface Variant {
  /** What is printed and typed: short, in kebab-case. */
  readonly name: string;
  /** Completes "a program that ...": `names a revision before it is on the disk`. */
  readonly breaks: string;
  /** The cases that are tried, the likeliest first: `torture/bit-flips: a bit`, a test file and a part of a test's name. */
  readonly cases: readonly [string, ...string[]];
  readonly edits: readonly Edit[];
}

export const root = resolve(import.meta.dir, "../..");

/** The texts of the sources by their paths, from the root. */
type Sources = ReadonlyMap<string, string>;

export function readSources(): Sources {
  const paths = [...new Bun.Glob("src/**/*.ts").scanSync(root)];
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** The sources that differ in a variant. Throws unless each part that is replaced is there, and once. */
export function breakSources({ name, edits }: Pick<Variant, "name" | "edits">, sources: Sources): Sources {
  const broken = new Map<string, string>();
  for (const [from, to] of edits) {
    const part = matcherOf(from);
    const found = [...sources.keys()].flatMap((path) => {
      const text = broken.get(path) ?? sources.get(path) ?? "";
      return Array.from(text.matchAll(part), ({ index, 0: all }) => ({ path, text, index, all }));
    });
    const [place] = found;
    if (!place || found.length > 1)
      throw new Error(
        `the variant '${name}' replaces what is in the source ${found.length} times, not once: ${from}`,
      );
    const { path, text, index, all } = place;
    broken.set(path, text.slice(0, index) + to + text.slice(index + all.length));
  }
  return broken;
}

/** Blanks, line breaks, and the comma that the formatter puts behind the last of several lines, are all the same. */
function matcherOf(from: string): RegExp {
  const words = from.trim().split(/\s+/).map(escapePattern);
  const loose = words.join(String.raw`\s+`).replaceAll(String.raw`\(`, String.raw`\(\s*`);
  return new RegExp(loose.replaceAll(String.raw`\)`, String.raw`,?\s*\)`), "g");
}

export function escapePattern(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

/** Compiles a variant in a folder that is made for it. Returns the path of its binary. */
export async function buildVariant(
  variant: Pick<Variant, "name" | "edits">,
  sources: Sources,
  folder: string,
): Promise<string> {
  const broken = breakSources(variant, sources);
  mkdirSync(folder, { recursive: true });
  for (const name of ["src", "package.json", "tsconfig.json"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of broken) writeFileSync(join(folder, path), text);
  const binary = join(folder, "tinybackup");
  await compile(join(folder, "src/main.ts"), binary);
  return binary;
}
