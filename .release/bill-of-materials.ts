// The bill of materials (SBOM), as CycloneDX: what is in the binary, from npm's own, which knows neither the build nor Bun.

import { createHash } from "node:crypto";
import { findPartVersion, type Part, parts } from "./runtime.ts";

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
}

/** What of CycloneDX 1.5 is read here; the rest passes as npm has written it. */
interface Bill {
  readonly metadata: { readonly component: Component & Readonly<Record<string, unknown>> };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface Product {
  readonly root: string;
  readonly version: string;
  readonly date: Date;
  /** The names of the libraries in the binary. */
  readonly libraries: readonly string[];
}

/** JSON, ending with a newline; of the same product always the same. */
export function renderBill({ root, version, date, libraries }: Product): string {
  const all = readBill(root);
  const wanted = [...libraries, "bun"];
  const components = all.components.filter(({ name }) => wanted.includes(name));
  if (components.length !== wanted.length)
    throw new Error(`npm sbom does not know all of ${wanted.join(", ")}: package-lock.json does not fit`);
  const refs = components.map((component) => component["bom-ref"]);
  const { component } = all.metadata;
  const bill = {
    ...all,
    // Both would be others each time.
    serialNumber: undefined,
    metadata: {
      ...all.metadata,
      timestamp: date.toISOString(),
      lifecycles: [{ phase: "build" }],
      // npm takes the folder's name for the program's.
      component: { ...component, type: "application", name: "tinybackup" },
    },
    components: components.map((each) =>
      each.name === "bun"
        ? { ...each, scope: "required", properties: [], components: parts.map(describePart) }
        : each,
    ),
    dependencies: [
      { ref: component["bom-ref"], dependsOn: refs },
      ...refs.map((ref) => ({ ref, dependsOn: [] })),
    ],
  };
  const digest = createHash("sha256").update(version).update(JSON.stringify(bill)).digest("hex");
  return `${JSON.stringify({ ...bill, serialNumber: renderSerial(digest) }, null, 2)}\n`;
}

function readBill(root: string): Bill {
  const command = ["npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only"];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: root });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${stderr.toString()}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(stdout.toString()) as Bill;
}

function describePart(part: Part) {
  const version = findPartVersion(part);
  const licence =
    part.licence === "several"
      ? { license: { name: "several, which its own list names" } }
      : / (AND|WITH) /.test(part.licence)
        ? { expression: part.licence }
        : { license: { id: part.licence } };
  return {
    type: "library",
    name: part.name,
    ...(version === undefined ? {} : { version }),
    licenses: [licence],
  };
}

/** A UUID (version 8: made of what one likes) of a digest. */
function renderSerial(digest: string): string {
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(digest) ?? [];
  return `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`;
}
