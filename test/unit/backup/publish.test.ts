import { expect, test } from "bun:test";
import { openWorkshop } from "../../support/workshop.ts";

test.each(["zstd", "gzip", "none"] as const)(
  "%s: a revision that was just published is described as it will be listed",
  async (format) => {
    using shop = openWorkshop();
    const source = shop.write("notes.txt", "content");
    const first = await shop.save(source, { format });
    const second = await shop.save(source, { format });
    expect(await shop.revisions(source)).toEqual([second, first]);
  },
);
