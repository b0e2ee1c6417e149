// What the Python program saved, through logrotate: `notes.txt-2026-11-23-1795400107.gz`. The name says when, the content is
// the file as gzip(1) compresses it, and logrotate gave it the file's own mode, owner and time.
import { join } from "node:path";
import { statEntry } from "../system/disk.ts";
import { type FileEnds, readEnds } from "../system/file-ends.ts";
import { errnoOf } from "../system/errno.ts";
import { baseNameOf } from "../system/paths.ts";
import { dayMs } from "../time/wall-time.ts";
import { measurePlain } from "./archive/plain.ts";
import type { PythonRevision } from "./revision.ts";
import type { View } from "./walk.ts";

/** logrotate's `dateformat -%Y-%m-%d-%s`: the local date, and the second since 1970. */
const NAME = /^(.+)-(\d{4}-\d\d-\d\d)-(\d{1,11})\.gz$/s;
/** No local date is further from the same moment's in UTC. */
const NEARLY_TWO_DAYS_MS = 2 * dayMs;
/** What every file of gzip(1) begins with (RFC 1952). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

interface PythonName {
  readonly baseName: string;
  readonly takenAtMs: number;
}

export function parsePythonName(file: string): PythonName | null {
  const [, baseName, date = "", seconds] = NAME.exec(file) ?? [];
  if (baseName === undefined) return null;
  const takenAtMs = 1000 * Number(seconds);
  const isItsDate = Math.abs(takenAtMs - Date.parse(date)) < NEARLY_TWO_DAYS_MS;
  return isItsDate ? { baseName, takenAtMs } : null;
}

/** Those among the files of a folder, of a source's name if there is one, newest first. */
export async function readPythonRevisions(
  files: readonly string[],
  view: View,
  source: string | undefined,
): Promise<PythonRevision[]> {
  const base = source && baseNameOf(source).normalize();
  const named = files.flatMap((file) => {
    if (!file.endsWith(".gz") || !file.normalize().startsWith(base ?? "")) return [];
    const name = parsePythonName(file);
    return name && (base === undefined || name.baseName.normalize() === base) ? [{ file, ...name }] : [];
  });
  const all = await Promise.all(named.map(async (name) => readIfThere(name, view, source)));
  return all.filter((each) => each !== null).toSorted((one, other) => other.takenAtMs - one.takenAtMs);
}

/** null if it is none, no regular file, or gone meanwhile. */
async function readIfThere(
  { file, baseName, takenAtMs }: PythonName & Pick<PythonRevision, "file">,
  { folder, isStranger }: View,
  source: string | undefined,
): Promise<PythonRevision | null> {
  const path = join(folder, file);
  const facts = await statEntry(path);
  if (facts?.kind !== "file") return null;
  const { sizeBytes: storedBytes, mode, uid, gid, mtimeNs } = facts;
  const ends = readEndsIfAllowed(path);
  if (ends && !GZIP_MAGIC.equals(ends.head)) return null;
  const sizeBytes = ends && measurePlain(storedBytes, ends.tail);
  const origin = source ?? baseName;
  return {
    file,
    path,
    storedBytes,
    takenAtMs,
    number: null,
    digest: null,
    format: "gzip",
    state: isStranger(uid) ? "foreign" : "ok",
    otherHost: null,
    source: origin,
    sizeBytes,
    archive: { file: { source: origin, sizeBytes: sizeBytes ?? 0, mode, uid, gid, mtimeNs }, trailer: null },
  };
}

function readEndsIfAllowed(path: string): FileEnds | null {
  try {
    return readEnds(path, GZIP_MAGIC.length, 4);
  } catch (error) {
    // Whoever may not read it, or can't, hears of that when it is wanted.
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}
