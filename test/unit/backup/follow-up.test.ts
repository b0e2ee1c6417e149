// What a run has seen of an old revision is not forgotten by the next one.
import { expect, spyOn, test } from "bun:test";
import { readlinkSync, readSync } from "node:fs";
import { pruneRevisions } from "../../../src/backup/prune.ts";
import { markDamaged } from "../../../src/backup/proofs.ts";
import { verifyRevisions } from "../../../src/backup/verify.ts";
import { FileHandle } from "../../../src/system/file-handle.ts";
import { createProofLog } from "../../support/proof-log.ts";
import { openWorkshop, silentMonitor } from "../../support/workshop.ts";

/** Has reading fail for the time being, of that file alone. */
function failReading(path: string, code: string): Disposable {
  const spy = spyOn(FileHandle.prototype, "read").mockImplementation(async function (
    this: FileHandle,
    ...args
  ) {
    if (readlinkSync(`/proc/self/fd/${this.fd}`) === path) throw Object.assign(new Error(code), { code });
    return readSync(this.fd, ...args);
  });
  return { [Symbol.dispose]: () => spy.mockRestore() };
}

test("what a disk did not give takes no good one's place in the next run either, until it reads well again", async () => {
  using shop = openWorkshop();
  const source = shop.write("notes.txt", "content");
  for (let round = 0; round < 3; round++) await shop.save(source);
  const revisions = await shop.revisions(source);
  const proofs = createProofLog();
  const request = {
    folder: shop.destination,
    retention: { keeprevisions: 2 },
    isDryRun: false,
    asOne: true,
    proofs,
  };
  const middle = revisions[1];
  if (!middle) throw new Error("there is none");
  {
    using _ = failReading(middle.path, "EIO");
    await verifyRevisions([middle], proofs, silentMonitor);
  }
  const [, found] = markDamaged(revisions, proofs);
  expect(found).toMatchObject({ state: "unreadable", reason: "i/o error" });
  expect((await pruneRevisions({ ...request, revisions }, silentMonitor)).removed).toEqual([]);
  await verifyRevisions([middle], proofs, silentMonitor);
  const { removed } = await pruneRevisions({ ...request, revisions }, silentMonitor);
  expect(removed.map(({ revision }) => revision.number)).toEqual([1]);
});

test("what was refused is not remembered: the next look tells", async () => {
  using shop = openWorkshop();
  const source = shop.write("notes.txt", "content");
  const revision = await shop.save(source);
  const proofs = createProofLog();
  using _ = failReading(revision.path, "EACCES");
  const [verdict] = await verifyRevisions([revision], proofs, silentMonitor);
  expect([verdict?.state, proofs.damageOf(revision.path)]).toEqual(["unreadable", null]);
});
