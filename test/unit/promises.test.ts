// docs/promises.md says which tests hold what the README promises: it must be made of these tests, and of all that is promised.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { findHolders, promises, renderPromises } from "../support/promises.ts";

const read = (file: string) => readFileSync(resolve(import.meta.dir, "../..", file), "utf8");

test("every sentence of the README's promises is one, and there is no other", () => {
  const [, chapter = ""] = read("README.md").split("## What it promises\n");
  const [list = ""] = chapter.split("\n\n[Each sentence");
  const text = list
    .replaceAll("**", "")
    .replaceAll(/^\d+\. /gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  expect(text.split(/(?<=\.) /)).toEqual(Object.values(promises));
});

test("every promise has a test", () => {
  const holders = findHolders();
  expect(Object.keys(promises).filter((promise) => !holders.has(promise))).toEqual([]);
});

test("docs/promises.md tells of the tests as they are: npm run docs writes it anew", () => {
  expect(read("docs/promises.md")).toBe(renderPromises());
});
