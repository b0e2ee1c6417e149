// statusof: what is scheduled, what came of it, and what needs attention.
import * as shared from "../cli/arguments.ts";
import { valued } from "../cli/command.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatAge, formatLocalTime } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Screen, Tint } from "../cli/screen.ts";
import { renderTable } from "../cli/table.ts";
import { parseDuration } from "../cli/values.ts";
import { ExitCode } from "../errors.ts";
import { parseRevisionName } from "../backup/revision.ts";
import { readJobFilter } from "../schedule/filter.ts";
import { describeFound, describeNoMatch } from "../schedule/find.ts";
import type { Job } from "../schedule/job.ts";
import { optionsOf, renderOptions } from "../schedule/problems.ts";
import {
  gatherProblems,
  needsAttention,
  readStatus,
  type RunResult,
  type SharedProblem,
  type StatusRow,
} from "../schedule/status.ts";
import { backupArguments } from "./backup-options.ts";
import { openProofLog } from "./proof-log.ts";
import { newestFinder } from "./standing.ts";
import { parseTimeSpecification } from "../time/parse-time.ts";
import { renderUtc } from "../time/wall-time.ts";

export const command = defineCommand({
  meta: {
    name: "statusof",
    description: "show schedules: next run, last run, newest revision, problems",
    details: [
      "One schedule is shown in full, several in a line each; --verbose shows all in full, with their last runs.",
      "FILTER says which of your schedules: all; files (those with this FILE and DIR); or this (those with this FILE, DIR and TIME). Left out, what is given of the three says it; without any of them all are shown. What is shown as armed stands in the queue of at(1) at this moment. Ends with 6 where a schedule needs attention.",
    ],
    examples: {
      "tinybackup statusof": "all schedules",
      "tinybackup statusof --verbose": "all, with their last runs: did it run last night?",
      "tinybackup statusof --max-age 26h --quiet": "for a monitor: only the exit code, and problems",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.scheduler, ExitCode.attention],
  },
  args: {
    filter: shared.filter,
    ...shared.narrowing,
    time: { ...shared.narrowing.time, check: parseTimeSpecification },
    "max-age": valued("DURATION", "also require a good revision that is newer, as in 26h or 2d12h"),
  },
  async run({ args, data: { report, output, screen, isQuiet, isJson, signal } }) {
    const maxAge = args["max-age"];
    const maxAgeSeconds = maxAge === undefined ? undefined : parseDuration(maxAge, "--max-age");
    const { filter, warning } = await readJobFilter(args);
    if (warning !== null) report.warn(warning);
    const rows = await readStatus(filter, newestFinder(openProofLog()), maxAgeSeconds, signal);
    if (isJson) output.writeJson({ jobs: rows.map((row) => toRecord(row, args.verbose)) });
    if (rows.length === 0) throw await describeNoMatch(args.filter);
    const problems = gatherProblems(rows);
    if (isQuiet && !isJson)
      for (const problem of problems) report.warn(describeProblem(problem, rows), problem.hint);
    else if (!isJson) {
      const view = { screen, nowMs: Date.now() };
      const isShort = rows.length > 1 && !args.verbose;
      output.write(isShort ? renderLines(rows, view) : renderBlocks(rows, args.verbose, view));
      output.write(renderProblems(problems, rows, screen));
    }
    return needsAttention(rows) ? ExitCode.attention : ExitCode.done;
  },
});

/** The documented object; `program` is `python` for a job of the Python program. */
function toRecord(row: StatusRow, isVerbose: boolean) {
  const { program, job, state, nextMs, problems, lastRun, newest, runs } = row;
  const { schedule: id, source, destination, time, name = null, timesLeft, untilMs } = job;
  const schedule = { id, program, source, destination, time, name, state };
  return {
    ...schedule,
    next: nextMs === null ? null : renderUtc(nextMs),
    problems,
    lastRun: lastRun && runRecord(lastRun),
    runs: isVerbose ? runs.map(runRecord) : undefined,
    newest: newest ? { file: newest.file, takenAt: renderUtc(newest.takenAtMs) } : null,
    noop: job.run["noop"] === true || undefined,
    options: optionsOf(job),
    timesLeft,
    until: untilMs === undefined ? undefined : renderUtc(untilMs),
  };
}

function runRecord({ atMs, ...result }: RunResult) {
  return { at: renderUtc(atMs), ...result };
}

interface View {
  readonly screen: Screen;
  readonly nowMs: number;
}

const lineColumns = [
  { title: "STATE", tint: (state: string): Tint => (/^(armed|running)$/.test(state) ? "green" : "red") },
  { title: "NEXT RUN", align: "right" },
  { title: "LAST RUN" },
  { title: "TIME" },
  { title: "FILE" },
  { title: "FOLDER" },
  { title: "NEWEST", align: "right", extraFrom: 0 },
] as const;

function renderLines(rows: readonly StatusRow[], { screen, nowMs }: View): string {
  const cells = rows.map((row) => {
    const { state, nextMs, lastRun, newest } = row;
    return [
      row.problems.length > 0 && state === "armed" ? "PROBLEM" : state.replace("-", " "),
      nextMs === null ? "none" : formatAge(nextMs, nowMs),
      lastRun === null ? "none yet" : renderFailed(lastRun) + formatAge(lastRun.atMs, nowMs),
      renderTime(row),
      row.job.source,
      row.job.destination,
      newest ? formatAge(newest.takenAtMs, nowMs) : newest === null ? "none" : "?",
    ];
  });
  return renderTable(lineColumns, cells, screen);
}

/** What is wrong with any, each thing once; of several behind an empty line. */
function renderProblems(
  problems: readonly SharedProblem[],
  all: readonly StatusRow[],
  screen: Screen,
): string {
  const told = problems.map((problem) => {
    const sentence = all.length === 1 ? problem.message : describeProblem(problem, all);
    const message = renderItem("PROBLEM", sentence, screen, "red");
    // A command is to be copied as it is: it goes on to the next line where the terminal has it go on.
    return `${message}            hint: ${escapeControls(problem.hint)}\n`;
  });
  return (all.length > 1 && told.length > 0 ? "\n" : "") + told.join("");
}

const renderTime = ({ program, job: { time, name } }: StatusRow): string =>
  [time, name ?? [], program === "python" ? "of the Python program" : []].flat().join(", ");
const renderResult = ({ exitCode }: RunResult): string => (exitCode === 0 ? "ok" : `exit code ${exitCode}`);
const renderFailed = (run: RunResult): string => (run.exitCode === 0 ? "" : `${renderResult(run)}, `);

/** More names than these nobody reads. */
const MOST_NAMES = 3;

/** In a sentence that says whose it is. */
function describeProblem({ message, rows }: SharedProblem, all: readonly StatusRow[]): string {
  const names = rows.map(describeFound);
  const few = names.slice(0, MOST_NAMES).join(", ") + (names.length > MOST_NAMES ? ", ..." : "");
  if (rows.length === 1) return `${few}: ${message}`;
  if (rows.length === all.length) return `every schedule: ${message}`;
  return `${rows.length} schedules (${few}): ${message}`;
}

function renderBlocks(rows: readonly StatusRow[], isVerbose: boolean, view: View): string {
  return rows.map((row) => renderRow(row, isVerbose, view)).join("\n");
}

function describeNext(state: StatusRow["state"], next: string | null): string {
  if (state === "not-armed") return "none: not armed";
  if (state === "running") return next === null ? "running now" : `${next}; one is running now`;
  return `${next ?? "none"}${state === "overdue" ? ": overdue" : ""}`;
}

function describeLimits({ run, timesLeft, untilMs }: Job): string {
  const times = timesLeft === 1 ? ", once more" : `, ${timesLeft} times more`;
  return [
    run["noop"] === true ? ", saves nothing (--noop)" : "",
    timesLeft === undefined ? "" : times,
    untilMs === undefined ? "" : `, until ${formatLocalTime(untilMs)}`,
  ].join("");
}

/** As they are typed, without what goes without saying, and what is said in words. */
function renderSettings(job: Job): string {
  const options = optionsOf(job);
  const { compress = false } = options;
  return renderOptions({
    ...options,
    compress: compress !== backupArguments.compress.default && compress,
    noop: false,
  });
}

function renderRow(row: StatusRow, isVerbose: boolean, { screen, nowMs }: View): string {
  const moment = (momentMs: number) => `${formatLocalTime(momentMs)}, ${formatAge(momentMs, nowMs)}`;
  const { job, lastRun, newest, runs } = row;
  const next = row.nextMs === null ? null : moment(row.nextMs);
  const settings = renderSettings(job);
  const number = newest && (parseRevisionName(newest.file)?.number ?? newest.file);
  const item = (term: string, text: string, tint?: Tint) => renderItem(term, text, screen, tint);
  return [
    renderHead(job, screen),
    item("schedule", renderTime(row) + describeLimits(job)),
    settings === "" ? "" : item("options", settings),
    item("next run", describeNext(row.state, next)),
    item("last run", lastRun === null ? "none yet" : `${moment(lastRun.atMs)}: ${renderResult(lastRun)}`),
    item(
      "newest",
      newest
        ? `revision ${number}, ${moment(newest.takenAtMs)}`
        : newest === null
          ? "no good revision"
          : "can't be seen now",
    ),
    ...(isVerbose ? runs : []).map((run, place) => item(place === 0 ? "runs" : "", describeRun(run))),
  ].join("");
}

function renderHead({ source, destination }: Job, { columns, paint }: Screen): string {
  const [from, to] = [escapeControls(source), `-> ${escapeControls(destination)}`];
  const isRoomy = Bun.stringWidth(`${from} ${to}`) <= columns;
  return `${paint("bold", from)}${isRoomy ? " " : "\n  "}${to}\n`;
}

function describeRun(run: RunResult): string {
  const number = run.revision === null ? undefined : parseRevisionName(run.revision)?.number;
  const details = [
    number === undefined ? "" : `, revision ${number}`,
    run.message === null ? "" : `: ${run.message}`,
  ];
  return `${formatLocalTime(run.atMs)}  ${renderResult(run)}${details.join("")}`;
}

/** A term and a text beside it, which goes on below itself where a line has no room for it. */
function renderItem(term: string, text: string, { columns, paint }: Screen, tint?: Tint): string {
  const [first = "", ...rest] = Bun.wrapAnsi(escapeControls(text), columns - 12).split("\n");
  const lines = [
    `  ${paint(tint, term.padEnd(10))}${first}\n`,
    ...rest.map((line) => `${" ".repeat(12)}${line}\n`),
  ];
  return lines.join("");
}
