// Which revisions stay and which go, with the reason for each. Pure: it sees numbers, times and sizes, and touches
// nothing. What it keeps is never empty where there was something good, and all of that it would keep again.
import type { Zone } from "../time/zone.ts";
import { countLimit, hasPeriodRule, type Retention } from "./retention-policy.ts";
import { makePeriodRules, type Moment, type PeriodRule } from "./retention-rules.ts";
import { findMisdated } from "./time-order.ts";

export interface RetainedRevision {
  /** The order, whatever the clock did. */
  readonly number: number;
  readonly takenAtMs: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** false where it is damaged or unreadable: it is neither counted nor removed, for it may be all that is left. */
  readonly isGood: boolean;
}

/** Both newest first, by number. */
export interface RetentionPlan<T> {
  readonly keep: readonly { readonly revision: T; readonly reasons: readonly string[] }[];
  readonly remove: readonly { readonly revision: T; readonly reason: string }[];
  /** What a person should know, and what to do about it. */
  readonly warnings: readonly string[];
}

export interface RetentionView extends Zone {
  readonly nowMs: number;
  readonly asOne?: boolean;
}

/**
 * Decides over the revisions of one series.
 *
 * What remains may read differently: sizes that were far apart become neighbours, times that were outnumbered are not
 * any more. So what it keeps is judged again, until nothing is lost by that; the next run would do so anyway.
 */
export function planRetention<T extends RetainedRevision>(
  revisions: readonly T[],
  policy: Retention,
  view: RetentionView,
): RetentionPlan<T> {
  const ordered = revisions.toSorted((one, other) => other.number - one.number);
  const good = ordered.filter(({ isGood }) => isGood);
  const verdicts = new Map<T, Verdict>();
  for (let present = good; ;) {
    const judged = judge(present, policy, view);
    const staying = present.filter((revision) => judged.get(revision)?.stays === true);
    const isSettled = staying.length === present.length;
    // Where nothing more goes, the reasons stand that were found among all.
    if (!isSettled || present === good)
      for (const [revision, verdict] of judged) verdicts.set(revision, verdict);
    if (isSettled) break;
    present = staying;
  }
  const all = ordered.map((revision) => ({ revision, ...(verdicts.get(revision) ?? UNCOUNTED) }));
  return {
    keep: all.flatMap(({ revision, stays, reasons }) => (stays ? [{ revision, reasons }] : [])),
    remove: all.flatMap(({ revision, stays, reasons }) =>
      stays ? [] : [{ revision, reason: reasons.join(", ") }],
    ),
    warnings: describeDisagreement(good, policy),
  };
}

interface Verdict {
  readonly stays: boolean;
  readonly reasons: readonly string[];
}

const stay = (...reasons: readonly string[]): Verdict => ({ stays: true, reasons });
const go = (reason: string): Verdict => ({ stays: false, reasons: [reason] });

const UNCOUNTED = stay("damaged or unreadable: not counted, not removed");

/** Nothing where times and numbers agree on what is the newest, or no rule looks at times. */
function describeDisagreement([newest, previous]: readonly RetainedRevision[], policy: Retention): string[] {
  if (!hasPeriodRule(policy) || !newest || !previous || newest.takenAtMs >= previous.takenAtMs) return [];
  return [
    `by its time, revision ${newest.number} is older than revision ${previous.number} before it: ` +
      "no revision is removed by periods now; check the clock of this machine with: date",
  ];
}

function judge<T extends RetainedRevision>(
  good: readonly T[],
  policy: Retention,
  view: RetentionView,
): Map<T, Verdict> {
  if (describeDisagreement(good, policy).length > 0) {
    const held = stay("times and numbers disagree: nothing is removed by periods");
    return new Map(good.map((revision) => [revision, held]));
  }
  const odd = hasPeriodRule(policy) ? findMisdated(good) : new Set<T>();
  const judgeAll = (members: readonly T[]) => judgeChapter(members, odd, policy, view);
  const drop =
    view.asOne === true ? -1 : good.findIndex((revision, index) => isDrop(revision, good[index + 1]));
  if (drop === -1) return judgeAll(good).verdicts;
  const after = judgeAll(good.slice(0, drop + 1));
  const before = judgeAll(good.slice(drop + 1));
  keepDropVisible(after, before, 2 * countLimit(policy));
  for (const [revision, { stays, reasons }] of before.verdicts) {
    const told = reasons.map((reason) => `${reason}, before it fell to under a tenth`);
    after.verdicts.set(revision, { stays, reasons: stays ? told : reasons });
  }
  return after.verdicts;
}

function isDrop(revision: RetainedRevision, previous: RetainedRevision | undefined): boolean {
  return previous !== undefined && revision.sizeBytes * 10 < previous.sizeBytes;
}

interface Chapter<T> {
  readonly revisions: readonly T[];
  readonly verdicts: Map<T, Verdict>;
  /** What takes a place of the policy; the last is the first to go. */
  readonly counted: T[];
}

/** Those of one chapter whose times agree with their numbers, or those that are odd; neither disturbs the other. */
interface Line<T> {
  readonly rules: readonly PeriodRule[];
  readonly isOdd: boolean;
  /** So far; in the end the oldest. */
  last?: State<T>;
  /** When the next newer one was taken. */
  laterMs?: number;
}

interface State<T> extends Moment {
  /** The newest of neighbours with equal content. */
  readonly revision: T;
  readonly line: Line<T>;
}

/** Applies a policy to revisions that no drop divides. The newest of them always stays. */
function judgeChapter<T extends RetainedRevision>(
  revisions: readonly T[],
  odd: ReadonlySet<T>,
  policy: Retention,
  { nowMs, offsetMsAt }: RetentionView,
): Chapter<T> {
  const makeLine = (isOdd: boolean): Line<T> => {
    const members = revisions.filter((revision) => odd.has(revision) === isOdd);
    return { isOdd, rules: makePeriodRules(policy, findLatest(members, nowMs), offsetMsAt) };
  };
  const [straight, misdated] = [makeLine(false), makeLine(true)];
  const states: State<T>[] = [];
  // Of neighbours with equal content the newest stands for the state that they hold.
  const copies: { readonly revision: T; readonly of: T }[] = [];
  for (const revision of revisions) {
    const { takenAtMs, sha256 } = revision;
    const line = odd.has(revision) ? misdated : straight;
    const of = states.at(-1)?.revision;
    if (of?.sha256 === sha256) copies.push({ revision, of });
    else {
      line.last = { revision, line, takenAtMs, untilMs: Math.max(takenAtMs, line.laterMs ?? takenAtMs) };
      states.push(line.last);
    }
    line.laterMs = takenAtMs;
  }
  const places = policy.keeprevisions === -1 ? Infinity : (policy.keeprevisions ?? 0);
  const chapter: Chapter<T> = { revisions, verdicts: new Map(), counted: [] };
  judgeOdd(chapter, judgeStates(chapter, states, places), straight.rules);
  for (const { revision, of } of copies) {
    if (chapter.counted.length < places) {
      chapter.verdicts.set(revision, stay(`${describeCopy(of)}, while there is room`));
      chapter.counted.push(revision);
    } else chapter.verdicts.set(revision, go(describeCopy(of)));
  }
  return chapter;
}

/** What durations are counted back from; -Infinity where nothing was taken before now. */
function findLatest(revisions: readonly RetainedRevision[], nowMs: number): number {
  const past = revisions.filter(({ takenAtMs }) => takenAtMs < nowMs);
  return past.reduce((latest, { takenAtMs }) => Math.max(latest, takenAtMs), -Infinity);
}

const describeCopy = ({ number }: RetainedRevision): string => `same content as revision ${number}`;

/** Asks the rules, newest first. @returns what is odd, and kept by no number: it is the last to be judged */
function judgeStates<T extends RetainedRevision>(
  { verdicts, counted }: Chapter<T>,
  states: readonly State<T>[],
  places: number,
): readonly State<T>[] {
  const waiting: State<T>[] = [];
  // The nearest newer one that stays. Where all in between goes, a state that came back is no other state.
  let above: T | undefined;
  for (const state of states) {
    const { revision, line } = state;
    const isPlaced = counted.length < places;
    if (!isPlaced && above?.sha256 === revision.sha256) {
      verdicts.set(revision, go(describeCopy(above)));
      continue;
    }
    const reasons = line.rules.flatMap((rule) => rule.keep(state, state === line.last) ?? []);
    const place = places === Infinity ? "all are kept" : `newest ${counted.length + 1} of ${places}`;
    if (isPlaced) reasons.unshift(place);
    if (reasons.length === 0) {
      const why = line.rules.length > 0 ? "no rule keeps it" : `older than the newest ${places}`;
      verdicts.set(revision, go(why));
      continue;
    }
    above = revision;
    if (line.isOdd && !isPlaced) waiting.push(state);
    else {
      verdicts.set(revision, stay(...reasons));
      counted.push(revision);
    }
  }
  return waiting;
}

/** What is odd is nobody's oldest: it stays while anything older is kept, or a rule would still keep it as the oldest. */
function judgeOdd<T extends RetainedRevision>(
  { verdicts, counted }: Chapter<T>,
  odd: readonly State<T>[],
  rules: readonly PeriodRule[],
): void {
  const oldestKept = counted.at(-1)?.number ?? Infinity;
  for (const state of odd) {
    const { revision } = state;
    if (revision.number > oldestKept || rules.some((rule) => rule.isOpen(state)))
      verdicts.set(revision, stay("its time and its number disagree: left out of the periods"));
    else verdicts.set(revision, go("its time and its number disagree, and all that is kept is newer"));
  }
}

/**
 * Sees to it that what stays still shows the drop, or else the next run would take both chapters for one: the revision
 * to which the file fell stays too. Where that is more than `limit` it takes a place of the earlier chapter, whose newest
 * never goes for it: with a policy of a single revision the chapters end when the file has grown to a tenth again.
 */
function keepDropVisible<T extends RetainedRevision>(
  after: Chapter<T>,
  before: Chapter<T>,
  limit: number,
): void {
  const previous = before.revisions[0];
  const lowest = after.revisions.findLast((revision) => after.verdicts.get(revision)?.stays);
  const fallen = after.revisions.at(-1);
  if (previous === undefined || lowest === undefined || fallen === undefined || isDrop(lowest, previous))
    return;
  if (after.counted.length + before.counted.length >= limit) {
    const given = before.counted.length > 1 ? before.counted.pop() : undefined;
    if (given === undefined) return;
    before.verdicts.set(given, go(`revision ${fallen.number}, to which the file fell, takes its place`));
  }
  const reason = "the file fell to under a tenth here: what was before is kept by itself";
  after.verdicts.set(fallen, stay(reason));
}
