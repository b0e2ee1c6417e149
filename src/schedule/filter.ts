// The job filters of `uninstall` and `statusof`, as the Python program had them.
import { distance } from "fastest-levenshtein";
import { UsageFailure } from "../errors.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { renderCanonical } from "../time/specification.ts";

const scopes = ["all", "files", "this"] as const;

/** How much of a job has to agree. Each implies the ones before it. */
export type Scope = (typeof scopes)[number];

/** What a person may type for each scope, the full name first. */
export const scopeNames: Readonly<Record<Scope, readonly [string, ...string[]]>> = {
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

/** The scope that a text means; case does not matter, nor blanks around it. Throws a UsageFailure for anything else. */
export function parseScope(text: string): Scope {
  const typed = text.trim().toLowerCase();
  const found = scopes.find((scope) => scopeNames[scope].includes(typed));
  if (found !== undefined) return found;
  const closest = scopes
    .flatMap((scope) => scopeNames[scope])
    .reduce((best, name) => (distance(typed, name) < distance(typed, best) ? name : best));
  const near =
    distance(typed, closest) <= Math.max(2, closest.length / 3) ? `; did you mean '${closest}'?` : "";
  const known = scopes.map((scope) => scopeNames[scope].map((name) => `'${name}'`).join(" = "));
  throw new UsageFailure(`no such job filter: '${text}'${near}`, { hint: `use one of: ${known.join("; ")}` });
}

/** What identifies a schedule. `canonicalTime` is what the time text means, so that `2:00am` is `02:00`. */
export interface Identity {
  readonly source: string;
  readonly destination: string;
  readonly canonicalTime: string;
  readonly name?: string;
}

/** What makes two schedules the same. A time that this release can't read is only the same as its own text. */
export function identityOf(job: {
  readonly source: string;
  readonly destination: string;
  readonly time: string;
  readonly name?: string;
}): Identity {
  const { source, destination, time, name } = job;
  return { source, destination, canonicalTime: canonicalOf(time), ...(name === undefined ? {} : { name }) };
}

function canonicalOf(time: string): string {
  try {
    return renderCanonical(parseTimeSpecification(time));
  } catch {
    // The Python program handed any text to `at`.
    return time;
  }
}

/** Which jobs are meant: the scope, and what it compares with. */
export interface JobFilter extends Partial<Identity> {
  readonly scope: Scope;
}

/**
 * Whether a job passes. `files` compares source and destination, `this` the meaning of the time too. A label narrows
 * any scope where one was given. Asking with something missing that the scope needs matches nothing: a filter that
 * was given too little must not reach further.
 */
export function matchesFilter(job: Identity, filter: JobFilter): boolean {
  if (filter.name !== undefined && filter.name !== job.name) return false;
  if (filter.scope === "all") return true;
  if (filter.source !== job.source || filter.destination !== job.destination) return false;
  return filter.scope === "files" || filter.canonicalTime === job.canonicalTime;
}

/** Whether installing one would replace the other: equal in source, destination, meaning of the time, and label. */
export const isSameSchedule = (left: Identity, right: Identity): boolean =>
  matchesFilter(left, { ...right, scope: "this" }) && left.name === right.name;

/** A filter as a person gives it. */
export interface TypedFilter {
  readonly filter: string;
  /** Absolute, links resolved. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly time: string | undefined;
  readonly name: string | undefined;
}

/**
 * Reads a filter. Throws a UsageFailure for an unknown one, and for one that has too little to go by, or more than it
 * looks at: a filter must reach neither further nor less far than the person believes.
 */
export function parseJobFilter(typed: TypedFilter): {
  readonly filter: JobFilter;
  readonly warning: string | null;
} {
  const { filter: text, source, destination, time, name } = typed;
  const scope = parseScope(text);
  const lacking = listLacking(scope, typed);
  if (lacking.length > 0) {
    throw new UsageFailure(`the filter '${text}' needs ${lacking.join(" and ")}`, {
      hint: `add ${lacking.join(" ")}`,
    });
  }
  if (scope === "all" && (source ?? destination) !== undefined) {
    throw new UsageFailure(`the filter '${text}' means all schedules, whatever their files and folders`, {
      hint: "leave -f and -d out, or use the filter: files",
    });
  }
  const isTimed = scope === "this" && time !== undefined;
  const canonicalTime = isTimed ? renderCanonical(parseTimeSpecification(time)) : undefined;
  const given = Object.entries({ source, destination, canonicalTime, name }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    filter: { scope, ...Object.fromEntries(given) },
    warning: !isTimed && time !== undefined ? `the filter '${text}' does not look at -t` : null,
  };
}

function listLacking(scope: Scope, { source, destination, time }: TypedFilter): string[] {
  if (scope === "all") return [];
  const needed = {
    "-f FILE": source,
    "-d DIR": destination,
    ...(scope === "this" ? { "-t TIME": time } : {}),
  };
  return Object.entries(needed).flatMap(([option, value]) => (value === undefined ? [option] : []));
}
