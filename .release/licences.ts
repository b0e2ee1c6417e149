// The licences of what is in the binary beside our own code: they ask to be handed on with it.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { wrapText } from "../src/cli/help.ts";
import { describedVersion, findPartVersion, parts, polyfills } from "./runtime.ts";

/** A package of npm's, as far as this is about it. */
interface Manifest {
  readonly version: string;
  readonly license?: string;
}

/** Where Debian keeps the texts that are the same for everybody. */
const commonFolder = "/usr/share/common-licenses";
/** What must be handed on as a text, and is not among those of the libraries. */
const commonTexts: readonly string[] = ["LGPL-2", "LGPL-2.1", "Apache-2.0"];

/**
 * The texts of all libraries that are in the binary, in the order of their names, then Bun's.
 * @param folders of the libraries, as the build has put them into the binary
 */
export function collectLicences(folders: ReadonlyMap<string, string>): string {
  const libraries = [...folders].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const texts = libraries.map(([name, folder]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    return renderSection(`${name} ${version} (${license})`, readLicence(folder));
  });
  return [...texts, renderSection(`Bun ${describedVersion} (MIT)`, describeRuntime())].join("\n\n");
}

/** The texts that the runtime's licences ask to be handed on. */
export function readCommonLicences(): string {
  return commonTexts
    .map((name) => renderSection(`The licence ${name}`, readFileSync(join(commonFolder, name), "utf8")))
    .join("\n\n");
}

/** For Debian, which has them already. */
export function nameCommonLicences(): string {
  const paths = commonTexts.map((name) => `  ${commonFolder}/${name}\n`);
  return `The texts of the GNU Lesser General Public License and of the Apache License:\n${paths.join("")}`;
}

function renderSection(title: string, text: string): string {
  return `${title}\n${"=".repeat(title.length)}\n\n${text}`;
}

function readLicence(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) return "It comes without a text; the name of its licence is above.\n";
  return readFileSync(join(folder, file), "utf8");
}

function describeRuntime(): string {
  const rows = parts.map((part) => [part.name, part.licence, findPartVersion(part) ?? ""] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
  return `The program contains the Bun runtime (https://bun.sh), which is under the MIT licence, and with it:

${table.join("\n")}

Bun's own list, with the address of each: https://github.com/oven-sh/bun/blob/bun-v${describedVersion}/LICENSE.md

JavaScriptCore and TinyCC are under the LGPL. You may change them, and link the program anew: build Bun from its sources
with your changes, and let it build this program from its sources, which are under the MIT licence: bun build.ts

${wrapText(`Bun also carries these modules, all under the MIT licence: ${polyfills.join(", ")}.`, 110).join("\n")}
`;
}
