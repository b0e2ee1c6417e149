// Everything that is published: a download for each system, their checksums, and the Homebrew formula.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completionScripts } from "../src/cli/completion.ts";
import { brewed, renderFormula } from "./formula.ts";
import { collectLicences } from "./licences.ts";
import { nameDownload, type Target } from "./targets.ts";
import { type Packed, packTarball } from "./tarball.ts";

export interface Release {
  readonly root: string;
  /** Where the files are written. */
  readonly folder: string;
  readonly version: string;
  /** What all files are dated: of the commit, so that a commit makes the same files again. */
  readonly date: Date;
  readonly homepage: string;
  /** The address of the folder where the files will be. */
  readonly downloads: string;
  readonly manual: string;
  readonly targets: readonly Target[];
  /** Builds the program for a target, at that path. */
  readonly compile: (target: Target, binary: string) => Promise<void>;
  readonly tell: (line: string) => void;
}

/** Writes the downloads, SHA256SUMS, and, where all of its systems are among the targets, tinybackup.rb. */
export async function makeRelease(release: Release): Promise<void> {
  const { folder, version, targets, tell } = release;
  mkdirSync(folder, { recursive: true });
  const sums = new Map<string, string>();
  for (const target of targets) {
    const name = nameDownload(version, target.name);
    const tarball = await buildTarball(release, target);
    writeFileSync(join(folder, name), tarball);
    sums.set(target.name, createHash("sha256").update(tarball).digest("hex"));
    tell(`${name}  ${tarball.length} bytes`);
  }
  const lines = targets.map(({ name }) => `${sums.get(name)}  ${nameDownload(version, name)}\n`);
  writeFileSync(join(folder, "SHA256SUMS"), lines.join(""));
  if (brewed.every((target) => sums.has(target)))
    writeFileSync(join(folder, "tinybackup.rb"), renderReleaseFormula(release, sums));
}

async function buildTarball(release: Release, target: Target): Promise<Buffer> {
  // The binary's own name is part of it: it must be the same for all.
  const workshop = mkdtempSync(join(tmpdir(), "tinybackup-release-"));
  try {
    const binary = join(workshop, "tinybackup");
    await release.compile(target, binary);
    return await packTarball(listContent(release, target, readFileSync(binary)), release.date);
  } finally {
    rmSync(workshop, { recursive: true });
  }
}

function text(name: string, content: string): Packed {
  return { name, content: Buffer.from(content) };
}

function listContent({ root, version, manual }: Release, target: Target, binary: Buffer): readonly Packed[] {
  const files: readonly Packed[] = [
    { name: "tinybackup", content: binary, isExecutable: true },
    text("tinybackup.1", manual),
    text("completions/tinybackup.bash", completionScripts.bash),
    text("completions/_tinybackup", completionScripts.zsh),
    text("completions/tinybackup.fish", completionScripts.fish),
    text("LICENSE", readFileSync(join(root, "LICENSE"), "utf8")),
    text("LICENSES-OF-LIBRARIES", collectLicences(root)),
  ];
  return files.map((file) => ({ ...file, name: `tinybackup-${version}-${target.name}/${file.name}` }));
}

function renderReleaseFormula(
  { version, homepage, downloads: base }: Release,
  sums: ReadonlyMap<string, string>,
): string {
  const downloads = new Map(
    [...sums].map(([target, sha256]) => [
      target,
      { url: `${base}/${nameDownload(version, target)}`, sha256 },
    ]),
  );
  return renderFormula({ version, homepage, downloads });
}
