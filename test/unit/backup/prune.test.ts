import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pruneRevisions } from "../../../src/backup/prune.ts";
import type { Revision } from "../../../src/backup/revision.ts";
import { createProofLog, noProofs } from "../../support/proof-log.ts";
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

/** Flips a bit of the content, which the ends don't show. */
function rot({ path, archive }: Revision): void {
  const bytes = readFileSync(path);
  const place = (archive?.contentAt ?? 0) + 10;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}

test("the newest ones are read until one is whole, before anything is removed, and only that stays for them", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  for (const revision of request.revisions.slice(0, 2)) rot(revision);
  const proofs = createProofLog();
  const whole = { ...request, proofs, isDryRun: false };
  const { keep, removed, warnings, problem } = await pruneRevisions(whole, silentMonitor);
  expect(numbers(keep.map(({ revision }) => revision))).toEqual([5, 4, 3]);
  expect([numbers(removed.map(({ revision }) => revision)), problem]).toEqual([[2, 1], null]);
  expect(warnings).toEqual(
    [5, 4].map((number) => expect.stringMatching(new RegExp(`-00000${number}-.*' is damaged: `))),
  );
  expect(proofs.read.map((path) => Number(/-(\d{6})-/.exec(path)?.[1]))).toEqual([5, 4, 3]);
  // What is remembered is not read again.
  const again = { ...whole, revisions: await shop.revisions(), retention: { keeprevisions: 1 } };
  expect((await pruneRevisions(again, silentMonitor)).removed).toEqual([]);
  expect(proofs.read).toHaveLength(3);
});

test("where nothing good is left nothing is removed", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  for (const revision of request.revisions) rot(revision);
  const { keep, removed, problem } = await pruneRevisions({ ...request, isDryRun: false }, silentMonitor);
  expect([keep.length, removed, problem]).toEqual([5, [], null]);
  expect(numbers(await shop.revisions())).toEqual([5, 4, 3, 2, 1]);
});

test("what was read whole in the same run is not read again, and a dry run reads nothing", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  const proofs = createProofLog();
  await pruneRevisions({ ...request, proofs, isDryRun: true }, silentMonitor);
  const provenPath = request.revisions[0]?.path ?? null;
  const { removed } = await pruneRevisions(
    { ...request, proofs, provenPath, isDryRun: false },
    silentMonitor,
  );
  expect([removed.length, proofs.read]).toEqual([4, []]);
});

test("a newest one that goes away meanwhile is passed over, and one more stays", async () => {
  using shop = openWorkshop();
  const request = await openHistory(shop);
  rmSync(request.revisions[0]?.path ?? "");
  const { removed, warnings } = await pruneRevisions({ ...request, isDryRun: false }, silentMonitor);
  expect([numbers(removed.map(({ revision }) => revision)), warnings]).toEqual([[3, 2, 1], []]);
  expect(numbers(await shop.revisions())).toEqual([4]);
});
