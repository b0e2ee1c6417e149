// The packages for Debian's and Red Hat's families, made of the files of a download by those who know how: dpkg-deb and
// rpmbuild, both of which Debian has. The same files make the same packages, bit for bit.

import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { documentFolder, type Piece } from "./contents.ts";
import { renderLicenceExpression } from "./runtime.ts";

export interface PackageSource {
  readonly version: string;
  readonly date: Date;
  /** Empty where there is none yet. */
  readonly homepage: string;
  readonly maintainer: string;
  /** One line. */
  readonly summary: string;
  /** An empty folder, for this target alone. */
  readonly workshop: string;
  readonly pieces: readonly Piece[];
  /** All licences in one text, as Debian has them. */
  readonly copyright: string;
}

/** The processors' names, by the targets that there are packages for. */
const processors: ReadonlyMap<string, { readonly deb: string; readonly rpm: string }> = new Map([
  ["linux-arm64", { deb: "arm64", rpm: "aarch64" }],
  ["linux-x64", { deb: "amd64", rpm: "x86_64" }],
]);

const description = [
  "It copies one file into one folder as compressed, timestamped revisions, proves",
  "each, keeps as many as asked, and schedules itself through at(1). A revision is",
  "a plain tar archive, compressed by zstd or gzip, that needs nothing of this",
  "program to be opened.",
];

export function hasPackages(target: string): boolean {
  return processors.has(target);
}

/** Throws where they can not be made. */
export function checkPackagers(): void {
  const missing = ["dpkg-deb", "rpmbuild"].filter((tool) => Bun.which(tool) === null);
  if (missing.length > 0)
    throw new Error(
      `${missing.join(" and ")} not found, which the packages are made by: on Debian, apt-get install dpkg rpm`,
    );
}

/** Their contents, by their names. */
export async function buildPackages(source: PackageSource, target: string): Promise<readonly Built[]> {
  const processor = processors.get(target);
  if (processor === undefined) throw new Error(`there are no packages for ${target}`);
  return Promise.all([buildDeb(source, processor.deb), buildRpm(source, processor.rpm)]);
}

type Built = readonly [name: string, content: Uint8Array];

/** Both sort a tilde before everything, as a version before its release must be. */
function renderVersion(version: string): string {
  return version.replace("-", "~");
}

async function buildDeb(source: PackageSource, processor: string): Promise<Built> {
  const { date, workshop, maintainer } = source;
  const version = renderVersion(source.version);
  const tree = join(workshop, "deb");
  const files = [
    ...source.pieces.flatMap(placeForDebian),
    {
      path: `usr/${documentFolder}/copyright`,
      content: Buffer.from(source.copyright),
    },
    {
      path: `usr/${documentFolder}/changelog.gz`,
      content: compress(renderDebianChangelog(version, maintainer, date)),
    },
  ];
  writeTree(tree, files);
  const control = [
    "Package: tinybackup",
    `Version: ${version}`,
    `Architecture: ${processor}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${files.reduce((sum, { content }) => sum + Math.ceil(content.length / 1024), 0)}`,
    "Depends: libc6 (>= 2.17)",
    "Recommends: at",
    "Section: utils",
    "Priority: optional",
    "Multi-Arch: foreign",
    ...(source.homepage === "" ? [] : [`Homepage: ${source.homepage}`]),
    `Description: ${source.summary}`,
    ...description.map((line) => ` ${line}`),
  ];
  const sums = files.map(
    ({ path, content }) => `${createHash("md5").update(content).digest("hex")}  ${path}\n`,
  );
  writeTree(tree, [
    { path: "DEBIAN/control", content: Buffer.from(`${control.join("\n")}\n`) },
    { path: "DEBIAN/md5sums", content: Buffer.from(sums.toSorted().join("")) },
  ]);
  const name = `tinybackup_${version}_${processor}.deb`;
  // What every Debian reads.
  const compression = ["-Zgzip", "-z6"];
  await run(
    ["dpkg-deb", "--root-owner-group", ...compression, "--build", tree, join(workshop, name)],
    source,
  );
  return [name, readFileSync(join(workshop, name))];
}

/** Debian has the licences in one file, and completions for zsh in a folder of its own. */
function placeForDebian(piece: Piece): readonly TreeFile[] {
  if (/^(LICENSE|THIRD-PARTY-LICENSES)$/.test(piece.name)) return [];
  const [file] = [place(piece)];
  return [{ ...file, path: file.path.replace("zsh/site-functions", "zsh/vendor-completions") }];
}

function renderDebianChangelog(version: string, maintainer: string, date: Date): string {
  const at = date.toUTCString().replace("GMT", "+0000");
  return `tinybackup (${version}) unstable; urgency=medium

  * See CHANGELOG.md.

 -- ${maintainer} <>  ${at}
`;
}

async function buildRpm(source: PackageSource, processor: string): Promise<Built> {
  const { workshop } = source;
  const version = renderVersion(source.version);
  const tree = join(workshop, "rpm");
  const files = source.pieces.map(place).map((file) => ({
    ...file,
    path: file.path.replace(/doc(\/tinybackup\/\S*LICENSES?)$/, "licenses$1"),
  }));
  writeTree(tree, files);
  const spec = `Name: tinybackup
Version: ${version}
Release: 1
Summary: ${source.summary}
License: ${renderLicenceExpression()}
${source.homepage === "" ? "" : `URL: ${source.homepage}\n`}Recommends: at

%description
${description.join("\n")}

%install
cp -a '${tree}/.' '%{buildroot}/'

%files
%defattr(-, root, root, -)
${renderFileList(files).join("\n")}
`;
  writeFileSync(join(workshop, "tinybackup.spec"), spec);
  const name = `tinybackup-${version}-1.${processor}.rpm`;
  const macros = {
    _topdir: workshop,
    _rpmdir: workshop,
    _build_name_fmt: name,
    // Half the time of the highest level, and hardly larger.
    _binary_payload: "w6.zstdio",
    // What the machine of the build is called, and when that was.
    _buildhost: "localhost",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
    // The program must stay as it was built: what Bun has put behind it, strip would take away.
    __os_install_post: "%{nil}",
    debug_package: "%{nil}",
    _build_id_links: "none",
  };
  const defines = Object.entries(macros).flatMap(([macro, value]) => ["--define", `${macro} ${value}`]);
  const target = ["--target", `${processor}-linux`];
  await run(["rpmbuild", "-bb", "--quiet", ...target, ...defines, join(workshop, "tinybackup.spec")], source);
  return [name, readFileSync(join(workshop, name))];
}

/** With the folders that a bare system may not have yet, so that they go when the package goes. */
function renderFileList(files: readonly TreeFile[]): readonly string[] {
  const known = ["usr", "usr/bin", "usr/share", "usr/share/man", "usr/share/man/man1", "usr/share/doc"];
  const folders = new Set(files.flatMap(({ path }) => listFolders(path)));
  const own = [...folders].filter((folder) => !known.includes(folder));
  const kinds: readonly (readonly [folder: string, kind: string])[] = [
    ["usr/share/licenses/", "%license "],
    ["usr/share/doc/", "%doc "],
  ];
  return [
    ...own.toSorted().map((folder) => `%dir /${folder}`),
    ...files.map(({ path }) => `${kinds.find(([start]) => path.startsWith(start))?.[1] ?? ""}/${path}`),
  ];
}

interface TreeFile {
  /** From the root of the system. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly isExecutable?: boolean;
}

/** Where a file belongs below /usr. Manual pages are compressed there. */
function place({ installed, content, isExecutable = false }: Piece): TreeFile {
  return installed.startsWith("share/man/")
    ? { path: `usr/${installed}.gz`, content: compress(content) }
    : { path: `usr/${installed}`, content, isExecutable };
}

/** Like `gzip -9n`. */
function compress(content: string | Uint8Array): Buffer {
  return gzipSync(content, { level: 9 });
}

function listFolders(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** With modes that do not depend on the umask. */
function writeTree(root: string, files: readonly TreeFile[]): void {
  for (const { path, content, isExecutable = false } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    for (const folder of ["", ...listFolders(path)]) chmodSync(join(root, folder), 0o755);
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), isExecutable ? 0o755 : 0o644);
  }
}

async function run(command: readonly string[], { workshop, date }: PackageSource): Promise<void> {
  // What somebody has set for his own packages must not change ours.
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: workshop,
    LC_ALL: "C.UTF-8",
    SOURCE_DATE_EPOCH: String(date.getTime() / 1000),
  };
  const child = Bun.spawn([...command], { env, stdout: "pipe", stderr: "pipe" });
  const said = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${said.join("")}`);
}
