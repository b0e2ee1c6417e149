// Commands for a person to type, put together from a job: words that our own parse takes for what they are, quoted so
// that any shell reads them right.
import { quoteWord } from "../errors.ts";
import type { Job } from "./job.ts";

/** The command that runs the job's backup now, by hand. */
export const renderRunCommand = (job: Job): string => join([...beginning("run", job), ...describeRun(job)]);

/** The command that installs the job's schedule again, just as it was. */
export function renderInstallCommand(job: Job): string {
  const words = [...beginning("install", job), "-t", job.time];
  // Behind an equals sign a value may begin with a dash: a label may be anything.
  if (job.name !== undefined) words.push(`--name=${job.name}`);
  if (job.timesLeft !== undefined) words.push(`--times=${job.timesLeft}`);
  if (job.untilMs !== undefined) words.push(`--until=${describeMoment(job.untilMs)}`);
  return join([...words, ...describeRun(job)]);
}

const beginning = (command: string, job: Job): string[] =>
  [job.binary, command].concat(["-f", job.source], ["-d", job.destination]);

/** `verify` is on unless it is switched off; any other switch is off unless it is given. */
function describeRun({ run }: Job): string[] {
  return Object.entries(run).flatMap(([name, value]) => {
    if (name === "verify") return value === false ? ["--no-verify"] : [];
    if (typeof value === "boolean") return value ? [`--${name}`] : [];
    return [`--${name}=${value}`];
  });
}

/** Of an option only the value is quoted, as a person would. */
function join(words: readonly string[]): string {
  return words
    .map((word) => {
      const [, option = "", value = word] = /^(--[a-z-]+=)(.*)$/s.exec(word) ?? [];
      return option + quoteWord(value);
    })
    .join(" ");
}

const two = (value: number): string => String(value).padStart(2, "0");

// `21:30 2026-11-24`, a form that every `at` and our own grammar take, in the zone of whoever types it.
function describeMoment(instantMs: number): string {
  const moment = new Date(instantMs);
  const date = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  return `${two(moment.getHours())}:${two(moment.getMinutes())} ${date}`;
}
