// What is meant where -f or -d is left out, as far as the schedules can tell. They are looked at only then.
import { SchedulerFailure, UsageFailure } from "../errors.ts";
import { describeFound, findSchedules, type Found, listFound } from "./find.ts";
import { seriesOf } from "./job.ts";

/** A file and the folder that holds its revisions. */
export interface Target {
  readonly source: string | undefined;
  readonly destination: string;
}

/**
 * The folder that is meant, where only one can be: the one that is given, or else that of the one schedule of `source`
 * (of the one schedule there is, without a source, which then gives the source too). Throws a UsageFailure that lists what
 * could be meant.
 * @param given paths as typed, absolute and resolved
 */
export async function inferTarget(given: {
  readonly source: string | undefined;
  readonly destination: string | undefined;
}): Promise<Target> {
  const { source, destination } = given;
  if (destination !== undefined) return { source, destination };
  const found = await findReadable();
  const meant = found.map(({ job }) => job).filter((job) => source === undefined || job.source === source);
  const [only, another] = new Map(meant.map((job) => [seriesOf(job), job])).values();
  if (only !== undefined && another === undefined) return only;
  const could =
    another === undefined
      ? ""
      : `, and several schedules could be meant: ${found.map(describeFound).join("; ")}`;
  const instead = { "--destinationdirectory": only?.destination ?? "DIR" };
  const file = only && source === undefined ? { "--sourcefile": only.source } : {};
  throw new UsageFailure(`it is not said which folder holds the revisions${could}`, {
    instead: { ...file, ...instead },
  });
}

/** The file and the folder of each schedule, each pair once. */
export async function listTargets(): Promise<readonly Target[]> {
  return [...new Map((await findReadable()).map(({ job }) => [seriesOf(job), job])).values()];
}

/** Whether a schedule of ours saves `source` into `destination`: then its own word on the source can be trusted. */
export async function isScheduled(source: string, destination: string): Promise<boolean> {
  return (await findReadable()).some(({ job }) => seriesOf(job) === seriesOf({ source, destination }));
}

/** The files, times or labels of all schedules; none where the queue can't be read. */
export async function listScheduled(what: "source" | "time" | "name"): Promise<readonly string[]> {
  return [...new Set((await findReadable()).flatMap(({ job }) => job[what] ?? []))];
}

/** Nothing where the queue can't be read: then the schedules can't tell, and nothing is wrong with that. */
async function findReadable(): Promise<Found[]> {
  try {
    return listFound(await findSchedules());
  } catch (error) {
    if (error instanceof SchedulerFailure) return [];
    throw error;
  }
}
