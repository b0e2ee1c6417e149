// statusof: what is scheduled, what came of it, and what needs attention.
import * as shared from "../cli/arguments.ts";
import { valued } from "../cli/command.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatAge, formatLocalTime, formatUtc } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import { ExitCode } from "../errors.ts";
import { readJobFilter } from "../schedule/filter.ts";
import { describeNoMatch } from "../schedule/find.ts";
import { needsAttention, readStatus, type StatusRow } from "../schedule/status.ts";
import { openProofLog } from "./proof-log.ts";
import { parseAge } from "./retention-options.ts";
import { newestFinder } from "./standing.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";

export const command = defineCommand({
  meta: {
    name: "statusof",
    description: "show schedules: next run, last run, newest revision, problems",
    details: [
      "FILTER says which of your schedules: all; files (those with this FILE and DIR); or this (those with this FILE, DIR and TIME). Left out, what is given of the three says it; without any of them all are shown. What is shown as armed stands in the queue of at(1) at this moment. Ends with 6 where a schedule needs attention.",
    ],
    examples: [
      { type: "tinybackup statusof", does: "all schedules" },
      {
        type: "tinybackup statusof --max-age 26h --quiet",
        does: "for a monitor: only the exit code, and problems",
      },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler, ExitCode.attention],
  },
  args: {
    filter: shared.filter,
    ...shared.narrowing,
    time: { ...shared.narrowing.time, check: parseTimeSpecification },
    "max-age": valued("DURATION", "also require a good revision that is newer, as in 26h or 2d"),
    json: shared.json,
  },
  async run({ args, data: { report, output, isQuiet, isJson, signal } }) {
    const maxAgeSeconds = args["max-age"] === undefined ? undefined : parseAge("--max-age", args["max-age"]);
    const { filter, warning } = await readJobFilter(args);
    if (warning !== null) report.warn(warning);
    const rows = await readStatus(filter, newestFinder(openProofLog()), maxAgeSeconds, signal);
    if (isJson) output.writeJson({ jobs: rows.map(toRecord) });
    if (rows.length === 0) throw await describeNoMatch(args.filter);
    if (!isJson && !isQuiet) output.write(rows.map((row) => renderRow(row, Date.now())).join("\n"));
    if (isQuiet && !isJson)
      for (const { source, destination, problems } of rows)
        for (const { message, hint } of problems)
          report.warn(`'${source}' into '${destination}': ${message}`, hint);
    return needsAttention(rows) ? ExitCode.attention : ExitCode.done;
  },
});

/** The documented object; `program` is `python` for a job of the Python program. */
function toRecord({ nextMs, state, problems, lastRun, newest, untilMs, ...row }: StatusRow) {
  const { atMs = 0, ...result } = lastRun ?? {};
  return {
    ...row,
    next: nextMs === null ? null : formatUtc(nextMs),
    state,
    problems,
    lastRun: lastRun && { at: formatUtc(atMs), ...result },
    newest: newest ? { file: newest.file, takenAt: formatUtc(newest.takenAtMs) } : null,
    until: untilMs === undefined ? undefined : formatUtc(untilMs),
  };
}

function describeNext(state: StatusRow["state"], next: string | null): string {
  if (state === "not-armed") return "none: not armed";
  if (state === "running") return next === null ? "running now" : `${next}; one is running now`;
  return `${next ?? "none"}${state === "overdue" ? ": overdue" : ""}`;
}

function describeLimits({ noop, timesLeft, untilMs }: StatusRow): string {
  const times = timesLeft === 1 ? ", once more" : `, ${timesLeft} times more`;
  return [
    noop ? ", saves nothing (--noop)" : "",
    timesLeft === undefined ? "" : times,
    untilMs === undefined ? "" : `, until ${formatLocalTime(untilMs)}`,
  ].join("");
}

/** A block of lines: it reads well at any width, and long paths are never cut. */
function renderRow(row: StatusRow, nowMs: number): string {
  const moment = (momentMs: number) => `${formatLocalTime(momentMs)}, ${formatAge(momentMs, nowMs)}`;
  const { lastRun, newest } = row;
  const next = row.nextMs === null ? null : moment(row.nextMs);
  const label = row.name === null ? "" : `, ${row.name}`;
  const program = row.program === "python" ? ", of the Python program" : "";
  const lines = [
    `${row.source} -> ${row.destination}`,
    `  schedule  ${row.time}${label}${program}${describeLimits(row)}`,
    `  next run  ${describeNext(row.state, next)}`,
    `  last run  ${lastRun === null ? "none yet" : `${moment(lastRun.atMs)}: ${lastRun.exitCode === 0 ? "ok" : `exit code ${lastRun.exitCode}`}`}`,
    `  newest    ${newest ? `${newest.file}, ${formatAge(newest.takenAtMs, nowMs)}` : newest === null ? "no good revision" : "can't be seen now"}`,
    ...row.problems.flatMap(({ message, hint }) => [`  PROBLEM   ${message}`, `            hint: ${hint}`]),
  ];
  return lines.map((line) => `${escapeControls(line)}\n`).join("");
}
