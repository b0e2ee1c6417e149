// oxlint-disable no-console -- what it prints is the report
// Broken variants of the program, each caught by a case of the torture that the sound program stands: `npm run torture --
// --variants`. One line each, a count at the end, and exit 1 where one is not caught.
//
//   bun test/torture/variants.ts [--bounded] [NAME...]
import { parseArgs } from "node:util";
import { VariantJudge } from "./judge-variants.ts";
import type { Variant } from "./variant.ts";
import { belonging } from "./variants/belonging.ts";
import { keeping } from "./variants/keeping.ts";
import { proof } from "./variants/proof.ts";
import { publishing } from "./variants/publishing.ts";
import { reading } from "./variants/reading.ts";
import { restoring } from "./variants/restoring.ts";
import { schedule } from "./variants/schedule.ts";

export const variants: readonly Variant[] = [
  ...publishing,
  ...proof,
  ...keeping,
  ...belonging,
  ...reading,
  ...restoring,
  ...schedule,
];

/** Those that take a second or two: for each run of all tests. */
export const quickVariants: readonly Variant[] = variants.filter(({ name }) =>
  ["no-chapters", "copies-believed", "no-proof-before-deletion", "damaged-counted"].includes(name),
);

/** Prints a line for each variant. Returns how many were not caught. */
export async function catchVariants(chosen: readonly Variant[]): Promise<number> {
  using judge = new VariantJudge();
  const begin = performance.now();
  let missed = 0;
  for (const variant of chosen) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: some play with clocks and mounts
      const by = await judge.catch(variant);
      if (by === null) throw new Error(`a program that ${variant.breaks} passes ${variant.cases.join(", ")}`);
      console.log(`caught ${variant.name} by ${by}`);
    } catch (error) {
      missed++;
      console.log(`NOT CAUGHT ${variant.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`${chosen.length - missed} caught, ${missed} not caught, in ${seconds} s`);
  return missed;
}

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { bounded: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.find((each) => variants.every(({ name }) => name !== each));
  if (unknown !== undefined) throw new Error(`no variant is called ${unknown}`);
  const all = values.bounded ? quickVariants : variants;
  const chosen = positionals.length > 0 ? variants.filter(({ name }) => positionals.includes(name)) : all;
  process.exitCode = (await catchVariants(chosen)) > 0 ? 1 : 0;
}

if (import.meta.main) await main(process.argv.slice(2));
