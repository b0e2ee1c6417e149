// Which revision a person means: `latest`, a number, a moment, or a file. Pure.
import { DamagedFailure, Failure, quoteWord, UsageFailure } from "../errors.ts";
import { localZone } from "../system/time-zone.ts";
import { dayMs, minuteMs, renderWall } from "../time/wall-time.ts";
import { instantMsOf, wallMsAt, type Zone } from "../time/zone.ts";
import { formatOfFile } from "./archive/formats.ts";
import { parsePythonName } from "./python-revision.ts";
import {
  type AnyRevision,
  type BrokenRevision,
  describeBroken,
  handleOf,
  isBroken,
  isMember,
  isPython,
  isSound,
} from "./revision.ts";

export type RevisionSelector =
  | { readonly by: "latest" | "previous" | "oldest" }
  | { readonly by: "number"; readonly number: number }
  /** The newest revision taken before this moment (exclusive, milliseconds since the epoch). */
  | { readonly by: "time"; readonly beforeMs: number }
  | { readonly by: "file"; readonly file: string };

const MOMENT =
  /^(?:(\d{4}-\d\d-\d\d|today|yesterday)(?:[t ]|$))?(?:(\d\d?)[:-](\d\d)(?:[:-](\d\d))?(?:\.\d+)?(z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/i;
const AGO = /^(\d{1,5}|an?|one) ?(minute|hour|day|week|month|year)s? ago$/i;
const HINT =
  "a revision is latest, previous, oldest, a number, a file name, or a time such as yesterday, 9:26 or 2026-11-23";

/**
 * Reads what was typed after --revision. A time without a zone is local. It means the state of the file at that time: the
 * newest revision taken at or before it, where a day lasts until its end, a minute until its end, and so on. A time of day
 * is the last one that was.
 */
export function parseRevisionSelector(text: string, nowMs = Date.now()): RevisionSelector {
  const word = (["latest", "previous", "oldest"] as const).find((each) => each === text.toLowerCase());
  if (word) return { by: word };
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return { by: "number", number: Number(text) };
  if ((formatOfFile(text) ?? parsePythonName(text)) && !text.includes("/")) return { by: "file", file: text };
  const beforeMs = endOfMoment(text, nowMs) ?? countBack(text, nowMs);
  if (beforeMs === undefined)
    throw new UsageFailure(`'${text}' names no revision`, { hint: HINT, instead: { [text]: "latest" } });
  return { by: "time", beforeMs };
}

/** The end of the day, minute or second that is written, or undefined if it is none. */
function endOfMoment(text: string, nowMs: number): number | undefined {
  const [all, day = "", hour, minute, second, zoneText] = MOMENT.exec(text.toUpperCase()) ?? [];
  if (!all) return undefined;
  const date = day.includes("-") ? day : renderWall(wallMsAt(localZone, nowMs)).slice(0, "2026-11-23".length);
  const clock = [hour, minute, second].map((each = "") => each.padStart(2, "0")).join(":");
  const wallMs = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(wallMs)) return undefined;
  const zone = zoneOf(zoneText);
  const isBefore = day === "YESTERDAY" || (day === "" && instantMsOf(zone, wallMs) > nowMs);
  const startMs = isBefore ? wallMs - dayMs : wallMs;
  if (hour === undefined) return instantMsOf(zone, startMs + dayMs);
  return instantMsOf(zone, startMs) + (second === undefined ? minuteMs : 1000);
}

function zoneOf(text: string | undefined): Zone {
  return text === undefined ? localZone : { offsetMsAt: () => -Date.parse(`1970-01-01T00:00${text}`) };
}

/** `2 days ago`, by the calendar and the clock on the wall. */
function countBack(text: string, nowMs: number): number | undefined {
  const [, typed = "", unit] = AGO.exec(text.toLowerCase()) ?? [];
  if (unit === undefined) return undefined;
  const span = { [`${unit}s`]: /^\d/.test(typed) ? Number(typed) : 1 };
  const countFrom = (ms: number) =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("UTC").subtract(span).epochMilliseconds;
  if (unit === "minute" || unit === "hour") return countFrom(nowMs) + 1;
  return instantMsOf(localZone, countFrom(wallMsAt(localZone, nowMs))) + 1;
}

/**
 * Finds the one revision that is meant: of those that this machine made, or, where it made none, of other machines' and of
 * the Python program's. A file name means any, a time those of the Python program as well. A broken one is never taken for
 * `latest` or a time; asked for by its number, the error says what is wrong with it. One of a file that kept changing is
 * taken for them only where there is no other. A foreign one is taken only by its number or name, and where whoever asks
 * takes them.
 * @param revisions of one source, newest first
 */
export function selectRevision(
  revisions: readonly AnyRevision[],
  selector: RevisionSelector,
  takesForeign: boolean,
): AnyRevision {
  const [found, another] = matching(revisions, selector);
  if (!found) throw noSuchRevision(revisions, selector);
  if (found.state === "foreign" && !takesForeign) {
    const message = `'${found.path}' is foreign: it belongs to somebody who is neither you nor the folder's owner`;
    throw new Failure(message, { hint: "to restore it all the same", instead: { "--force": "" } });
  }
  if (selector.by === "number" && another) {
    const instead = { "--revision": found.file };
    const files = `'${found.file}' and '${another.file}'`;
    throw new Failure(`two revisions have the number ${selector.number}: ${files}`, { instead });
  }
  return found;
}

/** The broken revisions that would have been meant before `found`, were they whole: whoever asks must hear of them. */
export function passedOver(
  revisions: readonly AnyRevision[],
  selector: RevisionSelector,
  found: AnyRevision,
): BrokenRevision[] {
  const place = revisions.indexOf(found);
  const before = (selector.by === "oldest" ? revisions.slice(place + 1) : revisions.slice(0, place)).filter(
    isBroken,
  );
  const isNewer = ({ takenAtMs }: AnyRevision) => !isPython(found) || takenAtMs > found.takenAtMs;
  const isMeant = (revision: AnyRevision) => selector.by === "oldest" || isInTime(revision, selector);
  return before.filter((revision) => isMeant(revision) && isNewer(revision));
}

/** The newest that would have been meant before `found`, had the file not kept changing while it was read. */
export function findLeftOut(
  revisions: readonly AnyRevision[],
  selector: RevisionSelector,
  found: AnyRevision,
): AnyRevision | undefined {
  return listChanged(revisions, selector).find(({ takenAtMs }) => takenAtMs > found.takenAtMs);
}

function listChanged(revisions: readonly AnyRevision[], selector: RevisionSelector): AnyRevision[] {
  return history(revisions).filter((each) => each.state === "changed" && isInTime(each, selector));
}

/** False for all where one number or file is meant, or the oldest. */
function isInTime({ takenAtMs }: AnyRevision, selector: RevisionSelector): boolean {
  return (
    selector.by === "latest" ||
    selector.by === "previous" ||
    (selector.by === "time" && takenAtMs < selector.beforeMs)
  );
}

/** Those of this machine; where there is none, those of others, the latest first whatever their numbers are. */
function history(revisions: readonly AnyRevision[]): AnyRevision[] {
  const members = revisions.filter(isMember);
  return members.length > 0 ? members : revisions.filter(isSound).toSorted(latestFirst);
}

/** Without those of a file that kept changing, unless there is nothing else. */
function eligible(revisions: readonly AnyRevision[]): AnyRevision[] {
  const all = history(revisions);
  const clean = all.filter(({ state }) => state === "ok");
  return clean.length > 0 ? clean : all;
}

const latestFirst = (one: AnyRevision, other: AnyRevision): number => other.takenAtMs - one.takenAtMs;

function matching(revisions: readonly AnyRevision[], selector: RevisionSelector): AnyRevision[] {
  switch (selector.by) {
    case "latest":
      return eligible(revisions);
    case "previous":
      return eligible(revisions).slice(1);
    case "oldest":
      return eligible(revisions).slice(-1);
    case "number": {
      const numbered = [...history(revisions), ...revisions.filter(isBroken)].filter(hasNumber(selector));
      const foreign = revisions.filter(({ state }) => state === "foreign");
      return numbered.length > 0 ? numbered : foreign.filter(hasNumber(selector));
    }
    case "time": {
      const python = revisions.filter((each) => isPython(each) && each.state === "ok");
      const found = [eligible(revisions), python].map((all) => all.find((each) => isInTime(each, selector)));
      return found.filter((each) => each !== undefined).toSorted(latestFirst);
    }
    case "file":
      return revisions.filter(({ file }) => file === selector.file);
  }
}

function hasNumber(wanted: { readonly number: number }): (revision: AnyRevision) => boolean {
  return ({ number }) => number === wanted.number;
}

function noSuchRevision(revisions: readonly AnyRevision[], selector: RevisionSelector): Failure {
  const hint = { hint: "see what there is", instead: { "": "list" } };
  if (revisions.length === 0) return new Failure("there is no revision of that file in that folder", hint);
  if (selector.by === "file")
    return new Failure(`no revision of that file is called '${selector.file}'`, hint);
  if (selector.by === "number") {
    const [named] = revisions.filter(hasNumber(selector));
    const message = `there is no revision number ${selector.number}`;
    return new Failure(message, named ? { instead: { "--revision": named.file } } : hint);
  }
  if (eligible(revisions).length > 0) {
    const [changed] = listChanged(revisions, selector);
    const what =
      selector.by === "previous"
        ? "there is one good revision, and none before it"
        : "every good revision there is newer than that";
    const instead = changed && { "--revision": handleOf(changed) };
    return new Failure(what, changed ? { hint: "there is one of a file that kept changing", instead } : hint);
  }
  const broken = revisions.filter(isBroken);
  const [newest] = broken;
  if (!newest)
    return new Failure("every revision there is foreign or pinned: only its file name means one", hint);
  const damaged = broken.find(({ state }) => state === "damaged");
  if (!damaged)
    return new Failure(`no revision there can be read; of the newest: ${describeBroken(newest)}`, hint);
  return new DamagedFailure(`every revision there is damaged; of the newest: ${damaged.reason}`, {
    hint: `what tar can still get out of it is not proven: tar -xf ${quoteWord(damaged.path)}`,
  });
}
