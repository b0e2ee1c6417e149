import { expect, spyOn, test } from "bun:test";
import { formatNamed } from "../../../src/backup/archive/formats.ts";
import { readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

test.each([
  ["a link", (partial: string, source: string) => symlinkSync(source, partial)],
  ["another file", (partial: string) => writeFileSync(partial, "planted")],
] as const)(
  "%s that somebody puts in the place of what was proven does not keep the name",
  async (_, plant) => {
    using shop = openWorkshop();
    const source = shop.write("notes.txt", "content");
    const stored = formatNamed("zstd");
    const encode = stored.encode.bind(stored);
    const spy = spyOn(stored, "encode").mockImplementationOnce((block) => {
      const [partial = ""] = readdirSync(shop.destination);
      rmSync(join(shop.destination, partial));
      plant(join(shop.destination, partial), source);
      return encode(block);
    });
    const outcome = await shop.save(source).catch(String);
    spy.mockRestore();
    expect(outcome).toMatch(/something else was put in the place of what was written/);
    expect(shop.files()).toEqual([]);
  },
);
