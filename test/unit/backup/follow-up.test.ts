// What a run has seen of an old revision is not forgotten by the next one.
import { expect, spyOn, test } from "bun:test";
import { chmodSync, readFileSync, readlinkSync, readSync, writeFileSync } from "node:fs";
import { backUp } from "../../../src/backup/back-up.ts";
import { pruneRevisions } from "../../../src/backup/prune.ts";
import { markDamaged } from "../../../src/backup/proofs.ts";
import { verifyRevisions } from "../../../src/backup/verify.ts";
import { FileHandle } from "../../../src/system/file-handle.ts";
import { createProofLog } from "../../support/proof-log.ts";
import { mixedBytes, openWorkshop, silentMonitor } from "../../support/workshop.ts";

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

test("what was seen of a rotten one is known to the next run, also where this one was ended before it read it whole", async () => {
  using shop = openWorkshop();
  const content = mixedBytes(5 << 20);
  const save = (text: string) => {
    content.write(text);
    return shop.save(shop.write("notes.txt", content));
  };
  await save("one");
  const { path } = await save("two");
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
  content.write("three");
  const [proofs, controller] = [createProofLog(), new AbortController()];
  const note = (line: string) => {
    if (line.startsWith("published")) controller.abort(new Error("the end"));
  };
  const request = {
    source: shop.write("notes.txt", content),
    folder: shop.destination,
    format: "zstd",
    retention: { keeprevisions: 2 },
    always: false,
    mayShare: true,
    isRaw: false,
    proofs,
  } as const;
  const ended = await backUp(request, { ...silentMonitor, note, signal: controller.signal });
  expect(ended).toMatchObject({ revision: { number: 3 }, pruned: [], problem: { message: "the end" } });
  const next = await backUp(request, silentMonitor);
  expect(next).toMatchObject({ skipped: "unchanged", pruned: [] });
  expect(next.warnings).toEqual([expect.stringContaining(`'${path}' is damaged: `)]);
});
