// install.sh: the template beside this file, with what a release knows. Pure but for reading that.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Piece } from "./contents.ts";

export interface Installed {
  readonly version: string;
  /** Empty where the downloads have no address yet. */
  readonly downloads: string;
  /** The lines of SHA256SUMS that are about downloads. */
  readonly sums: string;
  readonly pieces: readonly Pick<Piece, "name" | "installed" | "isExecutable">[];
}

export function renderInstaller({ version, downloads, sums, pieces }: Installed): string {
  if (!/^[-\w.~+:/%@]*$/.test(downloads)) throw new Error(`'${downloads}' is no address for a script`);
  const files = pieces.map(
    ({ name, installed, isExecutable }) => `${name} ${isExecutable ? "755" : "644"} ${installed}`,
  );
  const values = new Map([
    ["VERSION", version],
    ["DOWNLOADS", downloads],
    [
      "PLACE",
      downloads === ""
        ? ";\n                 the project has no address yet: unless said, the folder of install.sh"
        : "",
    ],
    ["SUMS", sums.trimEnd()],
    ["FILES", files.join("\n")],
  ]);
  const template = readFileSync(join(import.meta.dir, "install.sh"), "utf8");
  return template.replaceAll(/@([A-Z]+)@/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`install.sh names @${name}@, which a release does not know`);
    return value;
  });
}
