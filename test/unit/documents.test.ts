// Whoever follows a link in the documents gets where it says.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");
const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/manual.md"];

function readProse(document: string): string {
  return readFileSync(join(root, document), "utf8").replaceAll(/^```[^]*?^```$/gm, "");
}

/** The anchors of its headings, as GitHub makes them. */
function listAnchors(document: string): readonly string[] {
  return [...readProse(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\d _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(documents)("every link of %s leads somewhere", (document) => {
  const links = [...readProse(document).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const broken = links.filter(([, path = "", anchor]) => {
    if (/^https?:/.test(path)) return false;
    const target = path === "" ? document : join(dirname(document), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !listAnchors(target).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});
