// Messages for the person, on standard error; with --debug all of them, and more, in a log file. What is shown
// depends on the options only, never on the environment: a scheduled run inherits the odd variables of the shell
// in which it was installed.

import { type ConsolaInstance, type LogObject, createConsola } from "consola/core";
import { escapeControls } from "./escape.ts";
import { renderFailure, renderStack, renderWarning } from "./failure-text.ts";
import { Interruption } from "./interruption.ts";

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
  /** Writes to standard error. */
  readonly write: (text: string) => void;
  /** Appends to the log file; undefined without --debug. */
  readonly log: ((text: string) => void) | undefined;
}

const level = { warn: 1, info: 3, debug: 4, trace: 5 } as const;

export function createReport(options: ReportOptions): Report {
  const shown = options.isQuiet ? level.warn : options.isVerbose ? level.debug : level.info;
  return createConsola({
    level: options.log === undefined ? shown : level.trace,
    // Nothing is left out because it was said before; with no limit not even where the clock goes back.
    throttle: 0,
    throttleMin: Number.POSITIVE_INFINITY,
    reporters: [
      {
        log: (entry) =>
          entry.level <= shown ? options.write(renderEntry(entry, options.isJson)) : undefined,
      },
      { log: (entry) => options.log?.(renderLogLine(entry)) },
    ],
  });
}

function renderEntry({ type, args }: LogObject, isJson: boolean): string {
  const [message, hint]: readonly unknown[] = args;
  if (type === "error") {
    return renderFailure(message, isJson, message instanceof Interruption ? message.shellCode : undefined);
  }
  if (type === "warn")
    return renderWarning(String(message), typeof hint === "string" ? hint : undefined, isJson);
  return isJson ? `${JSON.stringify({ message })}\n` : `${escapeControls(String(message))}\n`;
}

function renderLogLine({ date, type, args }: LogObject): string {
  const [message, hint]: readonly unknown[] = args;
  const lines = type === "error" ? renderStack(message).split("\n") : [String(message)];
  if (typeof hint === "string") lines.push(`hint: ${hint}`);
  const head = `${date.toISOString()} [${process.pid}] ${type}`;
  return lines.map((line) => `${head}: ${escapeControls(line)}\n`).join("");
}
