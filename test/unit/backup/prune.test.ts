import { expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { noProofs } from "../../../src/backup/proofs.ts";
import { pruneRevisions } from "../../../src/backup/prune.ts";
import { openWorkshop, silentMonitor, type Workshop } from "../../support/workshop.ts";

async function openHistory(shop: Workshop) {
  const source = shop.write("a", "content");
  for (let round = 0; round < 5; round++) await shop.save(source);
  const revisions = await shop.revisions(source);
  return {
    folder: shop.destination,
    revisions,
    retention: { keeprevisions: 1 },
    asOne: true,
    proofs: noProofs,
  };
}

const numbers = (revisions: readonly { readonly number: number }[]) => revisions.map(({ number }) => number);

test("what is reported as removed is what is gone: one that can't go is a problem, and stops no other", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  const [, four, three] = request.revisions;
  // A folder can't be removed as a file is; and what another run has removed was not removed here.
  if (four) rmSync(four.path);
  if (four) mkdirSync(four.path);
  if (three) rmSync(three.path);
  const { keep, removed, problem } = await pruneRevisions({ ...request, isDryRun: false }, silentMonitor);
  expect(numbers(removed.map(({ revision }) => revision))).toEqual([2, 1]);
  expect(numbers(keep.map(({ revision }) => revision))).toEqual([5]);
  expect(problem?.message).toStartWith(`cannot remove the old revision '${four?.path}': `);
  expect(numbers(await shop.revisions())).toEqual([5]);
});

test("a dry run says the same, and removes nothing", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  const { removed, problem } = await pruneRevisions({ ...request, isDryRun: true }, silentMonitor);
  expect([numbers(removed.map(({ revision }) => revision)), problem]).toEqual([[4, 3, 2, 1], null]);
  expect(shop.files()).toHaveLength(5);
});

test("an interruption ends it, and is the problem", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  const controller = new AbortController();
  const monitor = {
    ...silentMonitor,
    signal: controller.signal,
    note: () => controller.abort(new Error("the end")),
  };
  const { removed, problem } = await pruneRevisions({ ...request, isDryRun: false }, monitor);
  expect([numbers(removed.map(({ revision }) => revision)), problem?.message]).toEqual([[1], "the end"]);
  expect(numbers(await shop.revisions())).toEqual([5, 4, 3, 2]);
});
