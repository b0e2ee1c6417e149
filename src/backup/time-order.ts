// Where the times of a series contradict its order: a clock was wrong then, or is now. Pure.

interface Series<T> {
  readonly member: T;
  readonly newer: Series<T> | undefined;
}

/**
 * Those whose times contradict the order in which they come: they are in no longest series of times that never rise,
 * from the first one on. Of several as long, that of the later times is believed, for a clock without a battery begins
 * in 1970 or so.
 * @param members newest first; the first is never among them
 */
export function findMisdated<T extends { readonly takenAtMs: number }>(
  members: readonly T[],
): ReadonlySet<T> {
  // For each length the series that ends with the latest time; these ends never rise, and all begin with the first.
  const ends: Series<T>[] = [];
  const firstMs = members[0]?.takenAtMs ?? 0;
  for (const member of members) {
    if (member.takenAtMs > firstMs) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle]?.member.takenAtMs ?? 0) < member.takenAtMs) high = middle;
      else low = middle + 1;
    }
    ends[low] = { member, newer: ends[low - 1] };
  }
  const misdated = new Set(members);
  for (let end = ends.at(-1); end !== undefined; end = end.newer) misdated.delete(end.member);
  return misdated;
}
