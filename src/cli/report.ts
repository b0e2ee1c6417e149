// Messages for the person, on standard error; with --debug all of them, and more, in a log file. What is shown
// depends on the options only, never on the environment: a scheduled run inherits the odd variables of the shell
// in which it was installed.
import { join } from "node:path";
import { openDebugLog } from "../system/streams.ts";
import { escapeControls } from "./escape.ts";
import { renderFailure, renderStack, renderWarning } from "./failure-text.ts";

const levels = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 } as const;
type Kind = keyof typeof levels;

/**
 * `trace` is for the log file only, `debug` is shown with --verbose, `info` unless --quiet; `warn`, with a hint as the second
 * argument, and `error`, with the Failure itself, always. Every message is one finished string: control characters in it
 * are escaped.
 */
export type Report = Readonly<Record<Kind, (message: string | Error, hint?: string) => void>>;

export interface ReportOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly isJson: boolean;
  /** Where the log of `--debug` is written, empty for the current folder; undefined without `--debug`. */
  readonly debugFolder: string | undefined;
}

/** @param write writes to standard error */
export function createReport(
  { isQuiet, isVerbose, isJson, debugFolder }: ReportOptions,
  write: (text: string) => void,
): Report {
  const shown = levels[isQuiet ? "warn" : isVerbose ? "debug" : "info"];
  const log =
    debugFolder === undefined
      ? undefined
      : createLog(join(debugFolder, "debug.txt"), (reason) => report.warn(reason));
  const tell =
    (kind: Kind): Report[Kind] =>
    (message, hint) => {
      if (levels[kind] <= shown) write(renderEntry(kind, message, hint, isJson));
      log?.(renderLogLine(kind, message, hint));
    };
  const [error, warn, info] = [tell("error"), tell("warn"), tell("info")];
  const report = { error, warn, info, debug: tell("debug"), trace: tell("trace") };
  return report;
}

/** Opens the log when the first line is written. Where it can't be written the work goes on, after one warning. */
function createLog(path: string, warn: (reason: string) => void): (text: string) => void {
  let append = (text: string): void => {
    append = openDebugLog(path);
    append(text);
  };
  return (text) => {
    try {
      append(text);
    } catch (error) {
      append = () => undefined;
      warn(`cannot write '${path}': ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

function renderEntry(kind: Kind, message: string | Error, hint: string | undefined, isJson: boolean): string {
  if (kind === "error") return renderFailure(message, isJson);
  if (kind === "warn") return renderWarning(String(message), hint, isJson);
  return isJson ? `${JSON.stringify({ message })}\n` : `${escapeControls(String(message))}\n`;
}

function renderLogLine(kind: Kind, message: string | Error, hint: string | undefined): string {
  const lines = kind === "error" ? renderStack(message).split("\n") : [String(message)];
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  const head = `${new Date().toISOString()} [${process.pid}] ${kind}`;
  return lines.map((line) => `${head}: ${escapeControls(line)}\n`).join("");
}
