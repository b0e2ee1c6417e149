// What is meant where -f or -d is left out, as far as the schedules can tell. They are looked at only then.
import { SchedulerFailure, UsageFailure } from "../errors.ts";
import { findSchedules, type Found, listFound } from "./uninstall.ts";

export interface Place {
  readonly source: string | undefined;
  readonly destination: string;
}

const NO_FOLDER = "it is not said which folder holds the revisions";

/**
 * The folder that is meant, where only one can be: the one that is given, or else that of the one schedule of `source`
 * (of the one schedule there is, without a source, which then gives the source too). Throws a UsageFailure that lists what
 * could be meant.
 * @param given paths as typed, absolute and resolved
 */
export async function completePlace(given: {
  readonly source: string | undefined;
  readonly destination: string | undefined;
}): Promise<Place> {
  const { source, destination } = given;
  if (destination !== undefined) return { source, destination };
  const found = await findAll();
  if (found === null) throw new UsageFailure(NO_FOLDER, { hint: "add -d DIR" });
  const places = placesIn(found).filter((place) => source === undefined || place.source === source);
  const [only, another] = places;
  if (only === undefined) throw new UsageFailure(NO_FOLDER, { hint: "add -d DIR" });
  if (another === undefined) return only;
  const listed = listFound(found).join("; ");
  throw new UsageFailure(`${NO_FOLDER}, and several schedules could be meant: ${listed}`, {
    hint: source === undefined ? "add -f FILE, or -d DIR" : "add -d DIR",
  });
}

/** Whether a schedule of ours saves `source` into `destination`: then its own word on the source can be trusted. */
export async function isScheduled(source: string, destination: string): Promise<boolean> {
  const found = await findAll();
  return placesIn(found ?? nothing).some(
    (place) => place.source === source && place.destination === destination,
  );
}

/** The files that have a schedule; none where the queue can't be read. */
export async function listScheduledSources(): Promise<readonly string[]> {
  const places = placesIn((await findAll()) ?? nothing);
  return [...new Set(places.flatMap(({ source }) => source ?? []))];
}

const nothing: Found = { own: [], python: [], missing: [] };

/** null where the queue can't be read: then the schedules can't tell, and nothing is wrong with that. */
async function findAll(): Promise<Found | null> {
  try {
    return await findSchedules("all", {});
  } catch (error) {
    if (error instanceof SchedulerFailure) return null;
    throw error;
  }
}

function placesIn({ own, python, missing }: Found): Place[] {
  const jobs = [...own.map(({ job }) => job), ...python.map(({ job }) => job), ...missing];
  const places = jobs.map(({ source, destination }) => ({ source, destination }));
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}
