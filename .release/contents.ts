// What a download holds, and where each file belongs once it is installed: the one list that the archives, the packages
// and install.sh are made from. Pure.

import { completionScripts } from "../src/commands/completions.ts";
import type { Packed } from "./tarball.ts";

export interface Piece extends Packed {
  /** Below the prefix, such as /usr. */
  readonly installed: string;
}

/** The texts that are not made here, by their names. */
export interface Texts {
  readonly manual: string;
  readonly licences: string;
  /** Those of the checkout, by their paths in it: `documents`. */
  readonly documents: ReadonlyMap<string, string>;
}

/** What of the checkout a download holds as it is. */
export const documents: readonly string[] = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "docs/json.md",
  "docs/manual.md",
  "docs/monitoring.md",
];

/** The folder of the licences and other documents, below the prefix. */
export const documentFolder = "share/doc/tinybackup";

/** The shells look for completions there: bash-completion, zsh in its `fpath`, fish among those of vendors. */
const completions: readonly (readonly [name: string, script: string, installed: string])[] = [
  ["tinybackup.bash", completionScripts.bash, "share/bash-completion/completions/tinybackup"],
  ["_tinybackup", completionScripts.zsh, "share/zsh/site-functions/_tinybackup"],
  ["tinybackup.fish", completionScripts.fish, "share/fish/vendor_completions.d/tinybackup.fish"],
];

/** All files of a download. */
export function listPieces(binary: Uint8Array, { manual, licences, documents: texts }: Texts): Piece[] {
  const read = new Map([...texts, ["THIRD-PARTY-LICENSES", licences]]);
  return [
    { name: "tinybackup", content: binary, isExecutable: true, installed: "bin/tinybackup" },
    { name: "tinybackup.1", content: Buffer.from(manual), installed: "share/man/man1/tinybackup.1" },
    ...completions.map(([name, script, installed]) => ({
      name: `completions/${name}`,
      content: Buffer.from(script),
      installed,
    })),
    ...[...read].map(([name, content]) => ({
      name,
      content: Buffer.from(content),
      installed: `${documentFolder}/${name}`,
    })),
  ];
}
