// Everything that is published: a download for each system, packages, install.sh, the bill of materials, the Homebrew
// formula, and the checksums.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderBill } from "./bill-of-materials.ts";
import { documents, listPieces, type Piece } from "./contents.ts";
import { brewed, renderFormula } from "./formula.ts";
import { renderInstaller } from "./installer.ts";
import { collectLicences, nameCommonLicences, readCommonLicences } from "./licences.ts";
import { buildPackages, checkPackagers, hasPackages } from "./packages.ts";
import { checkDescribed } from "./runtime.ts";
import { nameDownload, type Target } from "./targets.ts";
import { packTarball } from "./tarball.ts";

export interface Release {
  readonly root: string;
  /** Where the files are written. */
  readonly folder: string;
  readonly version: string;
  /** What all files are dated: of the commit, so that a commit makes the same files again. */
  readonly date: Date;
  /** Of the project. Empty until it has one: then nothing names any. */
  readonly homepage: string;
  /** The address of the folder where the files will be; empty where there is none. */
  readonly downloads: string;
  readonly maintainer: string;
  /** What the program is, in one line. */
  readonly summary: string;
  readonly manual: string;
  readonly targets: readonly Target[];
  /** Builds the program for a target, at that path. Returns the folders of the libraries in it, by their names. */
  readonly compile: (target: Target, binary: string) => Promise<ReadonlyMap<string, string>>;
  readonly tell: (line: string) => void;
}

interface Built {
  /** What is to be published, by the names of the files. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly pieces: readonly Piece[];
  readonly libraries: readonly string[];
}

/** Writes all of it, the formula only where its systems are among the targets and the downloads have an address. */
export async function makeRelease(release: Release): Promise<void> {
  const { folder, version, targets, downloads, tell } = release;
  checkDescribed(Bun.version);
  if (targets.some(({ name }) => hasPackages(name))) checkPackagers();
  mkdirSync(folder, { recursive: true });
  const sums = new Map<string, string>();
  const publish = (name: string, content: string | Uint8Array): void => {
    writeFileSync(join(folder, name), content);
    sums.set(name, createHash("sha256").update(content).digest("hex"));
    tell(`${name}  ${Buffer.byteLength(content)} bytes`);
  };
  let last: Built | undefined;
  for (const target of targets) {
    last = await buildTarget(release, target);
    for (const [name, content] of last.files) publish(name, content);
  }
  if (last === undefined) throw new Error("there is nothing to release");
  const archives = targets.map(({ name }) => nameDownload(version, name));
  publish(
    "install.sh",
    renderInstaller({ version, downloads, sums: renderSums(sums, archives), pieces: last.pieces }),
  );
  publish(`tinybackup-${version}.cdx.json`, renderBill({ ...release, libraries: last.libraries }));
  rmSync(join(folder, "tinybackup.rb"), { force: true });
  if (downloads === "")
    tell(
      "the project has no address (package.json, homepage), and none is named: install.sh takes downloads that lie beside it, and there is no tinybackup.rb",
    );
  else if (brewed.every((target) => sums.has(nameDownload(version, target))))
    publish("tinybackup.rb", renderReleaseFormula(release, sums));
  writeFileSync(join(folder, "SHA256SUMS"), renderSums(sums, [...sums.keys()]));
}

/** As sha256sum reads them. */
function renderSums(sums: ReadonlyMap<string, string>, names: readonly string[]): string {
  return names.map((name) => `${sums.get(name)}  ${name}\n`).join("");
}

async function buildTarget(release: Release, target: Target): Promise<Built> {
  const { root, version, date, manual } = release;
  const workshop = mkdtempSync(join(tmpdir(), "tinybackup-release-"));
  try {
    // The binary's own name is part of it: it must be the same for all.
    const binary = join(workshop, "tinybackup");
    const folders = await release.compile(target, binary);
    const texts = new Map(documents.map((name) => [name, readFileSync(join(root, name), "utf8")]));
    const libraries = collectLicences(folders);
    const pieces = listPieces(readFileSync(binary), {
      manual,
      licences: [libraries, readCommonLicences()].join("\n\n"),
      documents: texts,
    });
    const copyright = [texts.get("LICENSE"), libraries, nameCommonLicences()].join("\n\n");
    const inFolder = pieces.map((piece) => ({
      ...piece,
      name: `tinybackup-${version}-${target.name}/${piece.name}`,
    }));
    const [archive, packages] = await Promise.all([
      packTarball(inFolder, date),
      hasPackages(target.name) ? buildPackages({ ...release, workshop, pieces, copyright }, target.name) : [],
    ]);
    const files = new Map([[nameDownload(version, target.name), archive], ...packages]);
    return { files, pieces, libraries: [...folders.keys()] };
  } finally {
    rmSync(workshop, { recursive: true });
  }
}

function renderReleaseFormula(
  { version, homepage, downloads: base }: Release,
  sums: ReadonlyMap<string, string>,
): string {
  const downloads = new Map(
    brewed.map((target) => {
      const name = nameDownload(version, target);
      return [target, { url: `${base}/${name}`, sha256: sums.get(name) ?? "" }];
    }),
  );
  return renderFormula({ version, homepage, downloads });
}
