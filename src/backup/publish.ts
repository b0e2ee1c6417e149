// The one promise that everything stands on: a revision that has its final name is whole and proven. The order of the
// steps in `publishRevision` is the design; each is safe to be the last one that happens.
import { join } from "node:path";
import { Failure, typePlaces } from "../errors.ts";
import { openFolder, readFreeBytes, removeName, statEntry, statHandle, syncFolder } from "../system/disk.ts";
import { attempt } from "../system/errno.ts";
import { lockFile } from "../system/libc.ts";
import { identifyMachine } from "../system/machine.ts";
import type { Monitor } from "../system/monitor.ts";
import { formatNamed } from "./archive/formats.ts";
import type { FormatName } from "./archive/frame.ts";
import { dataBytesOf } from "./archive/sparse.ts";
import type { Policy } from "./archive/trailer.ts";
import { nextNumber } from "./catalog.ts";
import { appendTrailer, type Copy, type CopyPlan, copyUnchanged, readBack } from "./copy.ts";
import { limitPermissions } from "./metadata.ts";
import { type Candidate, listOwn } from "./names.ts";
import { giveName, type Partial, withPartial } from "./partial.ts";
import {
  type IntactRevision,
  type Member,
  nameOf,
  parseRevisionName,
  renderRevisionName,
} from "./revision.ts";
import { openReading, type Reading } from "./reading.ts";
import { renderMib } from "./snapshot.ts";

export interface PublishRequest {
  readonly folder: string;
  readonly format: FormatName;
  /** Written into the revision, as it stands; empty where none is in force. */
  readonly retention: Policy;
  /** Read the file as it is, whatever it holds. */
  readonly isRaw: boolean;
}

export interface Published {
  readonly revision: IntactRevision;
  /** The names of its series, its own the first, as the folder had them when it got it. */
  readonly names: readonly Candidate[];
  /** How it came to be of one moment, a whole sentence; null where nothing was done for that. */
  readonly remark: string | null;
  /** What went differently from a plain success, in whole sentences. */
  readonly warnings: readonly string[];
}

/**
 * Saves one file as one new revision; null where it became empty meanwhile. When it returns, the revision is stored and would
 * survive a power cut. When it throws, there is no new revision, and no partial of ours is left (or, after SIGKILL, only one
 * that a later run removes).
 * @param source its path absolute, links resolved; the caller closes it, and refuses an empty one
 * @param newest the newest good revision
 * @param begun what was taken over from it, and read, already
 */
export async function publishRevision(
  source: Reading,
  newest: Member | null,
  { folder, format, retention, isRaw }: PublishRequest,
  begun: Omit<CopyPlan, "format">,
  monitor: Monitor,
): Promise<Published | null> {
  if (newest && begun.earlier?.mayShare !== true) requireRoom(source, newest, folder);
  const { made, warnings } = await withPartial(folder, async (partial) => {
    const sizeBytes = Math.max(newest?.sizeBytes ?? 0, source.file.sizeBytes);
    const reopen = () =>
      openReading(source.path, { sizeBytes, sha256: "" }, { folder, isRaw, isBusy: true }, monitor);
    const plan = { format: formatNamed(format), ...begun };
    const copy = await copyUnchanged(source, reopen, plan, partial, monitor);
    if (!copy) return null;
    monitor.signal.throwIfAborted();
    return { copy, ...(await nameRevision({ folder, retention }, copy, partial, newest, monitor.signal)) };
  });
  if (!made) return null;
  const { copy, revision, names } = made;
  await attempt(`saved '${revision.path}', but cannot make its name durable`, () => syncFolder(folder));
  monitor.note(`published '${revision.path}'`);
  const { reading } = copy;
  const told = [...describeChange(copy), ...reading.warnings, ...warnings];
  return { revision, names, remark: reading.remark, warnings: told };
}

function describeChange({ body, state }: Copy): string[] {
  if (state === "whole") return [];
  const { source } = body.file;
  const cut = state === "cut short" ? "; it was cut short, and what it lacks is filled with zeros" : "";
  return [
    `'${source}' kept changing while it was read: what is saved may be half of one state and half of another, and is marked 'changed'${cut}`,
  ];
}

/** Of less, it is soon found out whether it fits. */
const LONG_WRITE_BYTES = 64 << 20;

/** Refuses what would fill the disk, as far as the newest revision tells how small it becomes. */
function requireRoom({ file }: Reading, { archive, storedBytes }: Member, folder: string): void {
  const [dataBytes, lastBytes] = [dataBytesOf(file), archive.trailer.dataBytes];
  if (dataBytes < LONG_WRITE_BYTES || lastBytes === 0) return;
  const neededBytes = dataBytes * (storedBytes / lastBytes);
  const freeBytes = readFreeBytes(folder);
  if (freeBytes === null || neededBytes <= freeBytes) return;
  const [needed, free] = [renderMib(neededBytes), renderMib(freeBytes)];
  throw new Failure(`cannot save into '${folder}': that takes about ${needed}, and ${free} are free`, {
    hint: `make room on that disk; which old revisions could go, shows: tinybackup prune ${typePlaces(file.source, folder)} -k 7 --dry-run`,
  });
}

/** How long a run waits for another one that is choosing its number: that takes milliseconds unless the disk hangs. */
const LOCK_PATIENCE_MS = 30_000;
const ATTEMPTS = 100;

/**
 * Publishes `partial` under the next number of its source. Runs that name at the same time take turns, by a lock on the
 * folder; where the file system has no locks, two may get one number, and the time tells them apart. Replaces nothing.
 */
async function nameRevision(
  { folder, retention }: Pick<PublishRequest, "folder" | "retention">,
  copy: Copy,
  partial: Partial,
  newest: Member | null,
  signal: AbortSignal,
): Promise<Pick<Published, "revision" | "names">> {
  const { source } = copy.body.file;
  const { id: machine, host } = identifyMachine();
  const takenAtMs = Math.floor(copy.takenAtMs / 1000) * 1000;
  await using lock = await attempt(`cannot open the folder '${folder}'`, () => openFolder(folder));
  await lockFile(lock.fd, LOCK_PATIENCE_MS, signal);
  const older = listOwn(folder, source);
  let number = nextNumber(folder, source, newest ? [newest] : [], older);
  for (const last = number + ATTEMPTS; number < last; number++) {
    const isChanged = copy.state !== "whole";
    const origin = { machine, host, number, takenAtMs, retention, isChanged };
    const name = nameOf(source, copy.body, origin);
    const file = renderRevisionName(name);
    // Nobody would ever find what has such a name: no list, no restore, no run.
    if (!parseRevisionName(file))
      throw new Failure(`cannot save under the name '${file}': it would not be found again`, {
        hint: `check the date of this machine with: date; and the numbers of the revisions there with: tinybackup list ${typePlaces(source, folder)}`,
      });
    await appendTrailer(partial, copy, origin);
    await limitPermissions(partial, copy.body.file);
    await attempt(`cannot make the new revision durable in '${folder}'`, () => partial.handle.sync());
    const archive = await readBack(partial, copy, origin);
    const path = join(folder, file);
    if (!(await giveName(partial.path, path, `cannot publish '${path}'`))) continue;
    await requireProven(partial, path);
    const { storedBytes } = archive;
    const { sizeBytes } = archive.trailer;
    const state = isChanged ? "changed" : "ok";
    const stored = { file, path, storedBytes, state, otherHost: null } as const;
    return {
      revision: { ...name, ...stored, source, sizeBytes, archive },
      names: [{ file, name }, ...older],
    };
  }
  throw new Failure(`cannot name the new revision in '${folder}': every name that was tried is taken`);
}

/**
 * Names are given by names: who may write to the folder may have put something else under the partial's since it was proven. That
 * loses the name that it was given.
 */
async function requireProven({ handle }: Partial, path: string): Promise<void> {
  const [proven, named] = await Promise.all([statHandle(handle), statEntry(path)]);
  if (named?.kind === "file" && named.sizeBytes === proven.sizeBytes) return;
  if (named) await attempt(`cannot take the name '${path}' back`, () => removeName(path));
  throw new Failure(`cannot publish '${path}': something else was put in the place of what was written`);
}
