import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { compareStates, type State, TEXT_BYTES } from "../../src/backup/compare.ts";
import { DamagedFailure, Failure, UnavailableFailure } from "../../src/errors.ts";
import { allIntact, mixedBytes, openWorkshop, silentMonitor, type Workshop } from "../support/workshop.ts";

function live(path: string): State {
  return { state: "live", path };
}

async function newest(workshop: Workshop): Promise<State> {
  const [revision] = allIntact(await workshop.revisions());
  if (!revision) throw new Error("nothing was saved");
  return revision;
}

const MiB = 1 << 20;
const long = mixedBytes(3 * MiB + 17);

function changed(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe.each(["zstd", "gzip", "none"] as const)("%s", (format) => {
  test.each([
    ["the same", long, long, null],
    ["another first byte", long, changed(long, 0), 0],
    ["another byte on the edge of a block", long, changed(long, MiB), MiB],
    ["another last byte", long, changed(long, long.length - 1), long.length - 1],
    ["more at the end", long, Buffer.concat([long, Buffer.from("x")]), long.length],
    ["a whole block more", long.subarray(0, MiB), long.subarray(0, 2 * MiB), MiB],
    ["less at the end", long, long.subarray(0, 5), 5],
    ["nothing any more", long, Buffer.alloc(0), 0],
  ] as const)("%s", async (_, before, after, firstDifferenceAt) => {
    using workshop = openWorkshop();
    const path = workshop.write("a", before);
    await workshop.save(path, { format });
    writeFileSync(path, after);
    const revision = await newest(workshop);
    const { from, to, ...rest } = await compareStates(revision, live(path), silentMonitor);
    expect(rest).toEqual({ firstDifferenceAt });
    for (const [content, bytes] of [
      [from, before],
      [to, after],
    ] as const) {
      expect(content.sizeBytes).toBe(bytes.length);
      expect(content.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
      expect(content.text === null || Buffer.compare(content.text, bytes) === 0).toBe(true);
    }
    const turned = await compareStates(live(path), revision, silentMonitor);
    expect(turned.firstDifferenceAt).toBe(firstDifferenceAt);
  });
});

test("text is kept up to its limit, and nothing that holds a zero byte", async () => {
  using workshop = openWorkshop();
  const text = Buffer.alloc(TEXT_BYTES, "text\n");
  const [just, more, binary] = [
    workshop.write("just", text),
    workshop.write("more", Buffer.concat([text, Buffer.from("x")])),
    workshop.write("binary", "text\0text"),
  ].map(live);
  if (!just || !more || !binary) throw new Error("never");
  const { from, to } = await compareStates(just, more, silentMonitor);
  expect(from.text).toEqual(text);
  expect(to.text).toBeNull();
  expect((await compareStates(binary, just, silentMonitor)).from.text).toBeNull();
});

test("a revision with any part of it damaged is refused, even where the first difference comes earlier", async () => {
  using workshop = openWorkshop();
  const path = workshop.write("a", mixedBytes(2 * MiB));
  const { path: archive } = await workshop.save(path);
  const revision = await newest(workshop);
  const bytes = readFileSync(archive);
  writeFileSync(archive, changed(bytes, bytes.length - 6000));
  writeFileSync(path, "x");
  expect(compareStates(revision, live(path), silentMonitor)).rejects.toThrow(DamagedFailure);
});

test("a file that is gone is not there now, a folder is no file", async () => {
  using workshop = openWorkshop();
  const path = workshop.write("a", "text");
  await workshop.save(path);
  const revision = await newest(workshop);
  expect(compareStates(revision, live(`${path}-gone`), silentMonitor)).rejects.toThrow(UnavailableFailure);
  const failure = compareStates(revision, live(workshop.destination), silentMonitor);
  expect(failure).rejects.toThrow(Failure);
  expect(failure).rejects.toThrow("cannot read");
});

test("a file that is written to while it is read is not passed off as one state", async () => {
  using workshop = openWorkshop();
  const path = workshop.write("a", mixedBytes(2 * MiB));
  await workshop.save(path);
  const progress = () => writeFileSync(path, "x", { flag: "a" });
  const { to } = await compareStates(await newest(workshop), live(path), { ...silentMonitor, progress });
  expect(to.hasChanged).toBe(true);
});

test("an interruption ends it", async () => {
  using workshop = openWorkshop();
  const path = workshop.write("a", mixedBytes(4 * MiB));
  await workshop.save(path);
  const controller = new AbortController();
  const monitor = {
    ...silentMonitor,
    signal: controller.signal,
    progress: () => controller.abort(new Failure("end")),
  };
  expect(compareStates(await newest(workshop), live(path), monitor)).rejects.toThrow("end");
});
