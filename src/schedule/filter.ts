// The job filters of `uninstall` and `statusof`, as the Python program had them.
import { resolve } from "node:path";
import { UsageFailure } from "../errors.ts";
import { findNearest } from "../nearest.ts";
import { resolveGiven } from "../system/paths.ts";
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
  const names = scopes.flatMap((scope) => scopeNames[scope]);
  const nearest = findNearest(typed, names);
  const instead = nearest === undefined ? undefined : { [text]: nearest };
  throw new UsageFailure(`no such job filter: '${text}'`, { instead });
}

/** What identifies a schedule. Times are compared by what they mean, so that `2:00am` is `02:00`. */
export interface Identity {
  readonly source: string;
  readonly destination: string;
  readonly time: string;
  readonly name?: string | undefined;
  /** The path that was typed for the source, where a link led from there. */
  readonly typed?: string | undefined;
  readonly typedDestination?: string | undefined;
}

/** Which jobs are meant: the scope, and what it compares with. */
export type JobFilter = { readonly scope: Scope } & {
  readonly [Name in keyof Identity]?: Identity[Name] | undefined;
};

type Paths = readonly (string | undefined)[];
const agree = (wanted: Paths, own: Paths, isAny: boolean): boolean => {
  const given = wanted.filter((path) => path !== undefined);
  return given.length === 0 ? isAny : given.some((path) => own.includes(path));
};

/**
 * Whether a job passes. `files` compares source and destination, `this` the meaning of the time too. A label narrows
 * any scope where one was given. So does a path in `all`. Asking with something missing that the
 * scope needs matches nothing: a filter that was given too little must not reach further.
 */
export function matchesFilter(job: Identity, filter: JobFilter): boolean {
  if (filter.name !== undefined && filter.name !== job.name) return false;
  const { source, typed, destination, typedDestination } = filter;
  const isAny = filter.scope === "all";
  // A link that was typed, and led elsewhere then or is gone, or a place that a link has taken since.
  if (!agree([source, typed], [job.source, job.typed], isAny)) return false;
  if (!agree([destination, typedDestination], [job.destination, job.typedDestination], isAny)) return false;
  return filter.scope !== "this" || canonicalOf(filter.time) === canonicalOf(job.time);
}

/** What a time means. One that this release can't read is only the same as its own text. */
function canonicalOf(time: string | undefined): string | undefined {
  try {
    return time && renderCanonical(parseTimeSpecification(time));
  } catch {
    // The Python program handed any text to `at`.
    return time;
  }
}

/** Whether installing one would replace the other: equal in source, destination, meaning of the time, and label. */
export const isSameSchedule = (left: Identity, right: Identity): boolean =>
  matchesFilter(left, { ...right, scope: "this" }) && left.name === right.name;

/** A filter as a person types it, by the names of the options. */
export interface TypedFilter {
  /** Where none is typed, the other options say which. */
  readonly filter?: string | undefined;
  readonly sourcefile?: string | undefined;
  readonly destinationdirectory?: string | undefined;
  readonly time?: string | undefined;
  readonly name?: string | undefined;
}

/** What the scopes look at: `files` at the first two. How it is named, and an example. */
const facts = [
  ["sourcefile", "-f FILE", "FILE"],
  ["destinationdirectory", "-d DIR", "DIR"],
  ["time", "-t TIME", "2:00am"],
] as const;

/**
 * Reads a filter. Throws a UsageFailure for an unknown one, and for one that has too little to go by, or more than it
 * looks at: a filter must reach neither further nor less far than the person believes.
 */
export async function readJobFilter(typed: TypedFilter): Promise<{
  readonly filter: JobFilter;
  readonly warning: string | null;
}> {
  const { filter: text, sourcefile, destinationdirectory, time, name } = typed;
  const scope = text === undefined ? inferScope(typed) : parseScope(text);
  if (text !== undefined) refuseUnlike(text, scope, typed);
  const filter = {
    scope,
    source: await resolveGiven(sourcefile),
    destination: await resolveGiven(destinationdirectory),
    name,
    typed: sourcefile && resolve(sourcefile),
    typedDestination: destinationdirectory && resolve(destinationdirectory),
  };
  if (scope !== "this") {
    const what =
      text === undefined ? "without -f and -d nothing looks" : `the filter '${text}' does not look`;
    return { filter, warning: time === undefined ? null : `${what} at -t` };
  }
  parseTimeSpecification(time ?? "");
  return { filter: { ...filter, time }, warning: null };
}

/** Where no filter is typed, what is given says it. */
function inferScope({ sourcefile, destinationdirectory, time }: TypedFilter): Scope {
  if (sourcefile === undefined || destinationdirectory === undefined) return "all";
  return time === undefined ? "files" : "this";
}

function refuseUnlike(text: string, scope: Scope, typed: TypedFilter): void {
  const lacking = facts.slice(0, scope === "this" ? 3 : 2).filter(([name]) => typed[name] === undefined);
  const added = Object.fromEntries(lacking.map(([name, , example]) => [`--${name}`, example]));
  if (scope === "all") {
    if (lacking.length === 2) return;
    throw new UsageFailure(`the filter '${text}' means all schedules, whatever their files and folders`, {
      instead: { [text]: "files", ...added },
    });
  }
  if (lacking.length === 0) return;
  const what = lacking.map(([, shown]) => shown).join(" and ");
  throw new UsageFailure(`the filter '${text}' needs ${what}`, { instead: added });
}
