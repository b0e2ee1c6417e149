// The job filters of `uninstall` and `statusof`, as the Python program had them.
import { distance } from "fastest-levenshtein";
import { UsageFailure } from "../errors.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { renderCanonical } from "../time/specification.ts";

/** How much of a job has to agree. Each implies the ones before it. */
export type Filter = "all" | "files" | "this";

const names: Record<Filter, readonly [string, ...string[]]> = {
  all: ["all backup jobs", "all", "queue"],
  files: ["jobs with this source and destination", "files", "same files"],
  this: [
    "jobs exactly like this one",
    "jobs just like this one",
    "jobs identical to this one",
    "this",
    "this job",
    "this time",
    "exact",
    "identical",
    "time",
  ],
};

const filters = ["all", "files", "this"] as const;

/** What a person may type for each filter, the full name first. */
export const filterNames = (filter: Filter): readonly [string, ...string[]] => names[filter];

/** The filter that a text means; case does not matter, nor blanks around it. Throws a UsageFailure for anything else. */
export function parseFilter(text: string): Filter {
  const typed = text.trim().toLowerCase();
  const found = filters.find((filter) => names[filter].includes(typed));
  if (found !== undefined) return found;
  const closest = filters
    .flatMap((filter) => names[filter])
    .reduce((best, name) => (distance(typed, name) < distance(typed, best) ? name : best));
  const near =
    distance(typed, closest) <= Math.max(2, closest.length / 3) ? `; did you mean '${closest}'?` : "";
  throw new UsageFailure(`no such job filter: '${text}'${near}`, {
    hint: `use one of: ${filters.map((filter) => names[filter].map((name) => `'${name}'`).join(" = ")).join("; ")}`,
  });
}

/** What identifies a schedule. `canonicalTime` is what the time text means, so that `2:00am` is `02:00`. */
export interface Identity {
  readonly source: string;
  readonly destination: string;
  readonly canonicalTime: string;
  readonly name?: string;
}

/** What a person gave beside the filter. */
export type Wanted = Partial<Identity>;

/**
 * Whether a job passes. `files` compares source and destination, `this` the meaning of the time too. A label narrows
 * any filter where one was given. Asking with something missing that the filter needs matches nothing: a filter that
 * was given too little must not reach further.
 */
export function matchesFilter(filter: Filter, job: Identity, wanted: Wanted): boolean {
  if (wanted.name !== undefined && wanted.name !== job.name) return false;
  if (filter === "all") return true;
  if (wanted.source !== job.source || wanted.destination !== job.destination) return false;
  return filter === "files" || wanted.canonicalTime === job.canonicalTime;
}

/** Whether installing one would replace the other: equal in source, destination, meaning of the time, and label. */
export const isSameSchedule = (left: Identity, right: Identity): boolean =>
  matchesFilter("this", left, right) && left.name === right.name;

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
