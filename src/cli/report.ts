// Messages for the person, on standard error; with --debug all of them, and more, in a log file. What is shown
// depends on the options only, never on the environment: a scheduled run inherits the odd variables of the shell
// in which it was installed.
import { type ConsolaInstance, type LogObject, createConsola } from "consola/core";
import { join } from "node:path";
import { openDebugLog } from "../system/streams.ts";
import { escapeControls } from "./escape.ts";
import { renderFailure, renderStack, renderWarning } from "./failure-text.ts";
import { renderJson } from "./output.ts";

/**
 * `trace` is for the log file only, `debug` is shown with --verbose, `info` unless --quiet; `warn`, with a hint as the second
 * argument, and `error`, with the Failure itself, always. Every message is one finished string: control characters in it
 * are escaped.
 */
export type Report = Pick<ConsolaInstance, "trace" | "debug" | "info" | "warn" | "error">;

export interface ReportOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly isJson: boolean;
  /** Where the log of `--debug` is written, empty for the current folder; undefined without `--debug`. */
  readonly debugFolder: string | undefined;
}

const level = { warn: 1, info: 3, debug: 4, trace: 5 } as const;

export function createReport(
  { isQuiet, isVerbose, isJson, debugFolder }: ReportOptions,
  write: (text: string) => void,
): Report {
  const shown = isQuiet ? level.warn : isVerbose ? level.debug : level.info;
  const report = createConsola({
    level: debugFolder === undefined ? shown : level.trace,
    // Nothing is left out because it was said before; with no limit not even where the clock goes back.
    throttle: 0,
    throttleMin: Number.POSITIVE_INFINITY,
    reporters: [{ log: (entry) => (entry.level <= shown ? write(renderEntry(entry, isJson)) : undefined) }],
  });
  if (debugFolder !== undefined) {
    const log = createLog(join(debugFolder, "debug.txt"), (reason) => report.warn(reason));
    report.addReporter({ log: (entry) => log(renderLogLine(entry)) });
  }
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

function renderEntry({ type, args }: LogObject, isJson: boolean): string {
  const [message, hint]: readonly unknown[] = args;
  if (type === "error") return renderFailure(message, isJson);
  if (type === "warn")
    return renderWarning(String(message), typeof hint === "string" ? hint : undefined, isJson);
  return isJson ? renderJson({ message }) : `${escapeControls(String(message))}\n`;
}

function renderLogLine({ date, type, args }: LogObject): string {
  const [message, hint]: readonly unknown[] = args;
  const lines = type === "error" ? renderStack(message).split("\n") : [String(message)];
  if (typeof hint === "string") lines.push(`hint: ${hint}`);
  const head = `${date.toISOString()} [${process.pid}] ${type}`;
  return lines.map((line) => `${head}: ${escapeControls(line)}\n`).join("");
}
