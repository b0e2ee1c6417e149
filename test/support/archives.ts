// Archives made and read without a backup around them: what stands in one is up to the test.
import { statSync } from "node:fs";
import { formatNamed } from "../../src/backup/archive/formats.ts";
import type { FormatName } from "../../src/backup/archive/frame.ts";
import { type Archive, openArchive, readArchiveEnds } from "../../src/backup/archive/read.ts";
import type { ArchivedFile } from "../../src/backup/archive/tar.ts";
import { renderTrailer } from "../../src/backup/archive/trailer.ts";
import { writeBody } from "../../src/backup/archive/write.ts";
import { readAttributes } from "../../src/system/attributes.ts";
import { createExclusive, openSource } from "../../src/system/disk.ts";
import { findExtents } from "../../src/system/extents.ts";
import { silentMonitor } from "./workshop.ts";

/** Archives a file as it is, or as `change` says; undefined where it ends before its size. */
export async function archive(
  source: string,
  path: string,
  format: FormatName,
  change: Partial<ArchivedFile & { padsShort: boolean }> = {},
): Promise<Archive | undefined> {
  await using from = await openSource(source);
  await using target = await createExclusive(path);
  const { size: sizeBytes, mode, uid, gid, mtimeNs } = statSync(source, { bigint: true });
  const { padsShort = false, ...said } = change;
  const { attributes, acl } = readAttributes(from.fd);
  const file: ArchivedFile = {
    source,
    sizeBytes: Number(sizeBytes),
    extents: findExtents(from.fd, Number(sizeBytes)),
    mode: Number(mode) & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    mtimeNs,
    attributes,
    acl,
    ...said,
  };
  const plan = { format: formatNamed(format), file, source: from, earlier: null, padsShort };
  const body = await writeBody(plan, { handle: target, path }, silentMonitor);
  if (!body) return undefined;
  const origin = { machine: "0".repeat(32), host: "here", number: 1, takenAtMs: 0, retention: {} };
  const end = renderTrailer(body.format, { ...body.trailer, ...origin, isChanged: false });
  await target.write(end, 0, end.length, body.trailer.trailerAt);
  const ends = readArchiveEnds(path);
  if (!ends) throw new Error(`${path} is no file`);
  return openArchive(path, body.format, ends);
}
