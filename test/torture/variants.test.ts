// The torture proves itself: programs that break one promise each are caught by it. All of them by `npm run torture -- --variants`.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { VariantJudge } from "./judge-variants.ts";
import { breakSources, readSources } from "./variant.ts";
import { quickVariants, variants } from "./variants.ts";

setDefaultTimeout(300_000);

const judge = new VariantJudge();

afterAll(() => judge[Symbol.dispose]());

test("there are more than thirty broken programs, each of its own name, and each still differs from the sound one", () => {
  const sources = readSources();
  expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
  expect(variants.length).toBeGreaterThan(30);
  for (const variant of variants)
    for (const [path, text] of breakSources(variant, sources)) expect(text).not.toBe(sources.get(path) ?? "");
});

test.each(quickVariants.map((variant) => [variant.breaks, variant] as const))(
  "a program that %s is caught",
  async (_, variant) => {
    expect(await judge.catch(variant)).not.toBeNull();
  },
);

test("a program that breaks nothing is not caught", async () => {
  expect(
    await judge.catch({
      name: "sound",
      breaks: "breaks nothing",
      cases: ["torture/accidents: copies of one state"],
      edits: [],
    }),
  ).toBeNull();
});
