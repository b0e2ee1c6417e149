// Which revision a person means: `latest`, a number, or a moment. Pure.
import { DamagedFailure, Failure, UsageFailure } from "../errors.ts";
import type { DamagedRevision, Revision } from "./revision.ts";

export type RevisionSelector =
  | { readonly by: "latest" }
  | { readonly by: "number"; readonly number: number }
  /** The newest revision taken before this moment (exclusive, milliseconds since the epoch). */
  | { readonly by: "time"; readonly beforeMs: number };

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)[:-](\d\d)(?:[:-](\d\d))?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/;
const HINT =
  "write latest, a number such as 42, or a time such as '2026-11-23', '2026-11-23 02:15' or 2026-11-23T02:15:07Z";

/**
 * Reads what was typed after --revision. A time without a zone is local. It means the state of the file at that time: the
 * newest revision taken at or before it, where a day lasts until its end, a minute until its end, and so on.
 */
export function parseRevisionSelector(text: string): RevisionSelector {
  if (text.toLowerCase() === "latest") return { by: "latest" };
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return { by: "number", number: Number(text) };
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
 * Finds the one revision that is meant. A damaged one is never taken for `latest` or a time; asked for by its number, the
 * error says what is wrong with it.
 * @param revisions of one source, newest first
 */
export function selectRevision(revisions: readonly Revision[], selector: RevisionSelector): Revision {
  const [found, another] = matching(revisions, selector);
  if (!found) throw noSuchRevision(revisions, selector);
  if (selector.by === "number" && another) {
    const hint = "name the moment instead of the number, as in their file names";
    const files = `'${found.file}' and '${another.file}'`;
    throw new Failure(`two revisions have the number ${selector.number}: ${files}`, { hint });
  }
  return found;
}

/** The damaged revisions that would have been meant before `found`, were they whole: whoever asks must hear of them. */
export function passedOver(
  revisions: readonly Revision[],
  selector: RevisionSelector,
  found: Revision,
): DamagedRevision[] {
  if (selector.by === "number") return [];
  return revisions
    .slice(0, revisions.indexOf(found))
    .filter((revision) => revision.state === "damaged")
    .filter(({ takenAtMs }) => selector.by === "latest" || takenAtMs < selector.beforeMs);
}

function matching(revisions: readonly Revision[], selector: RevisionSelector): Revision[] {
  switch (selector.by) {
    case "latest":
      return revisions.filter(({ state }) => state === "ok");
    case "number":
      return revisions.filter(({ number }) => number === selector.number);
    case "time":
      return revisions.filter(({ state, takenAtMs }) => state === "ok" && takenAtMs < selector.beforeMs);
  }
}

function noSuchRevision(revisions: readonly Revision[], selector: RevisionSelector): Failure {
  const hint = "see what there is with: tinybackup list, and the same -f and -d";
  const [newest] = revisions;
  if (!newest) return new Failure("there is no revision of that file in that folder", { hint });
  if (selector.by === "number")
    return new Failure(`there is no revision number ${selector.number}`, { hint });
  if (newest.state === "damaged" && revisions.every(({ state }) => state === "damaged")) {
    return new DamagedFailure(`every revision there is damaged; of the newest: ${newest.reason}`, { hint });
  }
  return new Failure("every good revision there is newer than that", { hint });
}
