// From what a person typed behind `uninstall` and `statusof` to what a filter compares. Pure.
import { UsageFailure } from "../errors.ts";
import { renderCanonical } from "./canonical.ts";
import { parseFilter, type Filter, type Wanted } from "./filter.ts";
import { parseTimeSpecification } from "./parse-time.ts";

export interface Wish {
  /** As typed. */
  readonly filter: string;
  /** Absolute, links resolved. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** As typed. */
  readonly time: string | undefined;
  readonly name: string | undefined;
}

export interface Selection {
  readonly filter: Filter;
  readonly wanted: Wanted;
  readonly warning: string | null;
}

/**
 * Reads a wish. Throws a UsageFailure for an unknown filter, and for one that has too little to go by, or more than it
 * looks at: a filter must reach neither further nor less far than the person believes.
 */
export function selectSchedules(wish: Wish): Selection {
  const { filter: typed, source, destination, time, name } = wish;
  const filter = parseFilter(typed);
  const missing = listMissing(filter, wish);
  if (missing.length > 0) {
    throw new UsageFailure(`the filter '${typed}' needs ${missing.join(" and ")}`, {
      hint: `add ${missing.join(" ")}`,
    });
  }
  if (filter === "all" && (source ?? destination) !== undefined) {
    throw new UsageFailure(`the filter '${typed}' means all schedules, whatever their files and folders`, {
      hint: "leave -f and -d out, or use the filter: files",
    });
  }
  const isTimed = filter === "this" && time !== undefined;
  const canonicalTime = isTimed ? renderCanonical(parseTimeSpecification(time)) : undefined;
  const given = Object.entries({ source, destination, canonicalTime, name }).filter(
    ([, value]) => value !== undefined,
  );
  const warning = !isTimed && time !== undefined ? `the filter '${typed}' does not look at -t` : null;
  return { filter, wanted: Object.fromEntries(given), warning };
}

function listMissing(filter: Filter, { source, destination, time }: Wish): string[] {
  if (filter === "all") return [];
  const needed = [
    { option: "-f FILE", isGiven: source !== undefined },
    { option: "-d DIR", isGiven: destination !== undefined },
    { option: "-t TIME", isGiven: time !== undefined || filter !== "this" },
  ];
  return needed.flatMap(({ option, isGiven }) => (isGiven ? [] : [option]));
}
