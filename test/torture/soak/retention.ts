// Which revisions a policy keeps, told anew for the soak from the design's sentences, with nothing of the program's own code.
export interface Policy {
  /** The newest so many. */
  readonly last?: number;
  /** The newest of each of the last so many periods that have one. */
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
}

export interface Held {
  readonly number: number;
  readonly takenMs: number;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The words on the command line that ask for it. */
export const wordsOf = ({ last, ...periods }: Policy): string[] => [
  ...(last === undefined ? [] : [`--keeprevisions=${last}`]),
  ...Object.entries(periods).map(([period, count]) => `--keep-${period}=${count}`),
];

/** What stays of a series; what stays must stay again. @param held the good ones, newest first */
export function keep<T extends Held>(held: readonly T[], policy: Policy, zone: string): readonly T[] {
  const kept = keepOnce(held, policy, zone);
  return kept.length === held.length ? kept : keep(kept, policy, zone);
}

const isDrop = (newer: Held, older: Held | undefined): boolean =>
  older !== undefined && newer.sizeBytes * 10 < older.sizeBytes;

/** A fall to under a tenth begins a chapter: the policy applies to both, each by itself. */
function keepOnce<T extends Held>(held: readonly T[], policy: Policy, zone: string): readonly T[] {
  const fall = held.findIndex((revision, index) => isDrop(revision, held[index + 1]));
  if (fall === -1) return keepChapter(held, policy, zone);
  const [now, past] = [held.slice(0, fall + 1), held.slice(fall + 1)];
  const [after, before] = [keepChapter(now, policy, zone), keepChapter(past, policy, zone)];
  const [fallen, oldest, previous] = [now.at(-1), after.at(-1), past[0]];
  const isVisible = oldest !== undefined && isDrop(oldest, previous);
  if (isVisible || fallen === undefined) return [...after, ...before];
  // The fall must be seen next time too: its own revision stays, for one of those before.
  if (after.length + before.length < 2 * (policy.last ?? Infinity)) return [...after, fallen, ...before];
  return before.length > 1 ? [...after, fallen, ...before.slice(0, -1)] : [...after, ...before];
}

function keepChapter<T extends Held>(held: readonly T[], policy: Policy, zone: string): readonly T[] {
  // Of neighbours that are equal, the newest is the state.
  const states = held.filter((revision, index) => held[index - 1]?.sha256 !== revision.sha256);
  const kept = new Set<T>(states.slice(0, policy.last ?? 0));
  for (const period of ["daily", "weekly", "monthly"] as const)
    for (const each of keepPeriods(states, policy[period] ?? 0, (ms) => nameOf(period, ms, zone)))
      kept.add(each);
  for (const copy of held) if (kept.size < (policy.last ?? 0)) kept.add(copy);
  return held.filter((revision) => kept.has(revision));
}

/** The newest of each period; and the very oldest, while there are periods left. */
function keepPeriods<T extends Held>(
  states: readonly T[],
  count: number,
  name: (ms: number) => string,
): readonly T[] {
  const isNewPeriod = (state: T, index: number): boolean => {
    const newer = states[index - 1];
    return newer === undefined || name(newer.takenMs) !== name(state.takenMs);
  };
  const oldest = states.at(-1);
  return states.filter((state, index) => isNewPeriod(state, index) || state === oldest).slice(0, count);
}

function nameOf(period: "daily" | "weekly" | "monthly", instantMs: number, zone: string): string {
  const date = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone).toPlainDate();
  if (period === "weekly") return `${date.yearOfWeek}-${date.weekOfYear}`;
  return period === "monthly" ? `${date.year}-${date.month}` : date.toString();
}
