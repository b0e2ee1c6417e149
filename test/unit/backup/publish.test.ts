import { expect, spyOn, test } from "bun:test";
import { formatNamed } from "../../../src/backup/archive/formats.ts";
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

test.each(["zstd", "gzip"] as const)(
  "%s: what memory has spoiled of the header before it was stored gets no name",
  async (format) => {
    using shop = openWorkshop();
    const source = shop.write("notes.txt", "content");
    const stored = formatNamed(format);
    const encode = stored.encode.bind(stored);
    // The header is the first that is encoded.
    using _ = spyOn(stored, "encode").mockImplementationOnce(async (block) => {
      const frame = await encode(block);
      const place = frame.length >> 1;
      frame[place] = (frame[place] ?? 0) ^ 1;
      return frame;
    });
    const outcome = await shop.save(source, { format }).catch(String);
    expect(outcome).toMatch(/reads back differently/);
    expect(shop.files()).toEqual([]);
  },
);
