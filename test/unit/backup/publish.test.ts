import { expect, test } from "bun:test";
import { openWorkshop } from "../../support/workshop.ts";

test.each(["zstd", "gzip", "none"] as const)(
  "%s: a revision that was just published is described as it will be listed, proven or not",
  async (format) => {
    using shop = openWorkshop();
    const source = shop.write("notes.txt", "content");
    const proven = await shop.save(source, { format });
    const unproven = await shop.save(source, { format, verify: false });
    expect(await shop.revisions(source)).toEqual([unproven, proven]);
  },
);
