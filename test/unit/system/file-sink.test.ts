import { expect, test } from "bun:test";
import { join } from "node:path";
import { createExclusive } from "../../../src/system/disk.ts";
import { FileSink } from "../../../src/system/file-sink.ts";
import { TestFolder } from "../../support/folder.ts";

test("nothing counts as written that is still under way, also while another write waits for its turn", async () => {
  using folder = new TestFolder();
  const path = join(folder.root, "target");
  await using handle = await createExclusive(path);
  const write = handle.write.bind(handle);
  let isDone = false;
  Object.assign(handle, {
    async write(...args: Parameters<typeof write>) {
      if (args[3] === 0) await Bun.sleep(200);
      const bytes = await write(...args);
      isDone ||= args[3] === 0;
      return bytes;
    },
  });
  const sink = new FileSink(handle, path);
  await sink.write(Buffer.from("first"));
  await sink.write(Buffer.from("second"));
  const third = sink.write(Buffer.from("third"));
  await sink.finish();
  expect(isDone).toBe(true);
  await third;
  await sink.finish();
  expect(await Bun.file(path).text()).toBe("firstsecondthird");
});
