// What is read back is compared as it comes, and nothing else is.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Store } from "../../../../src/backup/archive/store.ts";
import { updateCrc } from "../../../../src/backup/archive/trailer.ts";
import { createExclusive } from "../../../../src/system/disk.ts";
import { TestFolder } from "../../../support/folder.ts";
import { mixedBytes } from "../../../support/workshop.ts";

const MIB = 1 << 20;

test("a file that ends before all of it was read back is not proven by what was read before", async () => {
  using folder = new TestFolder();
  const path = join(folder.root, "stored");
  await using handle = await createExclusive(path);
  const store = new Store(handle, path, new AbortController().signal);
  const block = mixedBytes(MIB);
  const crc32 = updateCrc(block);
  // As an image with many equal blocks: what was read last would do for what follows.
  for (let count = 0; count < 16; count++)
    await store.add({ bytes: Buffer.from(block), crc32, earlierAt: null }, null);
  await store.finish(false);
  handle.truncate(8 * MIB);
  await handle.sync();
  const failure = await store.proveRest().catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: "its stored bytes are not those that were written" });
});
