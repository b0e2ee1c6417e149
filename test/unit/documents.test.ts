// Whoever follows a link in the documents, or looks for a file that CONTRIBUTING.md names, gets where it says.
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");
const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
  ["json", "manual", "monitoring"].map((name) => `docs/${name}.md`),
);

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

test("every file and folder that CONTRIBUTING.md names is there, under its whole path or the end of it", () => {
  const sources = [...new Bun.Glob("src/**/*.ts").scanSync(root)];
  const named = [...readProse("CONTRIBUTING.md").matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter(
    (path) => !existsSync(join(root, path)) && !sources.some((source) => source.endsWith(`/${path}`)),
  );
  expect(missing.filter((path) => path !== "src/commands/NAME.ts")).toEqual([]);
});
