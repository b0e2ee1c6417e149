// Which revision a person means: `latest`, a number, a moment, or a file. Pure.
import { DamagedFailure, Failure, quoteWord, UsageFailure } from "../errors.ts";
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
  | { readonly by: "latest" }
  | { readonly by: "number"; readonly number: number }
  /** The newest revision taken before this moment (exclusive, milliseconds since the epoch). */
  | { readonly by: "time"; readonly beforeMs: number }
  | { readonly by: "file"; readonly file: string };

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)[:-](\d\d)(?:[:-](\d\d))?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/;
const HINT =
  "write latest, a number such as 42, a revision's file name, or a time such as '2026-11-23', '2026-11-23 02:15' or 2026-11-23T02:15:07Z";

/**
 * Reads what was typed after --revision. A time without a zone is local. It means the state of the file at that time: the
 * newest revision taken at or before it, where a day lasts until its end, a minute until its end, and so on.
 */
export function parseRevisionSelector(text: string): RevisionSelector {
  if (text.toLowerCase() === "latest") return { by: "latest" };
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return { by: "number", number: Number(text) };
  if ((formatOfFile(text) ?? parsePythonName(text)) && !text.includes("/")) return { by: "file", file: text };
  const beforeMs = endOfMoment(text);
  if (beforeMs === undefined) throw new UsageFailure(`'${text}' names no revision`, { hint: HINT });
  return { by: "time", beforeMs };
}

/** The end of the day, minute or second that is written, or undefined if it is none. */
function endOfMoment(text: string): number | undefined {
  const match = MOMENT.exec(text);
  if (!match) return undefined;
  const [, date = "", hour, minute, second, zone = ""] = match;
  const end = new Date(`${date}T${hour ?? "00"}:${minute ?? "00"}:${second ?? "00"}${zone}`);
  if (hour === undefined) end.setDate(end.getDate() + 1);
  else end.setSeconds(end.getSeconds() + (second === undefined ? 60 : 1));
  return Number.isNaN(end.getTime()) ? undefined : end.getTime();
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
  if (found.state === "foreign" && !takesForeign) throw foreignRevision(found);
  if (selector.by === "number" && another) {
    const hint = "name one of these files instead of the number";
    const files = `'${found.file}' and '${another.file}'`;
    throw new Failure(`two revisions have the number ${selector.number}: ${files}`, { hint });
  }
  return found;
}

/** The broken revisions that would have been meant before `found`, were they whole: whoever asks must hear of them. */
export function passedOver(
  revisions: readonly AnyRevision[],
  selector: RevisionSelector,
  found: AnyRevision,
): BrokenRevision[] {
  const before = revisions.slice(0, revisions.indexOf(found)).filter(isBroken);
  const isNewer = ({ takenAtMs }: AnyRevision) => !isPython(found) || takenAtMs > found.takenAtMs;
  return before.filter((revision) => isInTime(revision, selector) && isNewer(revision));
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

/** False for all where one number or file is meant. */
function isInTime({ takenAtMs }: AnyRevision, selector: RevisionSelector): boolean {
  return selector.by === "latest" || (selector.by === "time" && takenAtMs < selector.beforeMs);
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

function latestFirst(one: AnyRevision, other: AnyRevision): number {
  return other.takenAtMs - one.takenAtMs;
}

function matching(revisions: readonly AnyRevision[], selector: RevisionSelector): AnyRevision[] {
  switch (selector.by) {
    case "latest":
      return eligible(revisions);
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

function foreignRevision({ path }: AnyRevision): Failure {
  const message = `'${path}' is foreign: it belongs to somebody who is neither you nor the folder's owner`;
  const hint = "add --force to restore it all the same, and --to PATH to look into it first";
  return new Failure(message, { hint });
}

function noSuchRevision(revisions: readonly AnyRevision[], selector: RevisionSelector): Failure {
  const hint = "see what there is with: tinybackup list, and the same -f and -d";
  if (revisions.length === 0)
    return new Failure("there is no revision of that file in that folder", { hint });
  if (selector.by === "file")
    return new Failure(`no revision of that file is called '${selector.file}'`, { hint });
  if (selector.by === "number") {
    const [named] = revisions.filter(hasNumber(selector));
    const message = `there is no revision number ${selector.number}`;
    if (!named) return new Failure(message, { hint });
    return new Failure(message, { hint: `there is '${named.file}': name that file instead of the number` });
  }
  if (eligible(revisions).length > 0) {
    const [changed] = listChanged(revisions, selector);
    return new Failure("every good revision there is newer than that", {
      hint: changed ? `there is one of a file that kept changing: --revision ${handleOf(changed)}` : hint,
    });
  }
  const broken = revisions.filter(isBroken);
  const [newest] = broken;
  if (!newest)
    return new Failure("every revision there is foreign or pinned", { hint: "name one by its file name" });
  const damaged = broken.find(({ state }) => state === "damaged");
  if (!damaged)
    return new Failure(`no revision there can be read; of the newest: ${describeBroken(newest)}`, { hint });
  return new DamagedFailure(`every revision there is damaged; of the newest: ${damaged.reason}`, {
    hint: `what tar can still get out of it is not proven: tar -xf ${quoteWord(damaged.path)}`,
  });
}
