import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { streamRevision } from "../../../src/backup/restore.ts";
import type { ReadableRevision } from "../../../src/backup/revision.ts";
import { archive } from "../../support/archives.ts";
import { openWorkshop, silentMonitor } from "../../support/workshop.ts";

const MIB = 1 << 20;
const magic = Buffer.from("28b52ffd", "hex");

test.each([5, 40])("no byte leaves of %i MiB that was exchanged since it was proven", async (mib) => {
  using workshop = openWorkshop();
  // Random bytes are stored in frames of one length: the frames of the one fit into the other.
  const [content, other] = [randomBytes(mib * MIB), randomBytes(mib * MIB)];
  const [path, otherPath] = [join(workshop.root, "one.tar.zst"), join(workshop.root, "other.tar.zst")];
  const saved = await archive(workshop.write("x", content), path, "zstd", { mtimeNs: 0n, source: "/x" });
  await archive(workshop.write("x", other), otherPath, "zstd", { mtimeNs: 0n, source: "/x" });
  if (!saved) throw new Error("no archive");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is looked at
  const revision = { path, source: "/x", archive: saved } as unknown as ReadableRevision;
  const given: Buffer[] = [];
  const sink = (bytes: Uint8Array) => {
    if (given.push(Buffer.from(bytes)) === 1) {
      const fd = openSync(path, "r+");
      const stored = readFileSync(otherPath);
      const from = stored.indexOf(magic, stored.length / 2);
      writeSync(fd, stored, from, stored.indexOf(magic, from + 4) - from, from);
      closeSync(fd);
    }
    return Promise.resolve(true);
  };
  const streamed = streamRevision(revision, sink, silentMonitor);
  const outcome = await streamed.catch(String);
  if (mib === 5) expect(outcome).toBe(true);
  else expect(outcome).toContain("is damaged: it changed while it was restored");
  const bytes = Buffer.concat(given);
  expect(bytes.equals(content.subarray(0, bytes.length))).toBe(true);
  expect(bytes.length).toBeGreaterThanOrEqual(mib === 5 ? mib * MIB : MIB);
});
