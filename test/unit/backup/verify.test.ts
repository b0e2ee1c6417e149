import { expect, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { markDamaged } from "../../../src/backup/proofs.ts";
import { verifyArchives, verifyRevisions } from "../../../src/backup/verify.ts";
import { createProofLog } from "../../support/proof-log.ts";
import { openWorkshop, silentMonitor } from "../../support/workshop.ts";

test("what is found is remembered: a damaged one is damaged until it reads well again", async () => {
  using shop = openWorkshop();
  const source = shop.write("notes.txt", "content");
  const { path, archive } = await shop.save(source);
  await shop.save(source);
  const whole = readFileSync(path);
  const rotten = Buffer.from(whole);
  rotten[archive.contentAt + 10] = (rotten[archive.contentAt + 10] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, rotten);
  const proofs = createProofLog();
  const states = async () => markDamaged(await shop.revisions(), proofs).map(({ state }) => state);
  expect(await states()).toEqual(["ok", "ok"]);
  await verifyRevisions(await shop.revisions(), proofs, silentMonitor);
  expect(await states()).toEqual(["ok", "damaged"]);
  expect(markDamaged(await shop.revisions(), proofs)[1]).toMatchObject({
    number: 1,
    reason: proofs.damageOf(path),
  });
  writeFileSync(path, whole);
  expect(await states()).toEqual(["ok", "damaged"]);
  // Named by itself, it is the same file.
  await verifyArchives([path], proofs, silentMonitor);
  expect(await states()).toEqual(["ok", "ok"]);
});

test("what was read before the rest can't be is remembered", async () => {
  using shop = openWorkshop();
  const source = shop.write("notes.txt", "content");
  await shop.save(source);
  const { path } = await shop.save(source);
  const [newest, oldest] = await shop.revisions();
  if (oldest) rmSync(oldest.path);
  const proofs = createProofLog();
  const failure = await verifyRevisions(
    [newest, oldest].filter((each) => each !== undefined),
    proofs,
    silentMonitor,
  ).catch((error: unknown) => error);
  expect(failure).toMatchObject({ exitCode: 75 });
  expect(proofs.read).toEqual([path]);
});
