// Commands for a person to type, put together from a job: quoted so that any shell of theirs reads them right.
import { quoteWord } from "../errors.ts";
import type { Job } from "./job.ts";

/** The command that runs the job's backup now, by hand. */
export const renderRunCommand = (job: Job): string => join([...beginning("run", job), ...describeRun(job)]);

/** The command that installs the job's schedule again, just as it was. */
export function renderInstallCommand(job: Job): string {
  const words = [...beginning("install", job), "-t", job.time];
  if (job.name !== undefined) words.push(`--name=${job.name}`);
  if (job.timesLeft !== undefined) words.push("--times", String(job.timesLeft));
  if (job.until !== undefined) words.push("--until", describeMoment(job.until));
  return join([...words, ...describeRun(job)]);
}

const join = (words: readonly string[]): string => words.map(quoteWord).join(" ");

const beginning = (command: string, job: Job): string[] => [
  job.binary,
  command,
  "-f",
  job.source,
  "-d",
  job.destination,
];

/** With `=`, since a value may begin with a dash. What is proven by default is the only thing to be switched off. */
function describeRun({ run }: Job): string[] {
  return Object.entries(run).flatMap(([option, value]) => {
    if (value === true) return option === "verify" ? [] : [`--${option}`];
    if (value === false) return option === "verify" ? [`--no-${option}`] : [];
    return [`--${option}=${value}`];
  });
}

const two = (value: number): string => String(value).padStart(2, "0");

// `21:30 2026-11-24`, a form that every `at` and our own grammar take, in the zone of whoever types it.
function describeMoment(seconds: number): string {
  const moment = new Date(seconds * 1000);
  const date = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  return `${two(moment.getHours())}:${two(moment.getMinutes())} ${date}`;
}
