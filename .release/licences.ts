// The licences of what is in the binary beside our own code: they ask to be handed on with it.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly dev?: boolean; readonly license?: string }>
  >;
}

const runtime = `Bun
===

The binary contains the Bun runtime (https://bun.sh), which is under the MIT licence, and what it is made of, among it
JavaScriptCore under the LGPL 2. Bun's licences, and how to link it anew: https://bun.sh/docs/project/licensing
`;

/** The texts of all libraries that the program uses when it runs, in the order of their names. */
export function collectLicences(root: string): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const libraries = Object.entries(lock.packages).filter(
    ([folder, { dev }]) => folder !== "" && dev !== true,
  );
  const texts = libraries
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([folder, { version, license }]) => {
      const title = `${folder.replace(/^.*node_modules\//, "")} ${version} (${license})`;
      return `${title}\n${"=".repeat(title.length)}\n\n${readLicence(join(root, folder))}`;
    });
  return [...texts, runtime].join("\n\n");
}

function readLicence(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) return "It comes without a text; the name of its licence is above.\n";
  return readFileSync(join(folder, file), "utf8");
}
